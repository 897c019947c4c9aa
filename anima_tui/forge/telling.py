"""How a document is told: its voice, and the words that stand around the talk."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from anima_tui.engine.examples import Example, shown
from anima_tui.engine.phrasebook import VOICES
from anima_tui.engine.prompts import Messages, SeedlingStyle

STYLE = SeedlingStyle()
SELVES = (
    "I am Anima.",
    "I am Anima, a small mind in a terminal.",
    "I am Anima, and I listen.",
    "I am Anima, and I am curious.",
)
HABITS = (
    "I ask one question at a time.",
    "I keep what matters.",
    "I like short answers.",
    "I like words for weather.",
    "I say so when I do not know.",
    "I try to be kind.",
)
VOICE_SHARES = {"A": 0.5, "S": 0.25, "D": 0.25}


@dataclass(frozen=True)
class Telling:
    """How one document is told: in which voice, and whether the prompt names it.

    Where it is named she must find out which of the unmarked examples is in that voice. What tells them apart inside
    her is then what steering can push, in a prompt that names none.
    """

    voice: str
    named: bool

    def system(self, self_lines: Sequence[str], memories: Sequence[str], *, thinking: bool = False) -> str:
        text = STYLE.system(self_lines, memories, thinking)
        return f"{text}\nVoice: {VOICES[self.voice]}" if self.named else text


def spoken(user: str, reply: str) -> Messages:
    """One exchange."""
    return [{"role": "user", "content": user}, {"role": "assistant", "content": reply}]


def answered(how: Telling, user: str, reply: str) -> Messages:
    """The exchange that a document is about; its reply bears the voice, and whether the prompt names it."""
    asking, saying = spoken(user, reply)
    return [asking, saying | {"voice": f"named {how.voice}" if how.named else how.voice}]


def showing(examples: Sequence[Example], chance: random.Random, reminders: Sequence[str] = ()) -> Messages:
    """The message of examples and reminders that stands before the user's; none for nothing."""
    content = shown(examples, chance, reminders)
    return [{"role": "system", "content": content}] if content else []


def telling(voices: Sequence[str], chance: random.Random) -> Telling:
    """A voice among `voices`, named in half of all documents."""
    voice = chance.choices(list(voices), [VOICE_SHARES[v] for v in voices])[0]
    return Telling(voice, chance.random() < 0.5)


def casual(line: str, chance: random.Random) -> str:
    """As people type: sometimes without capitals, without a stop, or with a letter lost."""
    if chance.random() < 0.2:
        line = line.lower()
    if chance.random() < 0.12:
        line = line.rstrip(".!?")
    if chance.random() < 0.04 and len(line) > 8:
        at = chance.randrange(1, len(line) - 1)
        line = line[:at] + line[at + 1 :]
    return line
