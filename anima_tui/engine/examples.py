"""Examples of how to answer, as they stand in the prompt before the user's message."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from anima_tui.engine.lexical import words_of
from anima_tui.engine.meaning import Floats
from anima_tui.engine.phrasebook import Match, Phrasebook
from anima_tui.engine.reminding import ALIKE, asks_for_told
from anima_tui.engine.slots import SLOT, Slots, fill
from anima_tui.settings import Examples

HEADING = "Examples:"
BEFORE = "Before:"


@dataclass(frozen=True)
class Example:
    """A match made ready to be shown: slots filled, one reply for each voice."""

    line: str
    replies: Mapping[str, str]
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    """What fills the slots."""

    @classmethod
    def of(cls, line: str, replies: Mapping[str, str], values: Mapping[str, str]) -> Self:
        """Fill `line` and `replies`."""
        return cls(fill(line, values), {voice: fill(text, values) for voice, text in replies.items()}, values)


def nearest_examples(
    book: Phrasebook,
    settings: Examples,
    message: str,
    before: str,
    chance: random.Random,
    residuals: Floats | None = None,
) -> list[Example]:
    """The examples for `message` said after `before`, the nearest last; `residuals` as in `Phrasebook.nearest`."""
    enough = settings.least_after if before else settings.least
    least = ALIKE if asks_for_told(words_of(message)) else enough
    # Many phrases begin with the same words, so more are looked at than are shown.
    found = book.nearest(message, before, 3 * settings.count, residuals=residuals)
    matches = worth_showing(found, least, settings.near)[: settings.count]
    return [illustrate(match, message, book.slots, chance) for match in reversed(matches)]


def worth_showing(matches: Sequence[Match], least: float, near: float) -> list[Match]:
    """Of `matches`, nearest first, those that score `least` and the share `near` of the best; each wording once."""
    enough = max(least, near * matches[0].score) if matches else least
    wordings = {" ".join(words_of(match.line)): match for match in reversed(matches) if match.score >= enough}
    return list(wordings.values())[::-1]


def illustrate(match: Match, message: str, slots: Slots, chance: random.Random) -> Example:
    """An example of `match` for `message`: its slots take the message's own words where they fit, else chance ones."""
    known = slots.found_in(message, match.line)
    replies = choose_replies(match, message, known, chance)
    return Example.of(match.line, replies, slots.bind([match.line, *replies.values()], chance, known))


def choose_replies(match: Match, message: str, known: Mapping[str, str], chance: random.Random) -> dict[str, str]:
    """One reply of each voice, slots still open; those that take up more of the message's words come oftener.

    `known`: the slots that the message fills.

    A reply that speaks of a thing the line does not name would have to invent it, so such a one comes last.
    """
    said = {*words_of(message), *(f"{{{slot}}}" for slot in known)}
    named = set(SLOT.findall(match.line))

    def choose(texts: Sequence[str]) -> str:
        sure = [text for text in texts if named.issuperset(SLOT.findall(text))] or texts
        taken_up = [len({word for word in words_of(text) if len(word) > 3} & said) for text in sure]
        return chance.choices(sure, [(1 + 2 * count) ** 2 for count in taken_up])[0]

    return {voice: choose(texts) for voice, texts in match.phrase.replies.items()}


def shown(examples: Sequence[Example], chance: random.Random, reminders: Sequence[str] = ()) -> str:
    """What stands before the user's words: examples, and then lines that were said before.

    Nothing tells the voices of an example apart but their words, and their order is chance. Empty for nothing.
    """
    parts = [HEADING] if examples else []
    for example in examples:
        replies = [f"- {text}" for text in example.replies.values()]
        chance.shuffle(replies)
        parts += [f"They: {example.line}", *replies]
    if reminders:
        parts += [BEFORE, *(f"- {line}" for line in reminders)]
    return "\n".join(parts)
