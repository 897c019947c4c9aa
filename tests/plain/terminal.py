"""A real pseudo-terminal with a program in it."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

CTRL_C = "\x03"
CTRL_D = "\x04"

_TAKE_THE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


class Terminal:
    """Runs a command as the foreground of its own terminal, so that Ctrl-C is a real SIGINT."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._ours, theirs = os.openpty()
        self.shown = b""
        self._passed = 0  # bytes of `shown` that `until` has gone by
        self.process = subprocess.Popen(
            [sys.executable, "-c", _TAKE_THE_TERMINAL, *command],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
            start_new_session=True,
        )
        os.close(theirs)

    def type(self, keys: str) -> None:
        """Type once the program waits, as a person does: CPython's readline sits on a signal that comes after
        it has shown its prompt and before it waits for a key, until the next key."""
        self._until_it_waits()
        os.write(self._ours, keys.encode())

    def until(self, text: str) -> None:
        """Read until `text` has come after the last text waited for; fails when it does not."""
        while (place := self.shown.find(text.encode(), self._passed)) < 0:
            ready, _, _ = select.select([self._ours], [], [], 30)
            more = ready and self._read()
            assert more, f"{text!r} did not come after {self.shown[self._passed :]!r}"
        self._passed = place + len(text.encode())

    def end(self) -> int:
        """Read to the end; the exit code."""
        while self._read():
            pass
        return self.process.wait(30)

    def _until_it_waits(self) -> None:
        """Until it sleeps; at a prompt, through a tenth of a second: one moment's sleep may be for a file or a lock."""
        status = Path(f"/proc/{self.process.pid}/status")
        if not status.exists():  # no such file outside Linux
            time.sleep(0.2)
            return
        before = ""
        for _ in range(1000):
            now = status.read_text()
            if "State:\tS" in now and (now == before or not self.shown.endswith(b"> ")):
                return
            before = now
            time.sleep(0.1 if self.shown.endswith(b"> ") else 0.01)
        raise AssertionError("the program never waited for a key")

    def _read(self) -> bytes:
        try:
            piece = os.read(self._ours, 65536)
        except OSError:  # the other side of the terminal is closed
            return b""
        self.shown += piece
        return piece

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)
