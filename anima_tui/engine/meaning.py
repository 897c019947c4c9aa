"""What a message means to the body: a direction read from its residual stream, near to that of other ways to say it.

The forge teaches it (`forge/meanings.py`) and measures every phrase of the phrasebook; here a message is measured.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from safetensors import numpy as arrays_of

from anima_tui.errors import BodyUnusable

Floats = NDArray[np.float32]

STRANGE, SAME = 0.45, 1.0
"""Cosines from which two lines begin to be alike, and from which they say the same."""
_STEPS = 127


class Meanings:
    """Where each phrase points, and the linear head that tells where a message points. Immutable."""

    def __init__(self, weight: Floats, bias: Floats, phrases: Floats) -> None:
        """`weight` [size, d_in], `bias` [size], `phrases` [phrases, size] of unit rows."""
        self._weight = weight
        self._bias = bias
        self._phrases = phrases

    def __len__(self) -> int:
        return len(self._phrases)

    def of(self, residuals: Floats) -> Floats:
        """The unit vector [size] of a message, from the residuals [words, d_in] of its words."""
        unit = residuals / np.maximum(np.linalg.norm(residuals, axis=1, keepdims=True), 1e-12)
        pointed = self._weight @ unit.mean(0) + self._bias
        return (pointed / max(float(np.linalg.norm(pointed)), 1e-12)).astype(np.float32)

    def likeness(self, meaning: Floats) -> Floats:
        """How much each phrase is like `meaning` [size]: [phrases] in [0, 1]."""
        return np.clip((self._phrases @ meaning - STRANGE) / (SAME - STRANGE), 0.0, 1.0)

    def save(self, file: Path) -> None:
        """Half precision for the head, eight bits a number for the phrases."""
        arrays_of.save_file(
            {
                "weight": self._weight.astype(np.float16),
                "bias": self._bias.astype(np.float16),
                "phrases": np.round(self._phrases * _STEPS).astype(np.int8),
            },
            file,
        )

    @classmethod
    def load(cls, file: Path) -> Self | None:
        """None when there is no such file. Raises BodyUnusable when it is damaged."""
        if not file.exists():
            return None
        try:
            stored = arrays_of.load(file.read_bytes())
            weight, bias, phrases = (stored[name].astype(np.float32) for name in ("weight", "bias", "phrases"))
            if (weight.ndim, bias.shape, phrases.ndim) != (2, weight.shape[:1], 2) or phrases.shape[1:] != bias.shape:
                raise ValueError("its arrays do not fit each other")
        except Exception as error:  # safetensors has its own for a damaged file
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise BodyUnusable(f"the meanings in {file} cannot be read ({reason}); copy the body again.") from None
        return cls(weight, bias, phrases / np.float32(_STEPS))
