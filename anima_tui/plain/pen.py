"""How words reach a bare terminal. Whatever comes from outside passes `safe_text` here, and only here."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TextIO

from anima_tui.text import safe_line, safe_text


@dataclass(frozen=True)
class Voice:
    """Who is heard: what stands before the first line, and before each later one."""

    first: str
    later: str = ""
    dim: bool = False


class Pen:
    def __init__(self, out: TextIO, err: TextIO) -> None:
        for stream in (out, err):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")  # a terminal without the letter still gets the word
        self._out = out
        self._err = err
        self.at_terminal = out.isatty()
        self.dims = self.at_terminal and not os.environ.get("NO_COLOR")
        self._voice: Voice | None = None
        self._fresh = True  # nothing stands on the present line yet

    def line(self, text: str) -> None:
        """One line of its own."""
        self.end()
        self._put(safe_line(text) + "\n")

    def row(self, name: str, text: str) -> None:
        """A line of a table of two columns."""
        self.end()
        self._put(f"{safe_line(name):<12} {safe_line(text)}\n")

    def rows(self, rows: Iterable[tuple[str, str]]) -> None:
        """A table of two columns."""
        for name, text in rows:
            self.row(name, text)

    def aside(self, text: str) -> None:
        """A remark for a person at a terminal; a program that reads a pipe is spared it."""
        if self.at_terminal:
            self.end()
            self._put(self._dimmed("· " + safe_line(text)) + "\n")

    def waiting(self, text: str) -> None:
        """A remark about the wait, on stderr if someone looks at it."""
        if self._err.isatty():
            print("· " + safe_line(text), file=self._err, flush=True)

    def warn(self, text: str) -> None:
        self.end()
        print("anima-tui: " + safe_line(text), file=self._err, flush=True)

    def flow(self, voice: Voice, text: str) -> None:
        """Go on in a voice, in pieces of any size; a change of voice begins a line."""
        if voice is not self._voice:
            self.end()
            text = text.lstrip()
            if not text:
                return
            self._voice = voice
            self._put(voice.first)
            self._fresh = False
        for piece in safe_text(text).splitlines(keepends=True):
            if self._fresh:
                self._put(voice.later)
            words = piece.rstrip("\n")
            self._put((self._dimmed(words) if voice.dim else words) + ("\n" if piece != words else ""))
            self._fresh = piece != words

    def end(self) -> None:
        """End the line that flows, if one does."""
        if self._voice is not None and not self._fresh:
            self._put("\n")
        self._voice = None
        self._fresh = True

    def _dimmed(self, text: str) -> str:
        return f"\x1b[2m{text}\x1b[22m" if self.dims and text else text

    def _put(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()
