"""What must be measured once per body, as data: read from and written to `attunement/` in its folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from anima_tui.engine.axis import Axis
from anima_tui.errors import BodyUnusable


class ModeRecipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A Prism mode in terms of one body; user-defined modes are TOML files of the same shape."""

    name: str
    description: str = ""
    hue: str = "#7aa2f7"
    push: dict[str, float] = {}
    """Concept name, or "#123" for a feature -> α, the share of ‖h‖ added along that unit direction."""
    suppress: dict[str, float] = {}
    """Concept name, or "#123" -> ceiling c; of what fires above it, the excess is subtracted."""
    examples: list[str] = []
    """User messages that should call this mode when she chooses by herself."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What attunement measured, for the model card and the app."""

    valence_r: float
    """Pearson correlation of the turn's valence with held-out labels."""
    valence_samples: int
    concepts_auroc: dict[str, float] = {}
    mode_kl: dict[str, float] = {}
    """Mode -> the 95th percentile of next-token KL in nats at its strength."""
    notes: list[str] = []


class _Index(msgspec.Struct, frozen=True, kw_only=True):
    fingerprint: str
    d_in: int
    d_sae: int
    labels: dict[int, str]
    features_of: dict[str, list[int]]
    modes: list[ModeRecipe]
    cortex_width: int
    report: Report


@dataclass(frozen=True)
class Attunement:
    """Measured constants of one body. Tensors are float32 on the CPU unless said otherwise."""

    fingerprint: str
    """Of the body these were measured on."""
    p99: Tensor
    """[d_sae] 99th percentile of each feature's positive activations; > 0 everywhere."""
    valence: Axis
    """Of tokens: difference in means or ridge regression, whichever validated better."""
    turn_valence: Axis | None
    """Of the mean residual of a turn, at unit length. Absent in what was measured before there was one."""
    concepts: dict[str, Tensor]
    """Concept name -> [d_in] unit direction to push along (difference in means)."""
    intents: dict[str, Tensor]
    """Mode name -> [d_sae] centroid of the mean feature levels of messages that call for it."""
    intent_mean: Tensor
    """[d_sae] mean over all messages, subtracted before cosines are taken."""
    cortex: Tensor
    """int32 [d_sae] cell of each feature in a square layout whose neighbours mean similar things."""
    cortex_width: int
    report: Report
    labels: dict[int, str] = field(default_factory=dict[int, str])
    features_of: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    """Concept name -> features that carry it, strongest first; what `suppress` acts on."""
    modes: list[ModeRecipe] = field(default_factory=list[ModeRecipe])

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        tensors = {
            "p99": self.p99,
            "intent_mean": self.intent_mean,
            "cortex": self.cortex.to(torch.int32),
        }
        tensors |= _written("valence", self.valence) | _written("turn_valence", self.turn_valence)
        tensors |= {f"concept.{name}": vector for name, vector in self.concepts.items()}
        tensors |= {f"intent.{name}": vector for name, vector in self.intents.items()}
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, folder / "tensors.safetensors")
        index = _Index(
            fingerprint=self.fingerprint,
            d_in=self.valence.direction.numel(),
            d_sae=self.p99.numel(),
            labels=self.labels,
            features_of=self.features_of,
            modes=self.modes,
            cortex_width=self.cortex_width,
            report=self.report,
        )
        (folder / "tensors.safetensors").chmod(0o644)  # safetensors makes it private; a body may be shared
        (folder / "index.json").write_bytes(msgspec.json.format(msgspec.json.encode(index), indent=1))

    @classmethod
    def load(cls, folder: Path) -> Attunement:
        """Raises BodyUnusable when the files are missing, damaged or of an unknown shape."""
        try:
            index = msgspec.json.decode((folder / "index.json").read_bytes(), type=_Index)
            tensors = load_file(folder / "tensors.safetensors")
            attunement = cls(
                fingerprint=index.fingerprint,
                p99=tensors["p99"],
                valence=_axis(tensors, "valence"),
                turn_valence=_axis(tensors, "turn_valence") if "turn_valence_direction" in tensors else None,
                concepts=_under(tensors, "concept."),
                intents=_under(tensors, "intent."),
                intent_mean=tensors["intent_mean"],
                cortex=tensors["cortex"],
                cortex_width=index.cortex_width,
                report=index.report,
                labels=index.labels,
                features_of=index.features_of,
                modes=index.modes,
            )
        except (OSError, KeyError, ValueError, SafetensorError, msgspec.DecodeError) as error:
            raise BodyUnusable(
                f"the attunement in {folder} cannot be read ({error}); make it again with `anima-tui attune`."
            ) from None
        if attunement.p99.numel() != index.d_sae or attunement.cortex.numel() != index.d_sae:
            raise BodyUnusable(f"the attunement in {folder} does not fit its own index; make it again.")
        return attunement


def _written(name: str, axis: Axis | None) -> dict[str, Tensor]:
    if axis is None:
        return {}
    return {f"{name}_direction": axis.direction, f"{name}_affine": torch.tensor([axis.bias, axis.scale])}


def _axis(tensors: dict[str, Tensor], name: str) -> Axis:
    bias, scale = tensors[f"{name}_affine"].tolist()
    return Axis(tensors[f"{name}_direction"], bias, scale)


def _under(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
