"""Exchanges and the memories of both speakers, as rows."""

from __future__ import annotations

import sqlite3
from array import array
from contextlib import closing
from pathlib import Path

import msgspec
import numpy as np

from anima_tui import wire
from anima_tui.engine.signature import Signature
from anima_tui.engine.soul.database import look_at
from anima_tui.engine.soul.records import NewMemory, TurnRecord

_EXCHANGE = "id, session, at, user, thought, reply, mode, user_valence, valence, adrenaline, finish"


def insert(connection: sqlite3.Connection, session: int, turn: TurnRecord) -> wire.Exchange:
    """Raises ValueError where the exchange that is superseded does not exist or already was."""
    exchange = connection.execute(
        "INSERT INTO exchange (session, at, user, thought, reply, mode, user_valence, valence, adrenaline,"
        " finish, tokens) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            session,
            turn.at,
            turn.user,
            turn.thought,
            turn.reply,
            turn.mode,
            turn.user_valence,
            turn.valence,
            turn.adrenaline,
            turn.finish,
            array("q", turn.tokens).tobytes(),
        ),
    ).lastrowid
    if turn.supersedes is not None:
        _supersede(connection, turn.supersedes, exchange)
    for memory in turn.memories:
        _remember(connection, exchange, turn.at, memory)
    return _exchange(connection.execute(f"SELECT {_EXCHANGE} FROM exchange WHERE id = ?", (exchange,)).fetchone())


def newest(connection: sqlite3.Connection, limit: int, before: int | None) -> list[wire.Exchange]:
    """Up to `limit` exchanges in force, of those older than the exchange `before`; oldest first."""
    rows = connection.execute(
        f"SELECT {_EXCHANGE} FROM exchange WHERE superseded_by IS NULL AND id < ifnull(?, 9e18)"
        " ORDER BY id DESC LIMIT ?",
        (before, limit),
    ).fetchall()
    return [_exchange(row) for row in reversed(rows)]


def glimpsed(file: Path, limit: int) -> list[wire.Exchange]:
    """The newest exchanges in the database `file` without waking her; none where they cannot be read.

    A soul from an older version is brought up to date by waking her, which also tells what is wrong with a damaged one.
    """
    try:
        with closing(look_at(file)) as connection:
            return newest(connection, limit, None)
    except (sqlite3.Error, msgspec.MsgspecError, OSError):
        return []


def of_session(connection: sqlite3.Connection, session: int) -> list[wire.Exchange]:
    """The exchanges in force of one session, oldest first."""
    rows = connection.execute(
        f"SELECT {_EXCHANGE} FROM exchange WHERE superseded_by IS NULL AND session = ? ORDER BY id",
        (session,),
    )
    return [_exchange(row) for row in rows]


def count(connection: sqlite3.Connection) -> int:
    """Exchanges in force."""
    return connection.execute("SELECT count(*) FROM exchange WHERE superseded_by IS NULL").fetchone()[0]


def tokens(connection: sqlite3.Connection, exchange: int) -> list[int]:
    """Ids of the decoded tokens of an exchange. Raises KeyError where there is no such exchange."""
    row = connection.execute("SELECT tokens FROM exchange WHERE id = ?", (exchange,)).fetchone()
    if row is None:
        raise KeyError(exchange)
    return array("q", row["tokens"]).tolist()


def _supersede(connection: sqlite3.Connection, old: int, new: int | None) -> None:
    changed = connection.execute(
        "UPDATE exchange SET superseded_by = ? WHERE id = ? AND superseded_by IS NULL AND id <> ?",
        (new, old, new),
    ).rowcount
    if not changed:
        raise ValueError(f"there is no exchange {old} to be answered anew")
    connection.execute("UPDATE memory SET superseded = 1 WHERE exchange = ?", (old,))


def _remember(connection: sqlite3.Connection, exchange: int | None, at: float, memory: NewMemory) -> None:
    signature = Signature(memory.features, memory.levels)
    connection.execute(
        "INSERT INTO memory (exchange, speaker, at, text, valence, adrenaline, novelty, mode, features,"
        " levels) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            exchange,
            memory.speaker,
            at,
            memory.text,
            memory.valence,
            memory.adrenaline,
            memory.novelty,
            memory.mode,
            np.ascontiguousarray(signature.features, "<i4").tobytes(),
            np.ascontiguousarray(signature.levels, "<f4").tobytes(),
        ),
    )


def _exchange(row: sqlite3.Row) -> wire.Exchange:
    """Raises msgspec.ValidationError where a damaged file holds something else."""
    return msgspec.convert(dict(row), wire.Exchange)
