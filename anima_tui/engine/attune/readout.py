"""Valence as a direction of the residual stream, of tokens and of turns, fitted to labelled messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from anima_tui.engine.attune.listen import Heard
from anima_tui.engine.attune.material import Felt
from anima_tui.engine.axis import Axis
from anima_tui.engine.valence import LEXICAL, lexical_valence

_CORPUS_WEIGHT = 2.0
"""What is said to a companion counts for more than a stranger's comment."""
_SHRINKAGE = (0.03, 0.1, 0.3, 1.0)
_SCALES = (0.3, 0.6, 1.0, 1.5)
_SPREAD_COST = 0.005
"""Correlation given up, at most, for a valence that uses more of [-1, 1]."""
_VALIDATE_EVERY = 8
_TURN_SHRINKAGE = 0.3
"""Of the axis of turns. Not validated: a body may know by heart what it was trained on, and would choose too little.
From 0.1 to 1 the embedded body reads held-out messages alike."""


@dataclass(frozen=True)
class ValenceReadout:
    """What was fitted, and how well it reads."""

    tokens: Axis
    turns: Axis
    r: dict[str, float]
    """Pearson correlation of turns with held-out labels: per source, and "all"; "axis alone" and "mean of tokens" are
    of all, without the lexicon's share and without the axis of turns."""
    held_out: int
    method: str


def fit_valence(felt: Sequence[Felt], heard: Heard, usual: Tensor) -> ValenceReadout:
    """Directions that tell pleasant from painful, and where on them zero lies.

    That of tokens is the difference in means, plain, whitened or by ridge regression, whichever validates best.
    Validation is a part of the fitted side; the held-out side is read once, at the end. Zero lies half way between
    messages without feeling and `usual`, the mean residual float32 [d_in] of what she says herself: she speaks behind
    examples, which moves it. That of turns is fitted by ridge regression, and laid so that over the fitted messages
    turns have the mean and the spread of the means over their tokens: both are held against the same baseline.
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
    tokens, by_token = Axis(direction, bias, scale / spread), valence(scale)

    whole = torch.nn.functional.normalize(means, dim=1)
    turns = _laid(_ridge(whole, label, weight * ~held_out), whole[~held_out], by_token[~held_out])
    alone = turns.read(whole)
    read = alone + LEXICAL * torch.tensor([lexical_valence(message.text) for message in felt])
    sides = {"all": held_out, "corpus": held_out & corpus, "goemotions": held_out & ~corpus}
    r = {name: pearson(read[side], label[side]) for name, side in sides.items() if side.any()}
    r |= {"axis alone": pearson(alone[held_out], label[held_out])}
    r |= {"mean of tokens": pearson(by_token[held_out], label[held_out])}
    return ValenceReadout(tokens, turns, r, int(held_out.sum()), method)


def _laid(direction: Tensor, whole: Tensor, like: Tensor) -> Axis:
    """An axis along `direction` [d_in] on which `whole` [turns, d_in] has the mean and the spread of `like` [turns]."""
    direction = torch.nn.functional.normalize(direction, dim=0)
    projection, level = whole @ direction, torch.atanh(like.clamp(-0.999, 0.999))
    scale = float(level.std() / projection.std())
    return Axis(direction, float(projection.mean()) - float(level.mean()) / scale, scale)


def pearson(a: Tensor, b: Tensor) -> float:
    """Pearson's r of two float32 [n]; 0 where one of them is constant."""
    a, b = a - a.mean(), b - b.mean()
    return float(a @ b / (a.norm() * b.norm()).clamp(min=1e-12))


def _ridge(whole: Tensor, label: Tensor, weight: Tensor) -> Tensor:
    """Direction [d_in] of a ridge regression of `label` on `whole` [turns, d_in], both weighted."""
    covariance, covariation, ridge = _moments(whole, label, weight / weight.sum())
    return torch.linalg.solve(covariance + _TURN_SHRINKAGE * ridge, covariation)


def _moments(means: Tensor, label: Tensor, weight: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Covariance [d_in, d_in] of turns, their covariation [d_in] with labels, and the identity at the mean variance;
    `weight` [turns] sums to 1."""
    centred = means - weight @ means
    covariance = (centred * weight[:, None]).T @ centred
    covariation = (centred * weight[:, None]).T @ (label - weight @ label)
    return covariance, covariation, covariance.diagonal().mean() * torch.eye(means.shape[1])


def _directions(means: Tensor, label: Tensor, weight: Tensor) -> dict[str, Tensor]:
    """Candidate directions [d_in] from turn means [turns, d_in], labels and weights [turns]."""
    weight = weight / weight.sum()
    pleasant, painful = weight * (label > 0), weight * (label < 0)
    difference = pleasant @ means / pleasant.sum() - painful @ means / painful.sum()
    covariance, covariation, ridge = _moments(means, label, weight)
    found = {"difference in means": difference}
    for shrinkage in _SHRINKAGE:
        whitened = torch.linalg.solve(covariance + shrinkage * ridge, torch.stack((difference, covariation), dim=1))
        found[f"whitened difference in means, shrinkage {shrinkage}"] = whitened[:, 0]
        found[f"ridge regression, shrinkage {shrinkage}"] = whitened[:, 1]
    return found
