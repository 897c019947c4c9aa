"""Old or new, never between: a fault at every step of a turn and of a night."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from souls import awake, contents, memory, night, no_file_beyond, turn

from anima_tui.engine.soul import OrganState, Soul, database, schema
from anima_tui.errors import AnimaError, SoulUnwritable

Change = Callable[[Soul], object]

CHANGES: dict[str, Change] = {
    "a turn": lambda soul: soul.save_turn(turn(2)),
    "a turn answered anew": lambda soul: soul.save_turn(turn(2, supersedes=1)),
    "a night": lambda soul: soul.save_night(night(2, lines=["I like snow."], consumed=[1])),
    "a restful night": lambda soul: soul.save_night(night(2, lines=None, consumed=[1])),
    "an interrupted night": lambda soul: soul.save_interrupted_night(1.0, "You woke her.", ["half"]),
    "an undo": lambda soul: soul.undo_night(),
    "the organs": lambda soul: soul.save_organs(OrganState(fatigue=9.0)),
}


def lived(folder: Path) -> Soul:
    """A soul with a day and a night behind her."""
    soul = awake(folder)
    soul.save_turn(turn(1))
    soul.save_night(night(1))
    return soul


@pytest.fixture
def soul(tmp_path: Path) -> Generator[Soul]:
    with lived(tmp_path / "anima") as soul:
        yield soul


def outcome(change: Change, folder: Path) -> tuple[object, ...]:
    """What a soul like the fixture's holds after `change` without a fault."""
    with lived(folder) as twin:
        change(twin)
        return contents(twin)


@contextmanager
def interrupted(connection: sqlite3.Connection, step: int) -> Generator[None]:
    """SQLite breaks off at the `step`-th instruction of its virtual machine."""
    left = step

    def tick() -> int:
        nonlocal left
        left -= 1
        return int(left == 0)

    connection.set_progress_handler(tick, 1)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 1)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_fault_at_any_instruction_leaves_the_old_state_or_the_new(soul: Soul, change: Change, tmp_path: Path) -> None:
    before, after = contents(soul), outcome(change, tmp_path / "twin")
    faults = 0
    while contents(soul) == before:
        try:
            with interrupted(soul._connection, faults + 1):
                change(soul)
        except SoulUnwritable:
            faults += 1
            assert not soul._connection.in_transaction
    assert faults > 20
    assert contents(soul) == after


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_write_refused_at_any_length_leaves_the_old_state_or_the_new(
    soul: Soul, change: Change, tmp_path: Path
) -> None:
    before, after = contents(soul), outcome(change, tmp_path / "twin")
    refused = 0
    size = (soul.folder / "soul.db-wal").stat().st_size - 8192
    while contents(soul) == before:
        size += 1024
        with no_file_beyond(size):
            try:
                change(soul)
            except SoulUnwritable:
                refused += 1
    assert refused
    assert contents(soul) == after
    soul.close()
    with awake(soul.folder) as again:
        assert contents(again) == after


def test_a_full_disk_loses_nothing_and_a_later_save_works(soul: Soul) -> None:
    before = contents(soul)
    connection = soul._connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    long = turn(2, memories=[memory("word " * 200_000)])
    connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(SoulUnwritable, match=r"full.*make room"):
        soul.save_turn(long)
    assert contents(soul) == before
    connection.execute("PRAGMA max_page_count = 1000000")
    soul.save_turn(long)
    assert soul.exchange_count == 2


def test_a_disk_that_became_read_only_loses_nothing_and_a_later_save_works(soul: Soul) -> None:
    before = contents(soul)
    soul._connection.execute("PRAGMA query_only = ON")
    with pytest.raises(SoulUnwritable, match=r"readonly.*writable"):
        soul.save_turn(turn(2))
    assert contents(soul) == before
    soul._connection.execute("PRAGMA query_only = OFF")
    assert soul.save_turn(turn(2)).user == "question 2"


def test_a_soul_that_cannot_be_born_for_lack_of_room_leaves_none_behind(tmp_path: Path) -> None:
    for size in range(0, 120_000, 6_000):
        with no_file_beyond(size):
            try:
                awake(tmp_path).close()
            except AnimaError as error:
                assert isinstance(error, SoulUnwritable)
            else:
                break
        assert not (tmp_path / "soul.db").exists() or size > 60_000
    with awake(tmp_path) as soul:
        assert soul.exchange_count == 0


def _second_step(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE session ADD COLUMN place TEXT NOT NULL DEFAULT ''")
    connection.execute("CREATE TABLE room (id INTEGER PRIMARY KEY)")
    connection.execute("INSERT INTO room VALUES (1)")


def test_a_fault_at_any_instruction_of_a_migration_leaves_the_older_soul_or_the_newer(tmp_path: Path) -> None:
    awake(tmp_path).close()
    older, faults = len(schema.LADDER), 0
    with closing(database._connect(tmp_path / "soul.db")) as connection:
        while schema.version(connection) == older:
            assert not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'room'").fetchall()
            try:
                with interrupted(connection, faults + 1), database.transaction(connection):
                    schema.climb(connection, (*schema.LADDER, _second_step))
            except sqlite3.OperationalError:
                faults += 1
        assert faults > 20
        assert schema.version(connection) == older + 1
        assert connection.execute("SELECT place FROM session").fetchone()[0] == ""
        assert connection.execute("SELECT count(*) FROM room").fetchone()[0] == 1
