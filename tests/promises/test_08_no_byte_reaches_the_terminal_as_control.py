"""The real app in a real pty, with an engine whose every word is hostile."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import Self

import pytest

from anima_tui.text import safe_text
from tests.app.hostile import FORBIDDEN
from tests.promises.conftest import NIGHTLY

DEADLINE = 150.0  # seconds; far above what it takes


class Terminal:
    """The app's terminal: a pty of 120x40, and every byte that was written to it."""

    def __init__(self, home: Path, manner: str) -> None:
        self.bytes = b""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        environment |= {"ANIMA_HOME": str(home), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self._app = subprocess.Popen(
            [sys.executable, "-m", "tests.app.talk", manner, "0"],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            start_new_session=True,
        )
        os.close(slave)

    def type(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def until(self, text: bytes) -> None:
        """Read until `text` was written. Fails after `DEADLINE`."""
        deadline = time.monotonic() + DEADLINE
        seen = len(self.bytes)
        while text not in self.bytes[seen:]:
            assert time.monotonic() < deadline, self.bytes[-3000:]
            self._read(0.2)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._app.kill()
        self._app.wait()
        os.close(self._master)

    def leave(self) -> int:
        self.type(b"\x11")  # ctrl+q
        deadline = time.monotonic() + DEADLINE
        while self._app.poll() is None and time.monotonic() < deadline:
            self._read(0.2)
        self._app.kill()
        return self._app.wait()

    def _read(self, patience: float) -> None:
        if select.select([self._master], [], [], patience)[0]:
            try:
                self.bytes += os.read(self._master, 65536)
            except OSError:  # Linux: EIO, the app has closed its side
                return


@pytest.mark.timeout(600)
def test_nothing_hostile_reaches_the_terminal(tmp_path: Path) -> None:
    with Terminal(tmp_path, "hostile") as terminal:
        terminal.until(b"listening")
        terminal.type(b"/memories\r")
        terminal.until(b"novelty")
        terminal.type(b"d")  # the question names the line that rests on it
        terminal.until(b"for good")
        terminal.type(b"n")
        terminal.until(b"novelty")
        terminal.type(b"q")
        terminal.until(b"listening")
        terminal.type(b"/self\r")
        terminal.until(b"who she is")
        terminal.type(b"\x1b")
        terminal.until(b"listening")
        terminal.type(b"hello\r")
        terminal.until(b"hostile turn is over")
        terminal.type(b"\x1b[18~")  # F7: the inspector shows tokens and labels
        terminal.until(b"what fired")
        terminal.type(b"\r")
        terminal.until(b"apart by")
        terminal.type(b"\x1b[18~")
        terminal.until(b"listening")
        terminal.type(b"\x0f")  # ctrl+o: the history
        terminal.until(b"who she was then")
        terminal.type(b"p")  # and a night once more
        terminal.until(b"replay of night")
        terminal.until(b"listening")  # it ends by itself
        terminal.type(b"\x10")  # ctrl+p: the palette lists modes
        terminal.until(b"Copy the last reply")
        terminal.type(b"evil")  # and finds the hostile one
        terminal.until(b"javascript")
        assert terminal.leave() == 0
    for sequence in FORBIDDEN:
        assert sequence not in terminal.bytes, sequence


OURS = re.compile(
    rb"\x1b\[(?:[0-9;]*[HmJK]"  # to move, colour and clear
    rb"|\?(?:25|7|1000|1003|1004|1006|1015|1016|1049|2004|2026|2048)[hl]|\?(?:2026|2048)\$p"  # modes
    rb"|>[0-9]+u|<u|\?u|c|14t|16t)"  # the keyboard, and what kind of terminal this is
    rb"|\x1b\]22;[a-z-]+(?:\x1b\\|\x07)"  # the shape of the pointer
    rb"|\x1b_Gi=[0-9]+,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"  # whether it shows pictures
)
"""All that Textual itself says to a terminal here."""
OBEYED = frozenset(character for character in map(chr, range(0x110000)) if safe_text(character) != character)
"""Characters that a terminal or a bidirectional renderer may obey."""


def strangers(output: bytes) -> list[str]:
    """Everything in `output` that a terminal may obey and that is not ours, with its neighbours."""
    text = OURS.sub(b"", output).decode("utf-8", "replace")
    places = (at for at, letter in enumerate(text) if letter in OBEYED and letter != "\r")
    return [repr(text[max(0, at - 12) : at + 12]) for at in places]


@pytest.mark.timeout(3600)
def test_no_noise_of_any_kind_makes_the_app_say_what_it_does_not_say_by_itself(tmp_path: Path) -> None:
    with Terminal(tmp_path, "fuzz") as terminal:
        terminal.until(b"listening")
        for turn in range(1, 31 if NIGHTLY else 3):
            terminal.type(b"again\r")
            terminal.until(f"noise {turn} is over".encode())
        assert terminal.leave() == 0
    assert strangers(terminal.bytes) == []
