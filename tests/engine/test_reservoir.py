"""The Hebbian rule keeps its bound, gives credit where it is due, and learns nothing from nonsense."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from anima_tui.engine.reservoir import Reservoir

CPU = torch.device("cpu")
any_float = st.floats(allow_nan=True, allow_infinity=True, width=32)
levels = st.lists(any_float, min_size=5, max_size=5)
fired = st.lists(st.integers(0, 7), min_size=1, max_size=5, unique=True)
tokens = st.lists(st.tuples(fired, levels, any_float), max_size=40)


def reservoir(rate: float = 0.5, decay: float = 0.1, budget: float = 1e9) -> Reservoir:
    return Reservoir(8, rate=rate, decay=decay, budget=budget, device=CPU)


@given(tokens, st.floats(0.001, 1.0), st.floats(0.01, 1.0))
def test_no_input_drives_a_weight_beyond_its_bound(
    day: list[tuple[list[int], list[float], float]], rate: float, decay: float
) -> None:
    soul = reservoir(rate, decay)
    for indices, levels, surprise in day:
        soul.learn(torch.tensor(indices), torch.tensor(levels[: len(indices)]), torch.tensor(surprise))
        assert torch.isfinite(soul.weights).all()
        assert soul.weights.abs().max() <= soul.bound * (1 + 1e-5)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_worst_constant_input_approaches_the_bound_and_stays_under_it(sign: float) -> None:
    soul = reservoir(0.02, 0.004)
    for _ in range(5000):
        soul.learn(torch.tensor([3]), torch.tensor([1.0]), torch.tensor(2.0 * sign))
    assert soul.weights[3].item() == pytest.approx(sign * soul.bound, rel=1e-3)
    assert abs(soul.weights[3].item()) <= soul.bound * (1 + 1e-5)


@given(tokens, st.floats(0.1, 5.0))
def test_the_whole_reservoir_stays_within_its_norm_budget(
    day: list[tuple[list[int], list[float], float]], budget: float
) -> None:
    soul = reservoir(budget=budget)
    for indices, levels, surprise in day:
        soul.learn(torch.tensor(indices), torch.tensor(levels[: len(indices)]), torch.tensor(surprise))
        assert float(soul.weights.norm()) <= budget * (1 + 1e-5)


@pytest.mark.parametrize("nonsense", [math.nan, math.inf, -math.inf])
def test_a_surprise_that_is_not_finite_changes_nothing(nonsense: float) -> None:
    soul = reservoir()
    soul.learn(torch.tensor([1, 2]), torch.tensor([1.0, 0.5]), torch.tensor(1.0))
    before = soul.weights.clone()
    soul.learn(torch.tensor([1, 2]), torch.tensor([1.0, 1.0]), torch.tensor(nonsense))
    assert torch.equal(soul.weights, before)


@pytest.mark.parametrize(("nonsense", "counts_as"), [(math.nan, 0.0), (-math.inf, 0.0), (math.inf, 1.0)])
def test_a_level_that_is_not_finite_cannot_do_more_than_a_full_one(nonsense: float, counts_as: float) -> None:
    soul, other = reservoir(), reservoir()
    soul.learn(torch.tensor([1, 2]), torch.tensor([nonsense, 0.5]), torch.tensor(1.0))
    other.learn(torch.tensor([1, 2]), torch.tensor([counts_as, 0.5]), torch.tensor(1.0))
    assert torch.equal(soul.weights, other.weights)


def test_nothing_is_learned_and_nothing_forgotten_without_plasticity() -> None:
    soul = reservoir()
    soul.learn(torch.tensor([1]), torch.tensor([1.0]), torch.tensor(1.0))
    before = soul.weights.clone()
    soul.plasticity.fill_(0.0)
    soul.learn(torch.tensor([1]), torch.tensor([1.0]), torch.tensor(1.0))
    assert torch.equal(soul.weights, before)


def test_in_the_mean_a_weight_is_the_covariance_with_valence() -> None:
    """E[w] = (η/λ) Cov(x, v): feature 0 follows valence, feature 1 opposes it, feature 2 does not care."""
    torch.manual_seed(0)
    rate, decay, steps = 0.01, 0.005, 40_000
    soul = Reservoir(3, rate=rate, decay=decay, budget=1e9, device=CPU)
    baseline, total, counted = 0.0, torch.zeros(3), 0
    for step in range(steps):
        valence = float(torch.rand(()) * 2 - 1)
        levels = torch.tensor([(1 + valence) / 2, (1 - valence) / 2, float(torch.rand(()))])
        soul.learn(torch.arange(3), levels, torch.tensor(valence - baseline))
        baseline += 0.001 * (valence - baseline)
        if step > steps // 4:
            total, counted = total + soul.weights, counted + 1
    expected = rate / decay * torch.tensor([1 / 6, -1 / 6, 0.0])  # Var(v) = 1/3 of a uniform v, x = v/2
    assert torch.allclose(total / counted, expected, atol=0.05)


def test_a_habit_is_forgotten_with_its_half_life() -> None:
    soul = reservoir(0.02, 0.01)
    soul.learn(torch.tensor([0]), torch.tensor([1.0]), torch.tensor(1.0))
    start = soul.weights[0].item()
    for _ in range(round(math.log(2) / 0.01)):
        soul.learn(torch.tensor([1]), torch.tensor([0.0]), torch.tensor(0.0))
    assert soul.weights[0].item() == pytest.approx(start / 2, rel=0.01)


def test_sleep_scales_down_what_is_not_kept() -> None:
    soul = reservoir()
    soul.restore(torch.tensor([1.0, -1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0]))
    night = soul.downscaled(torch.tensor([True, False, False, False, False, False, False, False]), 0.5)
    assert night[:3].tolist() == [1.0, -0.5, 1.0]
    assert soul.weights[:3].tolist() == [1.0, -1.0, 2.0]  # nothing changes before the morning


def test_a_reservoir_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        reservoir().restore(torch.zeros(9))


def test_extremes_from_disk_are_brought_within_the_bound() -> None:
    soul = reservoir()
    soul.restore(torch.tensor([math.nan, math.inf, -math.inf, 1e30, -1e30, 0.0, 1.0, -1.0]))
    assert torch.isfinite(soul.weights).all()
    assert soul.weights.abs().max() <= soul.bound
