"""In which regime a chain of self-models ends: fixed point, cycle, wandering or divergent.

Looked at is the last half of the nights. After "agentic loops" (arXiv 2512.10350), which tells contractive from
exploratory dynamics by step distance, distance to the start and dispersion.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

Regime = Literal["fixed point", "cycle", "wandering", "divergent"]

STEADY = 0.95
"""Share of the late nights that must be as they were before, for a fixed point or a cycle."""
LONGEST_CYCLE = 12
"""Nights after which a return still counts as one cycle."""
BROKEN = 0.5
"""Share of the late nights with a broken self-model from which the chain is divergent."""
GROWTH = 2.0
"""Late length over earlier length from which it runs away."""

CRITERION = (
    f"Regimes are told from the last half of the nights. Divergent: at least {BROKEN:.0%} of them leave a self-model "
    f"that is empty or degenerate (a line of more than 400 characters, or of few words over and over), or the words "
    f"of the last tenth are more than {GROWTH:g} times those of the tenth in which that half began. Fixed point: at "
    f"least {STEADY:.0%} of them leave the self-model exactly as the night before did. Cycle: at least {STEADY:.0%} "
    f"leave it exactly as it was p nights before, for one p from 2 to {LONGEST_CYCLE}. Wandering: everything else: it "
    "goes on changing and stays whole."
)


def regime(states: Sequence[int], words: Sequence[float], broken: Sequence[bool]) -> Regime:
    """`states`: equal numbers for equal self-models; `words`: their length; `broken`: whether each is degenerate."""
    half = len(states) // 2
    late, length, bad = list(states[half:]), np.asarray(words[half:], dtype=np.float64), broken[half:]
    tenth = max(1, len(late) // 5)
    if np.mean([b or not w for b, w in zip(bad, length, strict=True)]) >= BROKEN:
        return "divergent"
    if length[-tenth:].mean() > GROWTH * max(1.0, length[:tenth].mean()):
        return "divergent"
    if _returns(late, 1) >= STEADY:
        return "fixed point"
    if any(_returns(late, period) >= STEADY for period in range(2, min(LONGEST_CYCLE, len(late) - 1) + 1)):
        return "cycle"
    return "wandering"


def _returns(states: Sequence[int], period: int) -> float:
    """Share of the nights that leave what stood there `period` nights before."""
    pairs = list(zip(states, states[period:], strict=False))
    return sum(a == b for a, b in pairs) / len(pairs) if pairs else 1.0
