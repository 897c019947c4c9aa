"""Whole copies of `soul.db`, made by SQLite itself while the soul is awake."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from anima_tui.engine.soul.files import replacing

KEPT = 7
DAY = 24 * 3600.0

_NAME = "%Y%m%dT%H%M%SZ"


def back_up(connection: sqlite3.Connection, folder: Path, now: float) -> Path:
    """Copy the database into `folder` and keep the newest KEPT copies. Raises OSError or sqlite3.Error."""
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{datetime.fromtimestamp(now, UTC).strftime(_NAME)}.db"
    with replacing(path) as new, closing(sqlite3.connect(new)) as copy:
        connection.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file that needs no companions
    for old in _newest_first(folder)[KEPT:]:
        old.unlink()
    return path


def is_due(folder: Path, now: float) -> bool:
    """Whether the newest copy is a day old, or there is none. A clock set back does not put it off."""
    backups = _newest_first(folder)
    if not backups:
        return True
    made = datetime.strptime(backups[0].stem, _NAME).replace(tzinfo=UTC).timestamp()
    return abs(now - made) >= DAY


def _newest_first(folder: Path) -> list[Path]:
    return sorted(folder.glob("[0-9]*T[0-9]*Z.db"), reverse=True)
