"""Nothing that a terminal would obey passes."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from anima_tui.text import safe_line, safe_text

BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
any_text = st.text(
    st.one_of(
        st.sampled_from("\x1b\x9b\x9d\x90\x07\r\n\t\x00\x7f\u202e\u2066\u2028\u200e\U000e0041\ud800[]2J;"),
        st.characters(exclude_categories=[]),
    )
)


def obeyed(character: str) -> bool:
    """By Unicode's own tables, not by the pattern under test."""
    category = unicodedata.category(character)
    return (
        (category == "Cc" and character not in "\n\t")
        or category in {"Cs", "Zl", "Zp"}
        or unicodedata.bidirectional(character) in BIDI
        or character in "\u200e\u200f\u061c"
        or "\U000e0000" <= character <= "\U000e007f"
    )


@given(any_text)
def test_no_character_that_a_terminal_obeys_remains(text: str) -> None:
    assert not [character for character in safe_text(text) if obeyed(character)]


@given(any_text, any_text)
def test_two_pieces_are_as_safe_as_the_whole(first: str, second: str) -> None:
    assert safe_text(first) + safe_text(second) == safe_text(first + second)


@given(any_text)
def test_what_is_harmless_is_left_alone(text: str) -> None:
    harmless = "".join(
        character for character in text if not obeyed(character) and not "\ufff9" <= character <= "\ufffb"
    )
    assert safe_text(harmless) == harmless
    assert safe_text(safe_text(text)) == safe_text(text)


@given(any_text)
def test_a_line_is_one_line(text: str) -> None:
    line = safe_line(text)
    assert len(line.splitlines()) <= 1
    assert line == line.strip()
    assert not [character for character in line if obeyed(character)]


def test_an_escape_stays_visible() -> None:
    assert safe_text("\x1b]52;c;aGk=\x07") == "␛]52;c;aGk="


def test_joiners_that_words_and_emoji_need_stay() -> None:
    for text in ("👩\u200d🚀", "می\u200cخواهم"):
        assert safe_text(text) == text
