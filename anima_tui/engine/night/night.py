"""What a night has brought so far, and how its stages are announced."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from anima_tui.engine.memory import Memory
from anima_tui.engine.mind import Mind
from anima_tui.wire import Event, NightStage, Scene, SelfLine

Stages = Generator[Event, None, None]
StageName = Literal["drowsy", "deep", "dream", "consolidate", "gate", "wake"]


@dataclass
class Night:
    """Nothing of it touches the soul before the end."""

    began: float
    memories: list[Memory] = field(default_factory=list[Memory])
    """What she dreams of, the strongest first."""
    heard: list[Memory] = field(default_factory=list[Memory])
    """What the user said since the last night, in its order: what she consolidates."""
    weights: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, dtype=np.float32))
    """float32 [d_sae] after downscaling."""
    habits: str = ""
    dreams: list[str] = field(default_factory=list[str])
    lines: list[SelfLine] | None = None
    """The self-model the gate let through; None: nothing changes."""
    verdict: str = ""
    scenes: list[Scene] = field(default_factory=list[Scene])
    """What was seen of it, to be watched once more."""


def announce(mind: Mind, stage: StageName, text: str, fraction: float) -> NightStage:
    """A stage begins; `fraction` of the night lies behind her."""
    mind.phase = stage
    return NightStage(stage=stage, text=text, fraction=fraction, vitals=mind.vitals())
