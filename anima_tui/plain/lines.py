"""The user's lines, from a keyboard or from a pipe."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable


class Lines:
    """Reads stdin as UTF-8. Only the bytes that cannot be read become �, and that is said once."""

    def __init__(self, warn: Callable[[str], None]) -> None:
        self._warn = warn
        self._warned = False
        self.at_keyboard = sys.stdin.isatty() and sys.stdout.isatty()
        if isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")
        if self.at_keyboard:
            with contextlib.suppress(ImportError):
                import readline  # noqa: F401  # pyright: ignore[reportUnusedImport]  (edits `input`)

    def read(self, prompt: str) -> str | None:
        """The next line without its end, or None when there are no more. Raises KeyboardInterrupt."""
        if self.at_keyboard:
            try:
                line = input(prompt)
            except EOFError:
                print()
                return None
        elif not (line := sys.stdin.readline()):
            return None
        return self._readable(line.rstrip("\r\n"))

    def _readable(self, line: str) -> str:
        data = line.encode("utf-8", "surrogateescape")
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            if not self._warned:
                self._warned = True
                self._warn("some of your input is not UTF-8; the bytes that cannot be read are shown as �.")
            return data.decode("utf-8", "replace")
