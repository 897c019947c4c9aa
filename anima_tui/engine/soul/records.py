"""What the engine hands to the soul to keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from anima_tui import wire

Speaker = Literal["user", "anima"]
Finish = Literal["end", "length", "stopped", "loop", "failed"]


class OrganState(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The small state of the organs, as it stands between two turns."""

    fatigue: float = 0.0
    baseline: float = 0.0
    """Moving average of valence."""
    mode: str = "Anima"
    pinned: bool = False
    steering: bool = True
    thinking: bool = False
    postponed_until: float = 0.0
    """Fatigue below which she does not ask to sleep."""
    saved_at: float = 0.0
    """Seconds since the epoch; wall-clock rest is counted from here."""


@dataclass(frozen=True, kw_only=True, eq=False)
class NewMemory:
    """One speaker's part of an exchange."""

    speaker: Speaker
    text: str
    valence: float
    adrenaline: float
    novelty: float
    mode: str
    features: NDArray[np.int32]
    """[k]"""
    levels: NDArray[np.float32]
    """[k]"""


@dataclass(frozen=True, kw_only=True, eq=False)
class TurnRecord:
    """Everything that one exchange changes. It reaches the disk whole or not at all."""

    at: float
    """When the user spoke, seconds since the epoch."""
    user: str
    thought: str
    reply: str
    mode: str
    user_valence: float
    valence: float
    adrenaline: float
    finish: Finish
    tokens: Sequence[int]
    """Ids of the decoded tokens, thought and reply, so that each can be looked into later."""
    reservoir: NDArray[np.float32]
    """[d_sae] finite."""
    organs: OrganState
    memories: Sequence[NewMemory] = ()
    evidence: NDArray[np.float64] | None = None
    """[6, d_sae] sums since the last night, replacing the stored ones; None leaves them as they are."""
    supersedes: int | None = None
    """The exchange that this one answers anew; it is kept, and shown no more."""


@dataclass(frozen=True, kw_only=True, eq=False)
class NightOutcome:
    """Everything that a finished night changes."""

    began: float
    ended: float
    summary: str
    dreams: Sequence[str]
    lines: Sequence[wire.SelfLine] | None
    """The new self-model, or None after a restful night."""
    verdict: str
    """What the gate said."""
    consumed: Sequence[int]
    """Memories that were dreamt: their adrenaline is spent."""
    reservoir: NDArray[np.float32]
    """[d_sae] after downscaling, finite."""
    organs: OrganState
    reel: bytes = b""
    """The night as it was seen, see `reel.wind`."""
