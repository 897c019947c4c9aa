"""What is steered towards or away from: topics with a lexicon, and voices; and pairs of replies that differ in them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from anima_tui.engine.attune.corpus import Block, Turn

_LEXICA = Path(__file__).with_name("concepts.toml")


@dataclass(frozen=True)
class Topic:
    """Something to speak of."""

    key: str
    name: str
    """As a sentence calls it: "the sea"."""
    words: frozenset[str]
    """Lower case; plurals in s count as their word."""

    def spoken_of(self, text: str) -> bool:
        """Whether a word of the lexicon stands in `text`. Only words count: a refusal that names the topic leaks."""
        return any(word in self.words or word.removesuffix("s") in self.words for word in words_in(text))


@dataclass(frozen=True)
class Pair:
    """Two replies to the same message, one that shows a concept and one that does not."""

    block: Block
    at: int
    """Which turn of the block."""
    message: str
    shows: str
    lacks: str


@dataclass(frozen=True)
class Concept:
    name: str
    pairs: Callable[[Turn], Iterator[tuple[str, str]]]
    """The pairs of replies (shows, lacks) that one turn of a conversation holds."""


VOICE_PAIRS = {"empathy": ("A", "S"), "logic": ("S", "D"), "imagination": ("D", "A")}
"""Concept -> the voice that shows it, and the one that does not: keys of the corpus' voices."""


def words_in(text: str) -> list[str]:
    """Lower-case words, apostrophes inside them kept."""
    return re.findall(r"[a-z]+(?:'[a-z]+)?", text.lower())


def topics() -> dict[str, Topic]:
    tables = tomllib.loads(_LEXICA.read_text(encoding="utf-8"))
    return {key: Topic(key, table["name"], frozenset(table["words"].split())) for key, table in tables.items()}


def voice(name: str) -> Concept:
    """A way of speaking, whatever it is about: one voice's reply against another's to the same message."""
    shows, lacks = VOICE_PAIRS[name]
    return Concept(name, lambda turn: iter(zip(turn.replies.get(shows, ()), turn.replies.get(lacks, ()), strict=False)))


def speaking_of(topic: Topic) -> Concept:
    """A topic: of one voice's replies to the same message, those that speak of it against the others."""

    def pairs(turn: Turn) -> Iterator[tuple[str, str]]:
        for replies in turn.replies.values():
            spoken = [topic.spoken_of(text) for text in replies]
            shows = [text for text, of_it in zip(replies, spoken, strict=True) if of_it]
            lacks = [text for text, of_it in zip(replies, spoken, strict=True) if not of_it]
            yield from zip(shows, lacks, strict=False)

    return Concept(topic.key, pairs)


def concepts() -> dict[str, Concept]:
    """Voices, then topics."""
    return {name: voice(name) for name in VOICE_PAIRS} | {key: speaking_of(topic) for key, topic in topics().items()}


def pairs_of(concept: Concept, blocks: Iterable[Block], most: int) -> list[Pair]:
    """Up to `most`, spread evenly over the corpus, one for each turn."""
    found = [
        Pair(block, at, turn.says[0], *pair)
        for block in blocks
        for at, turn in enumerate(block.turns)
        if turn.says and (pair := next(concept.pairs(turn), None))
    ]
    return evenly(found, most)


def evenly(things: Sequence[Pair], most: int) -> list[Pair]:
    if len(things) <= most:
        return list(things)
    return [things[i * len(things) // most] for i in range(most)]
