"""Generations of the self-model as rows: none ever changes or goes, and one of them is in force."""

from __future__ import annotations

import difflib
import sqlite3
from collections.abc import Sequence

import msgspec

from anima_tui import wire
from anima_tui.engine.drift import distance
from anima_tui.engine.soul.faults import Damaged
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
        raise AnimaError("There is nothing to undo: this is the self-model that Anima was born with.")
    return revert(connection, current.parent)


def revert(connection: sqlite3.Connection, number: int) -> wire.Generation:
    """Put any generation in force; nights that do not lead to it count as undone. Raises AnimaError for no such one."""
    try:
        chosen = generation(connection, number)
    except KeyError:
        raise AnimaError(f"There is no self-model {number}; the history lists them.") from None
    connection.execute("UPDATE soul SET generation = ?", (number,))
    connection.execute(
        """WITH RECURSIVE line(id, parent, night) AS (
               SELECT id, parent, night FROM generation WHERE id = ?
               UNION ALL
               SELECT up.id, up.parent, up.night FROM generation AS up JOIN line ON up.id = line.parent
           )
           UPDATE night SET outcome = iif(id IN (SELECT night FROM line), 'changed', 'undone')
           WHERE id IN (SELECT night FROM generation)""",
        (number,),
    )
    return chosen


def write(connection: sqlite3.Connection, at: float, lines: Sequence[wire.SelfLine], reason: str) -> wire.Generation:
    """A generation by the user's own hand, put in force. The core is theirs to change."""
    return generation(connection, _insert(connection, None, at, lines, reason))


def chapters(connection: sqlite3.Connection, limit: int, before: int | None = None) -> list[wire.Chapter]:
    """The newest generations, older than `before`, each with what it changed; oldest first."""
    rows = connection.execute(
        "SELECT * FROM generation WHERE id < ifnull(?, 9e18) ORDER BY id DESC LIMIT ?", (before, limit)
    ).fetchall()
    first = _generation(connection.execute("SELECT * FROM generation ORDER BY id LIMIT 1").fetchone())
    found: list[wire.Chapter] = []
    for row in reversed(rows):
        made = _generation(row)
        parent = None if made.parent is None else generation(connection, made.parent)
        found.append(
            wire.Chapter(
                generation=made,
                night=row["night"],
                diff=diff(parent.lines if parent else [], made.lines),
                from_first=distance(_texts(first), _texts(made)),
                from_parent=distance(_texts(parent), _texts(made)) if parent else 0.0,
            )
        )
    return found


def replace_by_night(connection: sqlite3.Connection, night: int, at: float, lines: Sequence[wire.SelfLine]) -> None:
    """A generation that a night made, put in force.

    Raises ValueError where the core is not word for word what it was: the core is the user's.
    """
    if _core(lines) != _core(present(connection).lines):
        raise ValueError("a night cannot change the core of the self-model")
    _insert(connection, night, at, lines, "dream")


def change_of(connection: sqlite3.Connection, night: int) -> list[wire.DiffLine]:
    """What a night changed; nothing after a restful one."""
    row = connection.execute("SELECT * FROM generation WHERE night = ?", (night,)).fetchone()
    if row is None:
        return []
    made = _generation(row)
    before = [] if made.parent is None else generation(connection, made.parent).lines
    return diff(before, made.lines)


def _insert(
    connection: sqlite3.Connection, night: int | None, at: float, lines: Sequence[wire.SelfLine], reason: str
) -> int:
    number = connection.execute(
        "INSERT INTO generation (parent, night, at, lines, reason) VALUES (?, ?, ?, ?, ?)",
        (present(connection).id, night, at, msgspec.json.encode(list(lines)).decode(), reason),
    ).lastrowid
    assert number is not None
    connection.execute("UPDATE soul SET generation = ?", (number,))
    return number


def _generation(row: sqlite3.Row) -> wire.Generation:
    return msgspec.convert(
        {name: row[name] for name in ("id", "parent", "at", "reason")} | {"lines": _lines.decode(row["lines"])},
        wire.Generation,
    )


def _core(lines: Sequence[wire.SelfLine]) -> list[str]:
    return [line.text for line in lines if line.core]


def _texts(generation: wire.Generation) -> list[str]:
    return [line.text for line in generation.lines]
