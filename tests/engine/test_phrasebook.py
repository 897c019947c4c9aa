"""The phrasebook finds the nearest phrases, on disk as in memory."""

from __future__ import annotations

import lzma
import random
import string
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import numpy as arrays_of

from anima_tui.engine.examples import illustrate
from anima_tui.engine.lexical import Index, line_grams, word_grams, words_of
from anima_tui.engine.phrasebook import Match, Phrase, Phrasebook
from anima_tui.errors import BodyUnusable

SLOTS = {
    "drink": ["tea", "milk", "a lemonade", "orange juice"],
    "food": ["cheese", "an apple", "dumplings"],
    "sport": ["chess", "tennis"],
    "name": ["Maria", "Bob"],
}
COFFEE = Phrase("a", ("i spilled my {drink}", "spilled {drink} on the table"), {"A": ("Oh no, {drink}!",)})
FOOD = Phrase("b", ("do you like {food}",), {"A": ("I would eat {food}.",), "S": ("No taste.", "No preference.")})
SPORT = Phrase("c", ("do you like {sport}",), {"A": ("I would lose at {sport}.",)})
WHY = Phrase("d", ("why?",), {"A": ("The moon pulls it.",)}, before="why is there a tide the moon pulls the sea")
AGAIN = Phrase("e", ("why?",), {"A": ("Bread needs yeast.",)}, before="how do i bake bread with yeast")
MEET = Phrase("f", ("my friend {name} is here",), {"A": ("Hello, {name}!",)})
PHRASES = [COFFEE, FOOD, SPORT, WHY, AGAIN, MEET]
BOOK = Phrasebook(PHRASES, SLOTS)

WORDS = st.text(string.ascii_lowercase[:5] + "{}' ,.?!Éñ", max_size=30)


def nearest(message: str, before: str = "") -> list[Phrase]:
    return [match.phrase for match in BOOK.nearest(message, before)]


# --- nearness --------------------------------------------------------------------------------------------


def test_the_nearest_phrase_comes_first_and_each_only_once() -> None:
    found = BOOK.nearest("I spilled tea on my table!", count=5)
    assert found[0].phrase is COFFEE
    assert [match.score for match in found] == sorted((match.score for match in found), reverse=True)
    assert len({match.phrase.block for match in found}) == len(found)


def test_no_more_are_found_than_were_asked_for() -> None:
    assert len(BOOK.nearest("do you like my friend", count=2)) == 2
    assert BOOK.nearest("do you like my friend", count=0) == []


def test_a_known_thing_meets_the_slot_of_its_kind() -> None:
    assert nearest("do you like cheese?")[0] is FOOD
    assert nearest("do you like chess?")[0] is SPORT
    assert nearest("do you like apples?")[0] is FOOD  # listed as "an apple"
    assert nearest("i spilled my orange juice")[0] is COFFEE


def test_the_same_words_are_nearer_than_others_and_score_at_most_one() -> None:
    same = BOOK.nearest("why?", "why is there a tide the moon pulls the sea")[0]
    other = BOOK.nearest("but why then?", "why is there a tide the moon pulls the sea")[0]
    assert same.score > other.score
    assert Phrasebook([Phrase("x", ("good morning",), {"A": ("Hi.",)}), *PHRASES], {}).nearest("good morning")[
        0
    ].score == pytest.approx(1.0, abs=1e-3)


def test_what_was_said_before_decides_between_equal_lines() -> None:
    assert nearest("why?", "the sea is pulled by the moon")[0] is WHY
    assert nearest("why?", "bread rises by yeast")[0] is AGAIN


def test_a_line_from_the_middle_of_another_talk_is_farther_than_an_opening_that_says_the_same() -> None:
    opening = Phrase("g", ("why?",), {"A": ("Why what?",)})
    book = Phrasebook([*PHRASES, opening], SLOTS)
    assert book.nearest("why?", "we bought a boat")[0].phrase is opening
    assert book.nearest("why?", "the sea is pulled by the moon")[0].phrase is WHY


def test_what_was_said_before_brings_no_line_near_that_says_something_else() -> None:
    (found, *_) = BOOK.nearest("i spilled my tea", "the sea is pulled by the moon")
    assert found.phrase is COFFEE


def test_a_line_from_the_middle_of_a_talk_is_farther_where_nothing_was_said() -> None:
    phrases = [*PHRASES, Phrase("g", ("why?",), {"A": ("Why what?",)})]
    assert Phrasebook(phrases, SLOTS).nearest("why?")[0].phrase is phrases[-1]


def test_a_line_that_is_passed_over_is_not_found() -> None:
    found = BOOK.nearest("i spilled my tea", skip=lambda phrase, line: line == "i spilled my {drink}")
    assert (found[0].phrase, found[0].line) == (COFFEE, "spilled {drink} on the table")


def test_nothing_alike_finds_nothing() -> None:
    assert BOOK.nearest("zzzz") == []
    assert BOOK.nearest("") == []
    assert Phrasebook([], {}).nearest("hello") == []


