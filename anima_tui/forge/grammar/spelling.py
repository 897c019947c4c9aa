"""How words are written beside others: articles, plurals, blanks and capitals."""

from __future__ import annotations

import re
from functools import cache

_A = re.compile(r"\ba (?=(?!uk|uni|eu|one)[aeiou]|hour|heir|honest)", re.IGNORECASE)
_PLURALS = {"man": "men", "woman": "women", "mouse": "mice", "goose": "geese", "foot": "feet", "tooth": "teeth",
            "child": "children", "fish": "fish", "sheep": "sheep", "deer": "deer", "ox": "oxen", "bison": "bison",
            "moose": "moose", "squid": "squid", "goldfish": "goldfish", "knife": "knives", "leaf": "leaves",
            "loaf": "loaves", "shelf": "shelves", "calf": "calves", "wolf": "wolves", "scarf": "scarves",
            "headscarf": "headscarves", "jellyfish": "jellyfish", "starfish": "starfish", "person": "people",
            "bookshelf": "bookshelves", "swordfish": "swordfish", "penknife": "penknives"}  # fmt: skip


@cache
def plural(noun: str) -> str:
    """More than one of it."""
    if " of " in noun:
        head, _, rest = noun.partition(" of ")
        return f"{plural(head)} of {rest}"
    before, blank, last = noun.rpartition(" ")
    if last in _PLURALS:
        return before + blank + _PLURALS[last]
    if last.endswith(("man", "mouse", "tooth", "foot")) and last not in ("human", "german"):
        return before + blank + last.removesuffix("man") + "men" if last.endswith("man") else noun + "s"
    if re.search(r"(?:s|x|z|ch|sh)$", last):
        return noun + "es"
    return noun[:-1] + "ies" if re.search(r"[^aeiou]y$", last) else noun + "s"


def articled(text: str) -> str:
    """`an` before a vowel."""
    return _A.sub(lambda a: a[0].replace("a ", "an ", 1), text)


def spaced(*words: str) -> str:
    return " ".join(filter(None, words))


def upper(text: str) -> str:
    return text[:1].upper() + text[1:]
