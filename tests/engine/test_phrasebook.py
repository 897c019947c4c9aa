"""The phrasebook finds the nearest phrases and makes examples of them."""

import random

from anima_tui.engine.phrasebook import Example, Match, Phrase, Phrasebook, bind, fill, illustrate, labelled, unlabelled

COFFEE = Phrase("a", ("i spilled my {drink}", "spilled {drink} on the table"), {"A": ("Oh no, {drink}!",)})
CHEESE = Phrase("b", ("do you like cheese",), {"A": ("I would, if I could taste.",), "S": ("No preference.",)})
WHY = Phrase(
    "c", ("why?",), {"A": ("Because the moon pulls it.",)}, before="why is there a tide the moon pulls the sea"
)
AGAIN = Phrase("d", ("why?",), {"A": ("Because bread needs yeast.",)}, before="how do i bake bread with yeast")
BOOK = Phrasebook([COFFEE, CHEESE, WHY, AGAIN])


def test_the_nearest_phrase_comes_first_and_only_once() -> None:
    found = BOOK.nearest("I spilled tea on my table!")
    assert found[0].phrase is COFFEE
    assert [match.phrase for match in found].count(COFFEE) == 1


def test_the_same_words_score_one_whatever_fills_the_slot() -> None:
    assert BOOK.nearest("i spilled my")[0].score > 0.999
    assert BOOK.nearest("do you like cheese?")[0].score > 0.999


def test_what_was_said_before_decides_between_equal_lines() -> None:
    assert BOOK.nearest("why?", "the sea is pulled by the moon")[0].phrase is WHY
    assert BOOK.nearest("why?", "bread rises by yeast")[0].phrase is AGAIN


def test_a_line_that_is_passed_over_is_not_found() -> None:
    found = BOOK.nearest("do you like cheese", skip=lambda phrase, line: line == "do you like cheese")
    assert CHEESE not in [match.phrase for match in found]


def test_nothing_alike_finds_nothing() -> None:
    assert BOOK.nearest("xylograph") == []
    assert BOOK.nearest("") == []
    assert Phrasebook([]).nearest("hello") == []


def test_slots_of_one_kind_get_different_values() -> None:
    values = bind(["{pet} and {pet2}"], {"pet": ["owl", "fox"]}, random.Random(0))
    assert {values["pet"], values["pet2"]} == {"owl", "fox"}


def test_a_filled_slot_brings_its_article_and_capital() -> None:
    assert fill("a {pet} and a dog", {"pet": "owl"}) == "an owl and a dog"
    assert fill("{pet} it is", {"pet": "owl"}) == "Owl it is"


def test_line_and_replies_of_an_example_share_their_values() -> None:
    example = illustrate(Match(COFFEE, "i spilled my {drink}", 1.0), {"drink": ["tea", "milk"]}, random.Random(1))
    assert example.line.split()[-1] in example.replies["A"]


def test_only_a_labelled_example_tells_its_voices_apart() -> None:
    example = Example("hi", {"S": "Ready.", "A": "Hello."})
    assert labelled([example]) == "Examples:\nThey: hi\nA: Hello.\nS: Ready."
    plain = unlabelled([example], random.Random(0)).splitlines()
    assert plain[:2] == ["Examples:", "They: hi"]
    assert sorted(plain[2:]) == ["- Hello.", "- Ready."]
