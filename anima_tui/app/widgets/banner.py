"""What must stay in sight: that something is not saved."""

from __future__ import annotations

from textual.widgets import Static


def banner_line(unsaved: int, *, read_only: bool) -> str:
    """Empty where all is well."""
    if read_only:
        return "⚠ read-only: nothing of this talk is saved"
    if unsaved:
        return f"⚠ {unsaved} not saved: the disk takes nothing; make room, and it is saved by itself"
    return ""


class Banner(Static):
    """There only while it has something to say."""

    def __init__(self) -> None:
        super().__init__("", markup=False, id="banner")
        self._line = ""

    def say(self, line: str) -> None:
        if line != self._line:
            self._line = line
            self.set_class(bool(line), "-any")
            self.update(line)
