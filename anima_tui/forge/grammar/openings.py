"""Words for the open places of a sentence, from tables and from the vocabulary."""

from __future__ import annotations

import random
import re

from anima_tui.forge.grammar.persons import SHIFTS
from anima_tui.forge.vocabulary import Vocabulary

OPEN = re.compile(r"\{([^{}]+)\}")
RELATIONS = ("neighbour boss flatmate colleague teacher coach landlord roommate cousin uncle aunt sister brother "
             "mother father mum dad grandma grandpa niece nephew daughter son wife husband friend dentist therapist "
             "trainer penpal godmother stepdad lodger classmate ex tutor").split()  # fmt: skip
ADJECTIVES = ("old new tiny huge wooden broken cheap heavy shiny rusty striped vintage plastic fancy small odd "
              "round second-hand handmade borrowed dusty ugly lovely foldable square expensive spare giant "
              "noisy").split()  # fmt: skip
WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
HOURS = "one two three four five six seven eight nine ten eleven twelve".split()
FEW = "two three four five six seven eight nine ten twelve fifteen twenty".split()


def filled(text: str, words: Vocabulary, chance: random.Random) -> str:
    """`text` with a word for each `{...}` in it."""
    return OPEN.sub(lambda o: some_word(o[1], words, chance), text)


def some_word(choice: str, words: Vocabulary, chance: random.Random) -> str:
    """A word for `{choice}`: one of several, from a table, from the vocabulary."""
    if "|" in choice:
        return chance.choice(choice.split("|"))
    match choice:
        case "NAME" | "name":
            return words.name(chance)
        case "noun" | "thing":
            return some_thing(words, chance)
        case "gadget":
            return listed("device", words, chance)
        case "weekday":
            return chance.choice(WEEKDAYS)
        case "hour":
            return chance.choice(HOURS)
        case "few":
            return chance.choice(FEW)
        case "relation":
            return some_relation(words, chance)
        case "event" | "job" | "pet" | "animal":
            return listed(choice, words, chance)
        case _:
            return words.value(choice, chance) if choice in words.slots else choice


def some_relation(words: Vocabulary, chance: random.Random) -> str:
    return chance.choice(RELATIONS) if chance.random() < 0.6 else words.value("family", chance)


def some_thing(words: Vocabulary, chance: random.Random) -> str:
    """A noun for a thing that can be counted, as far as lists tell; the vocabulary's own are often rare."""
    if chance.random() < 0.7:
        return listed(chance.choice(("object", "object", "object", "device", "clothing")), words, chance)
    for _ in range(4):
        noun = words.noun(chance)
        food = noun in words.slots.get("food", ()) or noun in words.slots.get("drink", ())
        if not food and (not noun.endswith("s") or noun.endswith("ss")) and noun not in SHIFTS["you"]:
            return noun
    return "spoon"


def listed(kind: str, words: Vocabulary, chance: random.Random) -> str:
    """A value that is surely of this kind, so that its article and number are known."""
    return chance.choice(words.slots.get(kind, (kind,)))
