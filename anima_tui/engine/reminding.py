"""What stands in the prompt already and may be what the user asks for, to be said once more right before the question.

A body of a few million parameters finds a fact next to the question better than far above it. Nearness is lexical, with
the phrasebook's knowledge of which words are rare.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from anima_tui.engine.lexical import line_grams, words_of
from anima_tui.engine.memory import memory_line
from anima_tui.engine.phrasebook import Phrasebook

MOST = 5
"""Lines that are said once more. People ask in other words than they tell, so more than the nearest are needed."""

_OF_THEMSELVES = frozenset("my me i mine our ours we us im ive id myself".split())
_ASKS = re.compile(
    r"^(?:who|what|whats|where|wheres|when|whens|why|how|hows|which|whose|whos|is|are|am|was|were|do|does|did|can|could|"
    r"will|would|should|has|have|had|remember|remind|tell|name|say|guess|any idea|you know|the name)\b"
)
_QUOTED = re.compile(r'^They said: "(.*)"$')


def reminded(book: Phrasebook, lines: Iterable[str], user: str) -> list[str]:
    """Up to `MOST` of `lines` that a question of the user's about themselves may be answered from, the nearest last.

    None for any other message.
    """
    said = words_of(user)
    if _OF_THEMSELVES.isdisjoint(said) or not (_ASKS.match(" ".join(said)) or user.rstrip().endswith("?")):
        return []
    wanted = _weights(book, user)
    scores = {line: _cosine(wanted, _weights(book, _told(line))) for line in lines}
    return sorted(scores, key=scores.__getitem__)[-MOST:]


def told_in(system: str, users: Sequence[str]) -> list[str]:
    """Lines that may hold facts: what a system prompt says of the user, and the user's own, quoted as memories are."""
    lines = [line.removeprefix("- ") for line in system.splitlines()]
    kept = [line for line in lines if line and not line.endswith(":") and not line.startswith(("I ", "I'm ", "Voice:"))]
    return list(dict.fromkeys([*kept, *(memory_line("user", user) for user in users)]))


def _told(line: str) -> str:
    quoted = _QUOTED.match(line)
    return quoted[1] if quoted else line


def _weights(book: Phrasebook, text: str) -> dict[str, float]:
    return {gram: book.rarity(gram) for gram in line_grams(words_of(text))}


def _cosine(a: dict[str, float], b: dict[str, float]) -> float:
    size = (sum(w * w for w in a.values()) * sum(w * w for w in b.values())) ** 0.5
    return sum(w * b[gram] for gram, w in a.items() if gram in b) / size if size else 0.0
