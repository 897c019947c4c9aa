"""Facts made by grammar: who does what, where, when, with whom and why, and any part of it asked for.

The corpus has a thousand kinds of facts, and a small model learns those by heart. Here every call makes a kind of fact
that was hardly made before, and the part that is asked for is now the object, now a name, a place or a number in mid
sentence: only who reads which words answer the question gets it right.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from anima_tui.forge.facts import Fact
from anima_tui.forge.grammar.answers import ANSWERS, UNTOLD
from anima_tui.forge.grammar.clauses import clause
from anima_tui.forge.grammar.patterns import pattern
from anima_tui.forge.grammar.persons import shifted
from anima_tui.forge.grammar.spelling import upper
from anima_tui.forge.grammar.tellings import tellings
from anima_tui.forge.vocabulary import Vocabulary

_BY_PATTERN = 0.3
"""Share of facts that are set sentences with a gap rather than a verb with what belongs to it."""


def composed(words: Vocabulary, chance: random.Random) -> Fact:
    """A kind of fact that hardly stood anywhere before."""
    drafted = pattern(words, chance) if chance.random() < _BY_PATTERN else clause(words, chance)
    what, short, sentence = (shifted(t, "you") for t in (drafted.what, drafted.short, drafted.statements[0]))
    sentence = upper(sentence)

    def worded(forms: Sequence[str]) -> list[str]:
        return [f.replace("{short}", short).replace("{sentence}", sentence) for f in forms]

    return Fact(
        what,
        drafted.source,
        tellings(drafted.statements, words, chance),
        drafted.asked,
        upper(shifted(drafted.statements[0], "they")) + ".",
        {voice: worded(forms) for voice, forms in ANSWERS.items()},
        UNTOLD,
    )
