"""What SQLite and the disk may answer, as sentences."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from anima_tui.errors import SoulUnreadable, SoulUnwritable
from anima_tui.text import safe_line

_OURS = (
    sqlite3.ProgrammingError,
    sqlite3.IntegrityError,
)  # a mistake in the program, not a fault of the disk


class Damaged(sqlite3.DatabaseError):
    """The file is a database, and what it holds cannot be true."""


@contextmanager
def reading(folder: Path) -> Generator[None]:
    """Raises SoulUnreadable for anything that keeps the soul in `folder` from being read."""
    try:
        yield
    except _OURS:
        raise
    except (sqlite3.Error, msgspec.MsgspecError, UnicodeDecodeError, OSError) as error:
        raise unreadable(folder, error) from error


@contextmanager
def writing(folder: Path) -> Generator[None]:
    """Raises SoulUnwritable where there is no room or no permission, SoulUnreadable where there is damage."""
    try:
        yield
    except _OURS:
        raise
    except (sqlite3.OperationalError, OSError) as error:
        raise SoulUnwritable(
            f"Nothing can be written in {folder} ({safe_line(str(error))}); all that was saved before"
            " is whole: make room there and see that it is writable, or look in with --read-only."
        ) from error
    except (sqlite3.Error, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise unreadable(folder, error) from error


def require_soul(folder: Path) -> None:
    """Raises SoulUnreadable where there is none to read."""
    if not folder.is_dir():
        raise SoulUnreadable(f"There is no soul “{folder.name}”; anima-tui soul list names those there are.")


def unreadable(folder: Path, why: object) -> SoulUnreadable:
    spare = [f"the newest {kind} is {path}" for kind, path in _spares(folder).items()]
    return SoulUnreadable(
        f"The soul in {folder} cannot be read ({safe_line(str(why))}) and was left as it is; move that folder away,"
        f" or choose another name with --soul{''.join(f'; {sentence}' for sentence in spare)}."
    )


def has_spares(folder: Path) -> bool:
    return bool(_spares(folder))


def _spares(folder: Path) -> dict[str, Path]:
    """The newest of what may bring a damaged soul back."""
    found = {
        "backup": sorted((folder / "backups").glob("[0-9]*.db")),
        "checkpoint": sorted((folder / "checkpoints").glob("[0-9]*.pt")),
    }
    return {kind: paths[-1] for kind, paths in found.items() if paths}
