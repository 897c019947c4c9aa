"""The phrasebook: what people say, how each voice answered it, and which of it is nearest to a message.

Nearness is lexical: the cosine of TF-IDF weights (1 + ln tf) ln(N / df) over words, word pairs and character
4-grams, with half the weight for the words spoken just before. `{slot}`s take no part in it.
"""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

VOICES = {"A": "anima", "S": "system", "D": "dream"}
HEADING = "Examples:"
SLOT = re.compile(r"\{([a-z]+)(\d*)\}")

_ARTICLE = re.compile(r"\b([Aa]) (?=[aeiou])")
_LETTERS = re.compile(r"[^\w' ]+")
_BEFORE = 0.5
"""Weight of what was said just before, against the line itself."""
_UNPREPARED = 0.2
"""What a line from the middle of a conversation loses where nothing was said before."""
_POOL = 400
"""Lines that are looked at to find the nearest phrases."""

Slots = Mapping[str, Sequence[str]]


@dataclass(frozen=True, eq=False)
class Phrase:
    """One turn of one conversation: ways of saying it, and replies by voice (keys of `VOICES`)."""

    block: str
    says: tuple[str, ...]
    replies: Mapping[str, tuple[str, ...]]
    before: str = ""
    """What was said just before it; empty for an opening."""


@dataclass(frozen=True)
class Match:
    """A phrase, the one of its lines that came nearest, and how near: 1 is the same words."""

    phrase: Phrase
    line: str
    score: float


@dataclass(frozen=True)
class Example:
    """A match made ready to be shown: slots filled, one reply for each voice."""

    line: str
    replies: Mapping[str, str]


class Phrasebook:
    """Finds the phrases nearest to a message. Immutable; 25,000 lines take about 40 MB."""

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        self.phrases = list(phrases)
        self._lines = [(i, line) for i, phrase in enumerate(self.phrases) for line in phrase.says]
        self._owner = np.array([i for i, _ in self._lines], dtype=np.int32)
        self._said = _TfIdf([grams(line) for _, line in self._lines])
        self._before = _TfIdf([_words(phrase.before) for phrase in self.phrases])
        self._opens = np.array([not phrase.before for phrase in self.phrases], dtype=bool)

    def nearest(
        self, message: str, before: str = "", count: int = 3, skip: Callable[[Phrase, str], bool] | None = None
    ) -> list[Match]:
        """Up to `count` matches of distinct phrases, nearest first; lines for which `skip` holds are passed over."""
        if not self._lines:
            return []
        said = self._said.cosines(grams(message))
        bonus = self._before.cosines(_words(before)) * _BEFORE if before else np.where(self._opens, 0, -_UNPREPARED)
        scores = np.where(said > 0, said + bonus[self._owner], -np.inf)
        pool = min(_POOL, len(scores))
        top = np.argpartition(-scores, pool - 1)[:pool]
        found: dict[int, Match] = {}
        for at in top[np.argsort(-scores[top], kind="stable")]:
            owner, line = self._lines[at]
            if len(found) == count or not np.isfinite(scores[at]):
                break
            if owner not in found and not (skip and skip(self.phrases[owner], line)):
                found[owner] = Match(self.phrases[owner], line, float(scores[at]))
        return list(found.values())


def grams(line: str) -> Counter[str]:
    """Words, word pairs and character 4-grams of a line, slots and punctuation left out."""
    words = _plain(line)
    spaced = f" {' '.join(words)} "
    pairs = [f"{a} {b}" for a, b in pairwise(words)]
    return Counter([*words, *pairs, *("~" + spaced[i : i + 4] for i in range(len(spaced) - 3))])


def bind(texts: Iterable[str], slots: Slots, chance: random.Random) -> dict[str, str]:
    """A value for every slot in `texts`: `{pet}` and `{pet2}` get different values of the list `pet`."""
    bound: dict[str, str] = {}
    for text in texts:
        for kind, number in SLOT.findall(text):
            if kind + number not in bound:
                free = [value for value in slots.get(kind, ()) if value not in bound.values()]
                bound[kind + number] = chance.choice(free or list(slots.get(kind, ())) or [kind])
    return bound


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with its slots filled, and the grammar mended that a value brings: `an` before a vowel, capitals."""
    if "{" not in text:
        return text
    filled = _ARTICLE.sub(r"\1n ", SLOT.sub(lambda slot: values[slot[1] + slot[2]], text))
    return filled[:1].upper() + filled[1:] if text.startswith("{") else filled


def illustrate(match: Match, slots: Slots, chance: random.Random) -> Example:
    """An example of `match`: slots bound by chance, one reply of each voice chosen by chance."""
    replies = {voice: chance.choice(texts) for voice, texts in match.phrase.replies.items()}
    values = bind([match.line, *replies.values()], slots, chance)
    return Example(fill(match.line, values), {voice: fill(text, values) for voice, text in replies.items()})


def labelled(examples: Iterable[Example]) -> str:
    """The examples' message for a prompt that names its voice."""
    parts = [HEADING]
    for example in examples:
        parts.append(f"They: {example.line}")
        parts += [f"{voice}: {text}" for voice, text in sorted(example.replies.items())]
    return "\n".join(parts)


def unlabelled(examples: Iterable[Example], chance: random.Random) -> str:
    """The examples' message for a prompt in which nothing but steering tells the voices apart."""
    parts = [HEADING]
    for example in examples:
        replies = [f"- {text}" for text in example.replies.values()]
        chance.shuffle(replies)
        parts += [f"They: {example.line}", *replies]
    return "\n".join(parts)


def _plain(text: str) -> list[str]:
    return _LETTERS.sub(" ", SLOT.sub(" ", text.lower())).split()


def _words(text: str) -> Counter[str]:
    return Counter(_plain(text))


class _TfIdf:
    """Unit vectors of weighted grams, kept by gram: who holds it (int32), and with what weight (float32)."""

    def __init__(self, documents: Sequence[Counter[str]]) -> None:
        self._count = len(documents)
        frequency = Counter(gram for document in documents for gram in document)
        self._rarity = {gram: math.log(self._count / n) for gram, n in frequency.items()}
        holders: dict[str, list[int]] = {gram: [] for gram in frequency}
        weights: dict[str, list[float]] = {gram: [] for gram in frequency}
        for i, document in enumerate(documents):
            for gram, weight in self._unit(document).items():
                holders[gram].append(i)
                weights[gram].append(weight)
        self._postings: dict[str, tuple[NDArray[np.int32], NDArray[np.float32]]] = {
            gram: (np.array(holders[gram], dtype=np.int32), np.array(weights[gram], dtype=np.float32))
            for gram in frequency
        }

    def cosines(self, query: Counter[str]) -> NDArray[np.float32]:
        """Cosine of `query` with every document: float32 [documents]."""
        scores = np.zeros(self._count, dtype=np.float32)
        for gram, weight in self._unit(query).items():
            if gram in self._postings:
                who, weights = self._postings[gram]
                scores[who] += weights * np.float32(weight)
        return scores

    def _unit(self, document: Counter[str]) -> dict[str, float]:
        unseen = math.log(max(self._count, 1))
        raw = {g: (1.0 + math.log(n)) * self._rarity.get(g, unseen) for g, n in document.items()}
        norm = sum(weight * weight for weight in raw.values()) ** 0.5
        return {gram: weight / norm for gram, weight in raw.items()} if norm else {}
