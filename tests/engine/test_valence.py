"""Valence stays in [-1, 1], and nonsense reads as nothing."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from anima_tui.engine.axis import Axis
from anima_tui.engine.valence import LEXICAL, Lexicon, Readout, lexical_valence


def test_without_an_axis_of_its_own_a_turn_is_the_mean_of_its_tokens() -> None:
    readout = Readout(Axis(torch.tensor([1.0, 0.0]), bias=0.5, scale=2.0))
    h = torch.tensor([[1.0, 9.0], [0.0, 9.0]])
    expected = (math.tanh(1.0) + math.tanh(-1.0)) / 2
    assert readout.turn(h, "") == pytest.approx(expected, abs=1e-6)
    assert float(readout.token(h[0])) == pytest.approx(math.tanh(1.0))
    assert readout.turn(torch.empty(0, 2), "") == 0.0


@given(
    st.lists(st.floats(-9, 9), min_size=2, max_size=8),
    st.floats(0.1, 9),
    st.sampled_from(("", "what joy", "i hate it")),
)
def test_a_turn_is_read_as_a_whole_whatever_its_loudness(row: list[float], louder: float, text: str) -> None:
    axis = Axis(torch.tensor([0.6, 0.8]), bias=0.2, scale=3.0)
    readout = Readout(axis, axis)
    h = torch.tensor([[x, 1.0] for x in row])
    whole = h.mean(0) / h.mean(0).norm()
    expected = float(axis.read(whole)) + LEXICAL * lexical_valence(text)
    assert readout.turn(h, text) == pytest.approx(min(max(expected, -1.0), 1.0), abs=1e-5)
    assert readout.turn(louder * h, text) == pytest.approx(readout.turn(h, text), abs=1e-5)
    assert readout.turn(torch.empty(0, 2), text) == 0.0


@pytest.mark.parametrize("nonsense", [math.nan, math.inf, -math.inf])
def test_a_residual_that_is_not_finite_reads_as_nan_so_that_it_teaches_nothing(nonsense: float) -> None:
    axis = Axis(torch.tensor([1.0, 1.0]), bias=0.0, scale=1.0)
    readout = Readout(axis, axis)
    assert math.isnan(float(readout.token(torch.tensor([nonsense, 1.0]))))
    for some in (readout, Readout(axis)):
        assert math.isfinite(some.turn(torch.tensor([[nonsense, 1.0], [1.0, 1.0]]), ""))


def test_the_lexicon_hears_words() -> None:
    lexicon = Lexicon(torch.device("cpu"))
    assert lexicon.turn(torch.empty(0, 2), "I love this wonderful day") > 0.5
    assert lexicon.turn(torch.empty(0, 2), "I hate this horrible pain") < -0.5
    lexicon.hear("what a wonderful gift")
    assert float(lexicon.token(torch.zeros(2))) > 0.3
