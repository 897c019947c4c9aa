"""Deep sleep: habits fade, and those that the day proved are spared."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from anima_tui.engine.mind import Mind
from anima_tui.engine.night.night import Night, Stages, announce

NAMED = 3
"""Habits of each kind that are told by name."""


def deep(mind: Mind, night: Night) -> Stages:
    """Synaptic downscaling w <- ρw (Tononi & Cirelli 2014), but for habits whose correlation with valence is proven."""
    settings = mind.settings.sleep
    proof = mind.evidence.correlation(settings.evidence_tokens)
    before = mind.weights()
    proven = (np.abs(proof) >= settings.evidence_correlation) & (np.sign(proof) == np.sign(before))
    spared = torch.from_numpy(proven).to(mind.reservoir.weights.device)
    night.weights = mind.reservoir.downscaled(spared, settings.downscale).cpu().numpy()
    night.habits = told(before, proven, mind.body.card.labels)
    yield announce(mind, "deep", night.habits, 0.15)


def told(weights: NDArray[np.float32], proven: NDArray[np.bool_], labels: Mapping[int, str]) -> str:
    """A sentence for those that strengthened and one for those that fade, each with its strongest by name."""
    held = np.where(proven, np.abs(weights), 0.0)
    fading = np.where(proven, 0.0, np.abs(weights))
    if not (held.any() or fading.any()):
        return "No habits yet."
    return " ".join(_sentence(*part, labels) for part in ((held, "held by the day"), (fading, "fading")))


def _sentence(weights: NDArray[np.float32], word: str, labels: Mapping[int, str]) -> str:
    count = int((weights > 0).sum())
    strongest = [int(i) for i in np.argsort(-weights, kind="stable")[:NAMED] if weights[i] > 0]
    names = ", ".join(labels.get(i, f"#{i}") for i in strongest)
    return f"{count} {'habit' if count == 1 else 'habits'} {word}" + (f": {names}." if names else ".")
