"""What the user said is retold in the third person, and what they named keeps its letters."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anima_tui.engine.retelling import retold

FIRST_PERSON = "i i'm im i've ive i'd i'll me my mine myself we we're we've we'd we'll us our ours ourselves".split()
OTHERS = "they are have one cat and an owl live in Tirana with Quill since nine because he sings".split()
NAMES = "Zephyrine Ian Meyer Mia Usha Iman Wendell Ámina İpek me@home.org anna.me I-95 us-east my_cat 7/me".split()
TYPED = [typed for word in FIRST_PERSON if word != "us" for typed in (word, word.upper(), word.capitalize())]
AS_TYPED = [*TYPED, *(word.replace("'", "’") for word in TYPED if "'" in word)]
messages = st.lists(
    st.one_of(st.sampled_from(AS_TYPED), st.sampled_from([*OTHERS, "told us", *NAMES])), min_size=1, max_size=12
)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("i'm tired of my job", "They are tired of their job."),
        ("I’ve lost mine", "They have lost theirs."),
        ("am i old? i was young!", "Are they old? they were young!"),
        ("we think it's ours, he told us", "They think it's theirs, he told them."),
        ("my owl bit me…", "Their owl bit them…"),
        ("MY CAT", "Their CAT."),
        ("quill sings", "Quill sings."),
        ("hi, i'm Mara", "Their name is Mara."),
        ("good morning, im Tobias and i teach maths", "Their name is Tobias and they teach maths."),
        ("call me Hob", "Their name is Hob."),
        ("we moved to New York in May.", "They moved to New York in May and live in New York."),
        ("i moved to a flat", "They moved to a flat."),
        ("i'm German", "They are German."),
        ("hello, i'm tired", "Hello, they are tired."),
    ],
)
def test_it_is_told_of_them(said: str, expected: str) -> None:
    assert retold(said) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("i live in the US", "They live in the US."),
        ("i live in the us", "They live in the us."),
        ("i dig in a mine", "They dig in a mine."),
        ("my address is me@home.org", "Their address is me@home.org."),
        ("we take I-95, i.e. the fast way", "They take I-95, i.e. the fast way."),
        ("İpek is my sister", "İpek is their sister."),
        ("İ", "İ."),
    ],
)
def test_what_only_looks_like_the_user_is_left_as_it_is(said: str, expected: str) -> None:
    assert retold(said) == expected


@given(messages)
def test_no_word_of_the_first_person_is_left(words: list[str]) -> None:
    left = re.sub(r"[.!?…]+$", "", retold(" ".join(words))).lower().split()
    assert not set(left) & set(FIRST_PERSON)


@given(messages)
def test_what_is_named_keeps_its_letters(words: list[str]) -> None:
    told = retold(" ".join(["we", *words, "."])).split()
    assert [word for word in told if word in NAMES] == [word for word in words if word in NAMES]


@given(st.text(max_size=80))
def test_any_text_becomes_a_sentence(said: str) -> None:
    assert retold(said).endswith((".", "!", "?", "…"))


@given(st.lists(st.sampled_from([*OTHERS, *NAMES]), min_size=1, max_size=12))
def test_what_is_of_the_third_person_changes_in_nothing_but_its_ends(words: list[str]) -> None:
    said = " ".join(words)
    assert retold(said) == f"{said[:1].upper()}{said[1:]}."


@given(messages)
def test_told_twice_is_told_once(words: list[str]) -> None:
    once = retold(" ".join(words))
    assert retold(once) == once
