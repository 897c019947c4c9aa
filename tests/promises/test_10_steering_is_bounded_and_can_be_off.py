"""Steering is bounded and can be switched off: off is the bare model to the bit, and no extreme makes a NaN."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from anima_tui.engine.body import Body
from anima_tui.engine.mind import Mind
from anima_tui.engine.soul import Soul
from anima_tui.engine.turn import take_turn
from anima_tui.settings import Decode, Settings
from anima_tui.wire import Token, TurnDone
from tests.engine.minds import mind_of
from tests.engine.souls import turn
from tests.engine.test_tap import Rig, bare_without_tap, hooked, rig
from tests.promises.conftest import NIGHTLY

__all__ = ["rig"]

HUGE = float(np.finfo(np.float32).max)
TINY = float(np.finfo(np.float32).smallest_subnormal)


def test_with_an_empty_reservoir_and_no_mode_logits_are_bit_identical_to_the_bare_body(rig: Rig) -> None:
    rig.reservoir.plasticity.zero_()
    prompt = rig.prompt()
    expected_tokens, expected = bare_without_tap(rig, prompt)
    tokens, logits = hooked(rig, prompt, 40)
    assert tokens == expected_tokens
    assert all(torch.equal(a, b) for a, b in zip(logits, expected, strict=True))


def test_switched_off_a_full_reservoir_and_a_mode_change_no_bit(rig: Rig) -> None:
    rig.reservoir.weights.normal_()
    rig.prism.set(rig.dream())
    rig.prism.gain.zero_()
    prompt = rig.prompt()
    _, expected = bare_without_tap(rig, prompt)
    _, logits = hooked(rig, prompt, 40)
    assert all(torch.equal(a, b) for a, b in zip(logits, expected, strict=True))


EXTREMES: dict[str, Callable[[int], NDArray[np.float32]]] = {
    "all huge": lambda d_sae: np.full(d_sae, HUGE, np.float32),
    "huge of both signs": lambda d_sae: np.where(np.arange(d_sae) % 2, HUGE, -HUGE).astype(np.float32),
    "one huge": lambda d_sae: np.eye(1, d_sae, 7, dtype=np.float32)[0] * HUGE,
    "all tiny": lambda d_sae: np.full(d_sae, TINY, np.float32),
    "tiny and huge": lambda d_sae: np.where(np.arange(d_sae) % 3, TINY, HUGE).astype(np.float32),
}


def reborn(body: Body, folder: Path, weights: NDArray[np.float32]) -> None:
    """A soul on disk whose reservoir is this."""
    with Soul.open(folder, body=body.name, fingerprint=body.fingerprint, d_sae=body.sae.d_sae) as soul:
        soul.save_turn(replace(turn(1), reservoir=weights, evidence=None, memories=()))


@pytest.mark.parametrize("extreme", EXTREMES.values(), ids=EXTREMES)
@pytest.mark.parametrize("mode", ["Anima", "System", "Dream"] if NIGHTLY else ["Dream"])
def test_she_speaks_within_bounds_whatever_her_reservoir_holds(
    body: Body, tmp_path: Path, extreme: Callable[[int], NDArray[np.float32]], mode: str
) -> None:
    reborn(body, tmp_path / "soul", extreme(body.sae.d_sae))
    settings = Settings(decode=Decode(temperature=0.0, max_new_tokens=6, seed=0))
    with mind_of(body, tmp_path / "soul", settings) as mind:
        mind.set_mode(mode)
        tokens, done = said(mind)
        assert tokens
        for token in tokens:
            assert 0.0 <= token.push <= settings.prism.kappa * (1 + 1e-4)
            assert np.isfinite([token.valence, token.surprise, token.vitals.reservoir_norm]).all()
        assert np.isfinite(mind.weights()).all()
        assert np.linalg.norm(mind.weights().astype(float)) <= settings.reservoir.budget * (1 + 1e-4)
        assert np.isfinite(mind.soul.reservoir()).all()
        assert np.isfinite([done.exchange.valence, done.exchange.adrenaline]).all()


def said(mind: Mind) -> tuple[list[Token], TurnDone]:
    events = list(take_turn(mind, "hello"))
    done = events[-1]
    assert isinstance(done, TurnDone)
    return [event for event in events if isinstance(event, Token)], done


def test_switched_off_she_says_what_a_blank_soul_says(body: Body, tmp_path: Path) -> None:
    """The whole way through an exchange, not only the logits of one prompt."""
    settings = Settings(decode=Decode(temperature=0.0, max_new_tokens=12, seed=0))
    replies: list[str] = []
    for name, weight in (("blank", 0.0), ("full", 2.0)):
        reborn(body, tmp_path / name, np.full(body.sae.d_sae, weight, np.float32))
        with mind_of(body, tmp_path / name, settings) as mind:
            mind.conversation.past.clear()
            mind.set_steering(False)
            tokens, done = said(mind)
            assert {token.push for token in tokens} == {0.0}
            replies.append(done.exchange.reply)
    assert replies[0] == replies[1]
