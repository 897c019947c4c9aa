"""A self-model in numbers, so that one night can be compared with another."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anima_tui.engine.mind import Mind
from anima_tui.lab.concepts import words_in
from anima_tui.lab.statistics import cosine, entropy


@dataclass(frozen=True)
class Portrait:
    """Who she was on one morning."""

    lines: Sequence[str]
    """The whole self-model, core and all."""
    levels: NDArray[np.float32] = field(repr=False)
    """float32 [d_sae]: mean feature levels of the self-model as the body reads it."""
    reservoir: NDArray[np.float32] = field(repr=False)
    """float32 [d_sae]"""

    @classmethod
    def of(cls, mind: Mind) -> Portrait:
        lines = [line.text for line in mind.soul.self_model().lines]
        return cls(lines, mind.levels_of("\n".join(lines)).cpu().numpy(), mind.weights())

    def arrays(self, name: str) -> dict[str, NDArray[np.generic]]:
        """For `restored`, each array's name beginning with `name`."""
        return {
            f"{name}.lines": np.array(self.lines, dtype=np.str_),
            f"{name}.levels": self.levels,
            f"{name}.reservoir": self.reservoir,
        }

    @classmethod
    def restored(cls, name: str, arrays: Mapping[str, NDArray[Any]]) -> Portrait:
        lines, levels, reservoir = (arrays[f"{name}.{part}"] for part in ("lines", "levels", "reservoir"))
        return cls([str(line) for line in lines], levels, reservoir)

    @cached_property
    def words(self) -> list[str]:
        return [word for line in self.lines for word in words_in(line)]

    @property
    def state(self) -> int:
        """Equal for equal self-models."""
        return zlib.crc32("\n".join(self.lines).encode())

    @property
    def entropy(self) -> float:
        """Of its words, in bits."""
        return entropy(self.words)

    @property
    def repeated(self) -> float:
        """Share of the lines that say what another line says already."""
        folded = Counter(line.casefold().strip(" .") for line in self.lines)
        return 1 - len(folded) / len(self.lines) if self.lines else 0.0

    def distance(self, other: Portrait) -> float:
        """1 - cosine of the counts of their words: 0 for the same words, 1 for none in common."""
        mine, theirs = Counter(self.words), Counter(other.words)
        vocabulary = sorted({*mine, *theirs})
        a = np.array([mine[word] for word in vocabulary], dtype=np.float64)
        b = np.array([theirs[word] for word in vocabulary], dtype=np.float64)
        return max(0.0, 1 - cosine(a, b)) if vocabulary else 0.0

    def distance_felt(self, other: Portrait) -> float:
        """1 - cosine of their feature levels."""
        return max(0.0, 1 - cosine(self.levels, other.levels))

    def habits_kept(self, other: Portrait) -> float:
        """Cosine of the reservoirs."""
        return cosine(self.reservoir, other.reservoir)
