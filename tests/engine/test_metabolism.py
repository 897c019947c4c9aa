"""Fatigue, adrenaline and the loop guard."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from anima_tui.engine.metabolism import LoopGuard, Metabolism, adrenaline, half_life, immediate_repeats
from anima_tui.settings import Metabolism as Constants

any_float = st.floats(allow_nan=True, allow_infinity=True)
ROUNDING = 1e-9
"""Relative; some millions of times what a float rounds off, and nothing beside the price of a token."""


@given(st.lists(any_float, max_size=50))
@example([2.3877813362857708e-15, 2.0])
def test_every_token_tires_and_none_beyond_measure(surprises: list[float]) -> None:
    body, constants = Metabolism(Constants()), Constants()
    for count, surprise in enumerate(surprises, start=1):
        before = body.fatigue
        body.spend(surprise)
        least, most = constants.cost_per_token, constants.cost_per_token + 2 * constants.cost_per_surprise
        # Sums of floats are rounded: a step that is just as long as it may be can look longer by its last digit.
        assert before + least <= body.fatigue * (1 + ROUNDING)
        assert body.fatigue <= (before + most) * (1 + ROUNDING)
        assert math.isfinite(body.fatigue)
        assert body.fatigue * (1 + ROUNDING) >= count * least


def test_a_token_costs_its_price() -> None:
    body = Metabolism(Constants(cost_per_token=1.0, cost_per_surprise=4.0))
    body.spend(-0.5)
    assert body.fatigue == 3.0


def test_rest_halves_fatigue_in_its_half_life_and_never_adds() -> None:
    body = Metabolism(Constants(rest_half_life_hours=2.0), fatigue=100.0)
    body.rest(2 * 3600)
    assert body.fatigue == pytest.approx(50.0)
    body.rest(-1e6)  # the clock was set back
    assert body.fatigue == pytest.approx(50.0)


def test_she_asks_for_sleep_at_the_threshold_and_can_be_put_off() -> None:
    body = Metabolism(Constants(threshold=100.0), fatigue=99.0)
    assert not body.wants_sleep
    body.spend(0.0)
    assert body.wants_sleep
    body.postpone()
    assert not body.wants_sleep
    for _ in range(10):
        body.spend(0.0)
    assert body.wants_sleep
    body.sleep()
    assert body.fatigue == 0.0
    assert not body.wants_sleep


@given(any_float.filter(math.isfinite), any_float.filter(math.isfinite))
def test_adrenaline_is_bounded_and_grows_with_novelty(surprise: float, novelty: float) -> None:
    assert 0.0 <= adrenaline(surprise, novelty) <= 4.0
    assert adrenaline(surprise, 1.0) == 2 * adrenaline(surprise, 0.0)


def test_half_life() -> None:
    assert half_life(3600, 1.0) == 0.5
    assert half_life(0, 1.0) == 1.0


@given(st.lists(st.integers(0, 3), min_size=2, max_size=4), st.integers(2, 6), st.lists(st.integers(4, 9), max_size=5))
def test_repetitions_at_the_end_are_counted(gram: list[int], count: int, before: list[int]) -> None:
    assert immediate_repeats(before + gram * count, len(gram)) >= count


@given(st.lists(st.integers(0, 1000), max_size=40, unique=True))
def test_words_that_never_repeat_are_no_loop(tokens: list[int]) -> None:
    assert immediate_repeats(tokens, 2) == 1


def hear(guard: LoopGuard, token: int, features: list[int]) -> None:
    guard.hear(token, np.array(features), np.ones(len(features), dtype=np.float32))


def test_the_guard_wakes_when_the_features_stand_still() -> None:
    guard = LoopGuard(Constants(), d_sae=64)
    for token in range(20):
        hear(guard, token, [1, 2, 3])
    assert guard.awake
    assert not guard.stuck
    guard.reset()
    assert not guard.awake


def test_the_guard_sleeps_through_ordinary_talk() -> None:
    guard = LoopGuard(Constants(), d_sae=1000)
    for token in range(100):
        hear(guard, token, [token % 7 * 9, token % 11 * 8 + 100, token % 13 + 300])
        assert not guard.awake


def test_one_sequence_over_and_over_ends_the_reply() -> None:
    guard = LoopGuard(Constants(loop_gram=3, loop_repeats=4), d_sae=64)
    for step in range(12):
        hear(guard, 5 + step % 3, [step % 60])
    assert guard.stuck


def test_a_nap_rests_her_more_than_sitting_still() -> None:
    awake, napping = Metabolism(Constants(), 1000.0), Metabolism(Constants(), 1000.0)
    awake.rest(3600.0)
    napping.nap(3600.0)
    assert 0 < napping.fatigue < awake.fatigue < 1000.0
