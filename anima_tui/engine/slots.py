"""`{slots}`: places in a phrase where a thing of one kind stands, and the things of each kind.

The lists serve twice: they fill slots, and they tell of what kind a word in a message is, so that "do you like
cheese" finds `do you like {food}` and not `do you like {sport}`, and the example shown speaks of cheese.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cached_property

from anima_tui.engine.lexical import words_of

SLOT = re.compile(r"\{([a-z]+)(\d*)\}")
LONGEST = 3
"""Words in a value that is looked for in a message."""

_ARTICLE = re.compile(r"\b([Aa]) (?=(?!uk|uni|eu|one)[aeiou])", re.IGNORECASE)
_ARTICLES = ("the ", "a ", "an ")
_SMALL = frozenset(
    "a about am an and any are as at be been but by can could did do does for from get got had has have he her him his "
    "how i im if in is it its just like me my no not of off on or our out really she so some that the their them "
    "there they this to too up us very was we were what when where which who why will with would you your".split()
)

_AMBIGUOUS = frozenset(
    "back drill face fish hand hurt ignored iron key light lock lost loved mad march match may mine nail party play "
    "present ring rose safe screen side swing tie top trial turkey understood watch well work".split()
)
"""Things that are oftener something else, and so are not known by themselves."""


class Slots:
    """Values by kind."""

    def __init__(self, values: Mapping[str, Sequence[str]]) -> None:
        self.values = values

    @cached_property
    def _listed(self) -> dict[str, dict[str, str]]:
        """By kind: each value without article and capitals, and as the list writes it."""
        return {kind: {_bare(value): value for value in values} for kind, values in self.values.items()}

    @cached_property
    def _kinds(self) -> dict[str, tuple[str, ...]]:
        """Kinds of each value, articles left out."""
        kinds: dict[str, list[str]] = {}
        for kind, listed in self._listed.items():
            for value in listed:
                kinds.setdefault(value, []).append(kind)
        return {value: tuple(found) for value, found in kinds.items()}

    def kinds(self, words: Sequence[str]) -> dict[tuple[int, int], tuple[str, ...]]:
        """Known things in a message: first word and number of words -> kinds; the longest name at each place."""
        found: dict[tuple[int, int], tuple[str, ...]] = {}
        at = 0
        while at < len(words):
            for length in range(min(LONGEST, len(words) - at), 0, -1):
                name = " ".join(words[at : at + length])
                kinds = self._kinds.get(name) or self._kinds.get(name.removesuffix("s"), ())
                if kinds and name not in _AMBIGUOUS:
                    found[at, length] = kinds
                    at += length - 1
                    break
            at += 1
        return found

    def bind(
        self, texts: Iterable[str], chance: random.Random, known: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """A value for every slot in `texts`, those in `known` first: `{pet}` and `{pet2}` differ."""
        bound = dict(known or {})
        for text in texts:
            for kind, number in SLOT.findall(text):
                if kind + number not in bound:
                    values = list(self.values.get(kind, ())) or [kind]
                    bound[kind + number] = chance.choice([v for v in values if v not in bound.values()] or values)
        return bound

    def found_in(self, message: str, line: str) -> dict[str, str]:
        """Values of `line`'s slots as the words of `message` suggest them; slots that nothing suggests are absent.

        First things of the slot's own kind, in order; then whatever stands where the slot would stand.
        """
        slots = [kind + number for kind, number in SLOT.findall(line)]
        if not slots:
            return {}
        words = words_of(message)
        bound: dict[str, str] = {}
        for (at, length), kinds in self.kinds(words).items():
            slot = next((s for s in slots if s not in bound and s.rstrip("0123456789") in kinds), None)
            if slot:
                bound[slot] = self._value(slot, _as_typed(message, words[at : at + length]))
        for slot, said in _in_place(words_of(line), words).items():
            if slot not in bound and said not in map(str.lower, bound.values()):
                bound[slot] = self._value(slot, _as_typed(message, said.split()))
        return bound

    def _value(self, slot: str, said: str) -> str:
        """As the list writes it, where it is listed: with its article and capitals, and in its number."""
        listed = self._listed.get(slot.rstrip("0123456789"), {})
        lower = said.lower()
        return listed.get(lower) or listed.get(lower.removesuffix("s"), said)


def misfits(things: Iterable[tuple[str, ...]], line: str) -> int:
    """How many slots of `line` none of the `things` of a message, each with its kinds, would fill."""
    free, unfilled = list(things), 0
    for kind, _ in SLOT.findall(line):
        if thing := next((thing for thing in free if kind in thing), None):
            free.remove(thing)
        else:
            unfilled += 1
    return unfilled


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with its slots filled, and the grammar mended that a value brings: `an` before a vowel, capitals."""
    if "{" not in text:
        return text
    filled = _ARTICLE.sub(r"\1n ", SLOT.sub(lambda slot: values[slot[1] + slot[2]], text))
    return filled[:1].upper() + filled[1:] if text.startswith("{") else filled


def _bare(value: str) -> str:
    lower = value.lower()
    return next((lower.removeprefix(article) for article in _ARTICLES if lower.startswith(article)), lower)


def _as_typed(message: str, words: Sequence[str]) -> str:
    """The words as they stand in the message, with its capitals."""
    found = re.search(r"\W+".join(map(re.escape, words)), message, re.IGNORECASE)
    return found[0] if found else " ".join(words)


def _in_place(line: Sequence[str], message: Sequence[str]) -> dict[str, str]:
    """Slots of `line` and the one or two words of `message` that stand between the same neighbours."""
    found: dict[str, str] = {}
    for tag, a, b, c, d in SequenceMatcher(None, line, message, autojunk=False).get_opcodes():
        said = [word for word in message[c:d] if word not in _SMALL]
        slots = [word for word in line[a:b] if word.startswith("{")]
        if tag == "replace" and len(slots) == 1 and b - a == 1 and 1 <= len(said) <= 2:
            found[slots[0].strip("{}")] = " ".join(said)
    return found
