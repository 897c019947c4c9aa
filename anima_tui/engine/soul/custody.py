"""Souls as folders: given another name, put in the trash, brought back from a backup. Never while one is awake."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from anima_tui.engine.soul.backups import back_up, newest_first, stamp
from anima_tui.engine.soul.database import examine, look_at
from anima_tui.engine.soul.faults import reading, require_soul, unreadable, writing
from anima_tui.engine.soul.files import replacing, sync
from anima_tui.engine.soul.lock import Lock
from anima_tui.errors import AnimaError, SoulTaken, SoulUnreadable


def back_up_now(folder: Path, now: float) -> Path:
    """One more copy among the soul's backups, awake or not. Raises SoulUnreadable, SoulMismatch or SoulUnwritable."""
    require_soul(folder)
    with reading(folder):
        examine(folder / "soul.db")
        connection = look_at(folder / "soul.db")
    with writing(folder), closing(connection):
        return back_up(connection, folder / "backups", now)


def rename(folder: Path, new: Path) -> None:
    """Raises SoulTaken where the new name is not free, SoulLocked, SoulUnreadable where there is no soul."""
    if new.exists():
        raise SoulTaken(f"There is a soul “{new.name}” already, and both were left as they are; choose another name.")
    _move(folder, new)


def discard(folder: Path, trash: Path, now: float) -> Path:
    """Move the soul to the folder `trash`, where she stays whole. Raises SoulLocked, SoulUnreadable, SoulUnwritable."""
    place = trash / f"{folder.name}-{stamp(now)}"
    with writing(trash):
        trash.mkdir(mode=0o700, parents=True, exist_ok=True)
    if place.exists():
        raise SoulTaken(f"{place} is there already, and nothing was moved; try once more.")
    _move(folder, place)
    return place


def restore(folder: Path, now: float) -> tuple[Path, Path]:
    """Put the newest backup that is whole in the place of a damaged `soul.db`, which is kept aside.

    Returns the backup and where the damaged file is. Raises SoulUnreadable where no backup is whole, and AnimaError
    where the soul needs none.
    """
    with _asleep(folder):
        if _is_whole(folder / "soul.db"):
            raise AnimaError(f"The soul “{folder.name}” is whole and was left as she is; there is nothing to restore.")
        backup = next((copy for copy in newest_first(folder / "backups") if _is_whole(copy)), None)
        if backup is None:
            raise unreadable(folder, "and none of its backups is whole")
        aside = folder / f"soul.db.damaged-{stamp(now)}"
        with writing(folder):
            with replacing(folder / "soul.db.restored") as new:
                shutil.copyfile(backup, new)
            for companion in ("", "-wal", "-shm"):
                with suppress(FileNotFoundError):
                    (folder / f"soul.db{companion}").rename(f"{aside}{companion}")
            (folder / "soul.db.restored").rename(folder / "soul.db")
            sync(folder)
    return backup, aside


def _is_whole(file: Path) -> bool:
    try:
        with reading(file.parent):
            examine(file)
    except SoulUnreadable:
        return False
    return True


def _move(folder: Path, place: Path) -> None:
    with _asleep(folder), writing(folder.parent):
        folder.rename(place)
        (place / "soul.pid").unlink(missing_ok=True)  # it was this process', and only for now
        for parent in {folder.parent, place.parent}:
            sync(parent)


@contextmanager
def _asleep(folder: Path) -> Generator[None]:
    """Nobody else wakes the soul meanwhile. Raises SoulLocked, or SoulUnreadable where there is none."""
    require_soul(folder)
    lock = Lock(folder)
    with writing(folder):
        lock.take()
    try:
        yield
    finally:
        lock.release()
