"""How people tell it in a chat."""

from __future__ import annotations

import random
from collections.abc import Sequence

from anima_tui.forge.grammar.openings import filled
from anima_tui.forge.grammar.spelling import articled, upper
from anima_tui.forge.vocabulary import Vocabulary

LEADS = ("oh and ", "so ", "fun fact: ", "lol ", "don't laugh but ", "guess what, ", "btw ", "by the way, ",
         "you know, ",
         "honestly, ", "ok so ", "hey, ", "well, ", "just so you know, ", "hm, ", "did you know that ", "to be honest ",
         "random but ", "yeah, ", "i should tell you that ", "the thing is, ", "haha ", "funny story, ", "ugh, ",
         "i never told you, but ", "believe it or not, ", "good news: ", "one more thing, ", "and ",
         "not sure why but ")  # fmt: skip
TAILS = (", long story", ", can you believe it", " lol", ", just saying", ", don't ask", " haha", ", you know", "!",
         ".", "...",
         ", so there", ", i think i told you that", " :)", ", anyway", ", isn't that odd", ", true story", ", no joke",
         ", what do you think", ", remember that", ", it's a whole thing")  # fmt: skip
ASIDES = ("it's been a long day", "the {noun} is still wet", "i need a nap", "{name} laughed at me",
          "the bus was late again",
          "i can't find the {noun}", "my feet are cold", "there was a {noun} on the doorstep", "the coffee is cold now",
          "{name} says hello", "somebody is drilling next door", "i almost forgot the {noun}", "what a week",
          "the radio is on", "it smells of {noun} in here", "i have a headache", "we ran out of milk",
          "the sky is so grey",
          "{name} never called back", "i just woke up", "my phone is nearly dead",
          "it's getting dark already")  # fmt: skip
_SHORT = (("i am ", ("i'm ", "im ")), ("i have just ", ("i've just ", "ive just ")), ("i have been ", ("i've been ",)),
          ("we are ", ("we're ",)), ("i will ", ("i'll ",)),
          (" going to ", (" gonna ",)), (" because ", (" cause ", " cos ")))  # fmt: skip


def tellings(statements: Sequence[str], words: Vocabulary, chance: random.Random) -> list[str]:
    """As people chat: bare, with something before or after, in short forms, beside something else."""
    bare = statements[0]
    told = [bare, _short(chance.choice(statements), chance), chance.choice(LEADS) + chance.choice(statements)]
    told.append(_short(chance.choice(statements), chance) + chance.choice(TAILS))
    aside = articled(filled(chance.choice(ASIDES), words, chance))
    line = _short(chance.choice(statements), chance)
    joined = (f"{aside}, {line}", f"{line}, {aside}", f"{line}. {aside}", f"{aside}. {line}", f"{line} and {aside}")
    told.append(chance.choice(joined))
    if chance.random() < 0.3:
        told.append(upper(bare).replace(" i ", " I ") + ".")
    return told


def _short(line: str, chance: random.Random) -> str:
    """In the short forms of chat, at times."""
    for long, forms in _SHORT:
        if long in line and chance.random() < 0.5:
            line = line.replace(long, chance.choice(forms), 1)
    return line
