"""What she leans on: the examples of the body's phrasebook that are near to the user's words, and reminders."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from anima_tui.engine.body import Body
from anima_tui.engine.examples import Example, nearest_examples, shown
from anima_tui.engine.fallbacks import fallback_for
from anima_tui.engine.hearing import heard
from anima_tui.engine.lexical import words_of
from anima_tui.engine.phrasebook import Phrasebook
from anima_tui.engine.reminding import asks_for_her, asks_for_told, reminded, told_in
from anima_tui.engine.valence import Readout, lexical_valence
from anima_tui.settings import Examples
from anima_tui.wire import Exchange

COOL = 0.2
"""Share of the usual temperature for what was told: it is found, not made up."""


@dataclass(frozen=True)
class Leaning:
    """Examples for one message, the nearest last."""

    examples: Sequence[Example]
    reminders: Sequence[str]
    """Lines that were said before; the nearest last."""
    seed: str
    asked: bool = False
    """Whether the user asks for something they may have told."""
    told: Sequence[str] = ()
    """Reminders of what stands only in the talk."""
    of_her: bool = False
    """Whether the user asks who she is."""

    @property
    def warmth(self) -> float:
        """Share of the usual temperature to answer with."""
        return COOL if self.asked else 1.0

    @property
    def lines(self) -> list[str]:
        """What the user says in each example, and the reminders."""
        return [*(example.line for example in self.examples), *self.reminders]

    @property
    def text(self) -> str:
        """The message that stands before the user's; empty for none."""
        return shown(self.examples, random.Random(self.seed), self.reminders)

    def without_farthest(self) -> Leaning:
        """With the farthest example less or, when there is none, the farthest reminder."""
        if self.examples:
            return replace(self, examples=self.examples[1:])
        return replace(self, reminders=self.reminders[1:])


NOTHING = Leaning((), (), "")


def lean(body: Body, settings: Examples, past: Sequence[Exchange], user: str, system: str = "") -> Leaning:
    """What `system` and `past` tell of the user if they ask for it, else the examples for `user` said after `past`.

    Not both: what others were answered to the same question would be believed. Where nothing was told, only examples
    that ask the very same stand there, or she would answer with what they say.

    What is left to chance is drawn from the words alone: asked once more about the same words, she leans on the same
    examples, so that a prompt can be written again and a second reply differs by its sampling only.
    """
    book = body.phrasebook
    if book is None or not settings.count:
        return NOTHING
    before = f"{past[-1].user} {past[-1].reply}" if past else ""
    seed = f"{before}\n{user}"
    standing, told = told_in(system, []), told_in("", [exchange.user for exchange in past])
    if reminders := reminded(book, [*standing, *told], user):
        return Leaning((), reminders, seed, asked=True, told=[line for line in reminders if line not in standing])
    residuals = heard(body, user).numpy() if book.meanings and user.strip() else None
    said = words_of(user)
    asked = asks_for_told(said)
    examples = nearest_examples(book, settings, user, before, random.Random(seed), residuals)
    if not examples and not asked:
        examples = _fallback(body, book, past, user, seed)
    return Leaning(examples, (), seed, asked, of_her=asks_for_her(said))


def _fallback(body: Body, book: Phrasebook, past: Sequence[Exchange], user: str, seed: str) -> list[Example]:
    """An example of what can be said to anything of the kind of `user`, or none."""
    if not book.fallbacks:
        return []
    found = fallback_for(book.fallbacks, user, _pleasant(body, user), opening=not past)
    said = {exchange.reply for exchange in past}
    return [Example(found.line, found.drawn(random.Random(seed), said))] if found else []


def _pleasant(body: Body, user: str) -> float:
    """How pleasant `user` sounds, in [-1, 1]: to the body if it was attuned, else to a lexicon."""
    attuned = body.attunement
    if attuned is None or not user.strip():
        return lexical_valence(user)
    return Readout(attuned.valence, attuned.turn_valence).turn(heard(body, user), user)
