"""The whole engine on a CUDA device: turns, a night and every switch, with the embedded body and each family's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import mini_hub
import pytest
import torch
from minds import mind_of
from test_session import run
from tiny_body import write_sae

from anima_tui import wire
from anima_tui.bodies.manifest import Manifest, write_manifest
from anima_tui.engine.body import Body, load_body
from anima_tui.engine.cuda.context import CapturedContext
from anima_tui.engine.cuda.sampler import CapturedSampler
from anima_tui.engine.prism import Mode
from anima_tui.engine.turn import take_turn
from anima_tui.paths import Paths
from anima_tui.settings import Compute, Decode, Settings, Sleep

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")

FAMILIES: dict[str, tuple[Callable[[Path], None], int, int]] = {
    "llama-3.1": (lambda at: mini_hub.llama(at, layers=22), mini_hub.D_IN, 20),
    "gemma-3": (mini_hub.gemma, mini_hub.D_IN, 9),
    "qwen3": (mini_hub.qwen, mini_hub.QWEN_D_IN, 14),
    "gpt2": (mini_hub.gpt2, mini_hub.D_IN, 7),
}
"""The repository of each model in miniature, its width, and the layer that its SAE reads."""
GREEDY = Decode(temperature=0.0, max_new_tokens=24, seed=0)
SAID = ("hello", "i had a hard day at work", "what is your name?")


def woken(name: str, paths: Paths, compute: Compute) -> Body:
    return load_body(name, paths, lambda stage, fraction: None, compute)


def replies(body: Body, soul: Path, settings: Settings) -> tuple[list[str], list[wire.Token]]:
    with mind_of(body, soul, settings) as mind:
        mind.prepare()
        events = [event for user in SAID for event in take_turn(mind, user)]
    said = [event.exchange.reply for event in events if isinstance(event, wire.TurnDone)]
    return said, [event for event in events if isinstance(event, wire.Token)]


@pytest.mark.parametrize("compiled", [False, True], ids=["captured", "fused"])
def test_the_embedded_body_says_on_the_device_what_it_says_on_the_cpu(
    paths: Paths, tmp_path: Path, compiled: bool
) -> None:
    settings = Settings(decode=GREEDY, compute=Compute(compile=compiled))
    there = woken("seedling", paths, Compute(device="cuda", dtype="float32"))
    here = woken("seedling", paths, Compute(device="cpu"))
    (ours, moments), (theirs, expected) = (
        replies(there, tmp_path / "a", settings),
        replies(here, tmp_path / "b", settings),
    )
    assert ours == theirs
    assert len(ours) == len(SAID)
    for moment, reference in zip(moments, expected, strict=True):
        assert moment.valence == pytest.approx(reference.valence, abs=0.02)
        assert moment.push == pytest.approx(reference.push, abs=0.02)
        assert moment.vitals.reservoir_norm == pytest.approx(reference.vitals.reservoir_norm, abs=0.02)


def test_a_session_in_half_the_bits_switches_inspects_and_sleeps(paths: Paths, tmp_path: Path) -> None:
    settings = Settings(decode=GREEDY, compute=Compute(compile=False), sleep=Sleep(dream_pace=0.0, dream_budget=60))
    body = woken("seedling", paths, Compute(device="cuda"))
    assert body.device.type == "cuda" and body.model.dtype == torch.bfloat16
    with mind_of(body, tmp_path / "soul", settings) as mind:
        assert isinstance(mind.context, CapturedContext) and isinstance(mind.sampler, CapturedSampler)
        events = run(
            mind,
            wire.Say(text="hello, i am so happy today"),
            wire.Inspect(exchange=1, token=2),
            wire.SetSteering(on=False),
            wire.Say(text="my dog is called Pluto"),
            wire.Regenerate(),
            wire.SetSteering(on=True),
            wire.GoToSleep(),
            wire.Debug(),
            during={3: wire.SetMode(mode="Dream")},
        )
    assert not [
        event for event in events if isinstance(event, wire.TurnFailed) or getattr(event, "level", "") == "error"
    ]
    tokens = [event for event in events if isinstance(event, wire.Token)]
    assert {token.vitals.mode for token in tokens if not token.vitals.steering} == {"Dream"}
    assert all(token.push == 0.0 for token in tokens if not token.vitals.steering)
    assert any(token.push > 0.0 for token in tokens if token.vitals.steering)
    assert sum(isinstance(event, wire.TurnDone) for event in events) == 3
    (inspected,) = (event for event in events if isinstance(event, wire.Inspected))
    assert inspected.kl >= -1e-3
    assert any(isinstance(event, wire.NightDone) for event in events)
    (habits,) = (event for event in events if isinstance(event, wire.Habits))
    assert habits.norm > 0


@pytest.mark.parametrize("family", FAMILIES)
def test_a_turn_of_every_family_is_finished_inside_the_graph(family: str, paths: Paths, tmp_path: Path) -> None:
    write, width, layer = FAMILIES[family]
    folder = tmp_path / family
    folder.mkdir()
    torch.manual_seed(0)
    write(folder)
    write_sae(folder / "sae", width, f"blocks.{layer}.hook_resid_post")
    write_manifest(
        folder,
        Manifest(name=family, description="", model=family, style="chat", licence="none", context_tokens=256),
    )
    settings = Settings(
        decode=Decode(temperature=1.0, top_p=1.0, min_p=0.0, max_new_tokens=12, seed=0), compute=Compute(compile=False)
    )
    body = woken(str(folder), paths, Compute(device="cuda"))
    with mind_of(body, tmp_path / "soul", settings) as mind:
        assert isinstance(mind.context, CapturedContext)
        mind.prism.set(Mode(mind.modes[mind.mode].recipe, mind.prism.push + 0.05, mind.prism.ceiling))
        events = [event for user in ("hello there", "and then?") for event in take_turn(mind, user)]
        done = [event for event in events if isinstance(event, wire.TurnDone)]
        assert len(done) == 2
        assert int(mind.tap.fires) >= sum(event.tokens for event in done) > 0
    spoken = [event for event in events if isinstance(event, wire.Token)]
    assert all(0 < token.push <= settings.prism.kappa * 1.01 for token in spoken)


@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="needs two CUDA devices")
def test_a_body_divided_by_layers_keeps_its_organs_where_its_hook_is(paths: Paths, tmp_path: Path) -> None:
    settings = Settings(decode=GREEDY)
    spread = woken("seedling", paths, Compute(device="cuda", dtype="float32", devices=2))
    assert len({weight.device for weight in spread.model.parameters()}) == 2
    here = woken("seedling", paths, Compute(device="cpu"))
    ours, _ = replies(spread, tmp_path / "a", settings)
    theirs, _ = replies(here, tmp_path / "b", settings)
    assert ours == theirs
