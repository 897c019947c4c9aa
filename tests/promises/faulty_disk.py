"""A disk that fails at its n-th operation, under SQLite and under our own files.

Under SQLite: a VFS that wraps the system's own (https://sqlite.org/vfs.html), as SQLite's tests do it. Under our
files: an exception, or a SIGKILL, at the n-th file that is opened, renamed, removed or synced.
"""

from __future__ import annotations

import _sqlite3  # pyright: ignore[reportMissingImports]
import ctypes
import errno
import os
import signal
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pytest

IOERR_WRITE, IOERR_FSYNC, IOERR_TRUNCATE, FULL = 778, 1034, 1546, 13

_Pointer = ctypes.c_void_p
_Open = ctypes.CFUNCTYPE(ctypes.c_int, _Pointer, _Pointer, _Pointer, ctypes.c_int, _Pointer)
_Write = ctypes.CFUNCTYPE(ctypes.c_int, _Pointer, _Pointer, ctypes.c_int, ctypes.c_int64)
_Truncate = ctypes.CFUNCTYPE(ctypes.c_int, _Pointer, ctypes.c_int64)
_Sync = ctypes.CFUNCTYPE(ctypes.c_int, _Pointer, ctypes.c_int)


class _Vfs(ctypes.Structure):
    """sqlite3_vfs, version 3."""

    _fields_ = [
        ("iVersion", ctypes.c_int),
        ("szOsFile", ctypes.c_int),
        ("mxPathname", ctypes.c_int),
        ("pNext", _Pointer),
        ("zName", ctypes.c_char_p),
        ("pAppData", _Pointer),
        ("xOpen", _Pointer),
        *(
            (name, _Pointer)
            for name in "delete access path dlopen dlerror dlsym dlclose random sleep time error".split()
        ),
        *((name, _Pointer) for name in "time64 set_call get_call next_call".split()),
    ]


class _Methods(ctypes.Structure):
    """sqlite3_io_methods, version 3."""

    _fields_ = [
        ("iVersion", ctypes.c_int),
        *((name, _Pointer) for name in "xClose xRead xWrite xTruncate xSync xFileSize xLock xUnlock".split()),
        *((name, _Pointer) for name in "reserved control sector device map lock barrier unmap fetch unfetch".split()),
    ]


class Disk:
    """Counts what SQLite writes, truncates and syncs; at the `fail_at`-th of them, and ever after, it refuses."""

    def __init__(self) -> None:
        self.count = 0
        self._fail_at = 0
        self._way: Literal["refuse", "once", "kill"] = "refuse"
        self._alive: list[Any] = []  # what C points at must not be collected
        self._patched: dict[int, int] = {}

    @contextmanager
    def failing(self, at: int, way: Literal["refuse", "once", "kill"] = "refuse") -> Generator[None]:
        """Refuse from the operation `at` on, or it alone, or die by SIGKILL in its place; 0: only count."""
        self.count, self._fail_at, self._way = 0, at, way
        try:
            yield
        finally:
            self._fail_at = 0

    def _refusing(self, answer: int, method: Callable[..., int]) -> Callable[..., int]:
        def call(*arguments: Any) -> int:
            return answer if self._refuses() else method(*arguments)

        return call

    def _refuses(self) -> bool:
        self.count += 1
        if not self._fail_at or self.count < self._fail_at:
            return False
        if self._way == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        return self._way == "refuse" or self.count == self._fail_at

    def insert(self, library: ctypes.CDLL) -> None:
        """Become the default VFS of this process."""
        library.sqlite3_vfs_find.restype = _Pointer
        system = library.sqlite3_vfs_find(None)
        ours = _Vfs.from_buffer_copy(_Vfs.from_address(system))
        open_file = _Open(ours.xOpen)

        @_Open
        def opened(_: int, name: int, file: int, flags: int, out: int) -> int:
            answer = open_file(system, name, file, flags, out)
            methods = _Pointer.from_address(file)
            if answer == 0 and methods.value:
                methods.value = self._patch(methods.value)
            return answer

        ours.zName = b"faulty"
        ours.xOpen = ctypes.cast(opened, _Pointer)
        self._alive += [ours, opened, open_file]
        assert library.sqlite3_vfs_register(ctypes.byref(ours), 1) == 0

    def _patch(self, address: int) -> int:
        """Where the methods at `address` are, with ours in three places."""
        if address not in self._patched:
            methods = _Methods.from_buffer_copy(_Methods.from_address(address))
            write, truncate, sync = _Write(methods.xWrite), _Truncate(methods.xTruncate), _Sync(methods.xSync)
            ours = (
                _Write(self._refusing(FULL, write)),
                _Truncate(self._refusing(IOERR_TRUNCATE, truncate)),
                _Sync(self._refusing(IOERR_FSYNC, sync)),
            )
            methods.xWrite, methods.xTruncate, methods.xSync = (ctypes.cast(each, _Pointer) for each in ours)
            self._alive += [methods, write, truncate, sync, ours]
            self._patched[address] = ctypes.addressof(methods)
            self._patched[ctypes.addressof(methods)] = ctypes.addressof(methods)
        return self._patched[address]


def disk_under_sqlite() -> Disk:
    """One for the whole process. Skips where Python's SQLite hides its functions."""
    disk = Disk()
    library = ctypes.CDLL(_sqlite3.__file__)
    if not hasattr(library, "sqlite3_vfs_register"):
        pytest.skip("this Python's SQLite cannot be given another disk")
    disk.insert(library)
    return disk


class Calls:
    """Counts what Python itself asks of the disk; the `fail_at`-th raises ENOSPC, or is where SIGKILL comes.

    Most of these calls are told to audit hooks (https://docs.python.org/3/library/audit_events.html), which can raise;
    `os.fsync` is not, and is wrapped.
    """

    WATCHED = frozenset({"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "sqlite3.connect"})

    def __init__(self) -> None:
        self._left = 0
        self._kill = False
        self.reached = False
        """Whether the last `failing` did fail something."""
        self._fsync = os.fsync
        sys.addaudithook(self._heard)  # for ever; idle but for the time of a `failing`

    @contextmanager
    def failing(self, at: int, *, kill: bool = False) -> Generator[None]:
        self._left, self._kill = at, kill
        os.fsync = self._sync
        try:
            yield
        finally:
            self.reached = not self._left
            self._left = 0
            os.fsync = self._fsync

    def _heard(self, event: str, _: tuple[object, ...]) -> None:
        if self._left and event in self.WATCHED:
            self._left -= 1
            if not self._left:
                if self._kill:
                    os.kill(os.getpid(), signal.SIGKILL)
                raise OSError(errno.ENOSPC, "no space left")

    def _sync(self, descriptor: int) -> None:
        self._heard("open", ())
        self._fsync(descriptor)


def dies(action: Callable[[], object]) -> bool:
    """Run `action` in a forked child; whether it was killed there."""
    child = os.fork()
    if child == 0:
        try:
            action()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def until_one_survives(
    place: Callable[[int], Path], act: Callable[[Path, int], object], *, step: int = 1
) -> tuple[list[Path], Path]:
    """Let `act` die at its first operation in one folder, at its second in another, ...; those, and the survivor's."""
    killed: list[Path] = []
    while True:
        at = 1 + step * len(killed)
        folder = place(at)
        if not dies(partial(act, folder, at)):
            return killed, folder
        killed.append(folder)
