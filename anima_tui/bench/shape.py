"""Decoding at the shape of a large body, with random weights: what a device gives, without a download."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributed.tensor import DTensor
from transformers import LlamaConfig, LlamaForCausalLM

from anima_tui.bench.turns import compared, generate
from anima_tui.engine.axis import Axis
from anima_tui.engine.cuda.context import CapturedContext
from anima_tui.engine.cuda.sampler import CapturedSampler
from anima_tui.engine.decode import Context, Sampler
from anima_tui.engine.hardware import Placement, placement
from anima_tui.engine.mind import ACTIVE
from anima_tui.engine.parallel import start
from anima_tui.engine.parallel.following import obey
from anima_tui.engine.parallel.leading import LeadingContext
from anima_tui.engine.parallel.line import Line
from anima_tui.engine.prism import Prism
from anima_tui.engine.reading import Reading
from anima_tui.engine.reservoir import Reservoir
from anima_tui.engine.sae import JumpReLUSAE
from anima_tui.engine.sae_config import SaeConfig
from anima_tui.engine.tap import Tap, alone
from anima_tui.engine.valence import Readout
from anima_tui.engine.weights import decoder_layers, divided
from anima_tui.settings import Compute, Decode, Settings


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
    "llama-3.3-70b": Shape(128256, 8192, 28672, 80, 64, 8, d_sae=65536, tap=50),
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
    line: Line | None = None

    def context(self, *, compiled: bool) -> CapturedContext | LeadingContext:
        """As a mind has it for a conversation."""
        size = self.shape.context
        context = CapturedContext(self.model, self.tap, size, compiled=compiled)
        return LeadingContext(context, self.line, size) if self.line else context

    def prompt(self, tokens: int) -> list[int]:
        return torch.randint(self.shape.vocabulary, (tokens,)).tolist()


def random_model(shape: Shape, place: Placement) -> Any:
    """A Llama of noise, made where it computes: no rank ever holds more than its part."""
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
        dtype=place.dtype,
    )
    with torch.device("meta"):
        wanted = LlamaForCausalLM(config).state_dict()
    # One number that passes for a matrix: nothing of its size is on the host while the parts are laid out.
    one = torch.zeros((), dtype=place.dtype)
    zeros = {name: one.expand(weight.shape) for name, weight in wanted.items()}
    if place.device.type == "cpu":
        zeros = {name: weight.clone() for name, weight in zeros.items()}
    model: Any = LlamaForCausalLM.from_pretrained(
        None, config=config, state_dict=zeros, dtype=place.dtype, **divided(place)
    )
    torch.manual_seed(0)
    for weight in model.eval().requires_grad_(False).parameters():
        part = weight.to_local() if isinstance(weight, DTensor) else weight
        part.normal_(std=0.02) if part.ndim == 2 else part.fill_(1.0)
    return model


def random_tap(layer: nn.Module, shape: Shape, place: Placement, share: Callable[[Tensor], Tensor]) -> Tap:
    """With an SAE of noise, a mode that pushes and a reservoir that learns."""
    knobs = Settings()
    with place.device:
        decoder = torch.nn.functional.normalize(torch.randn(shape.d_sae, shape.d_in, dtype=place.dtype), dim=-1)
        sae = JumpReLUSAE(
            SaeConfig(
                architecture="jumprelu",
                d_in=shape.d_in,
                d_sae=shape.d_sae,
                hook_name=f"blocks.{shape.tap}.hook_resid_post",
            ),
            {
                "W_enc": decoder.T,
                "W_dec": decoder,
                "b_enc": torch.zeros(shape.d_sae),
                "b_dec": torch.zeros(shape.d_in),
                "threshold": torch.full((shape.d_sae,), 0.02),
            },
        )
        prism = Prism(sae.directions, sae.decoder_norms, knobs.prism.kappa)
        prism.push.normal_(std=0.1 / shape.d_in**0.5)
        return Tap(
            layer,
            sae,
            torch.ones(shape.d_sae),
            valence=Readout(Axis(torch.nn.functional.normalize(torch.randn(shape.d_in), dim=0), 0.0, 1.0)),
            reservoir=Reservoir(
                shape.d_sae,
                rate=knobs.reservoir.learning_rate,
                decay=knobs.reservoir.decay,
                budget=knobs.reservoir.budget,
                device=place.device,
            ),
            prism=prism,
            baseline_rate=knobs.reservoir.baseline_rate,
            active=ACTIVE,
            share=share,
        )


def build(shape: Shape, compute: Compute) -> Rig:
    """In the first rank; the others follow it and do not return."""
    place = placement(compute, shape.d_in**2 * shape.layers)
    line = Line(place.device) if place.tensor_parallel else None
    model = random_model(shape, place)
    layer = decoder_layers(model)[shape.tap]
    if line and start.rank():
        obey(line, model, layer)
    return Rig(model, random_tap(layer, shape, place, line.share if line else alone), shape, line)


def speak(
    rig: Rig,
    context: Context | LeadingContext,
    sampler: Sampler,
    prompt: Sequence[int],
    step: Callable[[int], Tensor],
    tokens: int,
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


def first_token(rig: Rig, context: Context | LeadingContext, sampler: Sampler, prompt: Sequence[int]) -> float:
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
    shape = SHAPES[name]
    cuda = torch.cuda.is_available()
    rig = build(shape, Compute(device="cuda" if cuda else "cpu", devices=start.ranks()))
    compiled = cuda and rig.line is None  # as a mind does it
    settings, device = Decode(seed=0), rig.model.device
    figures: dict[str, float] = {"devices": start.ranks()}
    began = time.perf_counter()
    context, sampler = rig.context(compiled=compiled), CapturedSampler(settings, device, compiled=compiled)
    prompt = rig.prompt(PROMPT)
    first_token(rig, context, sampler, prompt)
    figures["prepare"] = time.perf_counter() - began
    ways: dict[str, Callable[[], float]] = {
        "hooked": lambda: speak(rig, context, sampler, prompt, context.step, TOKENS),
        "unhooked": lambda: speak(rig, context, sampler, prompt, context.bare_step, TOKENS),
    }
    if rig.line is None:
        plain, chooser = Context(rig.model, rig.tap), Sampler(settings, device)
        ways["eager"] = lambda: speak(rig, plain, chooser, prompt, plain.step, TOKENS)
        ways["generate"] = lambda: generate(rig.model, prompt, TOKENS, settings)
    figures |= compared(ways, rounds)
    figures["limit"] = copy_speed(device) / read_per_token(rig.model)
    first, then = list[float](), list[float]()
    for _ in range(rounds + 1):
        context.forget(0)
        long = rig.prompt(LONG)
        first.append(first_token(rig, context, sampler, long))
        then.append(first_token(rig, context, sampler, [*long, *rig.prompt(TURN)]))
    figures["first_token"], figures["next_turn"] = statistics.median(first[1:]), statistics.median(then[1:])
    if cuda:
        figures["memory"] = torch.cuda.max_memory_allocated(device)
    if rig.line:
        rig.line.dismiss()
    return figures


def read_per_token(model: Any) -> int:
    """Bytes of weights that this rank reads for each token: all but the embedding, of which it is one row."""
    parts = (weight for name, weight in model.named_parameters() if "embed" not in name)
    return sum(weight.numel() * weight.element_size() for weight in parts)


def shape_table(figures: dict[str, float]) -> list[str]:
    """The figures, each with what it means."""
    rows = [
        ("decode, hooked", f"{figures['hooked']:.1f} tokens/s", "read, learn, steer, sample; one copy a token"),
        ("decode, unhooked", f"{figures['unhooked']:.1f} tokens/s", "the same without the tap"),
        ("hook", f"{figures['hook_cost']:.1%}", "< 3 %"),
        *(
            (f"decode, {way}", f"{figures[key]:.1f} tokens/s", meaning)
            for key, way, meaning in (
                ("eager", "eager, hooked", "as on a device without graphs"),
                ("generate", "generate()", "same weights, prompt, choice of tokens"),
            )
            if key in figures
        ),
        ("memory's limit", f"{figures['limit']:.0f} tokens/s", "weights read once a token at the speed of a copy"),
        ("time to first token", f"{figures['first_token'] * 1e3:.0f} ms", f"{LONG} tokens read"),
        ("  of the next turn", f"{figures['next_turn'] * 1e3:.0f} ms", f"{TURN} more tokens"),
        ("preparing", f"{figures['prepare']:.0f} s", "compiling and capturing, once a start"),
        ("devices", f"{figures['devices']:.0f}", "each holds its part of every matrix"),
        ("memory of the first", f"{figures.get('memory', 0) / 2**30:.1f} GiB", "at most, of torch's tensors"),
    ]
    return [f"{name:<28}{value:>20}   {meaning}" for name, value, meaning in rows]
