"""Sparse autoencoders, computed exactly as sae-lens computes them but without importing it.

Reads sae-lens' disk format, `cfg.json` + `sae_weights.safetensors`. Nothing here looks at the value of a
tensor from Python, so `encode` runs unchanged inside a CUDA graph.

Scales and `b_dec` are not folded into the encoder: `(x - b_dec) W + b` and `x W + (b - b_dec W)` differ by
rounding that grows with the length of x, enough to swap the last places of a top-k, and the subtraction
costs nothing beside the matrix.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from anima_tui.engine.projection import projection
from anima_tui.engine.sae_config import Architecture, Normalization, SaeConfig, read_config
from anima_tui.errors import BodyUnusable


class SparseAutoencoder(ABC):
    """A frozen SAE on one point of the residual stream.

    The two matrices, both [d_sae, d_in], keep the dtype given to `load_sae`; everything else, and every
    result, is float32.
    """

    vectors: ClassVar[tuple[str, ...]]
    """Tensors of shape [d_sae] that the architecture's `activate` needs."""

    def __init__(self, config: SaeConfig, tensors: dict[str, Tensor]) -> None:
        self.config = config
        self._encoder = projection(tensors["W_enc"].T.contiguous())
        decoder = tensors["W_dec"]
        norms = decoder.float().norm(dim=-1)
        self.directions = (decoder / norms.clamp(min=1e-8)[:, None]).to(decoder.dtype)
        """[d_sae, d_in]: unit decoder rows."""
        self.decoder_norms = torch.ones_like(norms) if config.rescale_acts_by_decoder_norm else norms
        """float32 [d_sae]: what one unit of activation adds along its direction."""
        self.b_dec = tensors["b_dec"]
        self._centre = self.b_dec * config.apply_b_dec_to_input

    @property
    def architecture(self) -> Architecture:
        return self.config.architecture

    @property
    def d_in(self) -> int:
        return self.config.d_in

    @property
    def d_sae(self) -> int:
        return self.config.d_sae

    @property
    def hook_name(self) -> str:
        return self.config.hook_name

    @property
    def layer(self) -> int:
        """Index of the decoder layer whose output is read."""
        return self.config.layer

    def encode(self, x: Tensor) -> Tensor:
        """Activations of every feature: [*, d_in] of any dtype -> float32 [*, d_sae], on x's device."""
        return self.activate(self._project(_normalize(x.float(), self.config.normalize_activations)[0]))

    def limit(self, most: int) -> int:
        """How many features `strongest` returns when asked for `most`."""
        return min(most, self.d_sae)

    def strongest(self, x: Tensor, most: int) -> tuple[Tensor, Tensor]:
        """The `limit(most)` largest activations of one position [d_in]: float32 [k] and their features int64 [k]."""
        return torch.topk(self.encode(x), self.limit(most), sorted=False)

    def scale(self, x: Tensor) -> Tensor:
        """What one unit of the decoder's output is worth in the residual stream at x: [*, d_in] -> float32 [*, 1].

        1 unless the SAE normalizes its input, and with it what a unit of activation stands for.
        """
        return _normalize(x.float(), self.config.normalize_activations)[2]

    def decode(self, f: Tensor) -> Tensor:
        """[*, d_sae] -> [*, d_in], in the units the SAE was trained in (see `reconstruct`)."""
        return ((f * self.decoder_norms).to(self.directions.dtype) @ self.directions).float() + self.b_dec

    def reconstruct(self, x: Tensor) -> Tensor:
        """What the SAE keeps of x, [*, d_in] -> [*, d_in]: decoded, with x's own normalization undone."""
        normalized, mean, scale = _normalize(x.float(), self.config.normalize_activations)
        return self.decode(self.activate(self._project(normalized))) * scale + mean

    @abstractmethod
    def activate(self, pre: Tensor) -> Tensor:
        """Activations from `W_enc x`, before any bias: float32 [*, d_sae] -> [*, d_sae]."""

    def _project(self, x: Tensor) -> Tensor:
        """W_enc x, float32 [*, d_sae]."""
        return self._encoder(x - self._centre)


class StandardSAE(SparseAutoencoder):
    """ReLU."""

    vectors = ("b_enc",)

    def __init__(self, config: SaeConfig, tensors: dict[str, Tensor]) -> None:
        super().__init__(config, tensors)
        self.b_enc = tensors["b_enc"]

    def activate(self, pre: Tensor) -> Tensor:
        return (pre + self.b_enc).relu()


class JumpReLUSAE(StandardSAE):
    """ReLU, and nothing at or below a threshold of the feature's own (https://arxiv.org/abs/2407.14435)."""

    vectors = ("b_enc", "threshold")

    def __init__(self, config: SaeConfig, tensors: dict[str, Tensor]) -> None:
        super().__init__(config, tensors)
        self.threshold = tensors["threshold"]

    def activate(self, pre: Tensor) -> Tensor:
        pre = pre + self.b_enc
        return pre.relu() * (pre > self.threshold)


