"""The one hook: silent when off, once for each token, reading before it steers, swapped without a prefill."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor

from anima_tui.engine.attunement import ModeRecipe
from anima_tui.engine.axis import Axis
from anima_tui.engine.body import Body
from anima_tui.engine.decode import Context
from anima_tui.engine.prism import Mode, Prism
from anima_tui.engine.reservoir import Reservoir
from anima_tui.engine.tap import Phase, Tap
from anima_tui.engine.valence import Readout
from anima_tui.engine.weights import cache_argument

CPU = torch.device("cpu")


@dataclass
class Rig:
    """A tap on the embedded body, taken off again after the test."""

    body: Body
    tap: Tap
    prism: Prism
    reservoir: Reservoir

    def context(self) -> Context:
        return Context(self.body.model, self.tap)

    def prompt(self, text: str = "hello, how are you?") -> list[int]:
        ids = self.body.tokenizer(f"<|bos|><|user|>{text}<|end|><|assistant|>", add_special_tokens=False)
        return list(ids["input_ids"])  # pyright: ignore[reportArgumentType]

    def dream(self, alpha: float = 0.3) -> Mode:
        torch.manual_seed(0)
        push = torch.nn.functional.normalize(torch.randn(self.body.sae.d_in), dim=0) * alpha
        return Mode(ModeRecipe(name="Test"), push, torch.full((self.body.sae.d_sae,), torch.inf))


@pytest.fixture
def rig(body: Body) -> Iterator[Rig]:
    prism = Prism(body.sae.directions, body.sae.decoder_norms, kappa=0.4)
    reservoir = Reservoir(body.sae.d_sae, rate=0.02, decay=0.004, budget=6.0, device=CPU)
    direction = torch.nn.functional.normalize(torch.ones(body.sae.d_in), dim=0)
    before = dict(body.layer._forward_hooks)
    tap = Tap(
        body.layer,
        body.sae,
        torch.full((body.sae.d_sae,), 5.0),
        valence=Readout(Axis(direction, 0.0, 0.05)),
        reservoir=reservoir,
        prism=prism,
        baseline_rate=0.02,
        active=64,
    )
    yield Rig(body, tap, prism, reservoir)
    body.layer._forward_hooks.clear()
    body.layer._forward_hooks.update(before)


def bare(body: Body, prompt: list[int], tokens: int) -> tuple[list[int], list[Tensor]]:
    """Greedy decoding by the plain model, without any of our code in between."""
    from transformers import DynamicCache

    cached = {cache_argument(body.model): DynamicCache(config=body.model.config)}
    said: list[int] = []
    logits: list[Tensor] = []
    with torch.inference_mode():
        body.model(torch.tensor([prompt[:-1]]), **cached, use_cache=True)
        fed = prompt[-1]
        for _ in range(tokens):
            out = body.model(torch.tensor([[fed]]), **cached, use_cache=True).logits[0, -1].float()
            fed = int(out.argmax())
            said.append(fed)
            logits.append(out)
    return said, logits


def hooked(rig: Rig, prompt: list[int], tokens: int) -> tuple[list[int], list[Tensor]]:
    context = rig.context()
    context.prefill(prompt)
    fed, said, logits = prompt[-1], list[int](), list[Tensor]()
    for _ in range(tokens):
        out = context.step(fed)
        fed = int(out.argmax())
        said.append(fed)
        logits.append(out)
    return said, logits


def bare_without_tap(rig: Rig, prompt: list[int]) -> tuple[list[int], list[Tensor]]:
    hooks = dict(rig.body.layer._forward_hooks)
    rig.body.layer._forward_hooks.clear()
    try:
        return bare(rig.body, prompt, 40)
    finally:
        rig.body.layer._forward_hooks.update(hooks)


def test_the_hook_fires_once_for_each_decoded_token_and_never_while_reading(rig: Rig) -> None:
    context = rig.context()
    prompt = rig.prompt()
    context.prefill(prompt)
    assert rig.tap.fires == 0
    for decoded in range(1, 21):
        context.step(7 + decoded)
        assert rig.tap.fires == decoded


def test_the_residual_is_read_before_our_own_offset(rig: Rig) -> None:
    """The same position, steered hard and not at all, is read as the same features."""
    prompt = rig.prompt()

    def moment() -> Tensor:
        context = rig.context()
        context.prefill(prompt)
        context.step(prompt[-1])
        return rig.tap.moment.values[:-5].clone()

    rig.reservoir.plasticity.zero_()
    unsteered = moment()
    rig.prism.set(rig.dream(0.4))
    assert torch.equal(moment(), unsteered)
    assert float(rig.tap.moment.values[-3]) > 0.3  # and it was steered hard


def test_a_mode_swapped_between_two_tokens_acts_from_the_next_one_without_reading_again(rig: Rig) -> None:
    rig.reservoir.plasticity.zero_()
    prompt = rig.prompt()
    expected, logits = bare_without_tap(rig, prompt)
    context = rig.context()
    context.prefill(prompt)
    seen = [context.step(prompt[-1]), *(context.step(token) for token in expected[:9])]
    assert all(torch.equal(a, b) for a, b in zip(seen, logits, strict=False))
    length = len(context.ids)
    rig.prism.set(rig.dream(0.4))
    assert not torch.allclose(context.step(expected[9]), logits[10], atol=1e-3)
    assert len(context.ids) == length + 1  # one token was fed, and nothing was read again
    # The next prompt begins with all of this: its cache still holds, though the mode changed in between.
    _, reused = context.prefill([*context.ids, 9, 10, 11])
    assert reused == length + 1


def test_reading_keeps_the_residuals_of_the_prompt_and_changes_nothing(rig: Rig) -> None:
    rig.prism.set(rig.dream())
    prompt = rig.prompt()
    residuals, reused = rig.context().prefill(prompt)
    assert reused == 0
    with torch.inference_mode():
        hidden = rig.body.model(torch.tensor([prompt[:-1]]), output_hidden_states=True).hidden_states
    assert hidden is not None
    assert torch.allclose(residuals, hidden[rig.body.sae.layer + 1][0], atol=1e-4)


def test_what_she_feels_teaches_the_features_that_fire(rig: Rig) -> None:
    context = rig.context()
    prompt = rig.prompt()
    context.prefill(prompt)
    context.step(prompt[-1])
    fired = rig.tap.moment.values[: rig.tap.moment.k].long()
    levels = rig.tap.moment.values[2 * rig.tap.moment.k : -5]
    assert rig.reservoir.weights.count_nonzero() > 0
    silent = torch.ones_like(rig.reservoir.weights, dtype=torch.bool)
    silent[fired[levels > 0]] = False
    assert not rig.reservoir.weights[silent].any()


def test_the_tap_is_closed_outside_of_our_own_passes(rig: Rig) -> None:
    rig.prism.set(rig.dream())
    assert rig.tap.phase is Phase.CLOSED
    rig.body.model(torch.tensor([[5, 6, 7]]))
    assert rig.tap.fires == 0


def test_a_body_of_nan_teaches_nothing_and_is_not_steered(rig: Rig) -> None:
    rig.prism.set(rig.dream())
    delta = rig.tap._speak(torch.full((rig.body.sae.d_in,), torch.nan))
    assert not delta.any()
    assert not rig.reservoir.weights.any()
    assert float(rig.tap.baseline) == 0.0
