"""Files and folders that are there whole or not at all."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "darwin":
    import fcntl


def write_atomically(path: Path, data: bytes) -> None:
    """Put `data` at `path`: after a crash at any instant the file is the old one or the new one.

    Raises OSError, the old file then being untouched.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with replacing(path) as new:
        new.write_bytes(data)


@contextmanager
def replacing(path: Path) -> Generator[Path]:
    """Yield an empty file beside `path`, its owner's alone, which takes its place at a clean exit."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(descriptor)
    new = Path(name)
    try:
        yield new
        sync(new)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    sync(path.parent)


@contextmanager
def appearing(folder: Path) -> Generator[Path]:
    """Yield an empty hidden folder beside `folder`, which gets that name at a clean exit. Raises OSError."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        yield new
        sync(new)
        new.rename(folder)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    sync(folder.parent)


def sync(path: Path) -> None:
    """Wait until a file's bytes, or a folder's names, are on the disk itself."""
    if os.name == "nt" and path.is_dir():
        return  # Windows has no such thing as an open folder; its journal keeps the names
    descriptor = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        _full_sync(descriptor)
    finally:
        os.close(descriptor)


def _full_sync(descriptor: int) -> None:
    """On macOS `fsync` leaves the bytes in the drive's cache; only F_FULLFSYNC waits for the platter."""
    if sys.platform == "darwin":
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fsync(descriptor)
