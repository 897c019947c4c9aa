"""One writer to a soul. The kernel frees the lock when its holder dies, however it dies."""

from __future__ import annotations

import os
from pathlib import Path

from filelock import FileLock, Timeout

from anima_tui.errors import SoulLocked


class Lock:
    """`soul.lock`, held from construction to `release`, with the holder's pid beside it in `soul.pid`."""

    def __init__(self, folder: Path) -> None:
        """Raises SoulLocked, and OSError where the folder cannot be written."""
        self._pid = folder / "soul.pid"
        self._lock = FileLock(folder / "soul.lock", timeout=0)
        try:
            self._lock.acquire()
        except Timeout:
            raise SoulLocked(
                f"The soul “{folder.name}” is already awake in {_holder(self._pid)}; close that Anima,"
                " look in with --read-only, or choose another soul with --soul."
            ) from None
        try:
            self._pid.write_text(f"{os.getpid()}\n", encoding="ascii")
        except OSError:
            self._lock.release()
            raise

    def release(self) -> None:
        self._pid.unlink(missing_ok=True)
        self._lock.release()


def _holder(pid: Path) -> str:
    try:
        return f"process {int(pid.read_bytes())}"
    except (OSError, ValueError):
        return "another process"
