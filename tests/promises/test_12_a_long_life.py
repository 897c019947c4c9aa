"""Long life: memory of both processes stays flat, the soul grows no faster than she talks, the app does not slow down.

In CI a short life; with ANIMA_NIGHTLY the number of exchanges that a day of talk has.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import sqlite3
import statistics
import struct
import subprocess
import sys
import termios
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from anima_tui import channel, wire
from anima_tui.app.widgets import chat
from tests.app.conftest import Stage
from tests.promises.conftest import NIGHTLY

EXCHANGES = 2880 if NIGHTLY else 18
"""Two a minute for a day and a night."""
NIGHT_EVERY = 240 if NIGHTLY else 6
FLAT = 1.05
"""The last third may have this much more than the second; the first warms up."""

nightly = pytest.mark.skipif(not NIGHTLY, reason="a long life takes hours: set ANIMA_NIGHTLY=1")


def thirds(values: list[float]) -> list[list[float]]:
    third = len(values) // 3
    return [values[third * part : third * (part + 1)] for part in range(3)]


@pytest.mark.timeout(4 * 3600)
def test_the_engine_neither_grows_nor_writes_more_than_she_lives_through(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANIMA_")}
    environment |= {
        "ANIMA_HOME": str(tmp_path),
        "ANIMA_DECODE_MAX_NEW_TOKENS": "4",
        "ANIMA_SLEEP_DREAM_PACE": "0",
        "ANIMA_SLEEP_DREAM_TOKENS": "4",
        "ANIMA_SLEEP_MAX_DEPTH": "1",
    }
    memory: list[float] = []
    sizes: list[float] = []
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "anima_tui", "engine"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment,
        )
    assert process.stdin is not None and process.stdout is not None
    watched = psutil.Process(process.pid)
    try:
        while (payload := channel.read(process.stdout)) is not None:  # pyright: ignore[reportArgumentType]
            event = wire.decode_event(payload)
            if isinstance(event, wire.Fault):
                pytest.fail(event.text)
            if isinstance(event, wire.TurnDone | wire.NightDone):
                memory.append(watched.memory_info().rss)
                sizes.append(pages(tmp_path / "data" / "souls" / "anima" / "soul.db"))
            if isinstance(event, wire.Ready | wire.TurnDone | wire.NightDone):
                command = next_command(len(memory))
                process.stdin.write(channel.frame(wire.encode(command)))
                process.stdin.flush()
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
    assert len(memory) == EXCHANGES
    _, second, third = thirds(memory)
    assert max(third) <= FLAT * max(second)
    first, second, third = (part[-1] - part[0] for part in thirds(sizes))
    assert third <= 1.5 * max(first, second)


def next_command(lived: int) -> wire.Command:
    if lived == EXCHANGES:
        return wire.Quit()
    return wire.GoToSleep() if lived % NIGHT_EVERY == NIGHT_EVERY - 1 else wire.Say(text=f"and what about {lived}?")


def pages(file: Path) -> int:
    """Of the database, those in its WAL included."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        return connection.execute("PRAGMA page_count").fetchone()[0]


async def test_a_long_talk_mounts_no_more_than_a_short_one(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "LONGEST", 12)
    monkeypatch.setattr(chat, "LEFT", 6)
    async with stage() as talk:
        for number in range(9):
            await talk.say(f"message {number}")
            assert len(talk.app.main.transcript.children) <= 12
        assert talk.transcript()[-2:] == ["message 8", "The sea *remembers*, I think."]


@nightly
@pytest.mark.timeout(4 * 3600)
def test_the_app_neither_grows_nor_slows_down(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    app = subprocess.Popen(
        [sys.executable, "-m", "tests.promises.long_life", str(EXCHANGES), str(report)],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=os.environ | {"ANIMA_HOME": str(tmp_path), "TERM": "xterm-256color"},
        start_new_session=True,
    )
    os.close(slave)
    try:
        while app.poll() is None:
            if select.select([master], [], [], 0.2)[0]:
                os.read(master, 65536)
    finally:
        app.kill()
        app.wait()
        os.close(master)
    seen = json.loads(report.read_text())
    _, second, third = thirds(seen["memory"])
    assert max(third) <= FLAT * max(second)
    _, second, third = thirds(seen["gaps"])
    assert statistics.median(third) <= 1.25 * statistics.median(second)
