"""The real app in a real pty, with an engine whose every word is hostile."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.app.hostile import FORBIDDEN

DEADLINE = 60.0  # seconds; far above what it takes


class Terminal:
    """The app's terminal: a pty of 120x40, and every byte that was written to it."""

    def __init__(self, home: Path) -> None:
        self.bytes = b""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        environment |= {"ANIMA_HOME": str(home), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self._app = subprocess.Popen(
            [sys.executable, "-m", "tests.app.talk", "hostile", "0"],
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

    def leave(self) -> int:
        self.type(b"\x11")  # ctrl+q
        deadline = time.monotonic() + DEADLINE
        while self._app.poll() is None and time.monotonic() < deadline:
            self._read(0.2)
        self._app.kill()
        os.close(self._master)
        return self._app.wait()

    def _read(self, patience: float) -> None:
        if select.select([self._master], [], [], patience)[0]:
            try:
                self.bytes += os.read(self._master, 65536)
            except OSError:  # Linux: EIO, the app has closed its side
                return


@pytest.mark.timeout(180)
def test_nothing_hostile_reaches_the_terminal(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
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
