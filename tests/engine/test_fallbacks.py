"""Where no phrase is near, a message is known by its kind, and what is said fits all of that kind."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anima_tui.bodies.catalog import BODIES
from anima_tui.engine.fallbacks import FALLBACKS, Fallback, fallback_for, load_fallbacks
from anima_tui.engine.phrasebook import VOICES
from anima_tui.errors import BodyUnusable

REPLIES = {"anima": ("Oh.", "I see.")}
THANKS = Fallback(line="thank you", words=r"^thanks\b", after=True, replies=REPLIES)
ASKED = Fallback(line="do you know?", words=r" \?$", replies=REPLIES)
GOOD = Fallback(line="something good", feels=(0.2, 1.0), replies=REPLIES)
ANY = Fallback(line="something", replies=REPLIES)
KINDS = (THANKS, ASKED, GOOD, ANY)
SHIPPED = load_fallbacks(BODIES / "seedling" / "phrasebook")


@pytest.mark.parametrize(
    ("message", "pleasant", "opening", "kind"),
    [
        ("Thanks!", 0.0, False, THANKS),
        ("Thanks!", 0.0, True, ANY),  # nothing was said that she could be thanked for
        ("he left. why is that?", 0.9, True, ASKED),  # the first that fits
        ("i won", 0.5, True, GOOD),
        ("i won", 0.1, True, ANY),
    ],
)
def test_words_a_question_mark_feeling_and_place_tell_the_kind(
    message: str, pleasant: float, opening: bool, kind: Fallback
) -> None:
    assert fallback_for(KINDS, message, pleasant, opening=opening) is kind


def test_where_nothing_fits_there_is_none() -> None:
    assert fallback_for((THANKS,), "hello", 0.0, opening=False) is None


def test_nothing_is_said_twice_while_there_is_something_else_to_say() -> None:
    assert {ANY.drawn(random.Random(seed), ["Oh."])["anima"] for seed in range(9)} == {"I see."}
    assert ANY.drawn(random.Random(0), ["Oh.", "I see."])["anima"] in REPLIES["anima"]


@given(st.text(), st.floats(-1, 1), st.booleans())
def test_the_embedded_body_has_something_to_say_to_anything(message: str, pleasant: float, opening: bool) -> None:
    found = fallback_for(SHIPPED, message, pleasant, opening=opening)
    assert found is not None
    assert set(found.drawn(random.Random(0))) == set(VOICES.values())


@pytest.mark.parametrize("word", ["a", "lo ", "hey anima ", "no ", "my ", "should i "])
def test_no_message_is_too_long_to_be_looked_at(word: str) -> None:
    assert fallback_for(SHIPPED, 20_000 * word, 0.0, opening=False) is not None


@pytest.mark.parametrize("opening", [True, False])
@pytest.mark.parametrize(
    "message",
    [
        "i have been cutting myself again and nobody knows about it",
        "thanks for everything, i don't want to live any more",
        "would it be so bad if i ended it all? i want to end it all",
    ],
)
def test_whoever_is_in_danger_is_sent_to_people_before_anything_else(message: str, opening: bool) -> None:
    found = fallback_for(SHIPPED, message, 1.0, opening=opening)
    assert found is not None
    for texts in found.replies.values():
        assert all("emergency number" in text and "crisis line" in text for text in texts)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("fallback = 3", "fallback"),
        ('[[fallback]]\nline = "a"\nreplies.anima = []', "a voice without replies"),
        ('[[fallback]]\nline = "a"\nwords = "("\nreplies.anima = ["b"]', "unterminated"),
        ("[[", "at end of document"),
        ("\udc80", "codec"),
    ],
)
def test_a_damaged_file_is_named_with_its_fault(damage: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / FALLBACKS).write_bytes(damage.encode("utf-8", "surrogateescape"))
    with pytest.raises(BodyUnusable, match=rf"fallbacks\.toml cannot be read \(.*{reason}"):
        load_fallbacks(tmp_path)


def test_a_phrasebook_without_them_has_none(tmp_path: Path) -> None:
    assert load_fallbacks(tmp_path) == ()
