"""One writer, and what is left when it dies."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from souls import awake, turn

from anima_tui.engine.soul import Soul
from anima_tui.errors import SoulLocked

WRITER = Path(__file__).with_name("soul_writer.py")


@contextmanager
def writer(folder: Path, log: Path) -> Generator[subprocess.Popen[bytes]]:
    """A writing process, killed at the end if it still lives."""
    process = subprocess.Popen([sys.executable, str(WRITER), str(folder), str(log)])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(log: Path) -> None:
    while not log.exists() or not log.stat().st_size:
        time.sleep(0.01)


def require_whole(soul: Soul, acknowledged: list[str]) -> None:
    """Nothing acknowledged is lost; turn, memories, reservoir, organs, evidence and nights moved together."""
    exchanges = soul.exchanges(1_000_000)
    last = len(exchanges)
    assert [e.user for e in exchanges] == [f"question {k}" for k in range(1, last + 1)]
    assert [e.reply for e in exchanges] == [f"answer {k}" for k in range(1, last + 1)]
    assert len(soul.recent_signatures(1_000_000)) == 2 * last
    assert (soul.reservoir() == last).all()
    assert soul.organs().fatigue == last

    nights = soul.nights(1_000_000)
    assert len(soul.generations()) == len(nights) + 1
    slept = bool(last) and last % 5 == 0 and len(nights) == last // 5
    evidence = soul.evidence()
    assert (evidence is None) == (slept or not last)
    assert evidence is None or (evidence == last).all()
    assert len(nights) in {last // 5, (last - 1) // 5}
    assert all(len(night.dreams) == 2 for night in nights)

    turns = [int(line) for line in acknowledged if line.isdecimal()]
    assert last in {max(turns, default=0), max(turns, default=0) + 1}
    assert len(nights) >= sum(line.startswith("night") for line in acknowledged)


def test_a_turn_shown_as_done_is_on_disk_whenever_the_writer_is_killed(tmp_path: Path) -> None:
    folder, log = tmp_path / "anima", tmp_path / "acknowledged"
    chance = random.Random(20)
    for run in range(8):
        log.unlink(missing_ok=True)
        with writer(folder, log) as process:
            if run % 2:
                wait_for(log)
            time.sleep(chance.uniform(0.0, 0.6))
            process.kill()
            process.wait()
        lines = log.read_text().split("\n")[:-1] if log.exists() else []
        with awake(folder) as soul:
            before = soul.exchange_count
            require_whole(soul, lines or [str(before)])


def test_a_second_start_is_told_who_holds_the_soul(tmp_path: Path) -> None:
    folder, log = tmp_path / "anima", tmp_path / "acknowledged"
    with writer(folder, log) as process:
        wait_for(log)
        with pytest.raises(SoulLocked, match=f"“anima”.*process {process.pid}.*--soul"):
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


def test_a_soul_whose_first_day_was_cut_short_is_born_anew(tmp_path: Path) -> None:
    (tmp_path / "soul.db.new").write_bytes(b"SQLite format 3\0 and no further")
    (tmp_path / "soul.db.new-wal").write_bytes(b"half")
    with awake(tmp_path) as soul:
        soul.save_turn(turn(1))
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("soul.db")) == ["soul.db"]
