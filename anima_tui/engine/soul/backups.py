"""Whole copies of `soul.db`, made by SQLite itself while the soul is awake."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from anima_tui.engine.soul.files import replacing

KEPT = 7
DAY = 24 * 3600.0

_STAMP = "%Y%m%dT%H%M%SZ"


def back_up(connection: sqlite3.Connection, folder: Path, now: float) -> Path:
    """Copy the database into `folder` and keep the newest KEPT copies. Raises OSError or sqlite3.Error."""
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{stamp(now)}.db"
    with replacing(path) as new:
        copy_to(connection, new)
    for old in newest_first(folder)[KEPT:]:
        old.unlink(missing_ok=True)
    return path


def copy_to(connection: sqlite3.Connection, file: Path) -> None:
    """All that `connection` holds, as one file that needs no companions. Raises sqlite3.Error."""
    with closing(sqlite3.connect(file)) as copy:
        connection.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")


def is_due(folder: Path, now: float) -> bool:
    """Whether the newest copy is a day old, or there is none. A clock set back does not put it off."""
    backups = newest_first(folder)
    if not backups:
        return True
    return abs(now - made_at(backups[0])) >= DAY


def made_at(copy: Path) -> float:
    """Seconds since the epoch."""
    return datetime.strptime(copy.stem, _STAMP).replace(tzinfo=UTC).timestamp()


def stamp(now: float) -> str:
    """A moment as it stands in the names of files."""
    return datetime.fromtimestamp(now, UTC).strftime(_STAMP)


def newest_first(folder: Path) -> list[Path]:
    """The copies in `folder`."""
    return sorted(folder.glob("[0-9]*T[0-9]*Z.db"), reverse=True)
