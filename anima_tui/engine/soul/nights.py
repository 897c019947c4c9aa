"""Nights as rows: what was dreamt, what came of it, and how it looked."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import msgspec

from anima_tui import wire
from anima_tui.engine.soul import selves
from anima_tui.engine.soul.records import NightOutcome


def insert(
    connection: sqlite3.Connection,
    session: int,
    *,
    began: float,
    ended: float,
    outcome: str,
    summary: str,
    verdict: str,
    dreams: Sequence[str],
    reel: bytes,
) -> int:
    night = connection.execute(
        "INSERT INTO night (session, began, ended, outcome, summary, verdict) VALUES (?, ?, ?, ?, ?, ?)",
        (session, began, ended, outcome, summary, verdict),
    ).lastrowid
    assert night is not None
    connection.executemany(
        "INSERT INTO dream (night, depth, text) VALUES (?, ?, ?)",
        [(night, depth, text) for depth, text in enumerate(dreams)],
    )
    if reel:
        connection.execute("INSERT INTO reel (night, events) VALUES (?, ?)", (night, reel))
    return night


def insert_outcome(connection: sqlite3.Connection, session: int, outcome: NightOutcome) -> int:
    """The night, its dreams, what it consumed, and its generation, if it made one, put in force."""
    night = insert(
        connection,
        session,
        began=outcome.began,
        ended=outcome.ended,
        outcome="restful" if outcome.lines is None else "changed",
        summary=outcome.summary,
        verdict=outcome.verdict,
        dreams=outcome.dreams,
        reel=outcome.reel,
    )
    connection.executemany(
        "UPDATE memory SET consumed_by = ? WHERE id = ? AND consumed_by IS NULL",
        [(night, memory) for memory in outcome.consumed],
    )
    if outcome.lines is not None:
        selves.replace_by_night(connection, night, outcome.ended, outcome.lines)
    return night


def reel(connection: sqlite3.Connection, night: int) -> bytes:
    """A night as it was seen. Raises KeyError where nothing was kept of it."""
    row = connection.execute("SELECT events FROM reel WHERE night = ?", (night,)).fetchone()
    if row is None:
        raise KeyError(night)
    return row["events"]


def newest(connection: sqlite3.Connection, limit: int) -> list[wire.NightRecord]:
    """Newest first."""
    numbers = connection.execute("SELECT id FROM night ORDER BY id DESC LIMIT ?", (limit,)).fetchall()
    return [night(connection, row["id"]) for row in numbers]


def night(connection: sqlite3.Connection, number: int) -> wire.NightRecord:
    """Raises KeyError where there was no such night."""
    row = connection.execute(
        "SELECT id, began, ended, outcome, summary, EXISTS (SELECT 1 FROM reel WHERE night = night.id) AS reel"
        " FROM night WHERE id = ?",
        (number,),
    ).fetchone()
    if row is None:
        raise KeyError(number)
    dreams = connection.execute("SELECT text FROM dream WHERE night = ? ORDER BY depth", (number,))
    return msgspec.convert(
        dict(row)
        | {
            "reel": bool(row["reel"]),
            "dreams": [dream["text"] for dream in dreams],
            "diff": selves.change_of(connection, number),
        },
        wire.NightRecord,
    )
