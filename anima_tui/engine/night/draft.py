"""What a body's answer becomes before the gate sees it: lines that stayed, and new ones that rest on memories."""

from __future__ import annotations

import re
from collections.abc import Sequence

from anima_tui.engine.introducing import introduced
from anima_tui.engine.memory import Memory
from anima_tui.engine.reminding import OF_HERSELF
from anima_tui.wire import SelfLine

WORDS = re.compile(r"[^\W\d_]{2,}|\d+")
NAME = re.compile(r"(?<=[a-z,] )[A-Z][^\W\d_]+")
"""A capitalised word in the middle of a sentence."""
CALLED = re.compile(r"^(?:Their name is|They are called|Call them)\s+(.+?)\W*$")
_GIVEN_NAME = re.compile(r"\b(?:named|called) ([^\W\d_][\w'-]*)")
_PEOPLE = (
    "girlfriend|boyfriend|wife|husband|partner|sister|brother|son|daughter|friend|boss|neighbou?r|colleague|cousin|aunt"
    "|uncle|niece|nephew|mother|father|mum|mom|dad|grandmother|grandfather|teacher|doctor|roommate|flatmate"
)
_NUMBER = re.compile(r"\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve")
CLAIMS = (
    re.compile(r"\b(?i:my name is|i am called|call me)\s+([^\W\d_][\w'-]+)"),
    re.compile(r"\b(?i:i'?m|i am)\s+([A-Z][\w'-]+)"),  # only a capital tells "I am Mara" from "i am tired"
)


def proposed(
    text: str, core: Sequence[str], opened: Sequence[SelfLine], before: Sequence[SelfLine], memories: Sequence[Memory]
) -> list[SelfLine]:
    """The mutable lines in a body's answer: `opened` ones that stayed, and new ones that rest on memories.

    Most of a new line's own words must stand in memories, which become its evidence, and so must every name in it; what
    rests on less is left out. Where it brings an opened line up to date, that holds for what changed. A line of
    the same words as an opened one is that one. What she says of the user rests on the user's words alone: her own were
    made up by the same body. Lines of the core and those `before` that were not opened are left out too, when they are
    said word for word: they stand anyway.
    """
    known = {line.text.casefold(): line for line in opened}
    fixed = {line.casefold() for line in core} | {line.text.casefold() for line in before} - known.keys()
    standing = set[str]().union(*(own_words(line) for line in [*core, *(line.text for line in before)]))
    lines: list[SelfLine] = []
    for raw in text.splitlines():
        line = " ".join(raw.strip().removeprefix("-").split())
        if not raw.strip().startswith("-") or not line or line.casefold() in fixed:
            continue
        if same := known.get(line.casefold()) or _reworded(line, opened):
            lines.append(same)
        elif evidence := _evidence(line, opened, memories, standing):
            lines.append(SelfLine(text=line, core=False, evidence=evidence))
    return lines


def _reworded(line: str, opened: Sequence[SelfLine]) -> SelfLine | None:
    own = own_words(line)
    return next((other for other in opened if own and own_words(other.text) == own), None)


def _evidence(line: str, opened: Sequence[SelfLine], memories: Sequence[Memory], standing: set[str]) -> list[int]:
    """Memories that a new line rests on; none where they are too few."""
    of_herself = line.startswith(OF_HERSELF)
    heard = {m.id: own_words(m.text) for m in memories if of_herself or m.speaker == "user"}
    said = set[str]().union(*heard.values())
    own = own_words(line) - _kept_frame(line, opened, said)
    evidence = [number for number, words in heard.items() if own & words]
    resting = own & set[str]().union(*(heard[number] for number in evidence))
    names = {name.casefold() for name in NAME.findall(line)}
    strange = names - standing - said
    called = CALLED.match(line)
    if called and called[1].casefold() not in {name.casefold() for name in user_names(memories)}:
        return []  # only who says "my name is" has a name
    if not _called_so(line, [m.text for m in memories if m.id in evidence]):
        return []
    return evidence if 2 * len(resting) > len(own) and not strange else []


def _kept_frame(line: str, opened: Sequence[SelfLine], heard: set[str]) -> set[str]:
    """The words that a line shares with an opened one which it brings up to date.

    That is one the day spoke of, or one from which it differs by a name or a number alone.
    """
    own, names = own_words(line), {name.casefold() for name in NAME.findall(line)}
    for old in opened:
        frame = own & (words := own_words(old.text))
        changed = own - frame
        if frame and changed and (words & heard or all(w in names or _NUMBER.fullmatch(w) for w in changed)):
            return frame
    return set()


def _called_so(line: str, told: Sequence[str]) -> bool:
    """Whether names that a line gives are some: told with a capital, or by who says that it is called so."""
    for name in _GIVEN_NAME.findall(line):
        word = re.escape(name)
        given = re.compile(
            rf"\b(?i:(?:named|called|names?(?:'s| is)?|my (?:{_PEOPLE}))\W+{word}\b|{word} is (?:my|our)\b)"
        )
        if not any(given.search(text) or name.capitalize() in NAME.findall(text) for text in told):
            return False
    return True


STOP_WORDS = frozenset(
    "the and you your yours was were are not but for with that this they them their she her his him has have had "
    "said told about when what from who how why all any can did does just like one our out too very will would "
    "am an as at be by do go he if in is it me my no of on or so to up us we im named called name".split()
)


def own_words(text: str) -> set[str]:
    """The words that make a line say what it says."""
    return {word.casefold() for word in WORDS.findall(text)} - STOP_WORDS


def user_names(memories: Sequence[Memory]) -> list[str]:
    """Names by which the user introduced themselves in tonight's memories."""
    said = [introduced(memory.text) for memory in memories if memory.speaker == "user"]
    named = {name for text in said for claim in CLAIMS for name in claim.findall(text)}
    return sorted(name for name in named if name.casefold() != "anima")
