"""What can be said to anything of its kind: shown as an example where no phrase of the phrasebook is near.

A body of a few million parameters that is shown nothing says something beside the point. What kind of message it is,
patterns over its words tell, and how pleasant it sounds.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Collection, Sequence
from functools import cached_property
from pathlib import Path

import msgspec

from anima_tui.engine.lexical import words_of
from anima_tui.errors import BodyUnusable

FALLBACKS = "fallbacks.toml"
"""File in the folder of a phrasebook."""


class Fallback(msgspec.Struct, frozen=True, dict=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of message, and replies to it in each voice."""

    line: str
    """A message of this kind that says no more than that."""
    replies: dict[str, tuple[str, ...]]
    """By voice, values of `phrasebook.VOICES`."""
    words: str = ""
    """Regular expression that is looked for in the message's words and its last question mark, joined by spaces."""
    feels: tuple[float, float] = (-1.0, 1.0)
    """How pleasant the message sounds, at least and at most."""
    after: bool = False
    """Whether something must have been said before."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(self.words)

    def fits(self, said: str, pleasant: float, *, opening: bool) -> bool:
        """Whether the words `said`, which sound as `pleasant` as that in [-1, 1], are of this kind."""
        least, most = self.feels
        return least <= pleasant <= most and not (self.after and opening) and bool(self.pattern.search(said))

    def drawn(self, chance: random.Random, said: Collection[str] = ()) -> dict[str, str]:
        """One reply of each voice, not one that was `said` if there is another."""
        fresh = {voice: [text for text in texts if text not in said] for voice, texts in self.replies.items()}
        return {voice: chance.choice(fresh[voice] or texts) for voice, texts in self.replies.items()}


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    fallback: tuple[Fallback, ...]


def fallback_for(fallbacks: Sequence[Fallback], message: str, pleasant: float, *, opening: bool) -> Fallback | None:
    """The first of `fallbacks` that fits `message`, which opens the talk or not."""
    said = " ".join([*words_of(message), *("?" * message.rstrip().endswith("?"))])
    return next((each for each in fallbacks if each.fits(said, pleasant, opening=opening)), None)


def load_fallbacks(folder: Path) -> tuple[Fallback, ...]:
    """Those of the phrasebook in `folder`, if it has any. Raises BodyUnusable when their file is damaged."""
    file = folder / FALLBACKS
    try:
        fallbacks = msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), _File).fallback
        for each in fallbacks:
            if not all(each.replies.values()):
                raise ValueError(f'"{each.line}" has a voice without replies')
            _ = each.pattern
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, re.error) as error:
        raise BodyUnusable(f"{file} cannot be read ({error}); copy the body again.") from None
    return fallbacks
