"""What a body is attuned on: labelled messages, parallel replies and contrasts, split into fit and held out."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from anima_tui.engine.attune.contrasts import Pair, contrast_pairs
from anima_tui.engine.attune.corpus import VOICES, Block, read_corpus
from anima_tui.errors import AnimaError

PLEASANT = frozenset(
    "admiration joy love gratitude excitement optimism pride relief amusement approval caring desire".split()
)
PAINFUL = frozenset(
    "anger sadness fear disgust grief remorse disappointment annoyance embarrassment nervousness disapproval".split()
)

_SAYS_PER_TURN = 4
_CALLING = 4000
"""Messages of one mode that are listened to."""
_COMMENTS = 16000
"""GoEmotions' comments that a readout is fitted on; it is tried on an eighth as many others."""
_REPLIES_TO = 900
"""Messages whose replies in all three voices are read."""

# Topics of 12-feelings that are good news; what is neither good nor bad is left out.
_GOOD_NEWS = frozenset(
    topic.strip()
    for topic in """got the job|promotion|interview went well|proud of self|finished a marathon|finished a book
    |wrote a book, finished project|won something|birthday mine|family birthday|sister's wedding|getting married
    |new baby|pregnant|new pet|holiday begins|first snow|old friend called|recovered|relieved|grateful|calm|hopeful
    |happy|excited|first day at new job|crush, in love with someone|brave, said no|quit my job by choice
    |proud of child|graduated|learned something new|gift received, surprise|thank you for listening
    |happy for a friend|new haircut, feel good about self|finished work for today, weekend""".split("|")
)
_NEITHER = frozenset(
    topic.strip()
    for topic in """nostalgic|missing my old house|retirement|first day at school or university|kids leave home
    |weather mood
    |first therapy|quitting a habit|nothing special, feeling okay|want to be alone|don't give advice|cheer me up
    |dream job, big wish|moving house|hungry|can't decide|job interview coming|driving test""".split("|")
)
# Kinds of topics of 03-good-feelings that are unkind to her, and those that are mixed.
_UNKIND = ("insult", "unkindness", "threat", "swearing", "you're annoying", "anger", "rant about bad")
_MIXED = ("mistake", "teasing", "disagreement", "setting limits", "mixed", "nostalgia", "user", "testing",
          "telling anima", "anima cannot", "you are wrong", "curiosity", "question", "joke", "knock",
          "humour", "asking", "short", "goodbye", "apology")  # fmt: skip

# Which mode a message of a file calls for.
_CALLS = (
    dict.fromkeys("01 02 03 07 12 13 14 21 22 24 25 28 29 31 32 33 36".split(), "Anima")
    | dict.fromkeys("05 15 23 34".split(), "System")
    | {"06": "Dream"}
)
_WITH_REQUESTS = ("14", "22", "31")
_IMAGINE = ("poem", "haiku", "limerick", "write a short story", "story", "bedtime", "describe", "imagine",
            "make up", "continue the story")  # fmt: skip


@dataclass(frozen=True)
class Message:
    """What a user may say, with its label."""

    text: str
    source: str
    held_out: bool


@dataclass(frozen=True)
class Felt(Message):
    """`valence` in {-1, 0, 1}."""

    valence: float


@dataclass(frozen=True)
class Calling(Message):
    """The mode it calls for."""

    mode: str


M = TypeVar("M", bound=Message)


@dataclass(frozen=True)
class Reply:
    """A reply of one voice to a message: for every message there is one of each voice."""

    after: str
    text: str
    voice: str
    held_out: bool


@dataclass(frozen=True)
class Material:
    """All of it."""

    blocks: list[Block]
    felt: list[Felt]
    calling: list[Calling]
    replies: list[Reply]
    pairs: list[Pair]

    def digest(self) -> str:
        """Hex SHA-256: the same texts, labels and split, the same digest."""
        return hashlib.sha256(repr(self).encode()).hexdigest()


