"""Memories in their owner's hands: listed, searched, pinned, mended, forgotten."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable

import msgspec

from anima_tui import wire
from anima_tui.engine.memory import COLUMNS, Memory, memories, memory_line
from anima_tui.engine.words import beginnings
from anima_tui.errors import AnimaError

LONGEST = 4000
"""Characters that a mended memory may have."""


def find(
    connection: sqlite3.Connection,
    search: str,
    before: int | None,
    limit: int,
    *,
    now: float,
    adrenaline_half_life_hours: float,
) -> wire.Memories:
    """The newest memories, older than `before`, in which every word of `search` begins a word."""
    wanted, terms = "superseded = 0", beginnings(search)
    if search.strip():
        wanted += " AND id IN (SELECT rowid FROM memory_words WHERE memory_words MATCH :terms)" if terms else " AND 0"
    given = {"terms": terms, "before": before, "limit": limit}
    total = connection.execute(f"SELECT count(*) FROM memory WHERE {wanted}", given).fetchone()[0]
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM memory WHERE {wanted} AND id < ifnull(:before, 9e18) ORDER BY id DESC LIMIT :limit",
        given,
    )
    cards = [_card(one) for one in memories(rows, now, adrenaline_half_life_hours)]
    return wire.Memories(search=search, total=total, memories=cards)


def card(
    connection: sqlite3.Connection, memory: int, *, now: float, adrenaline_half_life_hours: float
) -> wire.MemoryCard:
    """Raises AnimaError where there is no such memory."""
    return _card(memories([_row(connection, memory)], now, adrenaline_half_life_hours)[0])


def pin(connection: sqlite3.Connection, memory: int, on: bool) -> None:
    """Raises AnimaError where there is no such memory."""
    _row(connection, memory)
    connection.execute("UPDATE memory SET pinned = ? WHERE id = ?", (on, memory))


def mend(connection: sqlite3.Connection, memory: int, text: str) -> None:
    """Other words for a memory; how it felt stays. Raises AnimaError for no words, and for too many."""
    _row(connection, memory)
    if not text.strip():
        raise AnimaError("A memory without words is none: forget it instead.")
    if len(text) > LONGEST:
        raise AnimaError(f"A memory may have {LONGEST} characters, and this has {len(text)}; shorten it.")
    connection.execute("UPDATE memory SET text = ? WHERE id = ?", (text.strip(), memory))


def forget(connection: sqlite3.Connection, memory: int) -> None:
    """Erase its words and its signature. The row stays, so that its number never comes to mean another memory.

    What was said stays in the transcript. Raises AnimaError where there is no such memory.
    """
    _row(connection, memory)
    connection.execute(
        "UPDATE memory SET text = '', features = x'', levels = x'', pinned = 0, superseded = 1 WHERE id = ?", (memory,)
    )


def forgotten(connection: sqlite3.Connection) -> set[int]:
    """Exchanges in force of which something was forgotten: they do not come back into the context."""
    rows = connection.execute(
        "SELECT DISTINCT exchange FROM memory JOIN exchange ON exchange.id = memory.exchange"
        " WHERE superseded AND superseded_by IS NULL"
    )
    return {row["exchange"] for row in rows}


def lines(connection: sqlite3.Connection, memories: Collection[int]) -> dict[int, str]:
    """Those of these memories that are not forgotten, quoted."""
    found = connection.execute(
        "SELECT id, speaker, text FROM memory WHERE superseded = 0 AND id IN (SELECT value FROM json_each(?))",
        (msgspec.json.encode(sorted(memories)).decode(),),
    )
    return {row["id"]: memory_line(row["speaker"], row["text"]) for row in found}


def resting_on(generation: Iterable[wire.SelfLine], memory: int) -> list[wire.SelfLine]:
    """The lines of a self-model without this memory: it is no evidence any more, and what rests on it alone goes."""
    kept: list[wire.SelfLine] = []
    for line in generation:
        evidence = [number for number in line.evidence if number != memory]
        if evidence or not line.evidence or line.core:
            kept.append(msgspec.structs.replace(line, evidence=evidence))
    return kept


def _row(connection: sqlite3.Connection, memory: int) -> sqlite3.Row:
    row = connection.execute(f"SELECT {COLUMNS} FROM memory WHERE superseded = 0 AND id = ?", (memory,)).fetchone()
    if row is None:
        raise AnimaError(f"There is no memory {memory}; list them to see their numbers.")
    return row


def _card(one: Memory) -> wire.MemoryCard:
    return wire.MemoryCard(
        id=one.id,
        exchange=one.exchange,
        speaker=one.speaker,
        at=one.at,
        text=one.text,
        valence=one.valence,
        adrenaline=one.adrenaline,
        novelty=one.novelty,
        mode=one.mode,
        pinned=one.pinned,
        dreamt=one.dreamt,
    )
