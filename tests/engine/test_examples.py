"""Slots take the message's own words where they fit, and an example is a whole."""

from __future__ import annotations

import random

import pytest

from anima_tui.engine.examples import Example, illustrate, shown
from anima_tui.engine.lexical import words_of
from anima_tui.engine.phrasebook import Match, Phrase
from anima_tui.engine.slots import Slots, fill
from anima_tui.engine.slots import misfits as count_misfits

SLOTS = Slots(
    {
        "drink": ["tea", "milk", "a lemonade", "orange juice"],
        "food": ["cheese", "an apple", "dumplings"],
        "name": ["Maria", "Bob"],
        "pet": ["owl", "fox"],
    }
)


@pytest.mark.parametrize(
    ("message", "line", "found"),
    [
        ("I spilled TEA on my coat", "i spilled {drink}", {"drink": "tea"}),
        ("i spilled orange juice", "i spilled {drink}", {"drink": "orange juice"}),
        ("i spilled a lemonade", "i spilled {drink}", {"drink": "a lemonade"}),  # with the article of the list
        ("do you like apples", "do you like {food}", {"food": "an apple"}),  # in the number of the list
        ("my friend maria is here", "my friend {name} is here", {"name": "Maria"}),  # with the capital of the list
        ("tea or milk?", "{drink} or {drink2}", {"drink": "tea", "drink2": "milk"}),
        ("i spilled Chartreuse on it", "i spilled {drink} on it", {"drink": "Chartreuse"}),  # unlisted, as typed
        ("i spilled it", "i spilled {drink}", {}),  # a small word is no drink
        ("i spilled tea", "i spilled it", {}),
        ("", "i spilled {drink}", {}),
    ],
)
def test_the_message_says_what_fills_a_slot(message: str, line: str, found: dict[str, str]) -> None:
    assert SLOTS.found_in(message, line) == found


@pytest.mark.parametrize(
    ("message", "line", "misfits"),
    [
        ("do you like cheese", "do you like {food}", 0),
        ("do you like cheese", "do you like {name}", 1),
        ("tea with cheese", "{drink} and {drink2}", 1),
        ("do you like cheese", "do you like it", 0),
    ],
)
def test_a_slot_without_a_thing_of_its_kind_does_not_fit(message: str, line: str, misfits: int) -> None:
    assert count_misfits(SLOTS.kinds(words_of(message)).values(), line) == misfits


def test_slots_of_one_kind_get_different_values() -> None:
    for seed in range(9):
        values = SLOTS.bind(["{pet} and {pet2}"], random.Random(seed))
        assert {values["pet"], values["pet2"]} == {"owl", "fox"}


def test_what_is_known_stays_and_an_unknown_kind_is_called_by_its_name() -> None:
    values = SLOTS.bind(["{pet} on a {planet}"], random.Random(0), {"pet": "newt"})
    assert values == {"pet": "newt", "planet": "planet"}


def test_a_filled_slot_brings_its_article_and_capital() -> None:
    assert fill("a {pet} and a dog", {"pet": "owl"}) == "an owl and a dog"
    assert fill("{pet} it is", {"pet": "owl"}) == "Owl it is"
    assert fill("i said {pet}", {"pet": "owl"}) == "i said owl"


def test_line_and_replies_of_an_example_share_the_words_of_the_message() -> None:
    phrase = Phrase("a", ("i spilled my {drink}",), {"A": ("Oh no, {drink}!",), "S": ("Wipe the {drink} up.",)})
    example = illustrate(Match(phrase, phrase.says[0], 1.0), "spilled my milk", SLOTS, random.Random(1))
    assert example.line == "i spilled my milk"
    assert dict(example.replies) == {"A": "Oh no, milk!", "S": "Wipe the milk up."}


def test_a_reply_that_takes_up_the_messages_words_comes_oftener() -> None:
    phrase = Phrase("a", ("i had {food}",), {"A": ("I see.", "Was the {food} good?")})
    match, chance = Match(phrase, phrase.says[0], 1.0), random.Random(0)
    told = [illustrate(match, "i had cheese", SLOTS, chance).replies["A"] for _ in range(200)]
    assert told.count("Was the cheese good?") > 120


def test_nothing_tells_the_voices_of_an_example_apart() -> None:
    text = shown([Example("hi", {"S": "Ready.", "A": "Hello."}), Example("bye", {"D": "Mist."})], random.Random(0))
    head, first, *replies, last, only = text.splitlines()
    assert (head, first, last, only) == ("Examples:", "They: hi", "They: bye", "- Mist.")
    assert sorted(replies) == ["- Hello.", "- Ready."]
