"""Steering is bounded, gated by what fires, and swapped by writing buffers."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from anima_tui.engine.attunement import ModeRecipe
from anima_tui.engine.prism import Intent, Mode, Prism, resolve, user_recipes
from anima_tui.errors import BadSettings

D_IN, D_SAE, K = 6, 16, 5
CPU = torch.device("cpu")
ONE = torch.ones(1)


def directions() -> torch.Tensor:
    torch.manual_seed(1)
    return F.normalize(torch.randn(D_SAE, D_IN), dim=1)


def mode(push: torch.Tensor | None = None, ceilings: dict[int, float] | None = None) -> Mode:
    ceiling = torch.full((D_SAE,), math.inf)
    for feature, limit in (ceilings or {}).items():
        ceiling[feature] = limit
    return Mode(ModeRecipe(name="Test"), push if push is not None else torch.zeros(D_IN), ceiling)


floats = st.floats(-1e6, 1e6, width=32)


@given(
    arrays(np.float32, D_IN, elements=floats),
    arrays(np.float32, K, elements=st.floats(0, 1e6, width=32)),
    arrays(np.float32, K, elements=floats),
    arrays(np.float32, D_IN, elements=st.floats(-100, 100, width=32)),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
)
def test_the_offset_is_never_longer_than_its_share_of_the_residual(
    h: np.ndarray, activations: np.ndarray, habit: np.ndarray, push: np.ndarray, kappa: float, gain: float
) -> None:
    prism = Prism(directions(), torch.ones(D_SAE), kappa)
    prism.set(mode(torch.from_numpy(push), {2: 0.0, 3: 1.0}))
    prism.gain.fill_(gain)
    residual = torch.from_numpy(h)
    delta, share = prism.offset(residual, torch.arange(K), torch.from_numpy(activations), torch.from_numpy(habit), ONE)
    assert torch.isfinite(delta).all()
    assert float(delta.norm()) <= kappa * float(residual.norm()) * (1 + 1e-4) + 1e-30
    assert 0.0 <= float(share) <= kappa * (1 + 1e-4)


@pytest.mark.parametrize("nonsense", [math.nan, math.inf, -math.inf])
def test_a_residual_that_is_not_finite_gets_no_offset(nonsense: float) -> None:
    prism = Prism(directions(), torch.ones(D_SAE), 0.4)
    prism.set(mode(torch.ones(D_IN)))
    h = torch.ones(D_IN)
    h[2] = nonsense
    delta, share = prism.offset(h, torch.arange(K), torch.ones(K), torch.ones(K), ONE)
    assert torch.equal(delta, torch.zeros(D_IN))
    assert float(share) == 0.0


def test_without_a_mode_and_without_habits_the_offset_is_exactly_zero() -> None:
    prism = Prism(directions(), torch.ones(D_SAE), 0.4)
    delta, _ = prism.offset(torch.randn(D_IN), torch.arange(K), torch.rand(K), torch.zeros(K), ONE)
    assert torch.equal(delta, torch.zeros(D_IN))


def test_switched_off_the_offset_is_exactly_zero() -> None:
    prism = Prism(directions(), torch.ones(D_SAE), 0.4)
    prism.set(mode(torch.ones(D_IN), {0: 0.0}))
    prism.gain.zero_()
    delta, _ = prism.offset(torch.randn(D_IN), torch.arange(K), torch.rand(K), torch.ones(K), ONE)
    assert torch.equal(delta, torch.zeros(D_IN))


def test_negative_steering_subtracts_just_what_fires_above_the_ceiling() -> None:
    prism = Prism(directions(), torch.ones(D_SAE), 1.0)
    prism.set(mode(ceilings={0: 1.0, 1: 5.0, 7: 0.0}))
    h = 100.0 * torch.ones(D_IN)
    delta, _ = prism.offset(h, torch.tensor([0, 1, 2]), torch.tensor([3.0, 3.0, 3.0]), torch.zeros(3), ONE)
    assert torch.allclose(delta, -2.0 * directions()[0], atol=1e-5)  # 1 is under its ceiling, 7 does not fire


def test_what_a_feature_adds_is_as_long_as_its_decoder_row() -> None:
    prism = Prism(directions(), torch.full((D_SAE,), 3.0), 1.0)
    prism.set(mode(ceilings={0: 0.0}))
    delta, _ = prism.offset(
        100.0 * torch.ones(D_IN), torch.tensor([0, 1]), torch.ones(2), torch.tensor([0.0, 0.5]), ONE
    )
    assert torch.allclose(delta, -3.0 * directions()[0] + 1.5 * directions()[1], atol=1e-5)


def test_what_a_feature_adds_is_scaled_as_the_sae_scales_what_it_reads_and_a_push_is_not() -> None:
    prism = Prism(directions(), torch.full((D_SAE,), 3.0), 1.0)
    h, code = 100.0 * torch.ones(D_IN), (torch.tensor([0, 1]), torch.ones(2), torch.tensor([0.0, 0.5]))
    prism.set(mode(ceilings={0: 0.0}))
    once, twice = (prism.offset(h, *code, scale)[0] for scale in (ONE, 2 * ONE))
    assert torch.allclose(twice, 2 * once)
    prism.set(mode(0.25 * directions()[4]))
    still = (code[0], torch.ones(2), torch.zeros(2))
    assert torch.equal(prism.offset(h, *still, ONE)[0], prism.offset(h, *still, 2 * ONE)[0])


def test_directions_in_16_bits_steer_in_float32() -> None:
    prism = Prism(directions().bfloat16(), torch.ones(D_SAE), 1.0)
    prism.set(mode(0.25 * directions()[4], {0: 0.0}))
    delta, _ = prism.offset(torch.randn(D_IN), torch.arange(K), torch.ones(K), torch.ones(K), ONE)
    assert prism.push.dtype == delta.dtype == torch.float32


def test_a_push_is_a_share_of_the_residual() -> None:
    prism = Prism(directions(), torch.ones(D_SAE), 1.0)
    prism.set(mode(0.25 * directions()[4]))
    h = torch.randn(D_IN) * 7
    delta, share = prism.offset(h, torch.arange(K), torch.zeros(K), torch.zeros(K), ONE)
    assert torch.allclose(delta, 0.25 * h.norm() * directions()[4], atol=1e-5)
    assert float(share) == pytest.approx(0.25, rel=1e-5)


def test_a_mode_is_swapped_in_place() -> None:
    prism = Prism(directions(), torch.ones(D_SAE), 1.0)
    push, ceiling = prism.push, prism.ceiling
    prism.set(mode(torch.ones(D_IN), {3: 0.5}))
    assert prism.push is push
    assert prism.ceiling is ceiling
    prism.set(mode())
    assert torch.equal(prism.push, torch.zeros(D_IN))
    assert torch.isinf(prism.ceiling).all()


def test_a_recipe_may_name_features() -> None:
    resolved = resolve(ModeRecipe(name="Mine", push={"#3": 0.2}, suppress={"#5": 0.0}), None, directions())
    assert torch.allclose(resolved.push, 0.2 * directions()[3])
    assert resolved.ceiling[5] == 0.0
    assert torch.isinf(resolved.ceiling).sum() == D_SAE - 1


@pytest.mark.parametrize(
    ("recipe", "sentence"),
    [
        (ModeRecipe(name="Mine", push={"warmth": 0.2}), 'the concept "warmth"'),
        (ModeRecipe(name="Mine", suppress={"#16": 0.0}), "last one is #15"),
        (ModeRecipe(name="Mine", push={"#99": 0.1}), "last one is #15"),
    ],
)
def test_a_name_the_body_does_not_know_is_said_in_one_sentence(recipe: ModeRecipe, sentence: str) -> None:
    with pytest.raises(BadSettings, match=sentence):
        resolve(recipe, None, directions())


def test_a_bad_mode_file_is_left_out_and_named(tmp_path: Path) -> None:
    (tmp_path / "noir.toml").write_text('description = "rain"\n[push]\n"#1" = 0.2\n')
    (tmp_path / "broken.toml").write_text("push = [")
    (tmp_path / "typo.toml").write_text("pusch = 1")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    recipes, complaints = user_recipes(tmp_path)
    assert [recipe.name for recipe in recipes] == ["Noir"]
    assert [complaint.split()[0] for complaint in complaints] == ["binary.toml", "broken.toml", "typo.toml"]


def test_intent_follows_the_nearest_centroid_only_by_a_margin() -> None:
    a, b = torch.tensor([1.0, 0.0, 0.0]), torch.tensor([0.0, 1.0, 0.0])
    intent = Intent({"A": a, "B": b}, torch.zeros(3), 0.1, CPU)
    assert intent.choose(torch.tensor([0.0, 1.0, 0.0]), "A") == "B"
    assert intent.choose(torch.tensor([0.70, 0.72, 0.0]), "A") == "A"  # nearer to B, but not by the margin
    assert intent.choose(torch.tensor([0.70, 0.72, 0.0]), "B") == "B"
    assert intent.choose(torch.tensor([0.0, 1.0, 0.0]), "Mine") == "B"  # a mode without a centroid can be left
    assert Intent({}, torch.zeros(3), 0.1, CPU).choose(torch.ones(3), "A") == "A"
