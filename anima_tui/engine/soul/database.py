"""`soul.db` as a file: made whole, looked at without touching it, then opened by its one writer."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from anima_tui import wire
from anima_tui.engine.soul import backups, schema, state
from anima_tui.engine.soul.faults import Damaged, has_spares, reading, unreadable, writing
from anima_tui.engine.soul.files import sync
from anima_tui.engine.soul.records import OrganState
from anima_tui.errors import SoulMismatch

CORE = "I am Anima."
_VERSIONS = frozenset({1, 2})
"""Of the file format, at bytes 18 and 19 of the header: a rollback journal, or a WAL. SQLite writes to no other."""


@dataclass(frozen=True)
class Bond:
    """The body that a soul belongs to."""

    body: str
    fingerprint: str
    d_sae: int


@dataclass(frozen=True, eq=False)
class Nature:
    """What a soul is born with."""

    lines: Sequence[wire.SelfLine]
    """Of the first self-model."""
    reservoir: NDArray[np.float32]
    """[d_sae] finite."""


def open_database(folder: Path, bond: Bond, now: float) -> sqlite3.Connection:
    """The writer's connection to the soul in `folder`, of the present version and of this body.

    A first soul is made if there is none; an older one is backed up and brought up to date; any is backed up
    once a day. Rows come as sqlite3.Row and transactions are the caller's.

    Raises SoulUnreadable, SoulMismatch or SoulUnwritable; `soul.db` is then byte for byte what it was.
    """
    file = folder / "soul.db"
    if not file.exists():
        bear(folder, bond, _blank(bond), now)
        with writing(folder):
            return _connect(file)
    with reading(folder):
        _require_same_body(folder.name, examine(file), bond)
    with writing(folder):
        connection = _connect(file)
        try:
            _bring_up_to_date(connection, folder / "backups", now)
        except BaseException:
            connection.close()
            raise
    return connection


def open_in_memory(folder: Path, bond: Bond, now: float) -> sqlite3.Connection:
    """What `open_database` would connect to, as a copy in memory. Raises SoulUnreadable or SoulMismatch."""
    with reading(folder):
        if (folder / "soul.db").exists():
            return copy_in_memory(folder, bond)
    _require_never_lived(folder)
    newborn = _memory()
    with transaction(newborn):
        _first_day(newborn, bond, _blank(bond), now)
    return newborn


@contextmanager
def transaction(connection: sqlite3.Connection) -> Generator[sqlite3.Connection]:
    """All of it or nothing."""
    try:
        connection.execute("BEGIN IMMEDIATE")  # may fail with the transaction already begun
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk has SQLite roll back by itself
            connection.execute("ROLLBACK")
        raise


def bear(folder: Path, bond: Bond, nature: Nature, now: float) -> None:
    """A soul's first day. The file gets its name when it is complete, so that what has the name is a soul.

    Raises SoulUnreadable where one was lost, SoulUnwritable, and ValueError for a reservoir that cannot be.
    """
    _require_never_lived(folder)
    new = folder / "soul.db.new"
    with writing(folder):
        for leftover in (new, *folder.glob(f"{new.name}-*")):
            leftover.unlink(missing_ok=True)
        with closing(_connect(new)) as connection, transaction(connection):
            _first_day(connection, bond, nature, now)
        sync(new)
        new.rename(folder / "soul.db")
        sync(folder)


def _require_never_lived(folder: Path) -> None:
    if has_spares(folder):
        raise unreadable(folder, "soul.db is gone, though there are copies of it")


def _blank(bond: Bond) -> Nature:
    return Nature([wire.SelfLine(text=CORE, core=True, evidence=[])], np.zeros(bond.d_sae, np.float32))


def _first_day(connection: sqlite3.Connection, bond: Bond, nature: Nature, now: float) -> None:
    schema.climb(connection, schema.LADDER)
    connection.execute(
        "INSERT INTO generation (id, at, lines, reason) VALUES (1, ?, ?, 'first')",
        (now, msgspec.json.encode(list(nature.lines)).decode()),
    )
    connection.execute(
        "INSERT INTO soul (id, born, body, fingerprint, d_sae, generation) VALUES (1, ?, ?, ?, ?, 1)",
        (now, bond.body, bond.fingerprint, bond.d_sae),
    )
    state.save_reservoir(connection, nature.reservoir, bond.d_sae)
    state.save_organs(connection, OrganState(saved_at=now))


def copy_in_memory(folder: Path, bond: Bond) -> sqlite3.Connection:
    """The soul in `folder`, of the present version, as a connection that no file belongs to.

    The file is read without a lock, also while a writer has it open. Raises SoulUnreadable or SoulMismatch.
    """
    file = folder / "soul.db"
    with reading(folder):
        _require_same_body(folder.name, examine(file), bond)
        with closing(look_at(file)) as connection:
            copy = duplicate(connection)
        with transaction(copy):
            schema.climb(copy, schema.LADDER)
    return copy


def duplicate(connection: sqlite3.Connection) -> sqlite3.Connection:
    """All that `connection` holds, in memory. Raises sqlite3.Error."""
    copy = _memory()
    connection.backup(copy)
    return copy


def _memory() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def look_at(file: Path) -> sqlite3.Connection:
    """A connection that cannot write. Raises sqlite3.Error."""
    if not file.is_file():
        raise sqlite3.OperationalError("there is no soul.db")
    try:
        return _connect_to_read(file, "mode=ro")
    except sqlite3.OperationalError:
        wal = file.with_name(f"{file.name}-wal")
        if wal.exists() and wal.stat().st_size:
            raise
        # Where nothing can be written, SQLite cannot make the companions of a WAL, and needs none.
        return _connect_to_read(file, "mode=ro&immutable=1")


def _connect_to_read(file: Path, how: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{file.absolute().as_uri()}?{how}", uri=True)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("SELECT 1 FROM sqlite_schema")
    except BaseException:
        connection.close()
        raise
    return connection


def examine(file: Path) -> Bond:
    """Whose soul `file` is, once it proves to be one. Raises sqlite3.Error, msgspec.MsgspecError or SoulMismatch."""
    with closing(look_at(file)) as connection:
        with file.open("rb") as header:
            if not _VERSIONS.issuperset(header.read(20)[18:]):
                raise Damaged("its header asks for another SQLite")
        if connection.execute("PRAGMA application_id").fetchone()[0] != schema.APPLICATION_ID:
            raise Damaged("soul.db is not a soul")
        if schema.version(connection) > len(schema.LADDER):
            raise SoulMismatch(
                f"The soul in {file.parent} was made by a newer Anima and was left as it is; update Anima, or"
                " choose another soul with --soul."
            )
        if schema.version(connection) < 1:
            raise Damaged("its version number is impossible")
        findings = [row[0] for row in connection.execute("PRAGMA quick_check(1)")]
        if findings != ["ok"]:
            raise Damaged("; ".join(findings))
        if schema.tables(connection) != schema.tables_of(schema.version(connection)):
            raise Damaged("its tables are not those of a soul")
        row = connection.execute("SELECT body, fingerprint, d_sae FROM soul").fetchone()
        if row is None:
            raise Damaged("it does not say whose it is")
        state.check(connection, row[2])
        return Bond(*row)


def _require_same_body(soul: str, theirs: Bond, ours: Bond) -> None:
    if (theirs.fingerprint, theirs.d_sae) == (ours.fingerprint, ours.d_sae):
        return
    if theirs.body != ours.body:
        raise SoulMismatch(
            f"The soul “{soul}” grew in the body “{theirs.body}” and cannot live in “{ours.body}”; start with"
            f" --body {theirs.body}, or choose another soul with --soul."
        )
    raise SoulMismatch(
        f"The soul “{soul}” grew in another build of the body “{ours.body}” ({theirs.fingerprint[:12]}, and"
        f" this one is {ours.fingerprint[:12]}); bring that build back, or choose another soul with --soul."
    )


def _connect(file: Path) -> sqlite3.Connection:
    """Usable only from the calling thread. Statements commit by themselves outside a transaction."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.row_factory = sqlite3.Row
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        if sys.platform == "darwin":
            connection.execute("PRAGMA fullfsync = ON")
            connection.execute("PRAGMA checkpoint_fullfsync = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _bring_up_to_date(connection: sqlite3.Connection, copies: Path, now: float) -> None:
    outdated = schema.version(connection) < len(schema.LADDER)
    if outdated or backups.is_due(copies, now):
        backups.back_up(connection, copies, now)
    if outdated:
        with transaction(connection):
            schema.climb(connection, schema.LADDER)
