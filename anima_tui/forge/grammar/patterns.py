"""Set sentences with their open words filled."""

from __future__ import annotations

import random
import re

from anima_tui.forge.grammar.openings import ADJECTIVES, FEW, HOURS, filled, some_thing, some_word
from anima_tui.forge.grammar.parts import Drafted
from anima_tui.forge.grammar.questions import DIRECT, INDIRECT
from anima_tui.forge.grammar.sentences import PATTERNS
from anima_tui.forge.grammar.spelling import articled, plural
from anima_tui.forge.vocabulary import Vocabulary

_NAMED = re.compile(r"<(\w+)>(s?)(?!\w)")
SKILLS = ("to whistle", "to swim", "to juggle", "to ride a bike", "to tie a tie", "to read maps", "to fold paper birds",
          "to change a tyre", "to sharpen knives", "to play the {instrument}", "to make {food}", "to dance the tango",
          "to count to ten in {language}", "to milk a goat", "to light a fire", "to do a handstand", "to bake bread",
          "to catch crabs", "to speak {language}", "to skip stones", "to sew on buttons", "to play {game}",
          "to shuffle cards")  # fmt: skip
CAUSES = ("the {noun} was stuck", "the train broke down", "somebody stole the {noun}", "the alarm did not ring",
          "{name} took the car", "the bridge was closed", "{name} forgot the keys", "the {gadget} caught fire",
          "the cat hid the keys", "the {noun} fell into the bath", "{name} was rude",
          "the lift was out of order")  # fmt: skip
SHOPS = "bakery bookshop cafe pharmacy library pub gym pizzeria hardware_store tea_house bike_shop".split()
PARTS = "handle lid wheel button door cover leg strap corner lining pocket stripe label hook zip hinge".split()
_SUMS = ("ninety-nine", "two hundred", "thirty-five", "a thousand", "sixty", "seventeen", "four hundred")


def pattern(words: Vocabulary, chance: random.Random) -> Drafted:
    """A set sentence with its open words filled, the same in every wording."""
    source, statements, questions, what, short = chance.choice(PATTERNS).split("|")
    known: dict[str, str] = {}

    def opened(word: re.Match[str]) -> str:
        if word[1] not in known:
            known[word[1]] = _of_pattern(word[1], words, chance)
        return plural(known[word[1]]) if word[2] else known[word[1]]

    source, statements, questions, what, short = (
        articled(_NAMED.sub(opened, text)) for text in (source, statements, questions, what, short)
    )
    by_the_way = [chance.choice(INDIRECT).replace("{q}", what) for _ in "12"]
    direct = [chance.choice(DIRECT).replace("{q}", q) for q in questions.split("/")]
    return Drafted(statements.split("/"), [*direct, *by_the_way], what, source, short)


def _of_pattern(kind: str, words: Vocabulary, chance: random.Random) -> str:
    match kind:
        case "things":
            return plural(some_thing(words, chance))
        case "athing":
            return articled(f"a {chance.choice((*ADJECTIVES, ''))} {some_thing(words, chance)}".replace("  ", " "))
        case "adj":
            return chance.choice(ADJECTIVES)
        case "part":
            return chance.choice(PARTS)
        case "shop":
            return chance.choice(SHOPS).replace("_", " ")
        case "skill" | "cause":
            lines = SKILLS if kind == "skill" else CAUSES
            return articled(filled(chance.choice(lines), words, chance))
        case "price":
            return f"{chance.choice((*FEW, *_SUMS))} {chance.choice(('euros', 'dollars', 'pounds', 'crowns'))}"
        case "duration":
            return f"{chance.choice(FEW)} {chance.choice(('hours', 'days', 'weeks', 'minutes'))}"
        case "pair":
            return f"{words.name(chance)} and {words.name(chance)}"
        case "hour":
            return f"{chance.choice(('half past ', 'quarter to ', ''))}{chance.choice(HOURS)}"
        case "code":
            return str(chance.randrange(2, 400))
        case _:
            return some_word(kind, words, chance)