class TopKSAE(StandardSAE):
    """The k largest, and of those the positive ones (https://arxiv.org/abs/2406.04093)."""

    def __init__(self, config: SaeConfig, tensors: dict[str, Tensor]) -> None:
        super().__init__(config, tensors)
        norms = tensors["W_dec"].float().norm(dim=-1)
        self._norms = norms if config.rescale_acts_by_decoder_norm else None

    def activate(self, pre: Tensor) -> Tensor:
        pre = self._ranked(pre)
        largest, features = torch.topk(pre, self.config.k, dim=-1, sorted=False)
        return torch.zeros_like(pre).scatter_(-1, features, largest.relu())

    def limit(self, most: int) -> int:
        return min(most, self.config.k)

    def strongest(self, x: Tensor, most: int) -> tuple[Tensor, Tensor]:
        """As for any SAE, without spreading the k over d_sae zeros and looking for them again."""
        pre = self._project(_normalize(x.float(), self.config.normalize_activations)[0])
        largest, features = torch.topk(self._ranked(pre), self.limit(most), sorted=False)
        return largest.relu(), features

    def _ranked(self, pre: Tensor) -> Tensor:
        pre = pre + self.b_enc
        return pre if self._norms is None else pre * self._norms


class GatedSAE(SparseAutoencoder):
    """One matrix, read twice: whether a feature fires and how strongly (https://arxiv.org/abs/2404.16014)."""

    vectors = ("b_gate", "b_mag", "r_mag")

    def __init__(self, config: SaeConfig, tensors: dict[str, Tensor]) -> None:
        super().__init__(config, tensors)
        self.b_gate = tensors["b_gate"]
        self.b_mag = tensors["b_mag"]
        self.magnitude = tensors["r_mag"].exp()

    def activate(self, pre: Tensor) -> Tensor:
        return (pre * self.magnitude + self.b_mag).relu() * (pre + self.b_gate > 0)


_KINDS: dict[Architecture, type[SparseAutoencoder]] = {
    "standard": StandardSAE,
    "jumprelu": JumpReLUSAE,
    "topk": TopKSAE,
    "gated": GatedSAE,
}


def load_sae(folder: Path, device: torch.device, dtype: torch.dtype) -> SparseAutoencoder:
    """The SAE in `folder`. Raises BodyUnusable when files are missing, damaged, or do not fit each other."""
    config = read_config(folder)
    kind = _KINDS[config.architecture]
    file = folder / "sae_weights.safetensors"
    try:
        tensors = load_file(file, device=str(device))
    except FileNotFoundError:
        raise BodyUnusable(f"{file} is missing; copy the SAE again.") from None
    except (OSError, SafetensorError) as error:
        raise BodyUnusable(f"{file} is damaged or cut short ({error}); copy the SAE again.") from None
    _check_tensors(file, config, kind.vectors, tensors)
    placed = {name: t.to(device, dtype if t.ndim == 2 else torch.float32) for name, t in tensors.items()}
    return kind(config, placed)


def _check_tensors(file: Path, config: SaeConfig, vectors: tuple[str, ...], tensors: dict[str, Tensor]) -> None:
    expected = {
        "W_enc": (config.d_in, config.d_sae),
        "W_dec": (config.d_sae, config.d_in),
        "b_dec": (config.d_in,),
        **{name: (config.d_sae,) for name in vectors},
    }
    for name, shape in expected.items():
        if name not in tensors:
            raise BodyUnusable(f"{file} lacks the tensor {name} of a {config.architecture} SAE; copy the SAE again.")
        if tuple(tensors[name].shape) != shape:
            raise BodyUnusable(
                f"{name} in {file} is {list(tensors[name].shape)} where cfg.json says {list(shape)}; "
                "copy the SAE again."
            )
        if not tensors[name].isfinite().all():
            raise BodyUnusable(f"{name} in {file} holds values that are not numbers; copy the SAE again.")
    if config.architecture == "topk" and not 1 <= config.k <= config.d_sae:
        raise BodyUnusable(
            f"cfg.json beside {file} asks for the {config.k} largest of {config.d_sae} features; mend k."
        )
    # Files of 2024 may carry a learned output scale; sae-lens accepts it only where it does nothing.
    if not torch.allclose(one := tensors.get("scaling_factor", torch.ones(1)).float(), torch.ones_like(one)):
        raise BodyUnusable(f"{file} has a finetuning scale, which is not supported; choose another SAE.")


def _normalize(x: Tensor, how: Normalization) -> tuple[Tensor, Tensor | float, Tensor]:
    """x as the SAE expects it, and the mean and scale [*, 1] that undo it.

    `expected_average_only_in` is a constant that sae-lens folds into the weights when it saves them.
    """
    if how == "layer_norm":
        mean = x.mean(dim=-1, keepdim=True)
        std = (x - mean).std(dim=-1, keepdim=True)
        return (x - mean) / (std + 1e-5), mean, std
    if how == "constant_norm_rescale":
        coefficient = math.sqrt(x.shape[-1]) / x.norm(dim=-1, keepdim=True)
        return x * coefficient, 0.0, 1 / coefficient
    return x, 0.0, torch.ones_like(x[..., :1])
