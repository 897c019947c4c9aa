"""The quick product is the plain product, for a vector, a batch, and weights that 16 bits can or cannot hold."""

from __future__ import annotations

from pathlib import Path

import pytest
import sae_lens
import torch
from test_sae import ARCHITECTURES, ours, residuals, write_sae

from anima_tui.engine.body import Body
from anima_tui.engine.projection import _packed, projection


def weights(exact: bool) -> torch.Tensor:
    weight = torch.randn(96, 24, generator=torch.Generator().manual_seed(3))
    return weight.half().float() if exact else weight


def test_only_weights_that_float16_holds_exactly_are_packed() -> None:
    assert _packed(weights(exact=True)) is not None
    assert _packed(weights(exact=False)) is None
    assert _packed(torch.full((2, 2), 1e-9)) is None  # would become zero


@pytest.mark.parametrize("exact", [True, False])
def test_the_product_is_float32s_own(exact: bool) -> None:
    weight = weights(exact)
    project = projection(weight)
    for shape in ((24,), (1, 24), (7, 24), (2, 3, 24)):
        x = torch.randn(shape, generator=torch.Generator().manual_seed(4)) * 50
        expected = torch.nn.functional.linear(x, weight)
        got = project(x)
        assert got.shape == expected.shape
        torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-6 * float(expected.abs().max()))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_strongest_features_are_those_of_encode(tmp_path: Path, architecture: str) -> None:
    sae = ours(write_sae(tmp_path, architecture))
    x = residuals()
    values, features = sae.strongest(x, 30)
    dense = sae.encode(x)
    assert len(features) == sae.limit(30)
    torch.testing.assert_close(values, dense[features], rtol=1e-6, atol=1e-5)
    torch.testing.assert_close(values.sort(descending=True).values, dense.topk(len(values)).values)


def test_the_embedded_sae_is_computed_as_sae_lens_computes_it(body: Body) -> None:
    theirs = sae_lens.SAE.load_from_disk(body.folder / "sae", dtype="float32")
    with torch.no_grad():
        ids = torch.tensor([body.tokenizer("hello there, i had a rough day at work")["input_ids"]])
        hidden = body.model(ids, output_hidden_states=True).hidden_states
        assert hidden is not None
        x = hidden[body.sae.layer + 1][0]
        expected = theirs.encode(x)
        got = body.sae.encode(x)
    assert torch.equal(got > 0, expected > 0)
    torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-5 * float(expected.max()))
