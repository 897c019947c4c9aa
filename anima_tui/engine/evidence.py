"""What the day proved: the correlation of every feature with valence, from running sums."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Evidence:
    """Sufficient statistics of a day.

    `sums` is one float64 vector of 4·d_sae + 3: per feature the count of tokens on which it fired, Σx, Σx²
    and Σxv; then the number of tokens N, Σv and Σv². A silent feature has x = 0 at that token.
    """

    def __init__(self, d_sae: int, sums: NDArray[np.float64] | None = None) -> None:
        self.sums: NDArray[np.float64] = np.zeros(4 * d_sae + 3) if sums is None else sums.copy()
        self._fired, self._x, self._xx, self._xv = self.sums[:-3].reshape(4, d_sae)
        self._day = self.sums[-3:]

    def add(self, indices: NDArray[np.integer], levels: NDArray[np.floating], valence: float) -> None:
        """One token: the features that fired (distinct), their levels in [0, 1], its valence in [-1, 1]."""
        self._fired[indices] += 1
        self._x[indices] += levels
        self._xx[indices] += levels * levels
        self._xv[indices] += levels * valence
        self._day += (1.0, valence, valence * valence)

    def correlation(self, least: int) -> NDArray[np.float64]:
        """Pearson's r of each feature's level with valence, [d_sae]; 0 where it fired on under `least` tokens."""
        n, v, vv = self._day
        covariance = n * self._xv - self._x * v
        spread = np.sqrt(np.maximum(n * self._xx - self._x**2, 0.0) * max(n * vv - v * v, 0.0))
        known = (self._fired >= least) & (spread > 1e-12)
        return np.divide(covariance, spread, out=np.zeros_like(spread), where=known)

    def clear(self) -> None:
        self.sums[:] = 0.0
