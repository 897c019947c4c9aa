"""Valence stays in [-1, 1], and nonsense reads as nothing."""

from __future__ import annotations

import math

import pytest
import torch

from anima_tui.engine.valence import Lexicon, Readout


def test_a_turn_is_the_mean_of_its_tokens() -> None:
    readout = Readout(torch.tensor([1.0, 0.0]), bias=0.5, scale=2.0)
    h = torch.tensor([[1.0, 9.0], [0.0, 9.0]])
    expected = (math.tanh(1.0) + math.tanh(-1.0)) / 2
    assert readout.turn(h, "") == pytest.approx(expected, abs=1e-6)
    assert float(readout.token(h[0])) == pytest.approx(math.tanh(1.0))
    assert readout.turn(torch.empty(0, 2), "") == 0.0


@pytest.mark.parametrize("nonsense", [math.nan, math.inf, -math.inf])
def test_a_residual_that_is_not_finite_reads_as_nan_so_that_it_teaches_nothing(nonsense: float) -> None:
    readout = Readout(torch.tensor([1.0, 1.0]), bias=0.0, scale=1.0)
    assert math.isnan(float(readout.token(torch.tensor([nonsense, 1.0]))))
    assert math.isfinite(readout.turn(torch.tensor([[nonsense, 1.0], [1.0, 1.0]]), ""))


def test_the_lexicon_hears_words() -> None:
    lexicon = Lexicon(torch.device("cpu"))
    assert lexicon.turn(torch.empty(0, 2), "I love this wonderful day") > 0.5
    assert lexicon.turn(torch.empty(0, 2), "I hate this horrible pain") < -0.5
    lexicon.hear("what a wonderful gift")
    assert float(lexicon.token(torch.zeros(2))) > 0.3
