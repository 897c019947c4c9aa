"""What a stretch of text looked like from within: the few features that fired most, and how strongly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIZE = 32
"""Features kept of a stretch of text."""


@dataclass(frozen=True, eq=False)
class Signature:
    """A sparse feature vector."""

    features: NDArray[np.int32]
    """[k] feature indices, each at most once."""
    levels: NDArray[np.float32]
    """[k] mean level of each over the text, >= 0."""

    def __post_init__(self) -> None:
        if self.features.ndim != 1 or self.features.shape != self.levels.shape:
            raise ValueError(f"{self.features.shape} features cannot have {self.levels.shape} levels")


NO_SIGNATURE = Signature(np.zeros(0, np.int32), np.zeros(0, np.float32))


def strongest(levels: NDArray[np.float32], most: int) -> Signature:
    """The `most` highest of dense mean levels float32 [d_sae]."""
    order = np.argsort(-levels, kind="stable")[:most]
    return Signature(order.astype(np.int32), levels[order])


def cosines(cue: Signature, others: Sequence[Signature]) -> NDArray[np.float64]:
    """[len(others)] cosine of each with `cue`, 0 where either is empty or zero."""
    if not others or not cue.features.size:
        return np.zeros(len(others))
    order = np.argsort(cue.features)
    cue_features = cue.features[order]
    cue_levels = cue.levels[order].astype(np.float64)

    owner = np.repeat(np.arange(len(others)), [other.features.size for other in others])
    features = np.concatenate([other.features for other in others])
    levels = np.concatenate([other.levels for other in others]).astype(np.float64)

    place = np.searchsorted(cue_features, features).clip(max=cue_features.size - 1)
    shared = np.where(cue_features[place] == features, cue_levels[place], 0.0)
    dots = np.bincount(owner, shared * levels, len(others))
    lengths = np.sqrt(np.bincount(owner, levels * levels, len(others))) * np.linalg.norm(cue_levels)
    return np.divide(dots, lengths, out=np.zeros(len(others)), where=lengths > 0).clip(-1.0, 1.0)


def novelty(new: Signature, recent: Sequence[Signature]) -> float:
    """Distance from the recent past in feature space: 1 - the largest cosine with any of `recent`, >= 0."""
    if not recent:
        return 1.0
    return float(np.clip(1.0 - cosines(new, recent).max(), 0.0, 1.0))
