"""One writer to a soul: a second start is told who holds her and may look in; after a crash she is free."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from anima_tui.engine.soul import Soul
from anima_tui.errors import SoulLocked, SoulMismatch, SoulUnreadable
from tests.engine.souls import D_SAE, Clock, awake, contents, night, turn
from tests.promises.test_01_a_turn_shown_as_done_is_on_disk import wait_for, writer


def look_in(folder: Path) -> Soul:
    return Soul.open_read_only(folder, body="seedling", fingerprint="f" * 64, d_sae=D_SAE, clock=Clock())


def files(folder: Path) -> dict[str, bytes]:
    """But for the index of the WAL, which is where readers tell of themselves."""
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".db-shm"}


def test_a_second_start_is_told_who_holds_the_soul(tmp_path: Path) -> None:
    folder, log = tmp_path / "anima", tmp_path / "acknowledged"
    with writer(folder, log) as process:
        wait_for(log)
        with pytest.raises(SoulLocked, match=f"“anima”.*process {process.pid}.*--read-only.*--soul"):
            awake(folder)
        assert process.poll() is None


def test_the_lock_is_free_after_its_holder_was_killed(tmp_path: Path) -> None:
    folder, log = tmp_path / "anima", tmp_path / "acknowledged"
    with writer(folder, log) as process:
        wait_for(log)
        process.kill()
    with awake(folder) as soul:
        assert soul.exchange_count > 0
        assert (folder / "soul.pid").read_text() == f"{os.getpid()}\n"


def test_one_process_cannot_wake_a_soul_twice(tmp_path: Path) -> None:
    with awake(tmp_path) as soul:
        with pytest.raises(SoulLocked):
            awake(tmp_path)
        soul.save_turn(turn(1))
    with awake(tmp_path) as soul:
        assert soul.exchange_count == 1


def test_a_soul_can_be_looked_in_on_while_another_writes(tmp_path: Path) -> None:
    folder, log = tmp_path / "anima", tmp_path / "acknowledged"
    with writer(folder, log) as process:
        wait_for(log)
        for _ in range(20):
            with look_in(folder) as soul:
                last = soul.exchange_count
                assert (soul.reservoir() == last).all()
                assert len(soul.recent_signatures(1_000_000)) == 2 * last
        assert process.poll() is None


def test_who_looks_in_lives_a_whole_day_and_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "anima"
    with awake(folder) as holder:
        holder.save_turn(turn(1))
        before = files(folder)
        with look_in(folder) as soul:
            assert soul.read_only
            assert soul.exchanges(9) == holder.exchanges(9)
            soul.save_turn(turn(2))
            soul.save_night(night(3, consumed=[1]))
            soul.undo_night()
            assert soul.exchange_count == 2
            assert soul.unsaved == 0
        assert files(folder) == before
        holder.save_turn(turn(2))
        lived = contents(holder)
    with awake(folder) as again:
        assert contents(again) == lived


def test_looking_in_needs_a_soul_of_this_body(tmp_path: Path) -> None:
    with pytest.raises(SoulUnreadable, match="no soul “nobody”"):
        look_in(tmp_path / "nobody")
    awake(tmp_path / "other", body="gpt2", fingerprint="e" * 64).close()
    with pytest.raises(SoulMismatch, match="cannot live in"):
        look_in(tmp_path / "other")
