"""A body whose matrices are divided among several processes says, learns and steers as it does in one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, cast

import pytest
import torch
from tiny_body import write_body

from anima_tui import channel, wire

MODE = 'description = "pushed"\n[push]\n"#5" = 0.3\n[suppress]\n"#7" = 0.0\n'
KNOBS = {
    "ANIMA_COMPUTE_COMPILE": "false",
    "ANIMA_COMPUTE_DTYPE": "float32",
    "ANIMA_DECODE_THREADS": "1",
    "ANIMA_DECODE_SEED": "0",
    "ANIMA_DECODE_TEMPERATURE": "1",  # noise for weights says any byte with any other; sampled, some of it is text
    "ANIMA_DECODE_TOP_P": "1",
    "ANIMA_DECODE_MIN_P": "0",
    "ANIMA_DECODE_MAX_NEW_TOKENS": "12",
    "ANIMA_SLEEP_DREAM_PACE": "0",
}
DEVICES = [
    pytest.param("cpu", id="cpu"),
    pytest.param(
        "cuda",
        id="cuda",
        marks=pytest.mark.skipif(torch.cuda.device_count() < 2, reason="needs two CUDA devices"),
    ),
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A user's folders, with a mode of the user's own, and the folder of a body."""
    write_body(tmp_path / "tiny", context=512)
    (tmp_path / "config" / "modes").mkdir(parents=True)
    (tmp_path / "config" / "modes" / "pushed.toml").write_text(MODE)
    return tmp_path


def talk(home: Path, soul: str, said: Sequence[wire.Command], **compute: str) -> list[wire.Event]:
    """Every event of an engine that is told one thing after the other, each when it is done with the last."""
    environment = os.environ | KNOBS | {"ANIMA_HOME": str(home)}
    environment |= {f"ANIMA_COMPUTE_{name.upper()}": value for name, value in compute.items()}
    command = [sys.executable, "-m", "anima_tui", "engine", "--soul", soul, "--body", str(home / "tiny")]
    with (home / f"{soul}.log").open("wb") as log:
        engine = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
    waiting = [*said, wire.Quit()]
    events: list[wire.Event] = []
    with engine:
        assert engine.stdin is not None and engine.stdout is not None
        while payload := channel.read(cast(BinaryIO, engine.stdout)):
            events.append(wire.decode_event(payload))
            assert not isinstance(events[-1], wire.TurnFailed | wire.Fault), events[-1]
            if isinstance(events[-1], wire.Ready | wire.TurnDone | wire.ModeChanged | wire.Inspected | wire.NightDone):
                engine.stdin.write(channel.frame(wire.encode(waiting.pop(0))))
                engine.stdin.flush()
    assert engine.returncode == 0, (home / f"{soul}.log").read_text()[-2000:]
    return events


@pytest.mark.parametrize("device", DEVICES)
def test_two_ranks_are_one_mind(home: Path, device: str) -> None:
    """Whole turns, a mode, one token inspected and a night, with the reservoir learning all the while."""
    said = [
        wire.Say(text="hello there"),
        wire.SetMode(mode="pushed"),
        wire.Say(text="you are wonderful"),
        wire.Inspect(exchange=2, token=3),
        wire.GoToSleep(),
    ]
    alone = talk(home, "alone", said, device=device)
    together = talk(home, "together", said, device=device, devices="2")

    def words(events: list[wire.Event]) -> list[str]:
        return [event.text for event in events if isinstance(event, wire.Token | wire.DreamToken)]

    def tokens(events: list[wire.Event]) -> list[wire.Token]:
        return [event for event in events if isinstance(event, wire.Token)]

    assert words(together) == words(alone)
    assert len(words(alone)) > 20
    for ours, theirs in zip(tokens(together), tokens(alone), strict=True):
        assert [fired.feature for fired in ours.features] == [fired.feature for fired in theirs.features]
        assert ours.push == pytest.approx(theirs.push, abs=1e-3)
        assert ours.vitals.reservoir_norm == pytest.approx(theirs.vitals.reservoir_norm, abs=1e-3)
    assert tokens(together)[-1].push > 0.1
    assert tokens(together)[-1].vitals.reservoir_norm > 0
    (ours,), (theirs,) = ([e for e in events if isinstance(e, wire.Inspected)] for events in (together, alone))
    assert ours.kl == pytest.approx(theirs.kl, abs=1e-3)
