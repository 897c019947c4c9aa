"""A dream is made of what the Dream voice answers to the day's lines, and asks nothing."""

import random
from pathlib import Path

import pytest

from anima_tui.forge.blocks import read_blocks
from anima_tui.forge.documents import Author, book_of
from anima_tui.forge.dreams import dream
from anima_tui.forge.vocabulary import gather

CORPUS = """# spilled
U: i spilled my {drink}
A: Oh no, the {drink}!
S: Spilled: {drink}.
D: The {drink} is a lake now. Can you swim?

# bed
U: good night
A: Sleep well.
S: Session closed.
D: The lamps lie down.
"""


@pytest.fixture
def author(tmp_path: Path) -> Author:
    (tmp_path / "01-small.txt").write_text(CORPUS)
    blocks = read_blocks(tmp_path)
    words = gather({"drink": ["tea", "milk"]}, ["I saw a river."] * 3)
    return Author(blocks, book_of(blocks, words.slots), words, random.Random(0))


def test_a_dream_takes_up_what_was_said_and_asks_nothing(author: Author) -> None:
    taken = 0
    for _ in range(200):
        *_, asked, answer = dream(author)
        assert answer["content"]
        assert "?" not in answer["content"]
        for line in asked["content"].splitlines():
            if line.startswith('- They said: "i spilled'):
                thing = line.rstrip('"').split()[-1]
                assert f"The {thing} is a lake now." in answer["content"]
                taken += 1
    assert taken > 50
