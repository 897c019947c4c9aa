"""Full or read-only disk: the talk goes on in memory, in sight, and is written in its order when it can be."""

from __future__ import annotations

import inspect
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from anima_tui import wire
from anima_tui.engine.mind import Mind
from anima_tui.engine.session import Session
from anima_tui.engine.soul import OrganState, Soul
from anima_tui.errors import AnimaError, SoulLocked
from tests.app import story
from tests.app.conftest import Stage
from tests.engine.souls import Clock, awake, contents, memory, night, no_file_beyond, turn
from tests.promises.faulty_disk import Disk


def twin(folder: Path) -> tuple[object, ...]:
    """What a soul holds that lived through the same on a good disk."""
    with awake(folder) as soul:
        live(soul)
        return contents(soul)


def live(soul: Soul) -> None:
    first = soul.save_turn(turn(2))
    soul.save_turn(turn(3, supersedes=first.id))
    soul.save_night(night(4, consumed=[1]))
    soul.undo_night()
    soul.save_organs(OrganState(fatigue=5.0))


@contextmanager
def full(soul: Soul) -> Generator[None]:
    """Not one page more."""
    pages = soul.refuge.connection.execute("PRAGMA page_count").fetchone()[0]
    disk = soul.refuge.connection
    disk.execute(f"PRAGMA max_page_count = {pages}")
    try:
        yield
    finally:
        disk.execute("PRAGMA max_page_count = 1000000")


@contextmanager
def read_only(soul: Soul) -> Generator[None]:
    disk = soul.refuge.connection
    disk.execute("PRAGMA query_only = ON")
    try:
        yield
    finally:
        disk.execute("PRAGMA query_only = OFF")


@contextmanager
def no_growth(soul: Soul) -> Generator[None]:
    with no_file_beyond((soul.folder / "soul.db-wal").stat().st_size):
        yield


TROUBLES = pytest.mark.parametrize("trouble", [read_only, no_growth], ids=["read-only", "no room"])


@TROUBLES
def test_a_day_and_a_night_go_on_in_memory_and_are_saved_in_their_order(tmp_path: Path, trouble: object) -> None:
    expected = twin(tmp_path / "twin")
    with awake(tmp_path / "anima") as soul:
        with trouble(soul):  # pyright: ignore[reportCallIssue]
            live(soul)
            assert soul.unsaved == 5
            assert "see that it is writable" in soul.refuge.trouble
            assert contents(soul) == expected
            with awake_beside(soul) as on_disk:
                assert on_disk.exchange_count == 0
        soul.catch_up()
        assert soul.unsaved == 0
        assert contents(soul) == expected
    with awake(tmp_path / "anima") as soul:
        assert contents(soul) == expected


def test_what_cannot_be_done_leaves_nobody_in_memory(tmp_path: Path) -> None:
    """A refused change that then proves impossible is no change: what follows must reach the disk."""
    with awake(tmp_path) as soul:
        with read_only(soul), pytest.raises(AnimaError, match="nothing to undo"):
            soul.undo_night()
        assert soul.unsaved == 0
        soul.save_turn(turn(1))
        with awake_beside(soul) as on_disk:
            assert on_disk.exchange_count == 1


def test_what_is_made_up_for_later_keeps_its_moment(tmp_path: Path) -> None:
    clock = Clock()
    with awake(tmp_path, clock=clock) as soul:
        with read_only(soul):
            night = soul.save_interrupted_night(clock.now, "You woke her.")
        clock.now += 3600
        soul.catch_up()
        assert soul.nights(9) == [night]


@contextmanager
def awake_beside(soul: Soul) -> Generator[Soul]:
    """The same soul as it stands on the disk."""
    with Soul.open_read_only(soul.folder, body="seedling", fingerprint="f" * 64, d_sae=64) as other:
        yield other


def test_a_full_disk_takes_it_all_once_there_is_room(tmp_path: Path) -> None:
    with awake(tmp_path) as soul:
        with full(soul):
            exchange = soul.save_turn(turn(1, memories=[memory("word " * 200_000)]))
            assert soul.unsaved == 1
            assert "full" in soul.refuge.trouble
        soul.save_turn(turn(2))
        assert soul.unsaved == 0
        assert [found.user for found in soul.exchanges(9)] == ["question 1", "question 2"]
        assert soul.exchanges(9)[0] == exchange


