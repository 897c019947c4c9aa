"""What a body's answer becomes before the gate sees it: lines that stayed, and new ones that rest on memories."""

from __future__ import annotations

import re
from collections.abc import Sequence

from anima_tui.engine.memory import Memory
from anima_tui.wire import SelfLine

WORDS = re.compile(r"[^\W\d_]{3,}")
NAME = re.compile(r"(?<=[a-z,] )[A-Z][^\W\d_]+")
"""A capitalised word in the middle of a sentence."""
CLAIMS = (
    re.compile(r"\b(?i:my name is|i am called|call me)\s+([^\W\d_][\w'-]+)"),
    re.compile(r"\b(?i:i'm|i am)\s+([A-Z][\w'-]+)"),  # only a capital tells "I am Mara" from "i am tired"
)


def proposed(text: str, core: Sequence[str], before: Sequence[SelfLine], memories: Sequence[Memory]) -> list[SelfLine]:
    """The mutable lines in a body's answer: old ones that stayed, and new ones that rest on memories.

    At least half of a new line's own words must stand in memories, which become its evidence, and so must every
    name in it; what rests on less is left out. Core lines repeated word for word are left out too: they stand anyway.
    """
    fixed = {line.casefold() for line in core}
    known = {line.text.casefold(): line for line in before}
    heard = {memory.id: _words(memory.text) for memory in memories}
    everything = set[str]().union(*heard.values(), *(_words(line) for line in [*core, *known]))
    lines: list[SelfLine] = []
    for raw in text.splitlines():
        line = " ".join(raw.strip().removeprefix("-").split())
        if not raw.strip().startswith("-") or not line or line.casefold() in fixed:
            continue
        if line.casefold() in known:
            lines.append(known[line.casefold()])
            continue
        own = _words(line)
        names = {name.casefold() for name in NAME.findall(line)}
        evidence = [number for number, words in heard.items() if own & words]
        resting = own & set[str]().union(*(heard[number] for number in evidence))
        if evidence and 2 * len(resting) >= len(own) and names <= everything:
            lines.append(SelfLine(text=line, core=False, evidence=evidence))
    return lines


STOP_WORDS = frozenset(
    "the and you your yours was were are not but for with that this they them their she her his him has have had "
    "said told about when what from who how why all any can did does just like one our out too very will would".split()
)


def _words(text: str) -> set[str]:
    return {word.casefold() for word in WORDS.findall(text)} - STOP_WORDS


def user_names(memories: Sequence[Memory]) -> list[str]:
    """Names by which the user introduced themselves in tonight's memories."""
    named = {name for m in memories if m.speaker == "user" for claim in CLAIMS for name in claim.findall(m.text)}
    return sorted(name for name in named if name.casefold() != "anima")
