"""The Prism: steering modes as buffers that are swapped between two tokens."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import torch
from torch import Tensor

from anima_tui.engine.attunement import Attunement, ModeRecipe
from anima_tui.errors import BadSettings

_FEATURE = re.compile(r"#(\d+)")


@dataclass(frozen=True)
class Mode:
    """A recipe resolved for one body."""

    recipe: ModeRecipe
    push: Tensor
    """float32 [d_in]: Σ α_m d_m, in shares of ‖h‖."""
    ceiling: Tensor
    """float32 [d_sae]: c_j for suppressed features, +inf for all others."""

    @property
    def name(self) -> str:
        return self.recipe.name


class Prism:
    """The mode in force, and the offset it makes.

        Δh = σ Σ_i (w_i f_i - max(0, f_i - c_i)) n_i d_i  +  ‖h‖ Σ_m α_m d_m,      ‖Δh‖ <= κ ‖h‖

    `w_i f_i` is the habit handed in. n_i d_i is a decoder row: its length times its unit direction; σ is what its unit
    is worth in the residual stream, 1 unless the SAE normalizes what it reads.
    `max(0, f - c)` is negative steering gated by the feature's own activation: what does not fire is not pushed
    below zero. Switching a mode writes buffers and nothing else.
    """

    def __init__(self, directions: Tensor, lengths: Tensor, kappa: float) -> None:
        """`directions` [d_sae, d_in] of any dtype, unit rows; `lengths` float32 [d_sae], of the decoder's own rows."""
        d_sae, d_in = directions.shape
        self.directions = directions
        self.lengths = lengths
        self.kappa = kappa
        self.push = torch.zeros(d_in, device=directions.device)
        self.ceiling = torch.full((d_sae,), torch.inf, device=directions.device)
        self.gain = torch.ones((), device=directions.device)
        """1 at full strength; less under the loop guard; 0 when steering is off."""

    def set(self, mode: Mode) -> None:
        self.push.copy_(mode.push)
        self.ceiling.copy_(mode.ceiling)

    def offset(
        self, h: Tensor, indices: Tensor, activations: Tensor, habit: Tensor, scale: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Δh float32 [d_in], and ‖Δh‖ / ‖h‖ as float32 [].

        `h` float32 [d_in], the residual before any offset; `indices` int64 [k] and `activations` float32 [k],
        the sparse code of h; `habit` float32 [k]; `scale` float32 [1], σ. A non-finite h gets no offset.
        """
        coefficients = (habit - (activations - self.ceiling[indices]).clamp_min_(0.0)) * self.lengths[indices] * scale
        size = torch.linalg.vector_norm(h)
        delta = torch.addmv(self.push * size, self.directions[indices].float().t(), coefficients)
        length = torch.linalg.vector_norm(delta)
        # The bound comes before the gain, so that half the gain is half of what would have been added.
        share = self.gain * (self.kappa * size / length.clamp_min(1e-12)).clamp_max(1.0)
        # A residual that is not finite makes a share or a length that is not, and so a product that counts as none.
        offset = torch.nan_to_num(delta * share, 0.0, 0.0, 0.0)
        return offset, torch.nan_to_num(share * length / size.clamp_min(1e-12), 0.0, 0.0, 0.0)


def resolve(recipe: ModeRecipe, attunement: Attunement | None, directions: Tensor) -> Mode:
    """Turn names and strengths into tensors. Raises BadSettings when the body does not know a name."""
    d_sae, d_in = directions.shape
    push = torch.zeros(d_in)
    for name, alpha in recipe.push.items():
        push += alpha * _direction(name, recipe.name, attunement, directions)
    ceiling = torch.full((d_sae,), torch.inf)
    for name, limit in recipe.suppress.items():
        ceiling[_features(name, recipe.name, attunement, d_sae)] = limit
    return Mode(recipe, push.to(directions.device), ceiling.to(directions.device))


def _direction(name: str, mode: str, attunement: Attunement | None, directions: Tensor) -> Tensor:
    if _FEATURE.fullmatch(name):
        return directions[_features(name, mode, attunement, directions.shape[0])[0]].cpu()
    if attunement and name in attunement.concepts:
        return attunement.concepts[name]
    raise _unknown(name, mode, attunement.concepts if attunement else {})


def _features(name: str, mode: str, attunement: Attunement | None, d_sae: int) -> list[int]:
    if number := _FEATURE.fullmatch(name):
        if int(number[1]) < d_sae:
            return [int(number[1])]
        raise BadSettings(f"the mode {mode} names the feature {name}, but this body's last one is #{d_sae - 1}.")
    if attunement and name in attunement.features_of:
        return attunement.features_of[name]
    raise _unknown(name, mode, attunement.features_of if attunement else {})


def _unknown(name: str, mode: str, known: Mapping[str, object]) -> BadSettings:
    choices = ", ".join(sorted(known)) or "none"
    return BadSettings(
        f'the mode {mode} names the concept "{name}", which this body does not know (it knows: {choices}); '
        'use one of those, or a feature as "#123".'
    )


BARE_MODES = (
    ModeRecipe(name="Anima", description="as she is", hue="#e0af68"),
    ModeRecipe(name="System", description="dry and factual", hue="#7dcfff"),
    ModeRecipe(name="Dream", description="images and patterns", hue="#bb9af7"),
)
"""The modes of a body that was never attuned: named, but without strength."""


def user_recipes(folder: Path) -> tuple[list[ModeRecipe], list[str]]:
    """The user's own modes, one TOML file each, and a sentence for every file that cannot be used."""
    recipes: list[ModeRecipe] = []
    complaints: list[str] = []
    for file in sorted(folder.glob("*.toml")):
        try:
            table = tomllib.loads(file.read_text(encoding="utf-8"))
            recipes.append(msgspec.convert({"name": file.stem.capitalize()} | table, ModeRecipe))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
            complaints.append(f"{file.name} is not a usable mode ({error}); it was left out.")
    return recipes, complaints


class Intent:
    """Which mode the user's words call for: the nearest centroid in feature space, where it is clearly nearer."""

    def __init__(self, centroids: Mapping[str, Tensor], mean: Tensor, margin: float, device: torch.device) -> None:
        """`centroids` name -> float32 [d_sae], mean feature levels minus `mean` float32 [d_sae] over all messages."""
        self._names: Sequence[str] = tuple(centroids)
        rows = [torch.nn.functional.normalize(c, dim=0) for c in centroids.values()]
        self._centroids = (torch.stack(rows) if rows else mean.new_zeros((0, mean.numel()))).to(device)
        self._mean = mean.to(device)
        self._margin = margin

    def choose(self, levels: Tensor, home: str) -> str:
        """The mode for a message whose mean feature levels are `levels` float32 [d_sae].

        `home` unless another centroid is nearer by the margin (in cosine). It is not the mode of the last message:
        most of what people say calls for none, and she would stay for long in one that was called for once.
        """
        if not self._names:
            return home
        cosines = self._centroids @ torch.nn.functional.normalize(levels - self._mean, dim=0)
        scores = dict(zip(self._names, cosines.tolist(), strict=True))
        best = max(scores, key=scores.__getitem__)
        return best if scores[best] > scores.get(home, -1.0) + self._margin else home
