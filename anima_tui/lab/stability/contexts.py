"""The contexts in which vectors are learned and tried: the one at home, and each with one thing shifted."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from anima_tui.engine.attune.corpus import Block, Turn
from anima_tui.engine.attune.listen import answering
from anima_tui.lab.concepts import Pair
from anima_tui.lab.study import chance_of
from anima_tui.lab.subject import IDENTITY, Subject
from anima_tui.wire import Exchange

HOME = "home"
"""Who she is, and the message. The corpus files of even number."""
TOPIC = "topic"
"""As home, with pairs from the other files."""
EXAMPLES = "examples"
"""With what a phrasebook shows before the message; only for a body that has one."""

ANOTHER_SELF = (
    "I am the clerk of a harbour office.",
    "I keep the list of ships and their cargo.",
    "Visitors come before noon.",
)
LONG, SHORT = 6, 2
"""Exchanges that stand before the message when the context is long, and when turns are out of order."""

Context = Callable[[Subject, Pair], list[int]]
"""Renders the prompt that a pair's replies answer: token ids."""


def at_home(subject: Subject, pair: Pair) -> list[int]:
    return subject.scribe.chat(_system(subject), [], pair.message).ids


def with_another_self(subject: Subject, pair: Pair) -> list[int]:
    """System prompt: she is told to be someone else."""
    system = subject.scribe.style.system(ANOTHER_SELF, ['They said: "the tide table is wrong again"'], thinking=False)
    return subject.scribe.chat(system, [], pair.message).ids


def after_long_talk(subject: Subject, pair: Pair) -> list[int]:
    """Length of context: exchanges of other conversations stand before the message."""
    chance = chance_of("long", pair.message)
    turns = [chance.choice(block.turns) for block in _others(subject, pair, chance, LONG)]
    return subject.scribe.chat(_system(subject), _exchanges(turns), pair.message).ids


def out_of_order(subject: Subject, pair: Pair) -> list[int]:
    """Order of turns: other turns of the same conversation stand before the message, the last one first."""
    turns = [turn for at, turn in enumerate(pair.block.turns) if at != pair.at][:SHORT]
    if not turns:
        turns = [block.turns[0] for block in _others(subject, pair, chance_of("order", pair.message), SHORT)]
    return subject.scribe.chat(_system(subject), _exchanges(turns[::-1]), pair.message).ids


def in_a_hurry(subject: Subject, pair: Pair) -> list[int]:
    """Style of the user: typed fast."""
    return subject.scribe.chat(_system(subject), [], hurried(pair.message)).ids


def with_examples(subject: Subject, pair: Pair) -> list[int]:
    return answering(subject.body, subject.scribe, pair.message).ids


SHIFTS: dict[str, Context] = {
    "system prompt": with_another_self,
    TOPIC: at_home,
    "long context": after_long_talk,
    "user's style": in_a_hurry,
    "order of turns": out_of_order,
    EXAMPLES: with_examples,
}


def context_named(name: str) -> Context:
    return at_home if name == HOME else SHIFTS[name]


def blocks_of(context: str, blocks: Sequence[Block], *, held_out: bool) -> list[Block]:
    """Of the corpus the part that belongs to a context, to learn from or held out."""
    odd = context == TOPIC
    return [block for block in blocks if block.held_out == held_out and (int(block.source) % 2 == 1) == odd]


def hurried(message: str) -> str:
    """No capitals, no stops, letters swapped in every third longer word, and a laugh."""
    plain = "".join(c for c in message.lower() if c.isalnum() or c in " '")
    words = plain.split()
    for at in range(0, len(words), 3):
        word = words[at]
        if len(word) > 3:
            words[at] = word[0] + word[2] + word[1] + word[3:]
    return " ".join([*words, "lol"])


def _system(subject: Subject) -> str:
    return subject.scribe.style.system([IDENTITY], [], thinking=False)


def _others(subject: Subject, pair: Pair, chance: random.Random, count: int) -> list[Block]:
    return [block for block in chance.sample(subject.blocks, 2 * count) if block is not pair.block][:count]


def _exchanges(turns: Sequence[Turn]) -> list[Exchange]:
    """Turns as they would have been talked, in her own voice."""
    return [
        Exchange(
            id=at, session=1, at=0.0, user=turn.says[0], thought="", reply=next(iter(turn.replies.values()))[0],
            mode="Anima", user_valence=0.0, valence=0.0, adrenaline=0.0, finish="end",
        )
        for at, turn in enumerate(turns)
        if turn.replies
    ]  # fmt: skip
