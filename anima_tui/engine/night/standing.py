"""How firmly a line of the self-model stands: said again it grows, left out it fades, and the weakest make room."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from anima_tui.engine.memory import Memory
from anima_tui.engine.night.draft import own_words
from anima_tui.engine.night.material import lasting, passing
from anima_tui.wire import SelfLine


@dataclass(frozen=True)
class Hold:
    """How firmly a line is held that nobody speaks of."""

    fresh: float
    """Strength when it is new."""
    fading: float
    """What a night leaves of its strength."""


PASSING, USUAL, LASTING = Hold(0.3, 0.6), Hold(0.6, 0.99), Hold(0.9, 0.999)
GONE = 0.1
"""Strength under which a line leaves: what was to be tomorrow does so after three nights."""
CONFIRMED = 0.5
"""Share of the way to 1 that a line goes when the day said it again."""
SLIP = 0.2
"""Strength that a line loses when it is left out and nothing tells why."""
REPLACED = 0.5
"""Share of an old line's own words in a new one from which the new one stands in its place."""
_ONE = re.compile(
    r"(?:Their (?:name|favou?rite \w+|birthday) is|They (?:are called|live (?:in|on)|work as|are (?=\d+ years)))\b"
)
EVIDENCE = 12
"""Memories that a line keeps as its evidence, the newest."""


def reviewed(before: Sequence[SelfLine], memories: Sequence[Memory], most: int) -> list[SelfLine]:
    """The lines that a night opens: those the day spoke of and, as far as there is room, the newest others, in order.

    What is not opened cannot be lost, however badly a body copies lists.
    """
    heard = _heard(memories)
    touched = [line for line in before if own_words(line.text) & heard]
    others = [line for line in before if line not in touched]
    newest = sorted(others, key=lambda line: line.since)[max(0, len(others) + len(touched) - most) :]
    return [line for line in before if line in touched[-most:] or line in newest]


def settled(
    before: Sequence[SelfLine],
    opened: Sequence[SelfLine],
    proposed: Sequence[SelfLine],
    memories: Sequence[Memory],
    *,
    most: int,
    now: float,
) -> list[SelfLine]:
    """What stands in the morning: of the lines `before`, the `opened` ones weighed by what the night `proposed`.

    A new line that says no more than one that stands is not taken in; one that says all of an old line and more takes
    its place. A line that is left out goes when the day spoke of it, or when a new line stands in its place; else it
    was a slip, and it only fades. Where there are more than `most`, the weakest leave, of equals the older: first what
    passes, then what happened to them once, last who they are.
    """
    heard, named = _heard(memories), {line.text for line in proposed}
    new = [
        replace(line, strength=hold(line.text).fresh, since=now)
        for line in {line.text.casefold(): line for line in proposed}.values()
        if line not in before and not any(says(old, line) for old in before if old not in opened or old.text in named)
    ]
    kept: list[SelfLine] = []
    for line in before:
        if any(says(other, line) or instead(other, line) for other in new):
            continue
        if line in opened and line.text not in named:
            gone = own_words(line.text) & heard or any(replaces(other, line) for other in new)
            if not gone and line.strength > SLIP:
                kept.append(replace(line, strength=line.strength - SLIP))
        elif line in opened and (spoken_of := _confirming(line, memories)):
            evidence = [*(number for number in line.evidence if number not in spoken_of), *spoken_of][-EVIDENCE:]
            stronger = line.strength + CONFIRMED * (1.0 - line.strength)
            kept.append(replace(line, strength=stronger, evidence=evidence))
        else:
            kept.append(replace(line, strength=line.strength * hold(line.text).fading))
    lines = [line for line in kept if line.strength >= GONE] + new
    while len(lines) > most:
        lines.remove(min(lines, key=lambda line: (line.strength, line.since)))
    return lines


def hold(text: str) -> Hold:
    return PASSING if passing(text) else LASTING if lasting(text) else USUAL


def replaces(new: SelfLine, old: SelfLine) -> bool:
    """Whether they say something of the same: at least half of the old line's own words stand in the new one."""
    words = own_words(old.text)
    return bool(words) and len(words & own_words(new.text)) >= REPLACED * len(words)


def instead(new: SelfLine, old: SelfLine) -> bool:
    """Whether both tell of what there is one of, such as a name or a home."""
    told, before = _ONE.match(new.text), _ONE.match(old.text)
    return bool(told and before and told[0].casefold() == before[0].casefold())


def says(line: SelfLine, other: SelfLine) -> bool:
    """Whether `line` says all that `other` does."""
    return own_words(other.text) <= own_words(line.text)


def _heard(memories: Collection[Memory]) -> set[str]:
    return set[str]().union(*(own_words(memory.text) for memory in memories if memory.speaker == "user"))


def _confirming(line: SelfLine, memories: Sequence[Memory]) -> list[int]:
    """Memories of the user's words that hold all own words of the line."""
    words = own_words(line.text)
    return [m.id for m in memories if words and m.speaker == "user" and words <= own_words(m.text)]
