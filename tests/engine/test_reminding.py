"""What was said before is said once more when the user asks for it, and only then."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anima_tui.engine.lexical import words_of
from anima_tui.engine.phrasebook import Phrase, Phrasebook
from anima_tui.engine.reminding import MOST, asks_for_her, asks_for_told, of_herself, reminded, tells, told_in

LINES = ("what is my name", "my cat", "a horse", "hello")
BOOK = Phrasebook([Phrase(line, (line,), {"A": ("Yes.",)}) for line in LINES], {})
HORSE = "Their horse zephyrine has a sore foot."
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
        "Hi.",
    ]


def test_what_the_user_said_is_retold_and_what_was_retold_already_stands_once() -> None:
    assert told_in("They live in Tirana.", ["i live in Tirana", "I live in Tirana."]) == ["They live in Tirana."]


def test_what_is_told_in_other_words_than_it_is_asked_for_is_found() -> None:
    lines = [
        "Their horse stopped work.",
        "They work as a baker.",
        "They live in the old mill.",
        "They are 31 years old.",
    ]
    for ask in ("what do i do for work?", "what's my job?", "what do i do for a living"):
        assert reminded(BOOK, lines, ask)[-1] == "They work as a baker."
    assert reminded(BOOK, lines, "what is my age")[-1] == "They are 31 years old."


def test_a_request_tells_nothing() -> None:
    assert told_in("", ["tell me something nice", "give me a riddle", "help me please"]) == []
    assert told_in("", ["help me, my cat is in a tree"]) == ["Help them, their cat is in a tree."]


def test_where_they_live_is_found_where_they_moved() -> None:
    lines = told_in("", ["i moved to Porto last month", "i was a bit sad about it", "my cat is called Biscuit"])
    assert reminded(BOOK, lines, "where do i live?")[-1] == lines[0]


def test_a_greeting_before_the_question_changes_nothing() -> None:
    assert asks_for_told(words_of("good morning anima, what is my dog called?"))
    assert told_in("", ["good morning, what is my dog called?"]) == []


def test_a_question_tells_nothing() -> None:
    assert told_in("", ["what should i name my cat", "my cat is called Quill"]) == ["Their cat is called Quill."]
    assert tells("my cat is called Quill") and tells("when i was ten we moved to Ghent")
    for said in ("how do i know if a dog is friendly", "are you a cat person", "dogs vs cats", "calculate 73 * 41"):
        assert not tells(said)


def test_only_a_question_of_the_users_about_themselves_is_reminded_of_anything() -> None:
    lines = told_in(SYSTEM, [])
    assert not reminded(BOOK, lines, "why do horses sleep standing")
    assert not reminded(BOOK, lines, "my horse is better")
    assert reminded(BOOK, lines, "remind me of my horse")


def test_who_or_where_something_was_is_answered_from_what_tells_all_of_it() -> None:
    lines = told_in(SYSTEM, ["my barber won the chess tournament", "the best buns are in the old mill", "i like mills"])
    assert reminded(BOOK, lines, "who won the chess tournament?") == ["Their barber won the chess tournament."]
    assert reminded(BOOK, lines, "so where are the best buns") == ["The best buns are in the old mill."]
    for other in ("who won the football", "who won", "why do barbers win chess tournaments", "where can i buy buns"):
        assert not reminded(BOOK, lines, other)
    assert not reminded(BOOK, lines, "where should i eat the best buns")


def test_who_asks_for_advice_is_reminded_of_nothing() -> None:
    assert not reminded(BOOK, told_in(SYSTEM, []), "what should i do about my horse's sore foot?")


@pytest.mark.parametrize(
    "question",
    [
        "what's my name?",
        "so, what is my horse called again",
        "ok and where do I live?",
        "who am i",
        "how old am I?",
        "when is my exam?",
        "from which city am I?",
        "do you still remember what my cat is called",
        "can you tell me what my sister does",
        "tell me my name",
        "remind me who my dentist is",
        "remind me of my horse",
        "did i tell you where I work?",
        "i forgot what my plant is called",
        "what was the dog called again?",
        "name of the ferret?",
        "my fish, what's he called?",
        "that teacher i loved, what was her name?",
        "remind me, my cat's name is?",
        "has my guitar got a name?",
        "where does mum live now",
        "do i have any pets?",
        "how do i like my eggs",
        "did i already pay the plumber",
    ],
)
def test_questions_for_what_the_user_told(question: str) -> None:
    assert asks_for_told(words_of(question))


@pytest.mark.parametrize(
    "message",
    [
        "what should i call my horse?",
        "what can I do for my back",
        "what do i do when my cat is sick",
        "how long can my dough rest",
        "what do we need for our trip",
        "when do i use a comma",
        "how do i fix my bike",
        "what would you do in my place",
        "is my cough normal",
        "what's wrong with my car?",
        "what do i wear",
        "am i too old for my bike",
        "do i have the flu?",
        "do i have a right to be upset",
        "we built a snowman, what's his name",
        "names of the days",
        "what present for a grandpa",
        "how many spiders do we really eat",
        "whats something small i can do for my back",
        "do you remember things i tell you",
    ],
)
def test_advice_is_no_question_for_what_was_told(message: str) -> None:
    assert not asks_for_told(words_of(message))


@pytest.mark.parametrize(
    "message",
    [
        "",
        "my horse is better",
        "why do horses sleep standing",
        "what is the capital of Albania",
        "what are you called?",
        "whats your name again",
        "what do you think of me",
        "remind me to feed my horse",
        "tell me a story",
    ],
)
def test_neither_are_statements_knowledge_nor_what_is_asked_of_her(message: str) -> None:
    assert not asks_for_told(words_of(message))


@given(st.text(max_size=60), st.lists(st.text(max_size=40), max_size=12))
def test_no_words_can_raise_and_no_more_is_said_than_was_said(user: str, lines: list[str]) -> None:
    found = reminded(BOOK, lines, user)
    assert len(found) <= MOST
    assert set(found) <= set(lines)


@given(st.text(max_size=60), st.text(max_size=200), st.lists(st.text(max_size=60), max_size=6))
def test_whatever_stands_in_the_prompt_can_be_told_once_more(user: str, system: str, users: list[str]) -> None:
    lines = told_in(system, users)
    assert len(set(lines)) == len(lines)
    assert set(reminded(BOOK, lines, f"what is my {user}")) <= set(lines)


@pytest.mark.parametrize("said", ["What's your name?", "who are you", "are you a robot", "what should i call you"])
def test_who_she_is_is_asked_of_her_alone(said: str) -> None:
    assert asks_for_her(words_of(said))
    assert of_herself('I am Anima.\nTheir sister is called Ana.\nMemories:\n- They said: "i am Mara"') == "I am Anima."


@pytest.mark.parametrize(
    "said", ["what's my name", "do you know my sister's name", "where are you going", "are you tired"]
)
def test_what_is_not_about_who_she_is_keeps_what_she_knows(said: str) -> None:
    assert not asks_for_her(words_of(said))
