"""Where a body computes and in which numbers: what the settings say, or what suits this machine best."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

import torch
from transformers import BitsAndBytesConfig

from anima_tui.engine.parallel import start
from anima_tui.errors import BadSettings
from anima_tui.settings import Compute

SMALL = 100_000_000
"""Bytes of weights below which a body stays on the CPU: the embedded one was attuned there, in float32."""


@dataclass(frozen=True)
class Placement:
    """The model, its SAE and the organs share the device; the organs' own tensors are always float32."""

    device: torch.device
    dtype: torch.dtype
    """Of the model's weights and of the two matrices of the SAE."""
    quantization: Literal["none", "8bit", "4bit"] = "none"
    devices: int = 1
    """Among which the model is divided, this one first."""
    tensor_parallel: bool = False
    """Divided by matrices, with a process for each device; else by layers, in this process."""

    @property
    def quantizer(self) -> BitsAndBytesConfig | None:
        """How transformers shall quantize the weights while it loads them."""
        if self.quantization == "8bit":
            return BitsAndBytesConfig(load_in_8bit=True)
        if self.quantization == "4bit":
            return BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=self.dtype)
        return None


def placement(compute: Compute, weight_bytes: int) -> Placement:
    """Raises BadSettings when the settings ask for what this machine does not have."""
    if compute.quantization != "none" and find_spec("bitsandbytes") is None:
        raise BadSettings(
            f"weights in {compute.quantization.removesuffix('bit')} bits need bitsandbytes; "
            "run `pip install 'anima-tui[quantized]'`, or set compute.quantization to none."
        )
    devices = max(compute.devices, start.ranks())
    device = _device_of_rank(compute.device) if devices > 1 else _device(compute.device, weight_bytes)
    if device.type == "cuda" and devices > torch.cuda.device_count():
        raise BadSettings(
            f"torch finds {torch.cuda.device_count()} CUDA devices where compute.devices says {devices}; lower it."
        )
    dtype = _best_dtype(device) if compute.dtype == "auto" else getattr(torch, compute.dtype)
    return Placement(device, dtype, compute.quantization, devices, start.ranks() > 1)


def _device_of_rank(wanted: str) -> torch.device:
    """Of a body that is spread: a CUDA device for each rank, unless it is asked for on the CPU."""
    return torch.device("cpu") if wanted == "cpu" else torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))


def _device(wanted: str, weight_bytes: int) -> torch.device:
    if wanted == "auto":
        if weight_bytes < SMALL:
            return torch.device("cpu")
        if torch.cuda.is_available():
            return torch.device("cuda", 0)
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    device = torch.device(wanted)
    missing = {
        "cuda": (device.index or 0) >= torch.cuda.device_count(),
        "mps": not torch.backends.mps.is_available(),
    }
    if missing.get(device.type, False):
        raise BadSettings(f"torch finds no device {wanted} on this machine; set compute.device to auto or cpu.")
    return torch.device("cuda", device.index or 0) if device.type == "cuda" else device


def _best_dtype(device: torch.device) -> torch.dtype:
    if device.type == "cpu":
        return torch.float32
    if device.type == "cuda" and not torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.float16
    return torch.bfloat16
