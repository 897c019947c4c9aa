"""Valence as one direction of the residual stream, fitted to labelled messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from anima_tui.engine.attune.listen import Heard
from anima_tui.engine.attune.material import Felt

_CORPUS_WEIGHT = 2.0
"""What is said to a companion counts for more than a stranger's comment."""
_SHRINKAGE = (0.03, 0.1, 0.3, 1.0)
_SCALES = (0.3, 0.6, 1.0, 1.5)
_SPREAD_COST = 0.005
"""Correlation given up, at most, for a valence that uses more of [-1, 1]."""
_VALIDATE_EVERY = 8


@dataclass(frozen=True)
class ValenceReadout:
    """v = tanh(scale (h . direction - bias)) per token; a turn's is the mean."""

    direction: Tensor
    """float32 [d_in], unit length."""
    bias: float
    scale: float
    r: dict[str, float]
    """Pearson correlation with held-out labels: per source, and "all"."""
    held_out: int
    method: str


def fit_valence(felt: Sequence[Felt], heard: Heard, usual: Tensor) -> ValenceReadout:
    """A direction that tells pleasant from painful, and where on it zero lies.

    The direction is the difference in means, plain, whitened or by ridge regression, whichever validates best.
    Validation is a part of the fitted side; the held-out side is read once, at the end. Zero lies half way between
    messages without feeling and `usual`, the mean residual float32 [d_in] of what she says herself: she speaks behind
    examples, which moves it.
    """
    label = torch.tensor([message.valence for message in felt])
    held_out = torch.tensor([message.held_out for message in felt])
    corpus = torch.tensor([message.source == "corpus" for message in felt])
    validation = ~held_out & (torch.arange(len(felt)) % _VALIDATE_EVERY == 0)
    means = heard.per_utterance(heard.residuals)
    weight = torch.where(corpus, _CORPUS_WEIGHT, 1.0)

    trial = _directions(means, label, weight * ~held_out * ~validation)
    method = max(trial, key=lambda name: pearson(means[validation] @ trial[name], label[validation]))
    direction = torch.nn.functional.normalize(_directions(means, label, weight * ~held_out)[method], dim=0)

    projection = heard.residuals @ direction
    bias = float((means[~held_out & (label == 0)].mean(0) + usual) @ direction) / 2
    spread = float(projection.std())

    def valence(scale: float) -> Tensor:
        return heard.per_utterance(torch.tanh(scale / spread * (projection - bias)))

    fitted = {scale: pearson(valence(scale)[~held_out], label[~held_out]) for scale in _SCALES}
    scale = max(s for s, r in fitted.items() if r >= max(fitted.values()) - _SPREAD_COST)
    read = valence(scale)
    sides = {"all": held_out, "corpus": held_out & corpus, "goemotions": held_out & ~corpus}
    r = {name: pearson(read[side], label[side]) for name, side in sides.items() if side.any()}
    return ValenceReadout(direction, bias, scale / spread, r, int(held_out.sum()), method)


def pearson(a: Tensor, b: Tensor) -> float:
    """Pearson's r of two float32 [n]; 0 where one of them is constant."""
    a, b = a - a.mean(), b - b.mean()
    return float(a @ b / (a.norm() * b.norm()).clamp(min=1e-12))


def _directions(means: Tensor, label: Tensor, weight: Tensor) -> dict[str, Tensor]:
    """Candidate directions [d_in] from turn means [turns, d_in], labels and weights [turns]."""
    weight = weight / weight.sum()
    pleasant, painful = weight * (label > 0), weight * (label < 0)
    difference = pleasant @ means / pleasant.sum() - painful @ means / painful.sum()
    centred = means - weight @ means
    covariance = (centred * weight[:, None]).T @ centred
    covariation = (centred * weight[:, None]).T @ (label - weight @ label)
    ridge = covariance.diagonal().mean() * torch.eye(means.shape[1])
    found = {"difference in means": difference}
    for shrinkage in _SHRINKAGE:
        whitened = torch.linalg.solve(covariance + shrinkage * ridge, torch.stack((difference, covariation), dim=1))
        found[f"whitened difference in means, shrinkage {shrinkage}"] = whitened[:, 0]
        found[f"ridge regression, shrinkage {shrinkage}"] = whitened[:, 1]
    return found
