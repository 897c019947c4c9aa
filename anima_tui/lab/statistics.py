"""Numbers and how sure they are: means with bootstrap intervals, slopes, entropy. Pure, seeded, numpy only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

RESAMPLES = 2000
LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A mean and its 95 % confidence interval, by the percentile bootstrap (Efron 1979)."""

    mean: float
    low: float
    high: float
    count: int
    """Of what was resampled."""

    def __str__(self) -> str:
        return f"{self.mean:.3g} [{self.low:.3g}, {self.high:.3g}]"

    @property
    def percent(self) -> str:
        return f"{self.mean:.0%} [{self.low:.0%}, {self.high:.0%}]"

    def apart_from(self, value: float) -> bool:
        """Whether the interval leaves `value` out."""
        return not self.low <= value <= self.high


NOTHING = Estimate(float("nan"), float("nan"), float("nan"), 0)


def estimate(values: Iterable[float], seed: int = 0) -> Estimate:
    """Of independent values; those that are not numbers are left out."""
    return grouped_estimate([[value] for value in values], seed)


def grouped_estimate(groups: Iterable[Sequence[float]], seed: int = 0) -> Estimate:
    """Of the mean of the groups' means. Whole groups are resampled: values within one are not independent."""
    means = np.array([np.nanmean(group) for group in groups if not np.isnan(group).all()], dtype=np.float64)
    if not means.size:
        return NOTHING
    drawn = np.random.default_rng(seed).integers(0, means.size, (RESAMPLES, means.size))
    low, high = np.quantile(means[drawn].mean(1), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(float(means.mean()), float(low), float(high), means.size)


def slope(x: ArrayLike, y: ArrayLike) -> float:
    """Of the least-squares line through the points; 0 where all x are equal."""
    across, up = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    centred = across - across.mean()
    spread = float(centred @ centred)
    return float(centred @ (up - up.mean())) / spread if spread else 0.0


def correlation(x: Sequence[float], y: Sequence[float]) -> float:
    """Pearson's; not a number where either does not vary."""
    if len(x) < 2 or np.std(x) == 0 or np.std(y) == 0:
        return float("nan")
    return float(np.corrcoef(x, y)[0, 1])


def entropy(things: Iterable[Hashable]) -> float:
    """Shannon's, of the shares of equal things, in bits."""
    counts = np.array(list(Counter(things).values()), dtype=np.float64)
    if not counts.size:
        return 0.0
    shares = counts / counts.sum()
    return float(-(shares * np.log2(shares)).sum()) + 0.0


def cosine(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    """0 where either is zero."""
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / size if size else 0.0


def harmonic(*scores: float) -> float:
    """Harmonic mean; 0 where any score is 0, as AxBench has it (arXiv 2501.17148)."""
    return len(scores) / sum(1 / score for score in scores) if min(scores) > 0 else 0.0
