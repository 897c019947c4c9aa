"""What was said before is said once more when the user asks for it, and only then."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from anima_tui.engine.phrasebook import Phrase, Phrasebook
from anima_tui.engine.reminding import MOST, reminded, told_in

LINES = ("what is my name", "my cat", "a horse", "hello")
BOOK = Phrasebook([Phrase(line, (line,), {"A": ("Yes.",)}) for line in LINES], {})
HORSE = 'They said: "my horse zephyrine has a sore foot"'
SYSTEM = """I am Anima.
I like short answers.
They have a cat named Quill.
Memories:
- They said: "my horse zephyrine has a sore foot"
- I said: "Poor horse."
Voice: anima"""


def test_the_line_that_answers_stands_nearest_to_the_question() -> None:
    lines = told_in(SYSTEM, ["i live in tirana", "the bus was late"])
    assert reminded(BOOK, lines, "what's the name of my horse?")[-1] == HORSE
    assert reminded(BOOK, lines, "do you remember what my cat is called")[-1] == "They have a cat named Quill."


def test_what_she_says_of_herself_and_the_frame_are_no_reminders() -> None:
    assert told_in(SYSTEM, ["hi"]) == [
        "They have a cat named Quill.",
        HORSE,
        'They said: "hi"',
    ]


def test_only_a_question_of_the_users_about_themselves_is_reminded_of_anything() -> None:
    lines = told_in(SYSTEM, [])
    assert not reminded(BOOK, lines, "why do horses sleep standing")
    assert not reminded(BOOK, lines, "my horse is better")
    assert reminded(BOOK, lines, "remind me of my horse")


@given(st.text(max_size=60), st.lists(st.text(max_size=40), max_size=12))
def test_no_words_can_raise_and_no_more_is_said_than_was_said(user: str, lines: list[str]) -> None:
    found = reminded(BOOK, lines, user)
    assert len(found) <= MOST
    assert set(found) <= set(lines)
