"""The phrasebook: what people say and how each voice answered it, and which of it is nearest to a message.

A body of a few million parameters adapts a good line better than it invents one; `examples.py` shows it what is
found here. Nearness is lexical (`lexical.py`), of the line and of the words spoken just before, and by meaning
(`meaning.py`), two to one, where the body has learned it. A known thing in the message counts as its kind, so that
it meets the slot of that kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec
import numpy as np
from safetensors import numpy as arrays_of

from anima_tui.engine.fallbacks import Fallback, load_fallbacks
from anima_tui.engine.lexical import Index, line_grams, word_grams, words_of
from anima_tui.engine.meaning import Floats, Meanings
from anima_tui.engine.slots import Slots, misfits
from anima_tui.errors import BodyUnusable

VOICES = {"A": "anima", "S": "system", "D": "dream"}

_MEANT = 0.35
"""Weight of what a message means, against its words."""
_BEFORE = 1.5
"""Weight of what was said just before, against the line itself: "yes" answers a hundred questions."""
_ELSEWHERE = 0.5
"""How much a line from the middle of another conversation counts in the middle of this one."""
_ALIKE = 0.35
"""Nearness of the line itself from which what was said before it counts in full."""
_UNPREPARED = 0.2
"""What a line from the middle of a conversation loses where nothing was said before."""
_NAMED = 0.6
"""How much the letters of a known thing count beside its kind."""
_POOL = 400
"""Lines that are looked at to find the nearest phrases."""
_CANDIDATES = 12
"""Phrases among which the fit of their slots decides."""
_MISFIT = 0.1
"""What a line loses for a slot that no thing of its kind fills."""


class Phrase(msgspec.Struct, frozen=True, eq=False):
    """One turn of one conversation: ways of saying it, and replies by voice (keys of `VOICES`)."""

    block: str
    says: tuple[str, ...]
    replies: dict[str, tuple[str, ...]]
    before: str = ""
    """What was said just before it; empty for an opening."""


@dataclass(frozen=True)
class Match:
    """A phrase, the one of its lines that came nearest, and how near: 1 is the same words."""

    phrase: Phrase
    line: str
    score: float


class _Pages(msgspec.Struct, frozen=True):
    """`phrases.json.xz`."""

    slots: dict[str, list[str]]
    phrases: list[Phrase]


class Phrasebook:
    """Finds the phrases nearest to a message. Immutable."""

    def __init__(
        self,
        phrases: Sequence[Phrase],
        slots: Mapping[str, Sequence[str]],
        indices: tuple[Index, Index] | None = None,
        meanings: Meanings | None = None,
        fallbacks: Sequence[Fallback] = (),
    ) -> None:
        """`indices`: of every line, and of what stood before every phrase; made here when not given."""
        self.meanings = meanings
        self.fallbacks = fallbacks
        self.phrases = list(phrases)
        self.slots = Slots(slots)
        self._lines = [(i, line) for i, phrase in enumerate(self.phrases) for line in phrase.says]
        self._owner = np.array([i for i, _ in self._lines], dtype=np.int32)
        self._said, self._before = indices or (
            Index.of(line_grams(words_of(line)) for _, line in self._lines),
            Index.of(word_grams(words_of(phrase.before)) for phrase in self.phrases),
        )
        self._opens = np.array([not phrase.before for phrase in self.phrases], dtype=bool)

    def nearest(
        self,
        message: str,
        before: str = "",
        count: int = 3,
        skip: Callable[[Phrase, str], bool] | None = None,
        residuals: Floats | None = None,
    ) -> list[Match]:
        """Up to `count` matches of distinct phrases, nearest first; lines for which `skip` holds are passed over.

        `residuals` [words, d_in]: the message as the body hears it, if its meaning shall count.
        """
        if not self._lines:
            return []
        words = words_of(message)
        things = self.slots.kinds(words)
        said = self._said.cosines(_query(words, things))
        context = dict.fromkeys(word_grams(words_of(before)), 1.0)
        if self.meanings and residuals is not None:
            alike = self.meanings.likeness(self.meanings.of(residuals))
            said = (1 - _MEANT) * said + _MEANT * alike[self._owner]
        opens = self._opens[self._owner]
        if before:
            heard = self._before.cosines(context)[self._owner] * np.minimum(said / _ALIKE, 1.0)
            placed = np.where(opens, said, _ELSEWHERE * said) + _BEFORE * heard
        else:
            placed = said - np.where(opens, 0.0, _UNPREPARED)
        scores = np.where(said > 0, placed, -np.inf)
        pool = min(_POOL, len(scores))
        top = np.argpartition(-scores, pool - 1)[:pool]
        found: dict[int, Match] = {}
        for at in top[np.argsort(-scores[top], kind="stable")]:
            owner, line = self._lines[at]
            if len(found) == count + _CANDIDATES or not np.isfinite(scores[at]):
                break
            if owner not in found and not (skip and skip(self.phrases[owner], line)):
                score = float(scores[at]) - _MISFIT * misfits(things.values(), line)
                found[owner] = Match(self.phrases[owner], line, score)
        return sorted(found.values(), key=lambda match: -match.score)[:count]

    def rarity(self, gram: str) -> float:
        """How much a gram tells: ln(lines / lines that hold it)."""
        return self._said.rarity(gram)

    def save(self, folder: Path) -> None:
        """Write `phrases.json.xz`, `index.safetensors.xz` and, if it has meanings, `meanings.safetensors`."""
        import lzma

        folder.mkdir(parents=True, exist_ok=True)
        pages = _Pages({kind: list(values) for kind, values in self.slots.values.items()}, self.phrases)
        (folder / "phrases.json.xz").write_bytes(lzma.compress(msgspec.json.encode(pages), preset=9))
        arrays = {f"said.{name}": array for name, array in self._said.arrays().items()}
        arrays |= {f"before.{name}": array for name, array in self._before.arrays().items()}
        (folder / "index.safetensors.xz").write_bytes(lzma.compress(arrays_of.save(arrays), preset=9))
        if self.meanings:
            self.meanings.save(folder / "meanings.safetensors")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Raises BodyUnusable when the files are missing or damaged."""
        try:
            import lzma  # the one part of the standard library that some builds of Python lack

            pages = msgspec.json.decode(lzma.decompress((folder / "phrases.json.xz").read_bytes()), type=_Pages)
            stored = arrays_of.load(lzma.decompress((folder / "index.safetensors.xz").read_bytes()))
            said, before = (
                Index.restored({name: stored[f"{part}.{name}"] for name in ("counts", "gaps", "norms")})
                for part in ("said", "before")
            )
            _check(pages, said, before)
        except Exception as error:  # lzma, safetensors and msgspec each have their own for a damaged file
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise BodyUnusable(f"the phrasebook in {folder} cannot be read ({reason}); copy the body again.") from None
        meanings = Meanings.load(folder / "meanings.safetensors")
        if meanings and len(meanings) != len(pages.phrases):
            raise BodyUnusable(f"the meanings in {folder} do not fit its phrases; copy the body again.")
        return cls(pages.phrases, pages.slots, (said, before), meanings, load_fallbacks(folder))


def _query(words: Sequence[str], things: Mapping[tuple[int, int], tuple[str, ...]]) -> dict[str, float]:
    """Grams of a message, and of the message with each of its known `things` replaced by its kinds."""
    query = dict.fromkeys(line_grams(words), 1.0)
    for (at, length), kinds in things.items():
        inside = {*words[at : at + length], *line_grams(["", *words[at : at + length], ""])}
        query |= {gram: _NAMED for gram in inside if gram in query}
        for kind in kinds:
            around = [*words[max(0, at - 1) : at], f"{{{kind}}}", *words[at + length : at + length + 1]]
            grams = {f"{{{kind}}}", *(gram for gram in line_grams(around) if "{" in gram)}
            query |= dict.fromkeys(grams, 1 / len(kinds))
    return query


def _check(pages: _Pages, said: Index, before: Index) -> None:
    """Raises ValueError when something is promised that is not there."""
    if (len(said), len(before)) != (sum(len(phrase.says) for phrase in pages.phrases), len(pages.phrases)):
        raise ValueError("the index does not fit the phrases")
    if not all(phrase.replies and all(phrase.replies.values()) for phrase in pages.phrases):
        raise ValueError("a phrase has no replies")
