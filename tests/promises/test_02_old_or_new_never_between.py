"""Old or new, never between: a fault at every write, sync and truncation, and at every line of an import."""

from __future__ import annotations

import inspect
import shutil
import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager, suppress
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from anima_tui.engine.soul import OrganState, Soul, archive, custody, database, schema
from anima_tui.errors import AnimaError, SoulUnwritable
from tests.engine.souls import awake, contents, night, no_file_beyond, turn
from tests.promises.conftest import NIGHTLY
from tests.promises.faulty_disk import Calls, Disk, dies, until_one_survives

Change = Callable[[Soul], object]


def strictly(method: Callable[..., object]) -> Callable[..., object]:
    """A method of Soul without its refuge in memory: what the disk refuses is raised."""
    return inspect.unwrap(method)


CHANGES: dict[str, Change] = {
    "a turn": lambda soul: strictly(Soul.save_turn)(soul, turn(2)),
    "a turn answered anew": lambda soul: strictly(Soul.save_turn)(soul, turn(2, supersedes=1)),
    "a night": lambda soul: strictly(Soul.save_night)(soul, night(2, lines=["I like snow."], consumed=[1])),
    "a restful night": lambda soul: strictly(Soul.save_night)(soul, night(2, lines=None, consumed=[1])),
    "an interrupted night": lambda soul: strictly(Soul.save_interrupted_night)(soul, 1.0, "You woke her.", ["half"]),
    "an undo": strictly(Soul.undo_night),
    "the organs": lambda soul: strictly(Soul.save_organs)(soul, OrganState(fatigue=9.0)),
}
EVERY_CHANGE = pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)


def lived(folder: Path) -> Soul:
    """A soul with a day and a night behind her."""
    soul = awake(folder)
    soul.save_turn(turn(1))
    soul.save_night(night(1))
    return soul


@pytest.fixture
def soul(tmp_path: Path, disk: Disk) -> Generator[Soul]:
    """On the disk that can be told to fail."""
    with lived(tmp_path / "anima") as soul:
        yield soul


def outcome(change: Change, folder: Path) -> tuple[object, ...]:
    """What a soul like the fixture's holds after `change` without a fault."""
    with lived(folder) as twin:
        change(twin)
        return contents(twin)


# --- a turn, a night -------------------------------------------------------------------------------------


@EVERY_CHANGE
@pytest.mark.parametrize("way", ["refuse", "once"])
def test_a_fault_at_any_write_or_sync_leaves_the_old_state_or_the_new(
    soul: Soul, disk: Disk, change: Change, way: str, tmp_path: Path
) -> None:
    before, after = contents(soul), outcome(change, tmp_path / "twin")
    faults = 0
    while contents(soul) == before:
        with disk.failing(faults + 1, "once" if way == "once" else "refuse"):
            try:
                change(soul)
            except SoulUnwritable:
                faults += 1
                assert not soul._connection.in_transaction
    assert faults >= 3
    assert contents(soul) == after
    soul.close()
    with awake(soul.folder) as again:
        assert contents(again) == after


@EVERY_CHANGE
def test_a_death_at_any_write_or_sync_leaves_the_old_state_or_the_new(
    disk: Disk, change: Change, tmp_path: Path
) -> None:
    with lived(tmp_path / "anima") as soul:
        before = contents(soul)
    with awake(_copied(tmp_path, 0)) as soul:
        change(soul)
        after = contents(soul)

    def die(folder: Path, at: int) -> None:
        with awake(folder) as soul, disk.failing(at, "kill"):
            change(soul)

    killed, survivor = until_one_survives(partial(_copied, tmp_path), die)
    assert len(killed) >= 3
    for folder in killed:
        with awake(folder) as soul:
            assert contents(soul) in (before, after)
    with awake(survivor) as soul:
        assert contents(soul) == after != before


def _copied(root: Path, number: int) -> Path:
    return Path(shutil.copytree(root / "anima", root / f"copy {number}"))


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


@EVERY_CHANGE
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


@EVERY_CHANGE
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


# --- a birth ---------------------------------------------------------------------------------------------


def test_a_soul_that_cannot_be_born_for_lack_of_room_leaves_none_behind(tmp_path: Path) -> None:
    for size in range(0, 120_000, 6_000):
        with no_file_beyond(size), awake(tmp_path) as soul:
            if not soul.unsaved:
                break
        assert not (tmp_path / "soul.db").exists() or size > 60_000
    with awake(tmp_path) as soul:
        assert soul.exchange_count == 0


