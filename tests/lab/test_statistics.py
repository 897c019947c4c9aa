"""Estimates, slopes and regimes, without a body."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anima_tui.lab.living.regime import regime
from anima_tui.lab.statistics import entropy, estimate, grouped_estimate, harmonic, slope

numbers = st.floats(-100, 100)


@given(st.lists(numbers, min_size=1, max_size=30))
def test_an_interval_holds_its_mean_and_lies_within_the_values(values: list[float]) -> None:
    found = estimate(values)
    assert found.mean == pytest.approx(np.mean(values))
    assert min(values) - 1e-9 <= found.low <= found.mean + 1e-9
    assert found.mean - 1e-9 <= found.high <= max(values) + 1e-9


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    draws = np.random.default_rng(0).normal(3.0, 1.0, (200, 40))
    covering = [not estimate(row).apart_from(3.0) for row in draws.tolist()]
    assert 0.88 <= np.mean(covering) <= 0.99


def test_values_of_one_group_count_as_one() -> None:
    assert grouped_estimate([[0.0] * 1000, [1.0]]).mean == 0.5
    assert grouped_estimate([[0.0] * 1000, [1.0]]).count == 2
    assert grouped_estimate([[math.nan], [2.0]]).mean == 2.0
    assert math.isnan(grouped_estimate([]).mean)


@given(numbers, numbers)
def test_the_slope_of_a_line_is_its_slope(rise: float, start: float) -> None:
    x = np.linspace(-0.3, 0.3, 7)
    assert slope(x, rise * x + start) == pytest.approx(rise, abs=1e-6)


@given(st.lists(st.sampled_from("abcd"), min_size=1))
def test_entropy_lies_between_one_kind_and_all_alike(letters: list[str]) -> None:
    assert 0.0 <= entropy(letters) <= math.log2(len(set(letters))) + 1e-9


@given(st.floats(0.01, 1), st.floats(0.01, 1), st.floats(0.01, 1))
def test_the_harmonic_mean_lies_near_the_worst_score_and_is_nothing_where_one_is(a: float, b: float, c: float) -> None:
    assert min(a, b, c) - 1e-9 <= harmonic(a, b, c) <= (a + b + c) / 3 + 1e-9
    assert harmonic(a, b, 0.0) == 0.0


WHOLE = [False] * 100


def test_regimes_are_told_apart() -> None:
    words = [20.0] * 100
    assert regime([*range(50), *[7] * 50], words, WHOLE) == "fixed point"
    assert regime([*range(50), *[1, 2, 3] * 17][:100], words, WHOLE) == "cycle"
    assert regime(list(range(100)), words, WHOLE) == "wandering"
    assert regime([1] * 100, words, [False] * 60 + [True] * 40) == "divergent"
    assert regime(list(range(100)), [20.0] * 50 + [20.0 * 1.05**n for n in range(50)], WHOLE) == "divergent"
    assert regime([0] * 100, [0.0] * 100, WHOLE) == "divergent"


def test_one_slip_does_not_unmake_a_fixed_point_but_many_do() -> None:
    words = [20.0] * 100
    assert regime([7] * 80 + [8] * 20, words, WHOLE) == "fixed point"
    assert regime([7] * 50 + [n * n % 31 for n in range(50)], words, WHOLE) == "wandering"
