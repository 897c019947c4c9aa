"""A turn shown as done is on disk, whole, whenever the engine is killed: an outside log notes what was acknowledged."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from anima_tui import channel, wire
from anima_tui.engine.body import Body
from anima_tui.engine.soul import Soul
from tests.engine.souls import awake
from tests.promises.conftest import NIGHTLY

WRITER = Path(__file__).with_name("soul_writer.py")
RUNS = 200 if NIGHTLY else 20


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


def require_whole(soul: Soul, before: int, acknowledged: list[str]) -> None:
    """Nothing acknowledged is lost; turn, memories, reservoir, organs, evidence and nights moved together.

    `before` there were so many exchanges.
    """
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
    assert last in {max(turns, default=before), max(turns, default=before) + 1}
    assert len(nights) >= sum(line.startswith("night") for line in acknowledged)


@pytest.mark.timeout(600)
def test_nothing_acknowledged_is_lost_and_nothing_is_half_written_at_any_instant_of_a_kill(tmp_path: Path) -> None:
    folder, log = tmp_path / "anima", tmp_path / "acknowledged"
    chance, before = random.Random(20), 0
    for run in range(RUNS):
        log.unlink(missing_ok=True)
        with writer(folder, log) as process:
            if run % 4:  # else while it wakes
                wait_for(log)
            time.sleep(chance.uniform(0.0, 0.25))
            process.kill()
            process.wait()
        lines = log.read_text().split("\n")[:-1] if log.exists() else []
        with awake(folder) as soul:
            require_whole(soul, before, lines)
            before = soul.exchange_count


def test_a_soul_whose_first_day_was_cut_short_is_born_anew(tmp_path: Path) -> None:
    (tmp_path / "soul.db.new").write_bytes(b"SQLite format 3\0 and no further")
    (tmp_path / "soul.db.new-wal").write_bytes(b"half")
    with awake(tmp_path) as soul:
        assert soul.exchange_count == 0
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("soul.db")) == ["soul.db"]


@contextmanager
def engine(home: Path) -> Generator[subprocess.Popen[bytes]]:
    """The real one, on the embedded body, with a home of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANIMA_")}
    with (home / "stderr").open("ab") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "anima_tui", "engine"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=environment | {"ANIMA_HOME": str(home), "ANIMA_DECODE_MAX_NEW_TOKENS": "12"},
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def events(process: subprocess.Popen[bytes]) -> Iterator[wire.Event]:
    assert process.stdout is not None
    while (payload := channel.read(process.stdout)) is not None:  # pyright: ignore[reportArgumentType]
        yield wire.decode_event(payload)


def say(process: subprocess.Popen[bytes], text: str) -> None:
    assert process.stdin is not None
    process.stdin.write(channel.frame(wire.encode(wire.Say(text=text))))
    process.stdin.flush()


@pytest.mark.parametrize("tokens", range(0, 12, 2) if NIGHTLY else [5])
def test_an_engine_killed_while_she_speaks_has_kept_every_exchange_that_was_shown_as_done(
    tmp_path: Path, body: Body, tokens: int
) -> None:
    done: list[wire.Exchange] = []
    with engine(tmp_path) as process:
        for event in events(process):
            match event:
                case wire.Ready():
                    say(process, "hello")
                case wire.TurnDone():
                    done.append(event.exchange)
                    say(process, f"and then? {len(done)}")
                case wire.Token() if len(done) == 2 and event.index == tokens:
                    os.kill(process.pid, signal.SIGKILL)
                    break
                case _:
                    pass
    soul = tmp_path / "data" / "souls" / "anima"
    with Soul.open(soul, body=body.name, fingerprint=body.fingerprint, d_sae=body.sae.d_sae) as found:
        assert found.exchanges(10) == done
        assert found.organs().fatigue > 0
        assert len(found.recent_signatures(10)) == 4
