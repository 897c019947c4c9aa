"""One writer to a soul. The kernel frees the lock when its holder dies, however it dies."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from anima_tui.errors import SoulLocked


class Lock:
    """`soul.lock`, held from `take` to `release`, with the holder's pid beside it in `soul.pid`."""

    def __init__(self, folder: Path) -> None:
        self._soul = folder.name
        self._pid = folder / "soul.pid"
        self._lock = FileLock(folder / "soul.lock", timeout=0)

    def take(self) -> None:
        """Raises SoulLocked, and OSError where the folder cannot be written. Once held, nothing happens."""
        if self._lock.is_locked:
            return
        try:
            self._lock.acquire()
        except Timeout:
            raise SoulLocked(
                f"The soul “{self._soul}” is already awake in {_holder(self._pid)}; close that Anima,"
                " look in with --read-only, or choose another soul with --soul."
            ) from None
        with suppress(OSError):  # a full disk: whoever comes second is told of “another process”
            self._pid.write_text(f"{os.getpid()}\n", encoding="ascii")

    def release(self) -> None:
        if self._lock.is_locked:
            with suppress(OSError):
                self._pid.unlink(missing_ok=True)
            self._lock.release()


def _holder(pid: Path) -> str:
    try:
        return f"process {int(pid.read_bytes())}"
    except (OSError, ValueError):
        return "another process"
