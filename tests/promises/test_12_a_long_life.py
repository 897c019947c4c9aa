"""Long life: memory of both processes stays flat, the soul grows no faster than she talks, the app does not slow down.

In CI what bounds them; with ANIMA_NIGHTLY a day and a night of talk, at full speed.
"""

from __future__ import annotations

import fcntl
import gc
import json
import os
import pty
import random
import select
import statistics
import struct
import subprocess
import sys
import termios
from contextlib import suppress
from pathlib import Path
from weakref import WeakSet

import pytest
from textual.dom import DOMNode

from anima_tui.app.widgets import chat
from anima_tui.engine.attune.corpus import read_corpus
from anima_tui.lab.subject import CORPUS
from tests.app import story
from tests.app.conftest import Stage
from tests.engine.souls import awake, night, turn
from tests.promises.conftest import NIGHTLY
from tests.promises.long_life import pages

EXCHANGES = int(os.environ.get("ANIMA_LIFE", "2880"))
"""Two a minute for 24 hours, all of them spent talking; her clock runs `FACTOR` times as fast as she does."""
FACTOR = 40
FLAT = 1.05
"""The last third may have this much more than the second; the first warms up."""

nightly = pytest.mark.skipif(not NIGHTLY, reason="a day of talk takes an hour: set ANIMA_NIGHTLY=1")


def thirds(values: list[float]) -> list[list[float]]:
    third = len(values) // 3
    return [values[third * part : third * (part + 1)] for part in range(3)]


def require_linear(sizes: list[float]) -> None:
    """The last third adds no more than half as much again as an earlier one."""
    first, second, third = (part[-1] - part[0] for part in thirds(sizes))
    assert third <= 1.5 * max(first, second)


def test_a_soul_grows_by_what_she_lives_through_and_no_faster(tmp_path: Path) -> None:
    sizes: list[float] = []
    with awake(tmp_path) as soul:
        for k in range(1, 301):
            soul.save_turn(turn(k))
            if k % 25 == 0:
                soul.save_night(night(k, lines=[f"line {k}"], consumed=[2 * k]))
            sizes.append(pages(tmp_path / "soul.db"))
    require_linear(sizes)


async def test_a_long_talk_mounts_no_more_than_a_short_one(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "LONGEST", 8)
    monkeypatch.setattr(chat, "LEFT", 4)
    async with stage() as talk:
        for number in range(5):
            await talk.say(f"message {number}")
            assert len(talk.app.main.transcript.children) <= 8
        assert talk.transcript()[-2:] == ["message 4", "The sea *remembers*, I think."]


async def test_what_is_no_longer_shown_is_let_go_of(stage: Stage) -> None:
    shown: WeakSet[DOMNode] = WeakSet()
    async with stage() as talk:
        for number in range(2):
            await talk.say(f"message {number}")
            await talk.press("f8")
            await talk.engine_says(story.dawn())
            shown.update(talk.app.screen.walk_children())
        for screen in ("f1", "f7", "ctrl+o", "f10", "f12"):
            await talk.press(screen)
            shown.update(talk.app.screen.walk_children(with_self=True))
            await talk.press("escape")
        gc.unfreeze()
        gc.collect()
        assert not [each for each in shown if not each.is_attached]
        assert len(shown) > 50


def words() -> list[str]:
    """What people say in a day: conversations of the corpus in any order."""
    chance, blocks, said = random.Random(12), read_corpus(CORPUS), list[str]()
    while len(said) < EXCHANGES:
        said += [chance.choice(turn.says) for turn in chance.choice(blocks).turns]
    return said[:EXCHANGES]


@nightly
@pytest.mark.timeout(6 * 3600)
def test_neither_app_nor_engine_grows_or_slows_down_in_a_day_of_talk(tmp_path: Path) -> None:
    script, report = tmp_path / "words", tmp_path / "report"
    script.write_text("\n".join(words()))
    engine = [sys.executable, "-m", "tests.promises.hurried_engine", str(FACTOR)]
    at_full_speed = {"ANIMA_SLEEP_DREAM_PACE": "0", "ANIMA_SLEEP_DOZE_SECONDS": "0"}
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    app = subprocess.Popen(
        [sys.executable, "-m", "tests.promises.long_life", str(script), str(report), *engine],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=os.environ | at_full_speed | {"ANIMA_HOME": str(tmp_path), "TERM": "xterm-256color"},
        start_new_session=True,
    )
    os.close(slave)
    try:
        while app.poll() is None:
            if select.select([master], [], [], 0.2)[0]:
                with suppress(OSError):  # the other end closes a moment before the app has ended
                    os.read(master, 65536)
    finally:
        app.kill()
        app.wait()
        os.close(master)
    assert app.returncode == 0
    lived = [json.loads(line) for line in report.read_text().splitlines()]
    assert len(lived) == EXCHANGES
    for process in ("app", "engine"):
        _, second, third = thirds([each[process] for each in lived])
        assert max(third) <= FLAT * max(second), process
    require_linear([each["soul"] for each in lived])
    _, second, third = thirds([each["gap"] for each in lived])
    assert statistics.median(third) <= 1.25 * statistics.median(second)
