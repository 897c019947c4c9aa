"""How long a memory takes to come to mind among many."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from anima_tui.engine.signature import SIZE, Signature
from anima_tui.engine.soul import NewMemory, OrganState, Soul, TurnRecord
from anima_tui.settings import Memory

D_SAE = 4096
WORDS = 20_000
LENGTH = 9
"""Words of a memory; the vocabulary is used as Zipf's law has it."""


def recall_times(memories: int, looks: int, seed: int = 0) -> list[float]:
    """Seconds of each of some recalls, for sentences of common and rare words, in a soul of so many memories."""
    chance = np.random.default_rng(seed)
    shares = 1.0 / np.arange(1, WORDS + 1)
    shares /= shares.sum()

    def sentence() -> str:
        return " ".join(f"w{word}" for word in chance.choice(WORDS, LENGTH, p=shares))

    def signature() -> Signature:
        features = chance.choice(D_SAE, SIZE, replace=False).astype(np.int32)
        return Signature(features, chance.random(SIZE, dtype=np.float32))

    def memory() -> NewMemory:
        felt = signature()
        return NewMemory(
            speaker="user",
            text=sentence(),
            valence=0.0,
            adrenaline=float(chance.random()),
            novelty=0.5,
            mode="Anima",
            features=felt.features,
            levels=felt.levels,
        )

    with (
        tempfile.TemporaryDirectory() as folder,
        Soul.open(Path(folder), body="none", fingerprint="", d_sae=D_SAE) as soul,
    ):
        turn = TurnRecord(
            at=time.time(),
            user="",
            thought="",
            reply="",
            mode="Anima",
            user_valence=0.0,
            valence=0.0,
            adrenaline=0.0,
            finish="end",
            tokens=[],
            reservoir=np.zeros(D_SAE, np.float32),
            organs=OrganState(),
            memories=[memory() for _ in range(memories)],
        )
        soul.save_turn(turn)
        seconds: list[float] = []
        for _ in range(looks):
            cue, felt = sentence(), signature()
            began = time.perf_counter()
            soul.recall(cue, felt, Memory(), 48.0)
            seconds.append(time.perf_counter() - began)
    return seconds


def recall_figures(memories: int = 100_000, looks: int = 100) -> tuple[float, float]:
    """Median and 95th percentile, seconds."""
    seconds = sorted(recall_times(memories, looks))
    return statistics.median(seconds), seconds[int(0.95 * len(seconds))]
