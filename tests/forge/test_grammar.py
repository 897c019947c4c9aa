"""Whatever the grammar makes can be told, asked, kept and answered, and reads as English."""

import random
import re
from pathlib import Path

from anima_tui.forge.blocks import read_slots
from anima_tui.forge.facts import Fact
from anima_tui.forge.grammar import composed
from anima_tui.forge.grammar.doings import DOINGS
from anima_tui.forge.grammar.spelling import plural
from anima_tui.forge.vocabulary import gather

CORPUS = Path(__file__).parents[2] / "anima_tui" / "forge" / "corpus"
WORDS = gather(read_slots(CORPUS), ["I saw a river. We sat by the orchard. She took my advice, said Roland."] * 3)
FACTS = [composed(WORDS, random.Random(seed)) for seed in range(3000)]
GAP = re.compile(r"\{(.*?)\}")
ODD = re.compile(r"\ba an?\b|  |\ba (?!uk|uni|eu|one)[aeiou]|\ban [bcdfgjklmnpqrstvwz]|<\w+>|\||\s$")
CASE = re.compile(r"\b(?:takes?|taught|gave|showed|sold|lent|makes?|made|for|from|of) (?:i|we)\b")
"""`i` where `me` belongs."""
MINE = re.compile(r"\b(?:i|my|me|we|our|us)\b")


def _lines(fact: Fact) -> list[str]:
    return [*fact.told, *fact.asked, fact.kept, *(line for lines in fact.answers.values() for line in lines)]


def test_the_value_stands_where_it_is_told_and_nowhere_in_the_question() -> None:
    for fact in FACTS:
        assert all(GAP.findall(line) == ["x"] for line in [*fact.told, fact.kept]), fact
        assert not any("{" in line for line in [*fact.asked, fact.what]), fact
        assert 2 <= len(fact.told) <= 6
        assert 3 <= len(fact.asked) <= 8
        for line in (line for lines in [*fact.answers.values(), *fact.untold.values()] for line in lines):
            line.format(x="x", what=fact.what)
        assert all("{x}" in line for lines in fact.answers.values() for line in lines), fact


def test_what_is_kept_speaks_of_them() -> None:
    for fact in FACTS:
        assert fact.kept.endswith(".")
        assert fact.kept[0].isupper() or (fact.kept.startswith("{x}") and fact.source == "NAME"), fact.kept
        assert not MINE.search(fact.kept), fact.kept
        assert not MINE.search(fact.what), fact.what
        assert not MINE.search(fact.answers["A"][1]), fact.answers


def test_every_fact_reads_as_english() -> None:
    for fact in FACTS:
        assert not any(ODD.search(line) for line in _lines(fact)), _lines(fact)
        assert not any(CASE.search(line) for line in [*fact.asked, fact.what]), fact.asked


def test_hardly_two_facts_are_alike() -> None:
    assert len({fact.told[0] for fact in FACTS}) > 1500
    assert len({verb.split()[0] for doing in DOINGS for verb in doing.verbs.split(",")}) >= 150


def test_plurals() -> None:
    many = {"berry": "berries", "deck of cards": "decks of cards", "cooking knife": "cooking knives", "box": "boxes",
            "toy": "toys", "snowman": "snowmen", "goldfish": "goldfish"}  # fmt: skip
    assert {one: plural(one) for one in many} == many
