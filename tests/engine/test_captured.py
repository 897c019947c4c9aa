"""Decoding over a cache of fixed size says what eager decoding says, on every device, and hears every switch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import (
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from anima_tui.engine.attunement import ModeRecipe
from anima_tui.engine.axis import Axis
from anima_tui.engine.cuda.context import FAMILIES, CapturedContext
from anima_tui.engine.cuda.sampler import CapturedSampler
from anima_tui.engine.decode import Context, Sampler
from anima_tui.engine.prism import Mode, Prism
from anima_tui.engine.reading import Reading
from anima_tui.engine.reservoir import Reservoir
from anima_tui.engine.sae import JumpReLUSAE
from anima_tui.engine.sae_config import SaeConfig
from anima_tui.engine.tap import Tap
from anima_tui.engine.valence import Readout
from anima_tui.engine.weights import decoder_layers
from anima_tui.errors import AnimaError
from anima_tui.settings import Decode

CPU = torch.device("cpu")
DEVICES = [
    pytest.param(CPU, id="cpu"),
    pytest.param(
        torch.device("cuda", 0),
        id="cuda",
        marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
    ),
]
D_IN, D_SAE, SIZE = 64, 256, 96
COMMON: dict[str, Any] = {
    "vocab_size": 300,
    "tie_word_embeddings": False,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}
LAYERED: dict[str, Any] = COMMON | {
    "hidden_size": D_IN,
    "intermediate_size": 96,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "max_position_embeddings": SIZE,
}
WINDOWED: dict[str, Any] = {"sliding_window": 8, "layer_types": ["sliding_attention"] * 2 + ["full_attention"]}
MODELS: dict[str, Callable[[], Any]] = {
    "llama": lambda: LlamaForCausalLM(LlamaConfig(**LAYERED)),
    "qwen3": lambda: Qwen3ForCausalLM(Qwen3Config(**LAYERED)),
    "gemma3_text": lambda: Gemma3ForCausalLM(Gemma3TextConfig(**LAYERED, **WINDOWED)),
    "gpt2": lambda: GPT2LMHeadModel(GPT2Config(**COMMON, n_embd=D_IN, n_layer=3, n_head=4, n_positions=SIZE)),
}
PROMPT = [1, *range(20, 50), 7]


@dataclass
class Rig:
    """A random model with a tap that learns and steers."""

    model: Any
    tap: Tap
    prism: Prism
    reservoir: Reservoir

    def captured(self, *, compiled: bool = False) -> CapturedContext:
        return CapturedContext(self.model, self.tap, SIZE, compiled=compiled)

    def eager(self) -> Context:
        return Context(self.model, self.tap)

    def push(self, alpha: float) -> Mode:
        torch.manual_seed(3)
        direction = torch.nn.functional.normalize(torch.randn(D_IN), dim=0) * alpha
        return Mode(ModeRecipe(name="Test"), direction.to(self.model.device), torch.full((D_SAE,), torch.inf))

    def story(self, context: Context, tokens: int = 24, prompt: list[int] = PROMPT) -> tuple[list[int], list[Tensor]]:
        """A greedy reply of a newborn, and the logits of each of its tokens."""
        self.reservoir.weights.zero_()
        self.tap.baseline.zero_()
        context.prefill(prompt)
        fed, said, logits = prompt[-1], list[int](), list[Tensor]()
        for _ in range(tokens):
            logits.append(context.step(fed).clone())
            fed = int(logits[-1].argmax())
            said.append(fed)
        return said, logits

    def heard(self, context: Context, reply: list[int]) -> Tensor:
        """The logits after each token of a reply that is given, float32 [reply, vocabulary]."""
        self.reservoir.weights.zero_()
        self.tap.baseline.zero_()
        context.prefill(PROMPT)
        return torch.stack([context.step(token).float().clone() for token in reply])


def rig_of(family: str, device: torch.device) -> Rig:
    torch.manual_seed(0)
    model = MODELS[family]().eval().requires_grad_(False)
    for parameter in model.parameters():
        if parameter.ndim == 2:
            parameter.normal_(std=0.3)  # far from uniform logits, so that the likeliest token is one
    model.to(device)
    decoder = torch.nn.functional.normalize(torch.randn(D_SAE, D_IN), dim=-1)
    config = SaeConfig(architecture="jumprelu", d_in=D_IN, d_sae=D_SAE, hook_name="blocks.1.hook_resid_post")
    tensors = {
        "W_enc": decoder.T.contiguous(),
        "W_dec": decoder,
        "b_enc": torch.zeros(D_SAE),
        "b_dec": torch.zeros(D_IN),
        "threshold": torch.full((D_SAE,), 0.1),
    }
    sae = JumpReLUSAE(config, {name: tensor.to(device) for name, tensor in tensors.items()})
    prism = Prism(sae.directions, sae.decoder_norms, kappa=0.4)
    reservoir = Reservoir(D_SAE, rate=0.05, decay=0.004, budget=6.0, device=device)
    tap = Tap(
        decoder_layers(model)[1],
        sae,
        torch.full((D_SAE,), 5.0, device=device),
        valence=Readout(Axis(torch.nn.functional.normalize(torch.randn(D_IN), dim=0).to(device), 0.0, 0.5)),
        reservoir=reservoir,
        prism=prism,
        baseline_rate=0.02,
        active=32,
    )
    return Rig(model, tap, prism, reservoir)


@pytest.fixture(params=DEVICES)
def rig(request: pytest.FixtureRequest) -> Rig:
    return rig_of("llama", request.param)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("family", MODELS)
def test_the_likeliest_tokens_are_those_of_eager_decoding(family: str, device: torch.device) -> None:
    rig = rig_of(family, device)
    rig.prism.set(rig.push(0.1))
    expected, logits = rig.story(rig.eager())
    weights = rig.reservoir.weights.clone()
    assert weights.any()
    said, seen = rig.story(rig.captured())
    assert said == expected
    assert len(set(said)) > 4
    assert torch.allclose(torch.stack(seen), torch.stack(logits), atol=1e-3, rtol=1e-3)
    assert torch.allclose(rig.reservoir.weights, weights, atol=1e-5)
    assert family in FAMILIES


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_fused_step_says_the_same() -> None:
    rig = rig_of("llama", torch.device("cuda", 0))
    rig.prism.set(rig.push(0.1))
    expected, logits = rig.story(rig.eager())
    said, seen = rig.story(rig.captured(compiled=True))
    assert said == expected
    assert torch.allclose(torch.stack(seen), torch.stack(logits), atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("family", MODELS)
def test_in_half_the_bits_it_is_no_further_from_the_truth_than_eager_decoding(
    family: str, device: torch.device
) -> None:
    """Rounding differs, so tokens may; what counts is the distance to float32, over one given reply."""
    rig = rig_of(family, device)
    rig.prism.set(rig.push(0.1))
    reply = list(range(100, 148))
    rig.model.bfloat16()
    rounded = [rig.heard(context, reply) for context in (rig.eager(), rig.captured())]
    if device.type == "cuda" and family == "llama":
        rounded.append(rig.heard(rig.captured(compiled=True), reply))
    rig.model.float()
    exact = rig.heard(rig.eager(), reply)
    eager, *ours = (float((logits - exact).square().mean().sqrt()) for logits in rounded)
    assert 0 < eager < float(exact.std())
    assert max(ours) < 1.25 * eager


def test_a_mode_the_gain_and_the_reservoir_act_from_the_next_token(rig: Rig) -> None:
    """All three are written while the graph exists, and compared with eager decoding that has them written, too."""

    def switched(context: Context) -> list[Tensor]:
        rig.reservoir.weights.zero_()
        rig.prism.set(rig.push(0.0))
        rig.prism.gain.fill_(1.0)
        rig.tap.teach(False)
        context.prefill(PROMPT)
        logits = [context.step(token).clone() for token in (7, 8)]
        rig.prism.set(rig.push(0.4))
        logits.append(context.step(9).clone())
        rig.prism.set(rig.push(0.0))
        rig.reservoir.weights.fill_(0.2)
        logits.append(context.step(10).clone())
        rig.prism.gain.zero_()
        logits.append(context.step(11).clone())
        return logits

    seen = switched(rig.captured())
    for ours, eager in zip(seen, switched(rig.eager()), strict=True):
        assert torch.allclose(ours, eager, atol=1e-3, rtol=1e-3)
    bare = rig.captured()
    bare.prefill(PROMPT)
    plain = [bare.bare_step(token).clone() for token in (7, 8, 9, 10, 11)]
    moved = [float((a - b).abs().max()) for a, b in zip(seen, plain, strict=True)]
    assert max(moved[:2]) < 1e-3
    assert min(moved[2:4]) > 0.05


def test_capturing_leaves_no_trace(rig: Rig) -> None:
    """The first step, which is rehearsed before it is recorded, teaches once and is felt once."""

    def first(context: Context) -> list[Tensor]:
        rig.reservoir.weights.fill_(0.1)
        rig.tap.baseline.zero_()
        rig.tap.fires.zero_()
        context.prefill(PROMPT)
        for token in (3, 4, 5):
            context.step(token)
        return [rig.reservoir.weights.clone(), rig.tap.baseline.clone(), rig.tap.fires.clone()]

    for ours, eager in zip(first(rig.captured()), first(rig.eager()), strict=True):
        assert torch.allclose(ours, eager, atol=1e-5)
    assert int(rig.tap.fires) == 3


def test_a_prompt_that_begins_as_the_last_one_is_read_from_where_it_differs(rig: Rig) -> None:
    context = rig.captured()
    rig.story(context, 6)
    again = [*PROMPT[:-1], 90, 91, 92, 93]
    residuals, reused = context.prefill(again)
    assert reused == len(PROMPT) - 1
    assert residuals.shape == (3, D_IN)
    fresh = rig.eager()
    expected, _ = fresh.prefill(again)
    assert torch.allclose(residuals, expected[-3:], atol=1e-3, rtol=1e-3)
    assert torch.allclose(context.bare_step(5), fresh.bare_step(5), atol=1e-3, rtol=1e-3)


def test_forgetting_and_one_fresh_token(rig: Rig) -> None:
    context, eager = rig.captured(), rig.eager()
    for each in (context, eager):
        each.prefill(PROMPT)
        each.forget(10)
        assert each.ids == PROMPT[:10]
    (ours, reused), (theirs, _) = context.prefill([*PROMPT[:10], 60, 61]), eager.prefill([*PROMPT[:10], 60, 61])
    assert reused == 10
    assert torch.allclose(ours, theirs, atol=1e-3, rtol=1e-3)
    assert torch.allclose(context.bare_step(61), eager.bare_step(61), atol=1e-3, rtol=1e-3)


def test_the_last_position_can_be_used_and_no_more(rig: Rig) -> None:
    context = rig.captured()
    context.prefill(list(range(1, SIZE)))
    context.step(3)
    context.step(4)
    assert len(context.ids) == SIZE
    with pytest.raises(AnimaError, match=f"holds {SIZE} tokens"):
        context.step(5)


@pytest.mark.parametrize("device", DEVICES)
def test_the_captured_choice_is_the_eager_one(device: torch.device) -> None:
    settings = Decode(temperature=0.7, top_p=0.9, min_p=0.02, repetition_penalty=1.3, repetition_window=6)
    torch.manual_seed(1)
    captured, eager = CapturedSampler(settings, device, compiled=False), Sampler(settings, device)
    for said in ([], [4], [9, 4, 9, 30, 31, 32, 33, 34]):
        for barred in ((), (3, 200), ()):
            logits = torch.randn(300, device=device) * 3
            likeliest = eager.choose(logits, said, 0.0, barred)
            assert int(captured.choose(logits, said, 0.0, barred)) == int(likeliest)
    logits = torch.randn(300, device=device)
    logits[:5] += 4
    for penalty in (None, 1.0):
        draws = [
            torch.stack([sampler.choose(logits, [0, 1], 0.9, (2,), penalty).clone() for _ in range(3000)])
            for sampler in (captured, eager)
        ]
        ours, theirs = (torch.bincount(draw.cpu(), minlength=300) / 3000 for draw in draws)
        assert float((ours - theirs).abs().max()) < 0.05
        assert float(ours[2]) == 0.0


def test_one_copy_brings_the_token_and_the_moment(rig: Rig) -> None:
    context = rig.captured()
    logits = context.step(5)
    reading = Reading.of(rig.tap.moment, logits.argmax())
    assert reading.token == int(logits.argmax())
    assert reading.baseline == pytest.approx(float(rig.tap.baseline))
    assert reading.norm == pytest.approx(float(rig.reservoir.weights.norm()))
    assert reading.levels.max() > 0
