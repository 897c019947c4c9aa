"""What comes to mind: memories as they stand on disk, and which of them a turn or a night calls up."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import msgspec
import numpy as np

from anima_tui.engine.metabolism import half_life
from anima_tui.engine.signature import Signature, cosines
from anima_tui.engine.words import words_found
from anima_tui.settings import Memory as Weights
from anima_tui.text import safe_line

CANDIDATES = 100  # by words, by adrenaline and by time each: the few hundred that are weighed in full
LINE = 160  # characters of a memory that a prompt may quote

COLUMNS = "id, exchange, speaker, at, text, valence, adrenaline, novelty, mode, features, levels, consumed_by, pinned"
"""What `memories` reads."""


class _Row(msgspec.Struct, frozen=True):
    """A row as it must be; a damaged file can hold anything."""

    id: int
    exchange: int
    speaker: Literal["user", "anima"]
    at: float
    text: str
    valence: float
    adrenaline: float
    novelty: float
    mode: str
    features: bytes
    levels: bytes
    consumed_by: int | None
    pinned: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Memory:
    """One speaker's part of a past exchange."""

    id: int
    exchange: int
    speaker: Literal["user", "anima"]
    at: float
    text: str
    valence: float
    adrenaline: float
    """What is left of it now: decayed by half-life, 0 once dreamt."""
    novelty: float
    mode: str
    signature: Signature
    pinned: bool = False
    """It always comes to mind."""
    dreamt: bool = False

    @property
    def line(self) -> str:
        return memory_line(self.speaker, self.text)


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Why a memory came to mind. Every part lies in [0, 1]."""

    relevance: float
    adrenaline: float
    recency: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Recalled:
    memory: Memory
    score: float
    """Weighted sum of the parts."""
    parts: Parts


def memory_line(speaker: Literal["user", "anima"], text: str) -> str:
    """How a memory is quoted in a prompt: one line, cut at a word, unable to close its own quotation."""
    quoted = safe_line(text).replace('"', "'")
    if len(quoted) > LINE:
        head, _, cut = quoted[: LINE - 1].rpartition(" ")
        quoted = (head or cut).rstrip() + "…"
    return f'{"They" if speaker == "user" else "I"} said: "{quoted}"'


def recall(
    connection: sqlite3.Connection,
    text: str,
    signature: Signature,
    *,
    now: float,
    weights: Weights,
    adrenaline_half_life_hours: float,
    in_context: Collection[int] = (),
    among: Callable[[Memory], bool] = lambda memory: True,
) -> list[Recalled]:
    """The `weights.recall_count` memories that the user's words call up, best first, after as many pinned ones.

    score = Σ weight · part over relevance (the mean of words and features, as far as the cue has either),
    adrenaline (what is left of it, at most 1) and recency (halved every `recency_half_life_hours`).

    Left out: memories that are not `among` those wanted, those of the exchanges `in_context`, a repetition of the cue
    itself, and all but the best of those that say the same.
    """
    words = words_found(connection, text, CANDIDATES)
    candidates = _candidates(connection, words or {}, now, adrenaline_half_life_hours)
    memories = [one for one in candidates if one.exchange not in in_context and among(one)]
    likeness = cosines(signature, [memory.signature for memory in memories])

    recalled: list[Recalled] = []
    for memory, cosine in zip(memories, likeness, strict=True):
        said = [words.get(memory.id, 0.0)] if words is not None else []
        felt = [max(float(cosine), 0.0)] if signature.features.size else []
        age = max(now - memory.at, 0.0)
        parts = Parts(
            relevance=sum(said + felt) / max(len(said + felt), 1),
            adrenaline=min(memory.adrenaline, 1.0),
            recency=half_life(age, weights.recency_half_life_hours),
        )
        score = (
            weights.relevance * parts.relevance
            + weights.adrenaline * parts.adrenaline
            + weights.recency * parts.recency
        )
        recalled.append(Recalled(memory=memory, score=score, parts=parts))

    recalled.sort(key=lambda one: (-one.score, -one.memory.id))
    distinct = list(_distinct(recalled, {_gist(text)}))
    pinned = [one for one in distinct if one.memory.pinned]
    called = [one for one in distinct if not one.memory.pinned]
    return [*pinned[: weights.recall_count], *called[: weights.recall_count]]


def tonight(
    connection: sqlite3.Connection, limit: int, *, now: float, adrenaline_half_life_hours: float
) -> list[Memory]:
    """The memories a night begins with: what was not yet dreamt, by what is left of its adrenaline.

    Where that is too little, memories of earlier nights come back, the strongest first.
    """
    connection.create_function("half_life", 2, half_life, deterministic=True)
    rows = connection.execute(
        f"""SELECT {COLUMNS} FROM memory WHERE superseded = 0
            ORDER BY consumed_by IS NOT NULL, adrenaline * half_life(max(? - at, 0.0), ?) DESC, id DESC
            LIMIT ?""",
        (now, adrenaline_half_life_hours, limit),
    )
    return memories(rows, now, adrenaline_half_life_hours)


def heard(connection: sqlite3.Connection, limit: int, *, now: float, adrenaline_half_life_hours: float) -> list[Memory]:
    """What the user said and no night has gone over: the `limit` that are felt most, in the order of the day."""
    rows = connection.execute(
        f"""SELECT * FROM (
                SELECT {COLUMNS} FROM memory WHERE superseded = 0 AND consumed_by IS NULL AND speaker = 'user'
                ORDER BY adrenaline DESC, id DESC LIMIT ?
            ) ORDER BY id""",
        (limit,),
    )
    return memories(rows, now, adrenaline_half_life_hours)


def recent_signatures(connection: sqlite3.Connection, count: int) -> list[Signature]:
    """Of the newest memories, newest first: the past that novelty is measured against."""
    rows = connection.execute(
        "SELECT features, levels FROM memory WHERE superseded = 0 ORDER BY id DESC LIMIT ?", (count,)
    )
    return [_signature(row["features"], row["levels"]) for row in rows]


def _candidates(
    connection: sqlite3.Connection, hits: Collection[int], now: float, adrenaline_half_life_hours: float
) -> list[Memory]:
    rows = connection.execute(
        f"""SELECT {COLUMNS} FROM memory WHERE superseded = 0 AND id IN (
            SELECT * FROM (SELECT id FROM memory WHERE superseded = 0 ORDER BY id DESC LIMIT {CANDIDATES})
            UNION ALL
            SELECT * FROM (SELECT id FROM memory WHERE consumed_by IS NULL AND superseded = 0
                           ORDER BY adrenaline DESC LIMIT {CANDIDATES})
            UNION ALL
            SELECT * FROM (SELECT id FROM memory WHERE pinned = 1 AND superseded = 0
                           ORDER BY id DESC LIMIT {CANDIDATES})
            UNION ALL VALUES (NULL){", (?)" * len(hits)})""",
        tuple(hits),
    )
    return memories(rows, now, adrenaline_half_life_hours)


def memories(rows: Iterable[sqlite3.Row], now: float, adrenaline_half_life_hours: float) -> list[Memory]:
    """Rows of `COLUMNS`, as they are felt `now`. Raises msgspec.ValidationError where a damaged file holds others."""
    return [
        Memory(
            id=row.id,
            exchange=row.exchange,
            speaker=row.speaker,
            at=row.at,
            text=row.text,
            valence=row.valence,
            adrenaline=0.0
            if row.consumed_by is not None
            else row.adrenaline * half_life(max(now - row.at, 0.0), adrenaline_half_life_hours),
            novelty=row.novelty,
            mode=row.mode,
            signature=_signature(row.features, row.levels),
            pinned=bool(row.pinned),
            dreamt=row.consumed_by is not None,
        )
        for row in (msgspec.convert(dict(row), _Row) for row in rows)
    ]


def _signature(features: bytes, levels: bytes) -> Signature:
    return Signature(np.frombuffer(features, "<i4"), np.frombuffer(levels, "<f4"))


def _distinct(recalled: Iterable[Recalled], said: set[str]) -> Iterator[Recalled]:
    """Of every gist the first, unless it was `said` already; the wordless say nothing."""
    said = said | {""}
    for one in recalled:
        gist = _gist(one.memory.text)
        if gist not in said:
            said.add(gist)
            yield one


def _gist(text: str) -> str:
    return safe_line(text).casefold()
