"""What a sentence is made of, and what may be asked of each part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Ask(NamedTuple):
    """A part of the sentence with `{x}` for the value, what the value is, and the words that ask for it."""

    text: str
    source: str
    words: str


class Part(NamedTuple):
    """What follows the verb: as first said, as spoken of later, and what may be asked of it."""

    said: str
    later: str
    asks: Sequence[Ask]


class Subject(NamedTuple):
    text: str
    later: str
    person: str
    """`i`, `p` for many, `s` for one."""
    asks: Sequence[Ask] = ()


class Verb(NamedTuple):
    """How the verb stands in a statement, and in a question the helper before the subject and what comes after."""

    stated: str
    helper: str
    rest: str


class Drafted(NamedTuple):
    """A fact before it is told, asked and answered in all the ways there are."""

    statements: Sequence[str]
    asked: Sequence[str]
    what: str
    source: str
    short: str
