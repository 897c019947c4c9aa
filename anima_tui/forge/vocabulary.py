"""An open vocabulary: the values of the slots, names and nouns gathered from plain text, and invented ones."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from anima_tui.engine.slots import SLOT

NAMES = frozenset({"name", "friend", "petname", "city"})
NOUNS = frozenset("object animal food drink pet flower clothing".split())

_NOUN = re.compile(r"\b(?:a|an|the|my|your) ([a-z]{3,12})[.,!?;]")
_NAME = re.compile(r"(?<=[a-z,] )([A-Z][a-z]{2,10})\b")
_LINE = re.compile(r"(?:<\|[a-z]+\|>)+|\n+|(?<=[.!?]) (?=[A-Z])")
_WORD = re.compile(r"\b[a-z]{2,}\b")
_CAPITAL = re.compile(r"\b[A-Z]\w+\b")
_NOT_NOUNS = re.compile(r"(?:ly|ing|ed|est|ous|ful|ive|less|same|first|last|next|other|own|few|lot|bit|rest)$")
_ONSETS = "b d f g h j k l m n p r s t v w z br dr fl gr kl pr st th tr sh ch qu ts ny kw sv".split()
_VOWELS = "a e i o u a e i o ai ea ie oa ue é ö".split()
_CODAS = ["", "", "", "n", "r", "l", "s", "k", "m", "sh", "rn", "lf", "nd", "x", "v", "th"]


@dataclass(frozen=True)
class Vocabulary:
    """Words to fill slots with. `common` holds lower-case words of running text, `lines` whole lines of it."""

    slots: Mapping[str, Sequence[str]]
    nouns: Sequence[str]
    names: Sequence[str]
    common: frozenset[str]
    lines: Sequence[str]

    @cached_property
    def known_nouns(self) -> frozenset[str]:
        return frozenset(self.nouns)

    def value(self, kind: str, chance: random.Random) -> str:
        """A value for a slot of this kind: from its list, or a rare one where any noun or name would do."""
        listed = self.slots.get(kind, (kind,))
        if kind in NAMES and chance.random() < 0.6:
            return self.name(chance)
        if kind in NOUNS and chance.random() < 0.25:
            return ("the " if kind == "place" else "") + self.noun(chance)
        return chance.choice(listed)

    def name(self, chance: random.Random) -> str:
        """A name found in text, or one that nobody has borne."""
        return chance.choice(self.names) if chance.random() < 0.5 else invented(chance).capitalize()

    def noun(self, chance: random.Random) -> str:
        """A noun found in text, or, seldom, one that means nothing."""
        return chance.choice(self.nouns) if chance.random() < 0.88 else invented(chance)

    def bind(
        self, texts: Iterable[str], chance: random.Random, known: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """A value for every slot in `texts`, all different; those in `known` are given."""
        bound = dict(known or {})
        for kind, number in (slot for text in texts for slot in SLOT.findall(text)):
            if kind + number not in bound:
                tries = (self.value(kind, chance) for _ in range(8))
                bound[kind + number] = next((v for v in tries if v not in bound.values()), kind)
        return bound

    def renaming(self, texts: Sequence[str], chance: random.Random) -> dict[str, str]:
        """New names for the capitalised words that stand in two of `texts` or more and are no common words."""
        held = Counter(word for text in texts for word in set(_CAPITAL.findall(text)))
        rare = [w for w, n in held.items() if n > 1 and w.lower() not in self.common and w != "Anima"]
        return {word: self.name(chance) for word in rare}


def renamed(text: str, names: Mapping[str, str]) -> str:
    """`text` with every word replaced that `names` renames."""
    return _CAPITAL.sub(lambda word: names.get(word[0], word[0]), text)


def gather(slots: Mapping[str, Sequence[str]], texts: Iterable[str]) -> Vocabulary:
    """The nouns and names of running text: nouns after an article and before a stop, names in mid-sentence."""
    nouns, names, words, lines = Counter[str](), Counter[str](), Counter[str](), list[str]()
    for text in texts:
        nouns.update(_NOUN.findall(text))
        names.update(_NAME.findall(text))
        words.update(_WORD.findall(text))
        lines += [line for line in _LINE.split(text) if 15 < len(line) < 140 and line[0].isalnum()]
    common = frozenset(word for word, n in words.items() if n > 3)
    listed = {value.removeprefix("the ").removeprefix("an ") for kind in NOUNS for value in slots.get(kind, ())}
    some_nouns = [w for w, n in nouns.items() if n > 1 and not _NOT_NOUNS.search(w)]
    some_names = [w for w, n in names.items() if n > 1 and w.lower() not in common]
    known = [value for kind in sorted(NAMES) for value in slots.get(kind, ())]
    return Vocabulary(slots, sorted({*some_nouns, *listed}), sorted({*some_names, *known}), common, lines)


def invented(chance: random.Random) -> str:
    """A pronounceable word of two or three syllables."""
    syllables = chance.choice((2, 2, 3))
    return "".join(chance.choice(_ONSETS) + chance.choice(_VOWELS) + chance.choice(_CODAS) for _ in range(syllables))
