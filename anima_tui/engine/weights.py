"""Model and tokenizer from a folder, by transformers and without the network."""

from __future__ import annotations

from inspect import signature
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import nn
from torch.distributed.tensor import DTensor
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import logging

from anima_tui.engine.hardware import Placement
from anima_tui.errors import BodyUnusable

_LAYER_LISTS = (
    "model.layers",
    "model.language_model.layers",
    "language_model.layers",
    "model.decoder.layers",
    "transformer.h",
    "gpt_neox.layers",
)


def load_model(folder: Path, place: Placement) -> tuple[PreTrainedModel, nn.ModuleList]:
    """The frozen model where it shall compute, and its decoder layers. Raises BodyUnusable."""
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        loaded: Any = AutoModelForCausalLM.from_pretrained(
            folder,
            local_files_only=True,
            dtype=place.dtype,
            quantization_config=place.quantizer,
            output_loading_info=True,
            **divided(place),
        )
    except (torch.OutOfMemoryError, MemoryError):
        raise BodyUnusable(
            f"the model in {folder} does not fit the memory of {place.device}; set compute.quantization to 8bit or "
            "4bit, compute.device to another device, or choose a smaller body."
        ) from None
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise BodyUnusable(
            f"the model in {folder} cannot be loaded ({_first_line(error)}); copy the body again."
        ) from None
    model: PreTrainedModel = loaded[0]
    loading: dict[str, Any] = loaded[1]
    # transformers would fill what is missing with noise and only warn.
    if absent := sorted({*loading["missing_keys"], *(name for name, *_ in loading["mismatched_keys"])}):
        raise BodyUnusable(
            f"the weights in {folder} do not fit config.json: {absent[0]} is missing or of another shape; "
            "copy the body again."
        )
    return model.eval().requires_grad_(False), decoder_layers(model)


def cache_argument(model: Any) -> str:
    """What a forward pass calls its KV cache: `cache` in newer versions of transformers."""
    return "cache" if "cache" in signature(model.forward).parameters else "past_key_values"


def keep_own_part(model: Any) -> None:
    """Of linear layers that are divided among ranks, hold this rank's part as a plain tensor."""
    for layer in filter(lambda module: isinstance(module, nn.Linear), model.modules()):
        for name, weight in layer.named_parameters(recurse=False):
            if isinstance(weight, DTensor):
                setattr(layer, name, nn.Parameter(weight.to_local(), requires_grad=False))


def divided(place: Placement) -> dict[str, Any]:
    """How transformers shall lay the weights out."""
    if place.tensor_parallel:
        from transformers.distributed import DistributedConfig  # pyright: ignore[reportPrivateImportUsage]

        return {"distributed_config": DistributedConfig(tp_plan="auto", tp_size=place.devices)}
    if place.devices > 1:
        free = {device: torch.cuda.mem_get_info(device)[0] for device in range(place.devices)}
        return {"device_map": "auto", "max_memory": free}
    return {"device_map": {"": place.device}}


def divisible(folder: Path, place: Placement) -> bool:
    """Whether the matrices of the model in `folder` can be divided among the devices, by transformers' own plan."""
    config: Any = AutoConfig.from_pretrained(folder, local_files_only=True)
    heads = [getattr(config, name, None) for name in ("num_attention_heads", "num_key_value_heads")]
    fair = all(isinstance(count, int) and count % place.devices == 0 for count in heads)
    return fair and bool(getattr(config, "base_model_tp_plan", None)) and place.quantization == "none"


def load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """Raises BodyUnusable."""
    try:
        return AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except Exception as error:  # the tokenizers library raises bare Exception for a damaged tokenizer.json
        raise BodyUnusable(
            f"the tokenizer in {folder} cannot be loaded ({_first_line(error)}); copy the body again."
        ) from None


def decoder_layers(model: PreTrainedModel) -> nn.ModuleList:
    """The list of decoder layers, under whatever name the architecture keeps it. Raises BodyUnusable."""
    modules = dict(model.named_modules())
    for path in _LAYER_LISTS:
        if isinstance(layers := modules.get(path), nn.ModuleList):
            return layers
    raise BodyUnusable(
        f"the decoder layers of a {type(model).__name__} are not where Anima looks for them; choose another model."
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
