"""What the doctor found in one place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from anima_tui.text import safe_line

_SIGNS = {True: "ok", False: "✕"}


@dataclass(frozen=True)
class Finding:
    """`about` one thing; `remedy` says what to do where it is not well."""

    about: str
    text: str
    well: bool = True
    remedy: str = ""

    def lines(self) -> Iterator[str]:
        yield f"{_SIGNS[self.well]:<3} {self.about:<12} {safe_line(self.text)}"
        if self.remedy:
            yield f"{'':<16} → {safe_line(self.remedy)}"
