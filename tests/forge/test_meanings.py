"""What is said in two ways comes to lie in one place, and the engine hears it where the forge taught it."""

import random

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from torch import Tensor
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from anima_tui.bodies.catalog import BODIES
from anima_tui.engine import meaning
from anima_tui.engine.phrasebook import Phrase, Phrasebook
from anima_tui.engine.prompts import STYLES, Scribe
from anima_tui.forge.meanings import WIDTH, MeaningHead, Meanings, SaidShelf, shelve_said, spoken_lines
from anima_tui.forge.train import make_model
from anima_tui.forge.vocabulary import gather

SLOTS = {"drink": ["tea", "milk", "cocoa"], "pet": ["owl", "fox", "newt"]}
WORDS = gather(SLOTS, ["I saw a river."] * 5)
REPLIES = {"A": ("Yes.",)}
PHRASES = [
    Phrase("a", ("i spilled {drink}", "{drink} went over", "the cup of {drink} fell", "a {drink} flood"), REPLIES),
    Phrase("b", ("good night", "sleep well", "off to bed now", "time for the pillow"), REPLIES),
    Phrase("c", ("tell me a joke", "make me laugh", "something funny please", "be a clown"), REPLIES),
    Phrase("d", ("why?", "how come", "for what reason"), REPLIES, before="i spilled milk use salt"),
    Phrase("e", ("my {pet} is ill", "a sick {pet}", "the {pet} needs a doctor", "{pet} has a fever"), REPLIES),
    Phrase("f", ("only one way",), REPLIES),
]
FOLLOW_UP = 3
BOOK = Phrasebook(PHRASES, SLOTS)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return PreTrainedTokenizerFast.from_pretrained(BODIES / "seedling").backend_tokenizer


@pytest.fixture
def lines() -> list[tuple[int, str]]:
    return spoken_lines(BOOK, WORDS, random.Random(0), 12)


@pytest.fixture
def shelf(tokenizer: Tokenizer, lines: list[tuple[int, str]]) -> SaidShelf:
    return shelve_said(tokenizer, lines)


@pytest.fixture
def lesson(shelf: SaidShelf) -> Meanings:
    torch.manual_seed(0)
    return Meanings(make_model(64, 5, 64), BOOK, shelf)


def _likeness(lesson: Meanings, shelf: SaidShelf) -> tuple[float, float]:
    """Mean cosine of lines that say the same, and of lines that do not; openings only."""
    with torch.no_grad():
        meant = lesson.meaning(torch.from_numpy(shelf.ids).long(), torch.from_numpy(shelf.words).float())
    phrase = torch.from_numpy(shelf.phrase)
    taught = (phrase != FOLLOW_UP) & (phrase != len(PHRASES) - 1)
    cosines, same = (meant @ meant.T)[taught][:, taught], (phrase[:, None] == phrase)[taught][:, taught]
    itself = torch.eye(len(same), dtype=torch.bool)
    return float(cosines[same & ~itself].mean()), float(cosines[~same].mean())


def test_every_way_of_saying_is_spoken_with_its_slots_filled(lines: list[tuple[int, str]]) -> None:
    assert [number for number, _ in lines] == [i for i, phrase in enumerate(PHRASES) for _ in phrase.says]
    assert not any("{" in line for _, line in lines)


def test_no_more_lines_are_spoken_than_asked_for() -> None:
    few = spoken_lines(BOOK, WORDS, random.Random(0), 2)
    assert [number for number, _ in few] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5]
    assert len(set(few)) == len(few)


def test_a_line_too_long_is_cut_and_its_own_words_are_marked(tokenizer: Tokenizer) -> None:
    shelf = shelve_said(tokenizer, [(0, "good night"), (1, "night " * 60)])
    assert shelf.ids.shape == shelf.words.shape == (2, WIDTH)
    assert tokenizer.decode(shelf.ids[0][shelf.words[0]].tolist()) == "good night"
    assert shelf.words[1, -1] and (shelf.ids[1] != 0).all()
    assert shelf.phrase.tolist() == [0, 1]


