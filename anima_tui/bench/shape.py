"""Decoding at the shape of a large body, with random weights: what a device gives, without a download."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM

from anima_tui.bench.turns import compared, generate
from anima_tui.engine.cuda.context import CapturedContext
from anima_tui.engine.cuda.sampler import CapturedSampler
from anima_tui.engine.decode import Context, Sampler
from anima_tui.engine.mind import ACTIVE
from anima_tui.engine.prism import Prism
from anima_tui.engine.reading import Reading
from anima_tui.engine.reservoir import Reservoir
from anima_tui.engine.sae import JumpReLUSAE
from anima_tui.engine.sae_config import SaeConfig
from anima_tui.engine.tap import Tap
from anima_tui.engine.valence import Readout
from anima_tui.engine.weights import decoder_layers
from anima_tui.settings import Decode, Settings


@dataclass(frozen=True)
class Shape:
    """A Llama and the SAE on one of its layers, by their sizes."""

    vocabulary: int
    d_in: int
    mlp: int
    layers: int
    heads: int
    groups: int
    d_sae: int
    tap: int
    context: int = 8192


SHAPES = {
    "llama-3.1-8b": Shape(128256, 4096, 14336, 32, 32, 8, d_sae=32768, tap=20),
    "tiny": Shape(512, 64, 128, 2, 4, 2, d_sae=256, tap=1, context=4352),
}
PROMPT, TOKENS = 512, 128
"""Tokens of the prompt and of the reply in which speed is measured."""
LONG, TURN = 4000, 48
"""Tokens of a long prompt, and of what the next turn adds to it."""


@dataclass
class Rig:
    """A random body with a tap that learns and steers."""

    model: Any
    tap: Tap
    shape: Shape

    def context(self, *, compiled: bool) -> CapturedContext:
        return CapturedContext(self.model, self.tap, self.shape.context, compiled=compiled)

    def prompt(self, tokens: int) -> list[int]:
        return torch.randint(self.shape.vocabulary, (tokens,)).tolist()


def build(shape: Shape, device: torch.device, dtype: torch.dtype) -> Rig:
    config = LlamaConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.d_in,
        intermediate_size=shape.mlp,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.groups,
        max_position_embeddings=shape.context,
        eos_token_id=None,
        pad_token_id=0,
        dtype=dtype,
    )
    torch.manual_seed(0)
    with device:
        before = torch.get_default_dtype()
        torch.set_default_dtype(dtype)
        try:
            model: Any = LlamaForCausalLM(config).eval().requires_grad_(False)
            decoder = torch.nn.functional.normalize(torch.randn(shape.d_sae, shape.d_in), dim=-1)
        finally:
            torch.set_default_dtype(before)
        sae = JumpReLUSAE(
            SaeConfig(
                architecture="jumprelu",
                d_in=shape.d_in,
                d_sae=shape.d_sae,
                hook_name=f"blocks.{shape.tap}.hook_resid_post",
            ),
            {
                "W_enc": decoder.T.contiguous(),
                "W_dec": decoder,
                "b_enc": torch.zeros(shape.d_sae),
                "b_dec": torch.zeros(shape.d_in),
                "threshold": torch.full((shape.d_sae,), 0.02),
            },
        )
        knobs = Settings()
        prism = Prism(sae.directions, sae.decoder_norms, knobs.prism.kappa)
        prism.push.normal_(std=0.1 / shape.d_in**0.5)
        direction = torch.nn.functional.normalize(torch.randn(shape.d_in), dim=0)
        tap = Tap(
            decoder_layers(model)[shape.tap],
            sae,
            torch.ones(shape.d_sae),
            valence=Readout(direction, 0.0, 1.0),
            reservoir=Reservoir(
                shape.d_sae,
                rate=knobs.reservoir.learning_rate,
                decay=knobs.reservoir.decay,
                budget=knobs.reservoir.budget,
                device=device,
            ),
            prism=prism,
            baseline_rate=knobs.reservoir.baseline_rate,
            active=ACTIVE,
        )
    return Rig(model, tap, shape)


def speak(
    rig: Rig, context: Context, sampler: Sampler, prompt: Sequence[int], step: Callable[[int], Tensor], tokens: int
) -> float:
    """Tokens per second of a reply; each token and its moment arrive on the host before the next one is computed."""
    context.forget(0)
    context.prefill(prompt)
    said: list[int] = []
    fed = prompt[-1]
    synchronize()
    began = time.perf_counter()
    for _ in range(tokens):
        fed = Reading.of(rig.tap.moment, sampler.choose(step(fed), said)).token
        said.append(fed)
    return tokens / (time.perf_counter() - began)


def first_token(rig: Rig, context: Context, sampler: Sampler, prompt: Sequence[int]) -> float:
    """Seconds from a prompt to its first token on the host."""
    began = time.perf_counter()
    context.prefill(prompt)
    Reading.of(rig.tap.moment, sampler.choose(context.step(prompt[-1]), []))
    return time.perf_counter() - began


def synchronize() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def copy_speed(device: torch.device) -> float:
    """Bytes read and written per second by a large copy on the device."""
    source = torch.ones(2**28 if device.type == "cuda" else 2**22, device=device)
    target = torch.empty_like(source)
    waits: list[float] = []
    for _ in range(8):
        synchronize()
        began = time.perf_counter()
        target.copy_(source)
        synchronize()
        waits.append(time.perf_counter() - began)
    return 2 * source.numel() * source.element_size() / min(waits)


def measure_shape(name: str, rounds: int) -> dict[str, float]:
    """Figures by name: tokens per second, seconds, and the hook's share of the time of a token."""
    cuda = torch.cuda.is_available()
    device = torch.device("cuda", 0) if cuda else torch.device("cpu")
    rig = build(SHAPES[name], device, torch.bfloat16 if cuda else torch.float32)
    settings = Decode(seed=0)
    figures: dict[str, float] = {}
    began = time.perf_counter()
    context, sampler = rig.context(compiled=cuda), CapturedSampler(settings, device, compiled=cuda)
    prompt = rig.prompt(PROMPT)
    first_token(rig, context, sampler, prompt)
    figures["prepare"] = time.perf_counter() - began
    plain, chooser = Context(rig.model, rig.tap), Sampler(settings, device)
    ways: dict[str, Callable[[], float]] = {
        "hooked": lambda: speak(rig, context, sampler, prompt, context.step, TOKENS),
        "unhooked": lambda: speak(rig, context, sampler, prompt, context.bare_step, TOKENS),
        "eager": lambda: speak(rig, plain, chooser, prompt, plain.step, TOKENS),
        "generate": lambda: generate(rig.model, prompt, TOKENS, settings),
    }
    figures |= compared(ways, rounds)
    figures["limit"] = copy_speed(device) / sum(
        weight.numel() * weight.element_size() for name, weight in rig.model.named_parameters() if "embed" not in name
    )
    first, then = list[float](), list[float]()
    for _ in range(rounds + 1):
        context.forget(0)
        long = rig.prompt(LONG)
        first.append(first_token(rig, context, sampler, long))
        then.append(first_token(rig, context, sampler, [*long, *rig.prompt(TURN)]))
    figures["first_token"], figures["next_turn"] = statistics.median(first[1:]), statistics.median(then[1:])
    return figures


def shape_table(figures: dict[str, float]) -> list[str]:
    """The figures, each with what it means."""
    rows = [
        ("decode, hooked", f"{figures['hooked']:.1f} tokens/s", "read, learn, steer, sample; one copy a token"),
        ("decode, unhooked", f"{figures['unhooked']:.1f} tokens/s", "the same without the tap"),
        ("hook", f"{figures['hook_cost']:.1%}", "< 3 %"),
        ("decode, eager, hooked", f"{figures['eager']:.1f} tokens/s", "as on a device without graphs"),
        ("decode, generate()", f"{figures['generate']:.1f} tokens/s", "same weights, prompt, choice of tokens"),
        ("memory's limit", f"{figures['limit']:.0f} tokens/s", "weights read once a token at the speed of a copy"),
        ("time to first token", f"{figures['first_token'] * 1e3:.0f} ms", f"{LONG} tokens read"),
        ("  of the next turn", f"{figures['next_turn'] * 1e3:.0f} ms", f"{TURN} more tokens"),
        ("preparing", f"{figures['prepare']:.0f} s", "compiling and capturing, once a start"),
    ]
    return [f"{name:<28}{value:>20}   {meaning}" for name, value, meaning in rows]
