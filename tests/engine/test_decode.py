"""Choosing the next token, and a cache that outlives turns."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from anima_tui.engine.decode import Sampler, nucleus, penalised
from anima_tui.settings import Decode

CPU = torch.device("cpu")
logits = arrays(np.float32, 24, elements=st.floats(-20, 20, width=32))


@given(logits, st.floats(0.05, 1.0), st.floats(0.0, 1.0))
def test_the_nucleus_is_the_smallest_set_that_reaches_its_mass(values: np.ndarray, top_p: float, min_p: float) -> None:
    full = torch.softmax(torch.from_numpy(values).double(), 0)
    kept, order = nucleus(torch.from_numpy(values), top_p, min_p)
    mass = [float(full[i]) for i in order]
    assert mass == sorted(mass, reverse=True)
    for rank, p in enumerate(kept.tolist()):
        before = sum(mass[:rank])
        if p > 0:
            assert rank == 0 or (before < top_p + 1e-5 and mass[rank] >= min_p * mass[0] * (1 - 1e-4))
        else:
            assert before >= top_p - 1e-5 or mass[rank] <= min_p * mass[0] * (1 + 1e-4)


@given(logits)
def test_temperature_zero_takes_the_likeliest(values: np.ndarray) -> None:
    sampler = Sampler(Decode(temperature=0.0, repetition_penalty=1.0), CPU)
    tensor = torch.from_numpy(values)
    assert float(tensor[sampler.choose(tensor, [])]) == float(tensor.max())


def test_draws_follow_the_distribution() -> None:
    sampler = Sampler(Decode(temperature=1.0, top_p=1.0, min_p=0.0, repetition_penalty=1.0, seed=0), CPU)
    probabilities = torch.tensor([0.5, 0.3, 0.15, 0.05])
    draws = np.bincount([int(sampler.choose(probabilities.log(), [])) for _ in range(4000)], minlength=4) / 4000
    assert np.abs(draws - probabilities.numpy()).max() < 0.03


def test_one_seed_one_story() -> None:
    def story() -> list[int]:
        sampler = Sampler(Decode(seed=5), CPU)
        return [int(sampler.choose(torch.arange(50) / 10.0, [])) for _ in range(20)]

    assert story() == story()


def test_what_was_said_becomes_less_likely_on_either_side_of_zero() -> None:
    values = torch.tensor([2.0, -2.0, 2.0, -2.0])
    assert penalised(values, [0, 1, 1], 2.0).tolist() == [1.0, -4.0, 2.0, -2.0]
    assert values.tolist() == [2.0, -2.0, 2.0, -2.0]
    assert penalised(values, [], 2.0) is values
