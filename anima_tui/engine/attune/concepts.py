"""Concepts as directions of the residual stream, and the features that carry them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

MOST_FEATURES = 12
_LEAST_AUROC = 0.55


@dataclass(frozen=True)
class Contrast:
    """Utterances that show a concept against utterances that do not, and which of them are held out."""

    shows: Tensor
    """bool [utterances]."""
    lacks: Tensor
    """bool [utterances]."""
    held_out: Tensor
    """bool [utterances]."""


@dataclass(frozen=True)
class Concept:
    direction: Tensor
    """float32 [d_in], unit length."""
    auroc: float
    """Held out: how well the mean projection on the direction tells the utterances apart."""
    threshold: float
    """Mean projection half way between utterances that show the concept and those that do not."""
    features: list[int]
    """Strongest first, chosen on the fitted part."""
    features_auroc: list[float]
    """Held out."""


def find_concept(contrast: Contrast, residuals: Tensor, levels: Tensor) -> Concept:
    """Difference in means of the residuals float32 [utterances, d_in], and the features whose mean levels
    float32 [utterances, d_sae] separate best by AUROC."""
    fit = ~contrast.held_out
    shows, lacks = contrast.shows & fit, contrast.lacks & fit
    direction = torch.nn.functional.normalize(residuals[shows].mean(0) - residuals[lacks].mean(0), dim=0)
    separation = auroc(levels[shows], levels[lacks])
    strongest = separation.argsort(descending=True, stable=True)[:MOST_FEATURES]
    strongest = strongest[separation[strongest] >= _LEAST_AUROC]
    shows, lacks = contrast.shows & contrast.held_out, contrast.lacks & contrast.held_out
    projection = residuals @ direction
    return Concept(
        direction,
        float(auroc(projection[shows, None], projection[lacks, None])),
        float(projection[contrast.shows & fit].mean() + projection[contrast.lacks & fit].mean()) / 2,
        strongest.tolist(),
        auroc(levels[shows][:, strongest], levels[lacks][:, strongest]).tolist(),
    )


def auroc(shows: Tensor, lacks: Tensor) -> Tensor:
    """Probability that a value of `shows` [n, k] exceeds one of `lacks` [m, k], ties counted half: [k]."""
    below = lacks.t().sort(dim=1).values.contiguous()
    wanted = shows.t().contiguous()
    wins = torch.searchsorted(below, wanted, right=False) + torch.searchsorted(below, wanted, right=True)
    return wins.float().mean(1) / (2 * max(1, lacks.shape[0]))