def read_material(corpus: Path, goemotions: Path | None) -> Material:
    """Raises AnimaError when the folder `corpus` or the file `goemotions` cannot be read."""
    blocks = read_corpus(corpus)
    felt = felt_messages(blocks, goemotions)
    return Material(blocks, felt, calling_messages(blocks), parallel_replies(blocks, _REPLIES_TO), contrast_pairs())


def felt_messages(blocks: Iterable[Block], goemotions: Path | None, comments: int = _COMMENTS) -> list[Felt]:
    """Opening messages of the corpus with the feeling of their topic, and up to `comments` of GoEmotions to fit on.

    A text stands on one side of the split only. Raises AnimaError when `goemotions` cannot be read.
    """
    felt = [
        Felt(text, "corpus", block.held_out, valence)
        for block in blocks
        if (valence := _feeling(block)) is not None
        for text in block.turns[0].says[:_SAYS_PER_TURN]
    ]
    return _disjoint(felt + (_comments(goemotions, comments) if goemotions else []))


def calling_messages(blocks: Iterable[Block]) -> list[Calling]:
    """What people say, with the mode it calls for: of each mode up to `_CALLING`, evenly from the whole corpus."""
    calling: dict[str, list[Calling]] = {}
    for block in blocks:
        if (mode := _call(block)) is not None:
            texts = [text for turn in block.turns for text in turn.says[:_SAYS_PER_TURN]]
            calling.setdefault(mode, []).extend(Calling(text, block.source, block.held_out, mode) for text in texts)
    return _disjoint([m for of_mode in calling.values() for m in of_mode[:: -(-len(of_mode) // _CALLING)]])


def parallel_replies(blocks: Iterable[Block], messages: int) -> list[Reply]:
    """Replies of all three voices to the same messages, evenly from the whole corpus."""
    whole = [(b, t) for b in blocks for t in b.turns[:1] if t.says and all(t.replies.get(v) for v in VOICES)]
    chosen = whole[:: max(1, len(whole) // messages)]
    return [
        Reply(turn.says[0], turn.replies[letter][0], voice, block.held_out)
        for block, turn in chosen
        for letter, voice in VOICES.items()
    ]


def _feeling(block: Block) -> float | None:
    topic = block.topic.lower()
    match block.source:
        case "02":
            return -1.0
        case "03" if topic.startswith(_UNKIND):
            return -1.0
        case "03" if not topic.startswith(_MIXED):
            return 1.0
        case "12" if topic not in _NEITHER:
            return 1.0 if topic in _GOOD_NEWS else -1.0
        case "05" | "15":
            return 0.0
        case _:
            return None


def _call(block: Block) -> str | None:
    if block.source in _WITH_REQUESTS and block.topic.startswith(_IMAGINE):
        return "Dream"
    return _CALLS.get(block.source)


def _comments(file: Path, most: int) -> list[Felt]:
    """A fixed, label-independent draw of comments whose emotions agree in sign."""
    left = {"fit": most, "held out": _COMMENTS // 8}
    drawn: list[Felt] = []
    try:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            records = sorted((json.loads(line) for line in lines), key=lambda r: zlib.crc32(r["text"].encode()))
    except (OSError, ValueError, KeyError) as error:
        raise AnimaError(f"{file} cannot be read as GoEmotions ({error}); leave --goemotions out.") from None
    for record in records:
        labels: set[str] = set(record["labels"])
        pleasant, painful = bool(labels & PLEASANT), bool(labels & PAINFUL)
        side = "fit" if record["split"] == "train" else "held out"
        if (pleasant == painful and labels != {"neutral"}) or not left[side]:
            continue
        left[side] -= 1
        drawn.append(Felt(record["text"], "goemotions", side == "held out", float(pleasant) - float(painful)))
    return drawn


def _disjoint(messages: Sequence[M]) -> list[M]:
    """Drop repeated texts; of one that stands on both sides, keep the side that is fitted on."""
    kept: dict[str, M] = {}
    for message in sorted(messages, key=lambda m: m.held_out):
        kept.setdefault(" ".join(message.text.lower().split()).strip(" .?!"), message)
    return list(kept.values())
