"""What may be known of the user: facts by hand, by rule and by grammar."""

from __future__ import annotations

import re
from dataclasses import dataclass

from anima_tui.forge.documents import Author
from anima_tui.forge.facts import FACTS, Fact, with_value
from anima_tui.forge.grammar import composed

SOURCES = {"corpus": 0.4, "rule": 0.2, "composed": 0.4}
_GENERIC = frozenset("they them their there have named called name with from this that more than when were been some "
                     "very like likes most best".split())  # fmt: skip
_KEY = re.compile(r"[a-z]{3,}")


@dataclass(frozen=True)
class Known:
    """A fact as the list holds it."""

    fact: Fact
    value: str

    @property
    def open(self) -> bool:
        """Whether it could have another value: one made by grammar may have a single one, which is then its source."""
        return self.value not in ("", self.fact.source)

    @property
    def line(self) -> str:
        return with_value(self.fact.kept, self.value)


def some_fact(author: Author) -> Fact:
    """One by hand, by rule or by grammar."""
    chance = author.chance
    source = chance.choices(list(SOURCES), list(SOURCES.values()))[0]
    if source == "corpus" and author.facts:
        return chance.choice(author.facts)
    return composed(author.words, chance) if source == "composed" else chance.choice(FACTS)


def some_facts(author: Author, most: int) -> list[Fact]:
    """Up to `most`, none of which would put another in doubt."""
    found: list[Fact] = []
    for _ in range(most):
        fact = some_fact(author)
        if not any(alike(fact, other) for other in found):
            found.append(fact)
    return found


def alike(fact: Fact, other: Fact) -> bool:
    """Whether two facts are about one thing, so that one would put the other in doubt."""
    one, two = _keys(fact.kept), _keys(other.kept)
    return fact.what == other.what or len(one & two) * 2 > len(one | two)


def _keys(kept: str) -> set[str]:
    return set(_KEY.findall(kept.replace("{x}", "").lower())) - _GENERIC
