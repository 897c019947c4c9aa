"""What she leans on: the examples of the body's phrasebook that are near to the user's words."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from anima_tui.engine.examples import Example, illustrate, shown, worth_showing
from anima_tui.engine.phrasebook import Phrasebook
from anima_tui.settings import Examples
from anima_tui.wire import Exchange


@dataclass(frozen=True)
class Leaning:
    """Examples for one message, the nearest last."""

    examples: Sequence[Example]
    seed: str

    @property
    def lines(self) -> list[str]:
        """What the user says in each."""
        return [example.line for example in self.examples]

    @property
    def text(self) -> str:
        """The examples' message; empty without examples."""
        return shown(self.examples, random.Random(self.seed)) if self.examples else ""

    def without_farthest(self) -> Leaning:
        return replace(self, examples=self.examples[1:])


NOTHING = Leaning((), "")


def lean(book: Phrasebook | None, settings: Examples, past: Sequence[Exchange], user: str) -> Leaning:
    """The examples for `user` said after `past`.

    What is left to chance is drawn from the words alone: asked once more about the same words, she leans on the same
    examples, so that a prompt can be written again and a second reply differs by its sampling only.
    """
    if book is None or not settings.count:
        return NOTHING
    before = f"{past[-1].user} {past[-1].reply}" if past else ""
    seed = f"{before}\n{user}"
    chance = random.Random(seed)
    # Many phrases begin with the same words, so more are looked at than are shown.
    found = book.nearest(user, before, 3 * settings.count)
    matches = worth_showing(found, settings.least, settings.near)[: settings.count]
    return Leaning([illustrate(match, user, book.slots, chance) for match in reversed(matches)], seed)
