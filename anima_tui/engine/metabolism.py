"""Metabolism: what talking costs, what rest gives back, what is worth remembering, and when she is stuck."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anima_tui.settings import Metabolism as Constants


class Metabolism:
    """Fatigue F, in the units of its threshold."""

    def __init__(self, constants: Constants, fatigue: float = 0.0) -> None:
        self._constants = constants
        self.fatigue = fatigue
        self.postponed_until = 0.0
        """Fatigue under which she does not ask again."""

    @property
    def threshold(self) -> float:
        return self._constants.threshold

    @property
    def wants_sleep(self) -> bool:
        return self.fatigue >= max(self.threshold, self.postponed_until)

    def spend(self, surprise: float) -> None:
        """One generated token: F += c0 + c1 |s|."""
        self.fatigue += self._constants.cost_per_token
        if math.isfinite(surprise):
            self.fatigue += self._constants.cost_per_surprise * min(abs(surprise), 2.0)

    def rest(self, seconds: float) -> None:
        """Wall-clock time awake and idle, or away. Time that runs backwards gives nothing."""
        self.fatigue *= half_life(max(seconds, 0.0), self._constants.rest_half_life_hours)

    def nap(self, seconds: float) -> None:
        """Wall-clock time of a nap: as `rest`, deeper."""
        self.fatigue *= half_life(max(seconds, 0.0), self._constants.nap_half_life_hours)

    def postpone(self) -> None:
        self.postponed_until = self.fatigue + self.threshold / 10

    def sleep(self) -> None:
        """A finished night."""
        self.fatigue = 0.0
        self.postponed_until = 0.0


def half_life(seconds: float, hours: float) -> float:
    """The share that remains after `seconds` of exponential decay."""
    return 0.5 ** (seconds / 3600 / hours)


def adrenaline(surprise: float, novelty: float) -> float:
    """A = |mean s| (1 + novelty), for a turn's mean surprise in [-2, 2] and novelty in [0, 1]."""
    return min(abs(surprise), 2.0) * (1.0 + min(max(novelty, 0.0), 1.0))


class LoopGuard:
    """Notices that she is going round in circles, from the features and from the words themselves."""

    def __init__(self, constants: Constants, d_sae: int) -> None:
        self._constants = constants
        self._mean: NDArray[np.float32] = np.zeros(d_sae, dtype=np.float32)
        self._alike = 0
        self._repeats = 1
        self._tokens: deque[int] = deque(maxlen=constants.loop_gram * 8 * constants.loop_repeats)

    @property
    def awake(self) -> bool:
        """True while steering is halved and nothing is learned."""
        return self._alike >= self._constants.loop_tokens or self._repeats >= 2

    @property
    def stuck(self) -> bool:
        """True when the reply should be ended: one sequence was said over and over."""
        return self._repeats >= self._constants.loop_repeats

    def hear(self, token: int, indices: NDArray[np.integer], levels: NDArray[np.floating]) -> None:
        """One token and its sparse feature levels."""
        self._tokens.append(token)
        size = math.sqrt(float(self._mean @ self._mean) * float(levels @ levels))
        cosine = float(self._mean[indices] @ levels) / size if size > 0 else 0.0
        self._alike = self._alike + 1 if cosine > self._constants.loop_similarity else 0
        self._mean *= 0.8
        self._mean[indices] += 0.2 * levels
        self._repeats = immediate_repeats(tuple(self._tokens), self._constants.loop_gram)

    def reset(self) -> None:
        self._mean[:] = 0.0
        self._alike = 0
        self._repeats = 1
        self._tokens.clear()


def immediate_repeats(tokens: Sequence[int], least: int) -> int:
    """How often the tail of `tokens` says the same sequence of at least `least` tokens in a row; at least 1."""
    best = 1
    for length in range(least, len(tokens) // 2 + 1):
        if tokens[-1 - length] != tokens[-1]:
            continue  # most lengths end here, and this is asked at every token
        tail = tokens[-length:]
        count = 1
        while tokens[-length * (count + 1) : -length * count] == tail:
            count += 1
        best = max(best, count)
    return best
