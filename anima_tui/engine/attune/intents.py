"""Which mode a message calls for, as one centroid per mode in feature space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from anima_tui.engine.attune.material import Calling

_SHRINKAGE = (0.25, 0.5, 1.0, 2.0, 4.0)
_VALIDATE_EVERY = 6


@dataclass(frozen=True)
class Intents:
    centroids: dict[str, Tensor]
    """Mode -> float32 [d_sae]."""
    mean: Tensor
    """float32 [d_sae], subtracted from a message's levels before the cosines are taken."""
    accuracy: float
    """Held out, nearest centroid by cosine."""
    balanced_accuracy: float
    """Held out, the mean over modes."""
    confusion: dict[str, dict[str, int]]
    """Held out: mode called for -> mode chosen -> messages."""

    def choose(self, levels: Tensor) -> list[str]:
        """The nearest mode for each row of mean levels float32 [messages, d_sae]."""
        return [list(self.centroids)[i] for i in _scores(self, levels).argmax(1).tolist()]


def fit_intents(calling: Sequence[Calling], levels: Tensor) -> Intents:
    """Centroids for messages with mean feature levels float32 [messages, d_sae].

    The centroid of a mode is not the plain mean of its messages, which is ruled by features that fire on
    everything, but that mean whitened: the ridge solution C⁻¹(μ_mode - μ) with every mode weighted alike.
    """
    modes = list(dict.fromkeys(message.mode for message in calling))
    mode = torch.tensor([modes.index(message.mode) for message in calling])
    held_out = torch.tensor([message.held_out for message in calling])
    validation = ~held_out & (torch.arange(len(calling)) % _VALIDATE_EVERY == 0)
    training = ~held_out & ~validation

    trials = _fit(modes, mode[training], levels[training], _SHRINKAGE)
    recalls = [_recall(_confusion(trial, levels[validation], mode[validation])) for trial in trials]
    best = _SHRINKAGE[recalls.index(max(recalls))]
    (found,) = _fit(modes, mode[~held_out], levels[~held_out], [best])
    confusion = _confusion(found, levels[held_out], mode[held_out])
    return Intents(
        found.centroids,
        found.mean,
        float(confusion.diagonal().sum() / confusion.sum().clamp(min=1)),
        _recall(confusion),
        {a: dict(zip(modes, row, strict=True)) for a, row in zip(modes, confusion.tolist(), strict=True)},
    )


def _fit(modes: list[str], mode: Tensor, levels: Tensor, shrinkages: Sequence[float]) -> list[Intents]:
    """Ridge regression for each shrinkage, in its dual form where there are fewer messages than features."""
    members = torch.nn.functional.one_hot(mode, len(modes)).float()
    weight = (members / members.sum(0).clamp(min=1)).sum(1) / len(modes)
    mean = weight @ levels
    root = weight.sqrt()[:, None]
    rows, targets = root * (levels - mean), root * (members - 1 / len(modes))
    dual = len(rows) < rows.shape[1]
    gram = rows @ rows.T if dual else rows.T @ rows
    ridge = gram.diagonal().sum() / 1000 * torch.eye(len(gram))
    found: list[Intents] = []
    for shrinkage in shrinkages:
        factor = torch.linalg.cholesky(gram + shrinkage * ridge)
        solved = torch.cholesky_solve(targets if dual else rows.T @ targets, factor)
        centroids = rows.T @ solved if dual else solved
        found.append(Intents(dict(zip(modes, centroids.T.contiguous(), strict=True)), mean, 0.0, 0.0, {}))
    return found


def _scores(found: Intents, levels: Tensor) -> Tensor:
    centroids = torch.nn.functional.normalize(torch.stack(list(found.centroids.values())), dim=1)
    return torch.nn.functional.normalize(levels - found.mean, dim=1) @ centroids.T


def _confusion(found: Intents, levels: Tensor, mode: Tensor) -> Tensor:
    """int64 [modes, modes]: called for, chosen."""
    modes = len(found.centroids)
    chosen = _scores(found, levels).argmax(1)
    return torch.bincount(mode * modes + chosen, minlength=modes * modes).view(modes, modes)


def _recall(confusion: Tensor) -> float:
    return float((confusion.diagonal() / confusion.sum(1).clamp(min=1)).mean())
