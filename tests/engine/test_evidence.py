"""Running sums say what Pearson's formula says."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from anima_tui.engine.evidence import Evidence


@given(st.integers(0, 2**32 - 1), st.integers(12, 60))
@settings(max_examples=25)
def test_the_correlation_is_pearsons(seed: int, tokens: int) -> None:
    random = np.random.default_rng(seed)
    levels = random.random((tokens, 5)) * (random.random((tokens, 5)) < 0.7)
    valence = random.uniform(-1, 1, tokens)
    evidence = Evidence(5)
    for x, v in zip(levels, valence, strict=True):
        fired = np.flatnonzero(x)
        evidence.add(fired, x[fired], float(v))
    for feature, r in enumerate(evidence.correlation(least=1)):
        if np.ptp(levels[:, feature]) > 0:
            assert abs(r - np.corrcoef(levels[:, feature], valence)[0, 1]) < 1e-6


def test_too_few_tokens_prove_nothing() -> None:
    evidence = Evidence(2)
    for v in (1.0, -1.0, 0.5):
        evidence.add(np.array([0]), np.array([(v + 1) / 2]), v)
    assert evidence.correlation(least=4)[0] == 0.0
    assert evidence.correlation(least=2)[0] > 0.99


def test_a_day_continues_from_its_sums() -> None:
    whole, first = Evidence(3), Evidence(3)
    for part in (whole, first):
        part.add(np.array([0, 2]), np.array([0.5, 1.0]), 0.3)
    second = Evidence(3, first.sums)
    for part in (whole, second):
        part.add(np.array([1]), np.array([0.25]), -0.7)
    assert np.array_equal(whole.sums, second.sums)
    whole.clear()
    assert not whole.sums.any()