@given(st.text() | WORDS, st.text() | WORDS)
@settings(max_examples=200, deadline=None)
def test_no_message_can_break_it(message: str, before: str) -> None:
    chance = random.Random(0)
    for match in BOOK.nearest(message, before):
        example = illustrate(match, message, BOOK.slots, chance)
        assert np.isfinite(match.score)
        assert all(example.replies.values())


# --- the index -------------------------------------------------------------------------------------------


@given(st.lists(WORDS, max_size=30), WORDS)
@settings(max_examples=60, deadline=None)
def test_a_restored_index_measures_as_the_first_did(lines: list[str], query: str) -> None:
    first = Index.of(line_grams(words_of(line)) for line in lines)
    again = Index.restored(first.arrays())
    grams = dict.fromkeys(line_grams(words_of(query)), 1.0)
    assert len(again) == len(first) == len(lines)
    assert np.array_equal(first.cosines(grams), again.cosines(grams))


@given(st.lists(WORDS, min_size=1, max_size=30), st.data())
@settings(max_examples=60, deadline=None)
def test_a_cosine_is_a_cosine_and_a_line_is_nearest_to_itself(lines: list[str], data: st.DataObject) -> None:
    index = Index.of(word_grams(words_of(line)) for line in lines)
    at = data.draw(st.integers(0, len(lines) - 1))
    cosines = index.cosines(dict.fromkeys(word_grams(words_of(lines[at])), 1.0))
    assert cosines.shape == (len(lines),)
    assert ((cosines >= 0) & (cosines <= 1 + 1e-5)).all()
    assert cosines[at] >= cosines.max() - 1e-5


# --- on disk ---------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    BOOK.save(tmp_path / "phrasebook")
    return tmp_path / "phrasebook"


@pytest.mark.parametrize("message", ["why?", "i spilled my tea", "do you like apples", "my friend Bob", "zzzz", ""])
@pytest.mark.parametrize("before", ["", "the sea is pulled by the moon"])
def test_a_loaded_book_finds_what_the_saved_one_does(folder: Path, message: str, before: str) -> None:
    def found(book: Phrasebook) -> list[tuple[str, str, float]]:
        return [(match.phrase.block, match.line, match.score) for match in book.nearest(message, before)]

    assert found(Phrasebook.load(folder)) == found(BOOK)


def test_a_loaded_book_makes_the_same_examples(folder: Path) -> None:
    match = Match(FOOD, "do you like {food}", 1.0)
    made = [illustrate(match, "and bread?", b.slots, random.Random(3)) for b in (BOOK, Phrasebook.load(folder))]
    assert made[0] == made[1]


def test_the_same_book_is_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    Phrasebook.load(folder).save(tmp_path / "again")
    assert (folder / "phrases.json.xz").read_bytes() == (tmp_path / "again" / "phrases.json.xz").read_bytes()


def _gone(folder: Path) -> None:
    (folder / "index.safetensors.xz").unlink()


def _empty(folder: Path) -> None:
    (folder / "index.safetensors.xz").write_bytes(b"")


def _cut(folder: Path) -> None:
    file = folder / "phrases.json.xz"
    file.write_bytes(file.read_bytes()[:-20])


def _not_packed(folder: Path) -> None:
    (folder / "phrases.json.xz").write_text("{}")


def _other_phrases(folder: Path) -> None:
    Phrasebook(PHRASES[:-1], SLOTS).save(folder / "other")
    (folder / "other" / "phrases.json.xz").replace(folder / "phrases.json.xz")


def _other_index(folder: Path) -> None:
    few = arrays_of.save({"said.counts": np.zeros(3, dtype=np.uint32)})
    (folder / "index.safetensors.xz").write_bytes(lzma.compress(few))


def _mute(folder: Path) -> None:
    Phrasebook([Phrase("a", ("hello",), {"A": ()})], {}).save(folder)


@pytest.mark.parametrize("damage", [_gone, _empty, _cut, _not_packed, _other_phrases, _other_index, _mute])
def test_a_damaged_book_is_refused_in_one_sentence(folder: Path, damage: Callable[[Path], None]) -> None:
    damage(folder)
    with pytest.raises(BodyUnusable, match=r"the phrasebook in .* cannot be read .*; copy the body again") as refused:
        Phrasebook.load(folder)
    assert "\n" not in str(refused.value)


FILES = ["phrases.json.xz", "index.safetensors.xz"]


@given(st.sampled_from(FILES), st.floats(0, 1, exclude_max=True), st.integers(1, 255))
@settings(max_examples=60, deadline=None)
def test_a_flipped_byte_is_refused_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, name: str, place: float, flip: int
) -> None:
    folder = tmp_path_factory.mktemp("book")
    BOOK.save(folder)
    content = bytearray((folder / name).read_bytes())
    content[int(place * len(content))] ^= flip
    (folder / name).write_bytes(content)
    try:
        book = Phrasebook.load(folder)
    except BodyUnusable:
        return
    assert [m.phrase.block for m in book.nearest("why?")] == [m.phrase.block for m in BOOK.nearest("why?")]
