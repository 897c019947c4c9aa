"""Souls, turns and nights for tests, each told apart by one number."""

from __future__ import annotations

import resource
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from anima_tui import wire
from anima_tui.engine.memory import Memory
from anima_tui.engine.signature import NO_SIGNATURE, Signature
from anima_tui.engine.soul import NewMemory, NightOutcome, OrganState, Soul, TurnRecord

D_SAE = 64
CORE = wire.SelfLine(text="I am Anima.", core=True, evidence=[])


class Clock:
    """Seconds since the epoch, moved by hand."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def awake(folder: Path, *, body: str = "seedling", fingerprint: str = "f" * 64, clock: Clock | None = None) -> Soul:
    return Soul.open(folder, body=body, fingerprint=fingerprint, d_sae=D_SAE, clock=clock or Clock())


def signature(*features: int, levels: Sequence[float] = ()) -> Signature:
    return Signature(np.array(features, np.int32), np.array(levels or [1.0] * len(features), np.float32))


def memory(text: str, felt: Signature | None = None, *, adrenaline: float = 0.5, speaker: str = "user") -> NewMemory:
    felt = felt or signature(1, 2)
    return NewMemory(
        speaker="user" if speaker == "user" else "anima",
        text=text,
        valence=0.25,
        adrenaline=adrenaline,
        novelty=0.5,
        mode="Anima",
        features=felt.features,
        levels=felt.levels,
    )


def remembered(text: str, number: int = 1, speaker: str = "user") -> Memory:
    """A memory as it comes from disk."""
    return Memory(
        id=number,
        exchange=1,
        speaker="user" if speaker == "user" else "anima",
        at=0.0,
        text=text,
        valence=0.0,
        adrenaline=1.0,
        novelty=1.0,
        mode="Anima",
        signature=NO_SIGNATURE,
    )


def turn(
    k: int,
    *,
    at: float = 1_800_000_000.0,
    memories: Sequence[NewMemory] | None = None,
    supersedes: int | None = None,
) -> TurnRecord:
    """Everything in it says `k`."""
    return TurnRecord(
        at=at,
        user=f"question {k}",
        thought=f"thought {k}",
        reply=f"answer {k}",
        mode="Anima",
        user_valence=0.5,
        valence=-0.5,
        adrenaline=0.75,
        finish="end",
        tokens=[k, k + 1],
        reservoir=np.full(D_SAE, k, np.float32),
        organs=OrganState(fatigue=float(k), mode="Dream", saved_at=at),
        memories=[memory(f"question {k}"), memory(f"answer {k}", speaker="anima")] if memories is None else memories,
        evidence=np.full(4 * D_SAE + 3, float(k)),
        supersedes=supersedes,
    )


def night(k: int, *, lines: Sequence[str] | None = ("I like rain.",), consumed: Sequence[int] = ()) -> NightOutcome:
    """Everything in it says `k`; `lines` are the mutable ones of the new self-model."""
    return NightOutcome(
        began=1_800_000_000.0,
        ended=1_800_000_060.0,
        summary=f"night {k}",
        dreams=[f"dream {k}.0", f"dream {k}.1"],
        lines=None
        if lines is None
        else [CORE, *(wire.SelfLine(text=line, core=False, evidence=[1]) for line in lines)],
        verdict="fine",
        consumed=consumed,
        reservoir=np.full(D_SAE, k, np.float32),
        organs=OrganState(fatigue=float(k), saved_at=1_800_000_060.0),
    )


def contents(soul: Soul) -> tuple[object, ...]:
    """All that a soul holds, in a form that can be compared."""
    evidence = soul.evidence()
    return (
        soul.reservoir().tobytes(),
        None if evidence is None else evidence.tobytes(),
        soul.organs(),
        soul.exchanges(1000),
        soul.generations(),
        soul.self_model(),
        soul.nights(1000),
        [(m.id, m.text, m.adrenaline) for m in soul.memories_for_tonight(10_000, 48.0)],
        [(s.features.tobytes(), s.levels.tobytes()) for s in soul.recent_signatures(10_000)],
    )


@contextmanager
def no_file_beyond(size: int) -> Generator[None]:
    """The kernel refuses to let any file grow past `size` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
