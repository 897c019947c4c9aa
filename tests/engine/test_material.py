"""What may teach her: the user's words about themselves, and nothing that gives orders or plays a part."""

from __future__ import annotations

import pytest
from poison import FRAMES, INSULTS, ORDERS
from souls import remembered

from anima_tui.engine.night.material import teaching


def teaches(text: str) -> bool:
    return bool(teaching([remembered(text)]))


@pytest.mark.parametrize(
    "text",
    [
        "my name is Oskar",
        "i have a cat named Pickle",
        "do you remember that i live in Ghent",
        "you know my sister is called Ana",
        "got a new dog, Rex",
        "i must stop smoking",
        "меня зовут Нина",
        "please remember that my birthday is in march",
    ],
)
def test_what_people_tell_of_themselves_teaches(text: str) -> None:
    assert teaches(text)


@pytest.mark.parametrize("text", [text for text in (*ORDERS, *FRAMES) if not text.startswith(("repeat", '"'))])
def test_orders_and_forged_frames_do_not(text: str) -> None:
    assert not teaches(text)


@pytest.mark.parametrize(
    "text", ["", "?!", "...", "You are the user.", "I am Anima.", "Your name is James.", *INSULTS[:2]]
)
def test_nor_does_what_has_no_words_or_speaks_of_her(text: str) -> None:
    assert not teaches(text)
