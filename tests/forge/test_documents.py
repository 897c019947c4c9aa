"""What the training documents promise, on a corpus of a few blocks."""

import random
from pathlib import Path

import pytest

from anima_tui.engine.phrasebook import Match
from anima_tui.engine.prompts import Messages
from anima_tui.forge.blocks import read_blocks
from anima_tui.forge.documents import Author, book_of, plain_turns
from anima_tui.forge.drills import recall_quiz
from anima_tui.forge.lookups import lookup
from anima_tui.forge.vocabulary import gather

CORPUS = """# spilled
U: i spilled my {drink}
U: spilled {drink} everywhere
A: Oh no, the {drink}!
S: Spilled: {drink}.
D: The {drink} is a lake now.

# bed
U: good night
U: night night
A: Sleep well.
S: Session closed.
D: The lamps lie down.

# asked
U: what is my name
U: who am i
A: You have not told me yet.
S: Not on record.
D: A door without a plate.

TASK: recall
SELF: I am Anima.
MEM: They said: "my name is Thandeka"
U: what is my name
A: You are Thandeka.
"""
TEXT = "We sat by the river. The spoon was lost, said Roland, and Roland wept. I saw the spoon. I saw the river."


@pytest.fixture
def author(tmp_path: Path) -> Author:
    (tmp_path / "01-small.txt").write_text(CORPUS)
    blocks = read_blocks(tmp_path)
    words = gather({"drink": ["tea", "milk"]}, [TEXT] * 3)
    return Author(blocks, book_of(blocks, words.slots), words, random.Random(0))


def _shown(messages: Messages) -> str:
    return "".join(m["content"] for m in messages if m["content"].startswith("Examples:"))


def test_a_message_is_never_its_own_example(author: Author) -> None:
    for block, at, line in plain_turns(author.blocks)[2:4] * 50:
        document = author.conversation(block, at, line)
        wrong_on_purpose = "spilled" in _shown(document)
        assert wrong_on_purpose or f"They: {line}\n" not in _shown(document)


def test_nothing_but_their_words_tells_the_voices_of_examples_apart(author: Author) -> None:
    for turn in plain_turns(author.blocks)[:4] * 30:
        document = author.conversation(*turn)
        assert all(line[:6] in ("Exampl", "They: ") or line.startswith("- ") for line in _shown(document).splitlines())


def test_what_is_said_of_the_message_is_the_messages_own(author: Author) -> None:
    for _ in range(50):
        document = author.conversation(author.blocks[0], 0, "spilled {drink} everywhere")
        *_, user, reply = document
        if len(user["content"].split()) == 3 and "They: i spilled" in _shown(document):
            assert user["content"].split()[1].lower()[:3] in reply["content"].lower()


def test_no_name_in_a_task_can_be_learned_by_heart(author: Author) -> None:
    names = {author.conversation(*plain_turns(author.blocks)[-1])[-1]["content"] for _ in range(40)}
    assert len(names) > 10


def test_the_answer_of_a_lookup_stands_among_its_examples(author: Author) -> None:
    for turn in plain_turns(author.blocks)[:4] * 30:
        document = lookup(author, *turn)
        assert document[-1]["content"] in _shown(document)


def test_a_fact_that_is_asked_for_stands_in_the_prompt_or_is_called_untold(author: Author) -> None:
    for _ in range(100):
        messages, fact = recall_quiz(author)
        told = [m["content"] for m in messages[:-2] if not m["content"].startswith("Examples:")]
        assert not fact or any(fact.lower() in text.lower() for text in told)
        assert fact.lower() in messages[-1]["content"].lower()


def test_an_opening_that_asks_for_what_was_told_has_nothing_told_before_it(author: Author) -> None:
    for line in ("what is my name", "who am i") * 60:
        system, *between, _, _ = author.conversation(author.blocks[2], 0, line)
        assert "Memories:" not in system["content"]
        assert all(_shown([message]) for message in between)


def test_no_examples_stand_beside_reminders(author: Author) -> None:
    for _ in range(40):
        document = author.conversation(*plain_turns(author.blocks)[-1])
        beside = [m["content"] for m in document if m["content"].startswith(("Examples:", "Before:"))]
        assert len(beside) == 1
        assert beside[0].startswith("Before:") and "Examples:" not in beside[0]


def test_about_a_fifth_of_documents_show_another_line_of_the_own_block_last(author: Author) -> None:
    line, others = "night night", 0
    for _ in range(400):
        match author._choice(line, "", author.blocks[1].key, line):
            case [*_, Match(line="good night", score=1.0)]:
                others += 1
            case _:
                pass
    assert 0.14 < others / 400 < 0.28


def test_another_way_of_saying_it_is_never_the_line_itself(author: Author) -> None:
    key = author.blocks[0].key
    for line in author.blocks[0].turns[0].says:
        found = author._reworded(key, line)
        assert found and found.line != line and found.phrase.block == key
    assert author._reworded(key, "never said") is None
