"""The tap's moment, on the host."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anima_tui.engine.tap import Moment
from anima_tui.wire import Fired


@dataclass(frozen=True)
class Reading:
    """What the tap saw at one generated position."""

    indices: NDArray[np.int64]
    activations: NDArray[np.float32]
    levels: NDArray[np.float32]
    valence: float
    surprise: float
    push: float
    """‖Δh‖ / ‖h‖"""

    @classmethod
    def of(cls, moment: Moment) -> Reading:
        """One device-to-host copy. What is not finite reads as 0."""
        values, k = moment.values.cpu().numpy(), moment.k
        valence, surprise, push = (value if math.isfinite(value) else 0.0 for value in values[3 * k :].tolist())
        return cls(
            indices=values[:k].astype(np.int64),
            activations=values[k : 2 * k].copy(),
            levels=values[2 * k : 3 * k].copy(),
            valence=valence,
            surprise=surprise,
            push=push,
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
