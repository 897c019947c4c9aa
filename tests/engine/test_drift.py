"""The distance between two texts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from anima_tui.engine.drift import distance

texts = st.lists(st.text("ab cd", max_size=12), max_size=4)


@given(texts, texts)
def test_it_is_a_share_the_same_from_both_ends_and_nothing_to_itself(a: list[str], b: list[str]) -> None:
    assert 0.0 <= distance(a, b) <= 1.0
    assert distance(a, b) == distance(b, a)
    assert distance(a, a) == 0.0


def test_half_of_the_words_is_half_of_the_way() -> None:
    assert distance(["They live in Ghent."], ["they live in Oslo"]) == 0.25
    assert distance(["tea"], ["rain"]) == 1.0
    assert distance([], []) == 0.0
