"""Generations of the self-model, and the nights that made them, as rows."""

from __future__ import annotations

import difflib
import sqlite3
from collections.abc import Sequence

import msgspec

from anima_tui import wire
from anima_tui.engine.soul.faults import Damaged
from anima_tui.engine.soul.records import NightOutcome
from anima_tui.errors import AnimaError

_lines = msgspec.json.Decoder(list[wire.SelfLine])


def diff(old: Sequence[wire.SelfLine], new: Sequence[wire.SelfLine]) -> list[wire.DiffLine]:
    """Every line of both, in order: kept " ", gone "-", come "+"."""
    before, after = [line.text for line in old], [line.text for line in new]
    lines: list[wire.DiffLine] = []
    for what, i, j, k, m in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            lines += [wire.DiffLine(sign=" ", text=text) for text in before[i:j]]
        else:
            lines += [wire.DiffLine(sign="-", text=text) for text in before[i:j]]
            lines += [wire.DiffLine(sign="+", text=text) for text in after[k:m]]
    return lines


# --- generations ---------------------------------------------------------------------------------------


def present(connection: sqlite3.Connection) -> wire.Generation:
    row = connection.execute(
        "SELECT generation.* FROM generation JOIN soul ON soul.generation = generation.id"
    ).fetchone()
    if row is None:
        raise Damaged("its self-model is missing")
    return _generation(row)


def generation(connection: sqlite3.Connection, number: int) -> wire.Generation:
    """Raises KeyError where there is no such generation."""
    row = connection.execute("SELECT * FROM generation WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise KeyError(number)
    return _generation(row)


def generations(connection: sqlite3.Connection) -> list[wire.Generation]:
    """All there ever were, oldest first."""
    return [_generation(row) for row in connection.execute("SELECT * FROM generation ORDER BY id")]


def undo(connection: sqlite3.Connection) -> wire.Generation:
    """Put the parent of the present generation in force. Raises AnimaError where there is none."""
    current = present(connection)
    if current.parent is None:
        raise AnimaError("There is no night to undo: this is the self-model that Anima was born with.")
    connection.execute("UPDATE soul SET generation = ?", (current.parent,))
    connection.execute(
        "UPDATE night SET outcome = 'undone' WHERE id = (SELECT night FROM generation WHERE id = ?)",
        (current.id,),
    )
    return generation(connection, current.parent)


def _generation(row: sqlite3.Row) -> wire.Generation:
    return msgspec.convert(
        {name: row[name] for name in ("id", "parent", "at", "reason")} | {"lines": _lines.decode(row["lines"])},
        wire.Generation,
    )


# --- nights --------------------------------------------------------------------------------------------


def insert_night(
    connection: sqlite3.Connection,
    session: int,
    *,
    began: float,
    ended: float,
    outcome: str,
    summary: str,
    verdict: str,
    dreams: Sequence[str],
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
    return night


def insert_outcome(connection: sqlite3.Connection, session: int, outcome: NightOutcome) -> int:
    """The night, its dreams, what it consumed, and its generation, if it made one, put in force."""
    night = insert_night(
        connection,
        session,
        began=outcome.began,
        ended=outcome.ended,
        outcome="restful" if outcome.lines is None else "changed",
        summary=outcome.summary,
        verdict=outcome.verdict,
        dreams=outcome.dreams,
    )
    connection.executemany(
        "UPDATE memory SET consumed_by = ? WHERE id = ? AND consumed_by IS NULL",
        [(night, memory) for memory in outcome.consumed],
    )
    if outcome.lines is not None:
        _replace_self(connection, night, outcome.ended, outcome.lines)
    return night


def nights(connection: sqlite3.Connection, limit: int) -> list[wire.NightRecord]:
    """Newest first."""
    numbers = connection.execute("SELECT id FROM night ORDER BY id DESC LIMIT ?", (limit,)).fetchall()
    return [night(connection, row["id"]) for row in numbers]


def night(connection: sqlite3.Connection, number: int) -> wire.NightRecord:
    """Raises KeyError where there was no such night."""
    row = connection.execute("SELECT id, began, ended, outcome, summary FROM night WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise KeyError(number)
    dreams = connection.execute("SELECT text FROM dream WHERE night = ? ORDER BY depth", (number,))
    made = connection.execute("SELECT * FROM generation WHERE night = ?", (number,)).fetchone()
    return msgspec.convert(
        dict(row)
        | {
            "dreams": [dream["text"] for dream in dreams],
            "diff": [] if made is None else _change(connection, made),
        },
        wire.NightRecord,
    )


def _change(connection: sqlite3.Connection, row: sqlite3.Row) -> list[wire.DiffLine]:
    made = _generation(row)
    before = [] if made.parent is None else generation(connection, made.parent).lines
    return diff(before, made.lines)


def _replace_self(connection: sqlite3.Connection, night: int, at: float, lines: Sequence[wire.SelfLine]) -> None:
    """Raises ValueError where the core is not word for word what it was: the core is the user's."""
    parent = present(connection)
    if _core(lines) != _core(parent.lines):
        raise ValueError("a night cannot change the core of the self-model")
    number = connection.execute(
        "INSERT INTO generation (parent, night, at, lines, reason) VALUES (?, ?, ?, ?, 'dream')",
        (parent.id, night, at, msgspec.json.encode(list(lines)).decode()),
    ).lastrowid
    connection.execute("UPDATE soul SET generation = ?", (number,))


def _core(lines: Sequence[wire.SelfLine]) -> list[str]:
    return [line.text for line in lines if line.core]
