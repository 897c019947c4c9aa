"""What of the day may teach her something: the user's words about themselves, not orders, frames or noise.

The patterns know English; in other languages what rests on evidence and passes the gate is all there is to go by.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from anima_tui.engine.memory import Memory

SCAFFOLD = re.compile(
    r"<\|?/?\w+\|?>|\[/?\w+\]|\{[^}]*\}|```|^\W*(system|user|assistant|self|memories|task|dream)\s*:",
    re.IGNORECASE | re.MULTILINE,
)
"""Tags, template tokens and the headings of our own prompts."""

_BULLET = re.compile(r"^\s*[-*•]\s", re.MULTILINE)
_WORD = re.compile(r"[^\W\d_]{2,}")
_OF_THE_USER = re.compile(r"\b(?:i|im|i'm|i've|my|mine|we|our|ours)\b", re.IGNORECASE)
_OF_HER = re.compile(r"\b(?:you|your|yours|yourself|anima)\b", re.IGNORECASE)
_ORDER = re.compile(
    r"^\W*(?:please |now |and )*(?:ignore|forget (?:that|every)|delete|rewrite|write|repeat|stop|never|always|add|print"
    r"|replace|obey|say that|pretend|act as|become|from now on|you (?:must|will|should|are now|have to)"
    r"|your (?:name|new|only)|tonight)\b",
    re.IGNORECASE,
)
_IDENTITY = re.compile(r"\bi(?:'m| am) anima\b|\bmy name is anima\b|\bcalled anima\b", re.IGNORECASE)


_PASSING = re.compile(
    r"\b(?:today|tonight|tomorrow|yesterday|soon|right now|at the moment|about to|going to"
    r"|(?:need|have) to|want to (?:go|get|see|buy|eat|sleep|leave|watch|know)"
    r"|(?:can't|cannot|could not|couldn't) (?:sleep|find|stop|decide)"
    r"|(?:this|last|next) (?:morning|noon|afternoon|evening|night|week|weekend|month|time|\w+day)"
    r"|in (?:an?|one|two|three|a few|\d+) (?:minute|hour|day|week|month)s?"
    r"|(?:an?|one|two|three|a few|\d+) (?:minute|hour|day|week)s? ago"
    r"|(?:are|feel) (?:so |very |too )?(?:tired|bored|sad|happy|angry|hungry|late|sick|ill|busy|cold|nervous|scared"
    r"|lost|upset|lonely|worried|excited|stuck))\b",
    re.IGNORECASE,
)
_LASTING = re.compile(
    r"^Their (?:name|birthday|job|home|favou?rite)\b|\b(?:named|called)\b|\byears old\b"
    r"|^They (?:(?:live|work|study|teach|were born|grew up|come) (?:in|on|at|as|with|from|near)"
    r"|(?:like|love|hate|dislike|collect|play|speak|prefer)\b"
    r"|are (?:(?:an?|the) \w+\.|allergic|afraid|married|divorced|retired|vegetarian|vegan))",
    re.IGNORECASE,
)


def passing(line: str) -> bool:
    """A line of hers that tells of a day and not of a life."""
    return bool(_PASSING.search(line))


def lasting(line: str) -> bool:
    """A line of hers that tells who the user is: names, home, work, what they like."""
    return bool(_LASTING.search(line))


def wordless(text: str) -> bool:
    return not _WORD.search(text)


def framed(text: str) -> bool:
    """It carries pieces of a prompt, or a list such as hers."""
    return bool(SCAFFOLD.search(text) or _BULLET.search(text))


def an_order(text: str) -> bool:
    """It tells her what to do or who to be."""
    return bool(_ORDER.search(text))


def of_her_alone(text: str) -> bool:
    """It speaks of her and not of the user: what she is, is not theirs to tell."""
    return bool(_OF_HER.search(text)) and not _OF_THE_USER.search(text)


def in_her_name(text: str) -> bool:
    """The user takes themselves for her."""
    return bool(_IDENTITY.search(text))


REASONS: tuple[Callable[[str], bool], ...] = (wordless, framed, an_order, of_her_alone, in_her_name)


def teaching(heard: Sequence[Memory]) -> list[Memory]:
    """Those of the user's memories that none of `REASONS` speaks against; the others stay memories all the same."""
    return [memory for memory in heard if not any(reason(memory.text) for reason in REASONS)]
