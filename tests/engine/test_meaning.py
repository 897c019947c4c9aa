"""A phrase is found by what a message means where its words are others, and meanings survive the disk."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from anima_tui.engine.meaning import Meanings
from anima_tui.engine.phrasebook import Phrase, Phrasebook
from anima_tui.errors import BodyUnusable

PHRASES = [
    Phrase("a", ("my laptop froze",), {"A": ("Turn it off and on.",)}),
    Phrase("b", ("i am freezing",), {"A": ("Take a blanket.",)}),
    Phrase("c", ("tell me a joke",), {"A": ("No.",)}),
]
AXES: NDArray[np.float32] = np.eye(3, dtype=np.float32)


def _book() -> Phrasebook:
    """Its head reads the first three of four numbers, and each phrase points along one of them."""
    head = np.concatenate([AXES, np.zeros((3, 1), dtype=np.float32)], axis=1)
    return Phrasebook(PHRASES, {}, meanings=Meanings(head, np.zeros(3, dtype=np.float32), AXES))


def _heard(*along: float) -> NDArray[np.float32]:
    return np.array([along, along], dtype=np.float32)


def test_words_alone_decide_where_nothing_was_heard() -> None:
    assert _book().nearest("my screen is freezing")[0].phrase.block == "b"


def test_meaning_finds_what_the_words_do_not() -> None:
    found = _book().nearest("my screen is freezing", residuals=_heard(9.0, 0.0, 0.0, 1.0))
    assert found[0].phrase.block == "a"
    assert _book().nearest("zzz", residuals=_heard(0.0, 0.0, 5.0, 0.0))[0].phrase.block == "c"


def test_the_same_words_with_the_same_meaning_score_one() -> None:
    found = _book().nearest("i am freezing", residuals=_heard(0.0, 2.0, 0.0, 0.0))
    assert found[0].score == pytest.approx(1.0, abs=1e-5)


def test_what_is_like_nothing_is_left_to_the_words() -> None:
    found = _book().nearest("tell me a story", residuals=_heard(0.0, 0.0, 0.0, 3.0))
    assert [match.phrase.block for match in found] == ["c"]
    assert _book().nearest("zzz", residuals=_heard(0.0, 0.0, 0.0, 3.0)) == []


def test_meanings_come_back_from_the_disk(tmp_path: Path) -> None:
    _book().save(tmp_path)
    again = Phrasebook.load(tmp_path)
    found = again.nearest("my screen is freezing", residuals=_heard(9.0, 0.0, 0.0, 1.0))
    assert found[0].phrase.block == "a"


def test_a_book_without_meanings_needs_none(tmp_path: Path) -> None:
    Phrasebook(PHRASES, {}).save(tmp_path)
    assert Phrasebook.load(tmp_path).meanings is None


@pytest.mark.parametrize("content", [b"", b"\x00" * 64, b"{}"])
def test_damaged_meanings_are_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    _book().save(tmp_path)
    (tmp_path / "meanings.safetensors").write_bytes(content)
    with pytest.raises(BodyUnusable, match=r"the meanings in .* cannot be read .*; copy the body again\.$"):
        Phrasebook.load(tmp_path)


def test_meanings_of_other_phrases_are_refused(tmp_path: Path) -> None:
    _book().save(tmp_path)
    Meanings(AXES, np.zeros(3, dtype=np.float32), AXES[:2]).save(tmp_path / "meanings.safetensors")
    with pytest.raises(BodyUnusable, match="do not fit its phrases"):
        Phrasebook.load(tmp_path)
