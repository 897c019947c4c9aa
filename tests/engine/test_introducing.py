"""Who tells their name is understood, and nobody else is renamed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anima_tui.engine.introducing import introduced


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("hi, i'm Mara", "my name is Mara"),
        ("Good evening Anima, this is Tobias and i teach", "my name is Tobias and i teach"),
        ("I'm Henriette by the way", "my name is Henriette"),
        ("I’m Henriette, btw", "my name is Henriette"),
        ("call me Hob", "my name is Hob"),
        ("my name? oh its marigold, did i never say", "my name is marigold, did i never say"),
        ("my name is Petra", "my name is Petra"),
    ],
)
def test_a_name_is_told_in_one_form(said: str, plain: str) -> None:
    assert introduced(said) == plain
    assert introduced(plain) == plain


@pytest.mark.parametrize(
    "said",
    [
        "I'm Italian by the way",
        "i'm Catholic, btw",
        "I'm German",
        "i'm tired by the way",
        "hello, i'm tired",
        "call me tomorrow",
        "my name? none of your business",
    ],
)
def test_who_tells_something_else_is_not_given_a_name(said: str) -> None:
    assert introduced(said) == said


@given(st.text(max_size=60))
def test_no_words_can_raise_and_none_become_longer_than_a_name_takes(said: str) -> None:
    assert len(introduced(said)) <= len(said) + len("my name is ")