@pytest.mark.timeout(3600)
def test_a_death_at_any_write_of_a_birth_leaves_no_soul_or_a_blank_one(disk: Disk, tmp_path: Path) -> None:
    def die(folder: Path, at: int) -> None:
        with disk.failing(at, "kill"):
            awake(folder).close()

    killed, _ = until_one_survives(lambda at: tmp_path / str(at), die, step=1 if NIGHTLY else 5)
    assert len(killed) > 10
    for folder in killed:
        with awake(folder) as soul:
            assert soul.exchange_count == 0


# --- a migration -----------------------------------------------------------------------------------------


def _next_step(connection: sqlite3.Connection) -> None:
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
                    schema.climb(connection, (*schema.LADDER, _next_step))
            except sqlite3.OperationalError:
                faults += 1
        assert faults > 20
        assert schema.version(connection) == older + 1
        assert connection.execute("SELECT place FROM session").fetchone()[0] == ""
        assert connection.execute("SELECT count(*) FROM room").fetchone()[0] == 1


@pytest.mark.timeout(3600)
def test_a_death_at_any_write_of_a_migration_leaves_the_older_soul_or_the_newer(
    disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lived(tmp_path / "anima") as soul:
        before = contents(soul)
    older = schema.LADDER

    def die(folder: Path, at: int) -> None:
        with disk.failing(at, "kill"):
            awake(folder).close()

    monkeypatch.setattr(schema, "LADDER", (*older, _next_step))
    killed, _ = until_one_survives(partial(_copied, tmp_path), die, step=1 if NIGHTLY else 4)
    assert len(killed) > 5
    for folder in killed:
        with closing(sqlite3.connect(folder / "soul.db")) as connection:
            assert schema.version(connection) in (len(older), len(older) + 1)
        with awake(folder) as soul:  # and the next start takes the step, or finds it taken
            assert contents(soul) == before
            assert schema.version(soul._connection) == len(older) + 1


# --- an import, an export, a restoring -------------------------------------------------------------------


WAYS = pytest.mark.parametrize("kill", [False, True], ids=["a fault", "a death"])


@WAYS
def test_an_import_broken_off_anywhere_leaves_no_soul_or_a_whole_one(tmp_path: Path, calls: Calls, kill: bool) -> None:
    with lived(tmp_path / "anima") as soul:
        before = contents(soul)
    parcel = tmp_path / "anima.anima"
    archive.pack(soul.folder, parcel, 0.0)

    def bring(at: int) -> None:
        with calls.failing(at, kill=kill):
            archive.unpack(parcel, tmp_path / "souls" / str(at))

    last = _until_it_ends(bring, calls, kill)
    arrived = sorted((tmp_path / "souls").glob("[!.]*"))
    assert tmp_path / "souls" / str(last) in arrived
    for folder in arrived:
        with awake(folder) as soul:
            assert contents(soul) == before


@WAYS
def test_an_export_broken_off_anywhere_leaves_no_file_or_a_whole_one(tmp_path: Path, calls: Calls, kill: bool) -> None:
    with lived(tmp_path / "anima") as soul:
        before = contents(soul)

    def carry(at: int) -> None:
        with calls.failing(at, kill=kill):
            archive.pack(soul.folder, tmp_path / f"{at}.anima", 0.0)

    last = _until_it_ends(carry, calls, kill)
    archive.unpack(tmp_path / f"{last}.anima", tmp_path / "back")
    with awake(tmp_path / "back") as soul:
        assert contents(soul) == before
    parcels = list(tmp_path.glob("[!.]*.anima"))
    assert len({archive.read_manifest(parcel).members["soul.db"] for parcel in parcels}) == 1


@WAYS
def test_a_restoring_broken_off_anywhere_loses_neither_the_damaged_file_nor_the_backup(
    tmp_path: Path, calls: Calls, kill: bool
) -> None:
    with lived(tmp_path / "anima") as soul:
        before = contents(soul)
    custody.back_up_now(soul.folder, 0.0)
    (soul.folder / "soul.db").write_bytes(b"damaged")

    def mend(at: int) -> None:
        folder = _copied(tmp_path, at)
        with calls.failing(at, kill=kill):
            custody.restore(folder, 0.0)

    _until_it_ends(mend, calls, kill)
    for folder in tmp_path.glob("copy *"):
        assert b"damaged" in {file.read_bytes() for file in folder.glob("soul.db*")}
        try:
            custody.restore(folder, 1.0)
        except AnimaError as whole:
            assert "nothing to restore" in str(whole)
        with awake(folder) as soul:
            assert contents(soul) == before


def _until_it_ends(action: Callable[[int], object], calls: Calls, kill: bool) -> int:
    """Break it off at its first step, its second, ...; the number at which there was no such step any more."""
    for number in count(1):
        if kill:
            reached = dies(partial(action, number))
        else:
            with suppress(AnimaError, OSError):
                action(number)
            reached = calls.reached
        if not reached:
            assert number > 5
            return number
    raise AssertionError
