"""The tables, and the ladder that brings an older soul up to date."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing

APPLICATION_ID = 0x414E494D  # "ANIM"

Migration = Callable[[sqlite3.Connection], None]

_FIRST = (
    """CREATE TABLE session (
        id INTEGER PRIMARY KEY,
        began REAL NOT NULL
    )""",
    """CREATE TABLE exchange (
        id INTEGER PRIMARY KEY,
        session INTEGER NOT NULL REFERENCES session(id),
        at REAL NOT NULL,
        user TEXT NOT NULL,
        thought TEXT NOT NULL,
        reply TEXT NOT NULL,
        mode TEXT NOT NULL,
        user_valence REAL NOT NULL,
        valence REAL NOT NULL,
        adrenaline REAL NOT NULL,
        finish TEXT NOT NULL CHECK (finish IN ('end', 'length', 'stopped', 'loop', 'failed')),
        tokens BLOB NOT NULL,
        superseded_by INTEGER REFERENCES exchange(id)
    )""",
    "CREATE INDEX exchange_session ON exchange(session)",
    """CREATE TABLE night (
        id INTEGER PRIMARY KEY,
        session INTEGER NOT NULL REFERENCES session(id),
        began REAL NOT NULL,
        ended REAL NOT NULL,
        outcome TEXT NOT NULL CHECK (outcome IN ('changed', 'restful', 'interrupted', 'undone')),
        summary TEXT NOT NULL,
        verdict TEXT NOT NULL
    )""",
    """CREATE TABLE dream (
        night INTEGER NOT NULL REFERENCES night(id),
        depth INTEGER NOT NULL,
        text TEXT NOT NULL,
        PRIMARY KEY (night, depth)
    )""",
    """CREATE TABLE generation (
        id INTEGER PRIMARY KEY,
        parent INTEGER REFERENCES generation(id),
        night INTEGER UNIQUE REFERENCES night(id),
        at REAL NOT NULL,
        lines TEXT NOT NULL,
        reason TEXT NOT NULL
    )""",
    """CREATE TRIGGER generation_never_changes BEFORE UPDATE ON generation
        BEGIN SELECT RAISE(ABORT, 'a generation never changes'); END""",
    """CREATE TRIGGER generation_never_goes BEFORE DELETE ON generation
        BEGIN SELECT RAISE(ABORT, 'a generation is kept for ever'); END""",
    """CREATE TABLE memory (
        id INTEGER PRIMARY KEY,
        exchange INTEGER NOT NULL REFERENCES exchange(id),
        speaker TEXT NOT NULL CHECK (speaker IN ('user', 'anima')),
        at REAL NOT NULL,
        text TEXT NOT NULL,
        valence REAL NOT NULL,
        adrenaline REAL NOT NULL CHECK (adrenaline >= 0),
        novelty REAL NOT NULL,
        mode TEXT NOT NULL,
        features BLOB NOT NULL,
        levels BLOB NOT NULL,
        consumed_by INTEGER REFERENCES night(id),
        superseded INTEGER NOT NULL DEFAULT 0,
        CHECK (length(features) = length(levels) AND length(features) % 4 = 0)
    )""",
    "CREATE INDEX memory_exchange ON memory(exchange)",
    """CREATE INDEX memory_adrenaline ON memory(adrenaline DESC)
        WHERE consumed_by IS NULL AND superseded = 0""",
    """CREATE VIRTUAL TABLE memory_words USING fts5(
        text, content='memory', content_rowid='id', tokenize='porter unicode61 remove_diacritics 2'
    )""",
    """CREATE TRIGGER memory_words_insert AFTER INSERT ON memory BEGIN
        INSERT INTO memory_words(rowid, text) VALUES (new.id, new.text);
    END""",
    """CREATE TRIGGER memory_words_delete AFTER DELETE ON memory BEGIN
        INSERT INTO memory_words(memory_words, rowid, text) VALUES ('delete', old.id, old.text);
    END""",
    """CREATE TRIGGER memory_words_update AFTER UPDATE OF text ON memory BEGIN
        INSERT INTO memory_words(memory_words, rowid, text) VALUES ('delete', old.id, old.text);
        INSERT INTO memory_words(rowid, text) VALUES (new.id, new.text);
    END""",
    """CREATE TABLE state (
        name TEXT PRIMARY KEY CHECK (name IN ('reservoir', 'evidence', 'organs')),
        data BLOB NOT NULL,
        sha256 BLOB NOT NULL
    )""",
    """CREATE TABLE soul (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        born REAL NOT NULL,
        body TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        d_sae INTEGER NOT NULL CHECK (d_sae > 0),
        generation INTEGER NOT NULL REFERENCES generation(id)
    )""",
)


def _first(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    for statement in _FIRST:
        connection.execute(statement)


def _second(connection: sqlite3.Connection) -> None:
    """Memories can be pinned, and nights be watched once more."""
    connection.execute("ALTER TABLE memory ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0")
    connection.execute("CREATE INDEX memory_pinned ON memory(id) WHERE pinned = 1")
    connection.execute("CREATE TABLE reel (night INTEGER PRIMARY KEY REFERENCES night(id), events BLOB NOT NULL)")


LADDER: Sequence[Migration] = (_first, _second)
"""Step n leads from version n to n + 1. A step, once released, never changes."""


def version(connection: sqlite3.Connection) -> int:
    return connection.execute("PRAGMA user_version").fetchone()[0]


def climb(connection: sqlite3.Connection, ladder: Sequence[Migration]) -> None:
    """Take every step still missing. To be called inside a transaction, which undoes all of them or none."""
    for number in range(version(connection), len(ladder)):
        ladder[number](connection)
        connection.execute(f"PRAGMA user_version = {number + 1}")


def tables(connection: sqlite3.Connection) -> set[tuple[str, str, str]]:
    """Type, name and definition of everything but the tables that FTS5 keeps for itself."""
    return {
        tuple(row)
        for row in connection.execute(
            "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL"
            " AND NOT (type = 'table' AND name GLOB 'memory_words_*')"
        )
    }


def tables_of(number: int) -> set[tuple[str, str, str]]:
    """What the ladder makes of an empty file, up to the version `number`."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as blank:
        climb(blank, LADDER[:number])
        return tables(blank)
