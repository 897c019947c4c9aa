"""Decoding on the embedded body: hooked, unhooked, and plain `generate()`, in turns. Prints JSON."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

from anima_tui.bench.turns import compared, generate
from anima_tui.engine.mind import Mind
from anima_tui.engine.turn import take_turn
from anima_tui.engine.waking import wake
from anima_tui.paths import Paths
from anima_tui.settings import load_settings
from anima_tui.wire import Token

TOKENS = 128
"""Tokens of one round."""
TURNS = 40
"""Exchanges between the two looks at the time to first token."""


def decode(mind: Mind, prompt: list[int], step: Callable[[int], torch.Tensor], *, reading: bool) -> float:
    """Tokens per second of a round; with `reading`, what a turn does with each token is paid for, too."""
    mind.context.forget(0)
    mind.context.prefill(prompt)
    said: list[int] = []
    fed = prompt[-1]
    began = time.perf_counter()
    while len(said) < TOKENS:
        choice = mind.sampler.choose(step(fed), said)
        if reading:
            seen = mind.read(choice)
            fed = seen.token
            mind.guard.hear(fed, seen.indices, seen.levels)
            mind.regulate()
        else:
            fed = int(choice)
        said.append(fed)
    return TOKENS / (time.perf_counter() - began)


def measure(rounds: int, home: Path) -> dict[str, float]:
    settings = load_settings(home / "none", {})
    paths = Paths(home / "config", home / "data", home / "cache", home / "logs").prepared()
    with wake(settings, paths, lambda stage, fraction: None) as (mind, _):
        prompt = mind.scribe.chat("I am Anima.", [], "tell me about the river and the lamp " * 8).ids
        ways: dict[str, Callable[[], float]] = {
            "hooked": lambda: decode(mind, prompt, mind.context.step, reading=True),
            "unhooked": lambda: decode(mind, prompt, mind.context.bare_step, reading=False),
            "generate": lambda: generate(mind.body.model, prompt, TOKENS, settings.decode),
        }
        figures = compared(ways, rounds)
        mind.context.forget(0)
        figures["first_token"] = statistics.median(_talk(mind, 3))
        _talk(mind, TURNS)
        figures["late_first_token"] = statistics.median(_talk(mind, 3))
    return figures


def _talk(mind: Mind, turns: int) -> list[float]:
    """Seconds to the first token of each of some exchanges with replies of four tokens."""
    waits: list[float] = []
    for number in range(turns):
        began = time.perf_counter()
        waited = 0.0
        for event in take_turn(mind, f"and the {number}th lamp by the river?"):
            if isinstance(event, Token):
                waited = waited or time.perf_counter() - began
                mind.stopping = event.index >= 3
        waits.append(waited)
    return waits


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(int(sys.argv[1]), Path(folder))))