@pytest.mark.parametrize("way", ["refuse", "once"])
def test_a_fault_at_any_write_of_a_turn_loses_no_turn(tmp_path: Path, disk: Disk, way: str) -> None:
    """At each n: refused, kept in memory, and on the disk after the next one."""
    soul, turns, faults, reached = awake(tmp_path), 0, 0, True
    with soul:
        while reached:
            turns += 1
            with disk.failing(turns, "once" if way == "once" else "refuse"):
                soul.save_turn(turn(turns))
                reached = disk.count >= turns
            faults += bool(soul.unsaved)
            assert soul.exchange_count == turns
    assert faults > 3
    with awake(tmp_path) as soul:
        assert [exchange.user for exchange in soul.exchanges(999)] == [f"question {k}" for k in range(1, turns + 1)]


def test_what_waits_is_offered_to_the_disk_when_she_is_closed(tmp_path: Path) -> None:
    with awake(tmp_path) as soul:
        with read_only(soul):
            soul.save_turn(turn(1))
        assert soul.unsaved == 1
    with awake(tmp_path) as soul:
        assert soul.exchange_count == 1


def test_a_disk_that_takes_only_some_of_it_has_the_first_ones(tmp_path: Path) -> None:
    with awake(tmp_path) as soul:
        with read_only(soul):
            for k in range(1, 9):
                soul.save_turn(turn(k, memories=[memory("long " * 2000)]))
        with no_file_beyond((tmp_path / "soul.db-wal").stat().st_size + 100_000):
            soul.catch_up()
        assert 0 < soul.unsaved < 8
        with awake_beside(soul) as on_disk:
            assert on_disk.exchange_count == 8 - soul.unsaved
        assert soul.exchange_count == 8
    with awake(tmp_path) as soul:
        assert [exchange.user for exchange in soul.exchanges(9)] == [f"question {k}" for k in range(1, 9)]


def test_every_method_that_writes_goes_through_the_refuge() -> None:
    """One that did not would write to the copy in memory, and be forgotten with it."""
    own = [method for _, method in inspect.getmembers(Soul, inspect.isfunction) if method.__qualname__ != "Soul.open"]
    writing = [method for method in own if "writing(self.folder)" in inspect.getsource(inspect.unwrap(method))]
    assert len(writing) >= 5
    assert [method.__name__ for method in writing if inspect.unwrap(method) is method] == []


# --- a start on such a disk -------------------------------------------------------------------------------


@pytest.mark.parametrize("lived_before", [True, False], ids=["an old soul", "a first day"])
def test_a_start_without_room_is_a_start_in_memory_and_saved_in_its_order(
    tmp_path: Path, disk: Disk, lived_before: bool
) -> None:
    folder = tmp_path / "anima"
    for place in (folder, tmp_path / "twin"):
        if lived_before:
            with awake(place) as soul:
                soul.save_turn(turn(1))
    with awake(tmp_path / "twin") as soul:
        live(soul)
        expected = contents(soul)
    with disk.failing(1):
        soul = awake(folder)
        live(soul)
        assert soul.unsaved == 6
        assert contents(soul) == expected
        with pytest.raises(SoulLocked):  # she is awake all the same
            awake(folder)
    with soul:
        soul.catch_up()
        assert soul.unsaved == 0
        assert contents(soul) == expected
    with awake(folder) as soul:
        assert contents(soul) == expected


def test_a_start_with_room_for_some_of_it_loses_nothing(tmp_path: Path) -> None:
    for size in range(0, 200_000, 5_000):
        folder = tmp_path / str(size)
        with no_file_beyond(size):
            soul = awake(folder)
            soul.save_turn(turn(1))
            assert soul.exchange_count == 1
        soul.close()
        with awake(folder) as again:
            assert again.exchange_count == 1


