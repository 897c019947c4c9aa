"""The tap's moment, on the host."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from anima_tui.engine.tap import Moment
from anima_tui.wire import Fired


@dataclass(frozen=True)
class Reading:
    """What the tap saw at one generated position, and the token that was chosen there."""

    token: int
    indices: NDArray[np.int64]
    activations: NDArray[np.float32]
    levels: NDArray[np.float32]
    valence: float
    surprise: float
    push: float
    """‖Δh‖ / ‖h‖"""
    baseline: float
    """Moving average of valence."""
    norm: float
    """Of the reservoir."""

    @classmethod
    def of(cls, moment: Moment, choice: Tensor) -> Reading:
        """`choice` int64 []. One device-to-host copy. What is not finite reads as 0."""
        values, k = torch.cat((moment.values, choice.view(1).to(moment.values))).cpu().numpy(), moment.k
        valence, surprise, push, baseline, norm, token = (
            value if math.isfinite(value) else 0.0 for value in values[3 * k :].tolist()
        )
        return cls(
            token=int(token),
            indices=values[:k].astype(np.int64),
            activations=values[k : 2 * k].copy(),
            levels=values[2 * k : 3 * k].copy(),
            valence=valence,
            surprise=surprise,
            push=push,
            baseline=baseline,
            norm=norm,
        )

    def fired(self, most: int) -> list[Fired]:
        """The strongest features by level."""
        order = np.argsort(-self.levels, kind="stable")[:most]
        return [
            Fired(
                feature=int(self.indices[i]),
                activation=float(self.activations[i]),
                level=float(self.levels[i]),
            )
            for i in order
            if self.levels[i] > 0
        ]
