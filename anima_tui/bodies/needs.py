"""What a preset asks of a machine, told before anything is downloaded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from anima_tui.bodies.catalog import Preset
from anima_tui.bodies.machine import Machine
from anima_tui.settings import Compute

PROGRAM = 1_000_000_000
"""Bytes that Python, torch and its libraries take beside the weights."""


@dataclass(frozen=True)
class Needs:
    """In bytes."""

    model: int
    """To download."""
    sae: int
    """To download, at most; converted, it takes as much once more."""
    cpu: int
    """Main memory when the CPU computes: in float32, unless the settings say otherwise."""
    gpu: int
    """Memory of a GPU: in 16 bits, unless the settings say otherwise."""
    undivided: int
    """Of `gpu`, what does not become less where several GPUs share the body."""
    per_token: int
    """What a CPU reads for each token: every weight once, and the SAE's encoder."""

    @property
    def disk(self) -> int:
        return self.model + 2 * self.sae

    def gpus(self, memory: int) -> int:
        """How many GPUs of that memory hold it together: 1, 2, 4 and so on, as heads are divided; 0: too many."""
        counts = (2**n for n in range(7))
        return next((n for n in counts if self.undivided + (self.gpu - self.undivided) / n <= memory), 0)


def needs(preset: Preset, compute: Compute) -> Needs:
    """From the preset's numbers; the two matrices of an SAE are all that counts of it."""
    sae = 2 * preset.d_in * preset.d_sae
    cache = preset.cached * preset.context_tokens
    bits = {"8bit": 8, "4bit": 4}.get(compute.quantization)

    def sized(width: int) -> tuple[int, int]:
        """Bytes of the model's weights and of another number, `width` bytes wide where nothing else is asked for."""
        width = {"auto": width, "float32": 4}.get(compute.dtype, 2)
        return preset.parameters * bits // 8 if bits else preset.parameters * width, width

    (cpu, wide), (gpu, narrow) = sized(4), sized(2)
    return Needs(
        model=preset.parameters * preset.stored,
        sae=4 * sae,
        cpu=cpu + wide * (sae + cache) + PROGRAM,
        gpu=gpu + narrow * (sae + cache) + PROGRAM,
        undivided=narrow * sae + PROGRAM,
        per_token=cpu + wide * sae // 2,
    )


def verdict(
    name: str, preset: Preset, compute: Compute, machine: Machine, logged_in: bool
) -> Iterator[tuple[str, str]]:
    """What is asked for, and the answer. What nobody knows beforehand is said to be unknown."""
    yield "body", f"{name}: {preset.model}, {preset.repo} with {preset.release}/{preset.sae}"
    yield "licence", preset.licence
    if preset.gated:
        login = "you are logged in" if logged_in else "then log in with `hf auth login`"
        yield "gate", f"accept the licence at https://huggingface.co/{preset.repo}; {login}"
    if not (preset.parameters and preset.d_in and preset.d_sae):
        yield "size", "unknown until it is downloaded"
        return
    need = needs(preset, compute)
    yield (
        "disk",
        (
            f"{_gb(need.model)} for the model, at most {_gb(need.sae)} for its SAE and as much for that one converted; "
            f"{_gb(machine.room)} are free, which is {'enough' if need.disk <= machine.room else 'NOT enough'}"
        ),
    )
    yield "memory", f"{_gb(need.cpu)} on a CPU, {_gb(need.gpu)} on a GPU, with {preset.context_tokens} tokens read"
    count = f"{machine.gpus} times " if machine.gpus > 1 else ""
    gpu = f"{count}{machine.gpu} with {_gb(machine.gpu_memory)}" if machine.gpu else "no GPU"
    yield "here", f"{_gb(machine.memory)} of memory, {gpu}"
    if machine.gpu and compute.device != "cpu":
        yield "verdict", _on_gpus(need.gpus(machine.gpu_memory), compute, machine)
        return
    yield "verdict", _answer(need.cpu <= machine.memory, "memory", compute)
    seconds = need.per_token / machine.bandwidth
    yield "speed", f"each token reads {_gb(need.per_token)}, for which one core here takes {seconds:.2f} s"


def asked_of_the_hub(preset: Preset) -> Preset:
    """A preset of the user's own with what the hub tells of its model; as it was when the hub cannot be reached."""
    from huggingface_hub import HfApi

    try:
        told = HfApi().model_info(preset.repo, timeout=10)
    except Exception:  # which one is up to the network library, and that is up to the version of huggingface_hub
        return preset
    parameters = told.safetensors.total if told.safetensors else 0
    return msgspec.structs.replace(preset, parameters=parameters, gated=bool(told.gated))


def _on_gpus(wanted: int, compute: Compute, machine: Machine) -> str:
    if wanted < 2:
        return _answer(wanted == 1, "GPU", compute)
    if wanted > machine.gpus:
        return f"{_answer(False, 'GPU', compute)}; {wanted} such GPUs would hold it together"
    if wanted > compute.devices:
        return f"it needs {wanted} of the {machine.gpus} GPUs; set compute.devices to {wanted}"
    return f"it fits {compute.devices} of the {machine.gpus} GPUs together"


def _answer(fits: bool, where: str, compute: Compute) -> str:
    if fits:
        return f"it fits the {where}"
    if compute.quantization == "none":
        return f"it does NOT fit the {where}; set compute.quantization to 8bit or 4bit, or choose a smaller body"
    return f"it does NOT fit the {where}; choose a smaller body, or an engine elsewhere with --engine ssh://HOST"


def _gb(size: float) -> str:
    return f"{size / 1e9:.1f} GB"
