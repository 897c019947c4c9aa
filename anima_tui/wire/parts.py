"""What messages are made of."""

from __future__ import annotations

from typing import Literal

import msgspec


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the pieces that messages are made of."""


class BodyCard(Part, frozen=True):
    """What the app may say about the body. Never changes while the engine lives."""

    name: str
    model: str
    parameters: int
    hook: str  # "blocks.4.hook_resid_post"
    d_model: int
    d_sae: int
    architecture: str  # of the SAE: standard, jumprelu, topk, gated
    valence_source: Literal["readout", "lexicon"]
    valence_r: float | None  # held-out Pearson correlation of the readout, trusted or not; None: never measured
    phrasebook: bool
    context_tokens: int
    labels: dict[int, str]  # feature -> a few words; features without a label are absent
    cortex: bytes  # int32[d_sae], little-endian: the cell (row * cortex_width + column) of each feature
    cortex_width: int


class ModeCard(Part, frozen=True):
    """A Prism setting as the app lists it."""

    name: str  # "Anima"
    description: str
    hue: str  # "#rrggbb": tints the theme


class Exchange(Part, frozen=True):
    """One finished exchange, as it stands on disk."""

    id: int
    session: int
    at: float  # seconds since the epoch, when the user spoke
    user: str
    thought: str
    reply: str
    mode: str
    user_valence: float
    valence: float
    adrenaline: float
    finish: Literal["end", "length", "stopped", "loop", "failed"]


class SelfLine(Part, frozen=True):
    """A line of the self-model."""

    text: str
    core: bool  # the user's own, never changed by a dream
    evidence: list[int]  # ids of the memories it rests on
    strength: float = 1.0  # [0, 1]: grows when a night finds it said again, fades when a night leaves it out
    since: float = 0.0  # seconds since the epoch when it came; 0: nobody noted it


class Generation(Part, frozen=True):
    """One version of the self-model."""

    id: int
    parent: int | None
    at: float
    lines: list[SelfLine]
    reason: str  # "first", "dream", "edit", "forget"


class DiffLine(Part, frozen=True):
    """A line of the difference between two generations."""

    sign: Literal["+", "-", " "]
    text: str


class NightRecord(Part, frozen=True):
    """A finished night for the dream log."""

    id: int
    began: float
    ended: float
    outcome: Literal["changed", "restful", "interrupted", "undone"]
    summary: str
    dreams: list[str]
    diff: list[DiffLine]
    reel: bool = False  # it can be watched once more


class Chapter(Part, frozen=True):
    """A generation in the history of who she is. Distances are shares of the words that differ, [0, 1]."""

    generation: Generation
    night: int | None
    diff: list[DiffLine]  # against its parent
    from_first: float  # distance to the first generation
    from_parent: float


class MemoryCard(Part, frozen=True):
    """A memory as its owner sees it."""

    id: int
    exchange: int
    speaker: Literal["user", "anima"]
    at: float
    text: str
    valence: float
    adrenaline: float  # what is left of it now
    novelty: float
    mode: str
    pinned: bool  # always comes to mind
    dreamt: bool


class Recollection(Part, frozen=True):
    """A memory that came to mind, and why. The three reasons lie in [0, 1]."""

    memory: int
    line: str  # as it stands in the system prompt
    score: float
    relevance: float
    adrenaline: float
    recency: float
    pinned: bool


class Vitals(Part, frozen=True):
    """The state of the organs at one moment."""

    mode: str
    pinned: bool  # the user chose the mode; False: intent chooses
    steering: bool
    thinking: bool
    phase: Literal["awake", "nap", "thinking", "speaking", "drowsy", "deep", "dream", "consolidate", "gate", "wake"]
    fatigue: float
    threshold: float
    valence: float  # of the last token, [-1, 1]
    baseline: float  # its moving average
    adrenaline: float  # of the turn so far
    loop_guard: bool
    reservoir_norm: float
    reservoir_budget: float
    tokens_per_second: float
    wants_sleep: bool
    unsaved: int = 0  # changes that are in memory alone, because the disk takes nothing


class Fired(Part, frozen=True, array_like=True):
    """A feature that fired at a token."""

    feature: int
    activation: float
    level: float  # activation / p99 of that feature, clipped to [0, 1]


class Alternative(Part, frozen=True, array_like=True):
    """A token that could have been said."""

    text: str
    probability: float


class Habit(Part, frozen=True, array_like=True):
    """What the reservoir holds of a feature."""

    feature: int
    weight: float