def test_a_start_in_a_folder_that_cannot_be_written_is_a_start_in_memory(tmp_path: Path) -> None:
    folder = tmp_path / "anima"
    with awake(folder) as soul:
        soul.save_turn(turn(1))
    with as_a_stranger(folder):
        soul = awake(folder)
        soul.save_turn(turn(2))
        assert soul.unsaved == 2
        assert "see that it is writable" in soul.refuge.trouble
    with soul:
        soul.catch_up()
        assert soul.unsaved == 0
    with awake(folder) as soul:
        assert soul.exchange_count == 2


def test_what_was_said_beside_a_soul_that_lived_on_elsewhere_does_not_mix_with_it(tmp_path: Path) -> None:
    folder = tmp_path / "anima"
    awake(folder).close()
    with as_a_stranger(folder):
        soul = awake(folder)
        soul.save_turn(turn(1))
    with awake(folder) as other:
        other.save_turn(turn(2))
        lived = contents(other)
        soul.catch_up()
        assert "already awake" in soul.refuge.trouble
    soul.close()
    assert "has lived on elsewhere" in soul.refuge.trouble
    with awake(folder) as again:
        assert contents(again) == lived


@contextmanager
def as_a_stranger(folder: Path) -> Generator[None]:
    """Who may read everything in `folder` and write nothing. Root may always write, and becomes nobody for a while.

    What is done meanwhile must have been done before: nobody may read no module that is not loaded yet.
    """
    places = {place: place.stat().st_mode for place in (*folder.rglob("*"), folder, *folder.parents[:3])}
    for place in places:
        place.chmod(0o555 if place.is_dir() else 0o444)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        for place, mode in reversed(places.items()):
            place.chmod(mode)


# --- what is seen of it ----------------------------------------------------------------------------------


class Script:
    """Two messages, the disk refusing the first; then a quiet while."""

    def __init__(self, mind: Mind) -> None:
        self._mind = mind
        self._commands: list[wire.Command | None] = [wire.Say(text="hello"), None, wire.Quit()]
        self.events: list[wire.Event] = []

    def next(self, timeout: float) -> wire.Command | None:
        disk = self._mind.soul.refuge.connection
        if len(self._commands) == 3:
            disk.execute("PRAGMA query_only = ON")
            self._disk = disk
        elif len(self._commands) == 2:
            self._disk.execute("PRAGMA query_only = OFF")
        return self._commands.pop(0)

    def arrived(self) -> list[wire.Command]:
        return []

    def send(self, event: wire.Event) -> None:
        self.events.append(event)


def test_the_engine_says_so_before_the_turn_is_done_and_again_when_all_is_saved(mind: Mind) -> None:
    script = Script(mind)
    session = Session(mind, script, script)
    session.run()
    told = [event for event in script.events if isinstance(event, wire.Notice | wire.TurnDone | wire.State)]
    assert [type(event).__name__ for event in told] == ["Notice", "TurnDone", "Notice", "State"]
    lost, done, found, state = told
    assert isinstance(lost, wire.Notice) and "kept in memory" in lost.text
    assert isinstance(done, wire.TurnDone) and done.vitals.unsaved == 1
    assert isinstance(found, wire.Notice) and "all that was kept in memory is saved" in found.text
    assert isinstance(state, wire.State) and state.vitals.unsaved == 0
    assert [exchange.user for exchange in mind.soul.exchanges(9)] == ["hello"]


async def test_a_banner_stands_above_the_prompt_until_all_is_saved(stage: Stage) -> None:
    async with stage() as talk:
        banner = talk.app.main.banner
        assert not banner.display
        await talk.engine_says(wire.State(vitals=story.vitals(unsaved=3)))
        assert banner.display
        assert "3 not saved" in str(banner.content)
        await talk.press("ctrl+q")  # would lose them: once is not enough
        assert talk.app.is_running
        await talk.engine_says(wire.State(vitals=story.vitals()))
        assert not banner.display


async def test_a_read_only_talk_is_marked_as_one(stage: Stage) -> None:
    async with stage([story.ready(read_only=True)]) as talk:
        assert "read-only" in str(talk.app.main.banner.content)
        assert talk.app.main.banner.display
