from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from anima_tui import wire
from anima_tui.app.client import ChildEngine, EngineLost, EngineUnavailable


def child(log: Path, *words: str) -> ChildEngine:
    return ChildEngine([sys.executable, "-m", "tests.app.fake_child", *words, "0.001"], log)


def python(log: Path, code: str) -> ChildEngine:
    return ChildEngine([sys.executable, "-c", code], log)


async def test_a_child_loads_answers_and_leaves(tmp_path: Path) -> None:
    engine = child(tmp_path / "engine.log", "calm")
    await engine.start()
    kinds: list[str] = []
    async for event in engine.events():
        kinds.append(type(event).__name__)
        match event:
            case wire.Ready():
                await engine.send(wire.Say(text="hello"))
            case wire.TurnDone():
                await engine.close()
            case _:
                pass
    assert kinds[:5] == ["Loading", "Loading", "Loading", "Ready", "TurnStarted"]
    assert kinds[-1] == "TurnDone"


@pytest.mark.parametrize(("manner", "clause"), [("die", "exit status 3"), ("garbage", "cannot be understood")])
async def test_a_child_that_dies_or_babbles_is_lost_with_a_reason(tmp_path: Path, manner: str, clause: str) -> None:
    engine = child(tmp_path / "engine.log", manner)
    await engine.start()
    last: object = None
    async for event in engine.events():
        last = event
        if isinstance(event, wire.Ready):
            await engine.send(wire.Say(text="hello"))
    assert isinstance(last, EngineLost)
    assert clause in last.reason
    await engine.send(wire.Say(text="to nobody"))


async def test_a_killed_child_is_lost_by_signal(tmp_path: Path) -> None:
    engine = python(tmp_path / "log", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    await engine.start()
    (lost,) = [event async for event in engine.events()]
    assert isinstance(lost, EngineLost)
    assert f"signal {signal.SIGKILL}" in lost.reason


async def test_a_chatty_stderr_goes_to_the_log_and_blocks_nothing(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "engine.log"
    engine = python(log, "import sys; sys.stderr.write('w' * 1_000_000)")
    await engine.start()
    assert [type(event) async for event in engine.events()] == [EngineLost]
    assert log.stat().st_size == 1_000_000


async def test_a_child_that_will_not_quit_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anima_tui.app.client.PATIENCE", 0.05)
    engine = python(tmp_path / "log", "import time; time.sleep(60)")
    await engine.start()
    await engine.close()
    assert [event async for event in engine.events()] == []


async def test_a_command_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    engine = ChildEngine(["no-such-engine"], tmp_path / "log")
    with pytest.raises(EngineUnavailable, match=r"^The engine could not be started: .*no-such-engine"):
        await engine.start()


async def test_the_child_is_asked_to_keep_its_progress_bars_to_itself(tmp_path: Path) -> None:
    log = tmp_path / "log"
    engine = python(log, "import os, sys; sys.stderr.write(os.environ['HF_HUB_DISABLE_PROGRESS_BARS'])")
    await engine.start()
    async with asyncio.timeout(20):
        async for _ in engine.events():
            pass
    assert log.read_text() == "1"