def test_twins_come_to_lie_together_and_apart_from_others(lesson: Meanings, shelf: SaidShelf) -> None:
    model_and_head = [*lesson._model.parameters(), *lesson.head.parameters()]
    optimizer = torch.optim.AdamW(model_and_head, lr=3e-3)
    torch.manual_seed(1)
    first = lesson.loss().item()
    same, others = _likeness(lesson, shelf)
    for _ in range(30):
        optimizer.zero_grad()
        lesson.loss().backward()
        optimizer.step()
    assert lesson.loss().item() < first / 2
    same_after, others_after = _likeness(lesson, shelf)
    assert same_after - others_after > same - others + 0.3


def test_follow_ups_single_ways_and_lines_left_out_are_not_taught(
    lesson: Meanings, shelf: SaidShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[int, ...]] = []
    meaning_of = lesson.meaning

    def watched(ids: Tensor, words: Tensor) -> Tensor:
        heard.extend(tuple(row) for row in ids.tolist())
        return meaning_of(ids, words)

    monkeypatch.setattr(lesson, "meaning", watched)
    for _ in range(20):
        lesson.loss()
    taught = {int(shelf.phrase[row]) for row, ids in enumerate(shelf.ids.tolist()) if tuple(ids) in set(heard)}
    assert taught == {0, 1, 2, 4}
    left_out = {tuple(shelf.ids[row].tolist()) for row in lesson._tried}
    assert left_out and not left_out & set(heard)


def test_a_lines_twin_is_another_line_of_its_own_phrase(
    lesson: Meanings, shelf: SaidShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    phrase = {tuple(ids): int(number) for ids, number in zip(shelf.ids.tolist(), shelf.phrase, strict=True)}
    pairs: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    meaning_of = lesson.meaning

    def watched(ids: Tensor, words: Tensor) -> Tensor:
        rows = [tuple(row) for row in ids.tolist()]
        pairs.extend(zip(rows[: len(rows) // 2], rows[len(rows) // 2 :], strict=True))
        return meaning_of(ids, words)

    monkeypatch.setattr(lesson, "meaning", watched)
    for _ in range(20):
        lesson.loss()
    assert pairs
    assert all(one != other and phrase[one] == phrase[other] for one, other in pairs)


def test_lines_left_out_are_found_where_they_say_the_same(lesson: Meanings, monkeypatch: pytest.MonkeyPatch) -> None:
    places = torch.nn.functional.one_hot(lesson._phrase, len(PHRASES)).float()

    def right(rows: Tensor) -> Tensor:
        return places[rows]

    def wrong(rows: Tensor) -> Tensor:
        return -places[rows] if len(rows) == len(lesson._tried) else places[rows]

    monkeypatch.setattr(lesson, "_at", right)
    assert lesson.found() == 1.0
    monkeypatch.setattr(lesson, "_at", wrong)
    assert lesson.found() == 0.0


def test_the_engine_reads_a_message_in_the_prompt_in_which_it_was_taught(tokenizer: Tokenizer) -> None:
    scribe = Scribe(AutoTokenizer.from_pretrained(BODIES / "seedling"), STYLES["seedling"])
    for text in ("my laptop froze", "why?", "  hm "):
        prompt = scribe.chat("", [], text)
        shelf = shelve_said(tokenizer, [(0, text)])
        assert prompt.ids[: prompt.words.stop] == shelf.ids[0, : prompt.words.stop].tolist()
        assert np.flatnonzero(shelf.words[0]).tolist() == list(range(prompt.words.start, prompt.words.stop))


def test_the_engine_computes_what_the_head_of_the_forge_computes() -> None:
    torch.manual_seed(0)
    head, residuals = MeaningHead(16), 3 * torch.randn(1, 6, 16)
    words = torch.tensor([[0.0, 0.0, 1.0, 1.0, 1.0, 0.0]])
    stored = meaning.Meanings(
        head.line.weight.detach().numpy(), head.line.bias.detach().numpy(), np.eye(2, 128, dtype=np.float32)
    )
    expected = head(residuals, words)[0].detach().numpy()
    np.testing.assert_allclose(stored.of(residuals[0, 2:5].numpy()), expected, atol=1e-5)
