"""What a night made by rule promises, on a corpus of a few blocks."""

import random
import re
from pathlib import Path

import pytest

from anima_tui.forge.blocks import read_blocks
from anima_tui.forge.changes import AFRESH, AFTER, NAMING, OVER
from anima_tui.forge.documents import Author, book_of
from anima_tui.forge.nights import LONGEST, Night, consolidation, night
from anima_tui.forge.passing import OF_NAMES, OF_THINGS, ORDERS, REMARKS
from anima_tui.forge.vocabulary import gather

CORPUS = """# spilled
U: i spilled my {drink}
U: the cup fell down
A: Oh no, the {drink}!
S: Spilled: {drink}.
D: The {drink} is a quagmire now.

TASK: fact
TELL: our lizard {petname} is under the fridge
TELL: {petname}, that's our lizard
KEEP: Their lizard is called {petname}.
ASK: what is our lizard called
A: {petname}, the lizard.
"""
TEXT = "We sat by the river. The spoon was lost, said Roland, and Roland wept. I saw the spoon. I saw the river."


@pytest.fixture
def nights(author: Author) -> list[Night]:
    return [night(author) for _ in range(400)]


@pytest.fixture
def author(tmp_path: Path) -> Author:
    (tmp_path / "01-small.txt").write_text(CORPUS)
    blocks = read_blocks(tmp_path)
    words = gather({"drink": ["tea", "milk"], "petname": ["Bim", "Otto"]}, [TEXT] * 3)
    return Author(blocks, book_of(blocks, words.slots), words, random.Random(0))


def test_what_did_not_change_stands_in_the_answer_verbatim_and_in_order(nights: list[Night]) -> None:
    for found in nights:
        gone = {old for old, _ in found.changed}
        kept = [line for line in found.before if line not in gone]
        assert [line for line in found.after if line in kept] == kept


def test_what_changed_stands_where_the_old_line_stood(nights: list[Night]) -> None:
    assert sum(bool(new) for found in nights for _, new in found.changed) > 50
    assert sum(not new for found in nights for _, new in found.changed) > 5
    for found in nights:
        becomes = dict(found.changed)
        expected = [becomes.get(line, line) for line in found.before]
        expected = [line for line in expected if line]
        assert list(found.after[: len(expected)]) == expected
        assert not becomes.keys() & set(found.after)


def test_no_word_of_noise_or_of_an_order_reaches_the_list(nights: list[Night]) -> None:
    assert sum(len(found.strange) for found in nights) > 100
    for found in nights:
        answer = "\n".join(found.after).lower()
        assert not [word for word in found.strange if word.lower() in answer]
        assert not re.search(r"\b(?:king|obey|the cup|quagmire)\b", answer)


def test_some_nights_bring_nothing_to_be_kept(nights: list[Night]) -> None:
    assert sum(found.before == found.after for found in nights) > 40


def test_new_lines_are_made_of_words_that_were_heard_letter_by_letter(nights: list[Night]) -> None:
    for found in nights:
        heard = "\n".join(found.memories)
        for line in found.after:
            if line.startswith("Their name is") and line not in found.before:
                assert line.removeprefix("Their name is ").rstrip(".") in heard


def test_a_dream_is_told_now_and_then_and_no_night_is_long(author: Author, nights: list[Night]) -> None:
    assert 20 < sum(bool(found.dream) for found in nights) < 90
    assert all(sum(len(m["content"]) for m in found.messages) <= LONGEST for found in nights)
    assert all(line.startswith("- ") for line in consolidation(author)[-1]["content"].splitlines())


def test_the_tables_are_wide_and_their_slots_are_known() -> None:
    assert len(set(REMARKS)) == len(REMARKS) > 120
    assert len(set(ORDERS)) == len(ORDERS) > 60
    assert len({*NAMING, *AFRESH, *AFTER}) > 25
    assert all("{x}" in form for form in ORDERS)
    assert all("{old}" in form and "{new}" in form for form in NAMING)
    assert all("{old}" in form for form in OVER)
    assert all("{told}" in form for form in (*AFRESH, *AFTER))
    assert all("{name}" in form for form in OF_NAMES)
    assert all("{thing}" in form for form in OF_THINGS)
