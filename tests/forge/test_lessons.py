"""What else the forge teaches: facts in the user's own words, plain answers, feelings."""

import random
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from anima_tui.bodies.catalog import BODIES
from anima_tui.forge import feeling
from anima_tui.forge.blocks import phrases, read_blocks, read_slots
from anima_tui.forge.facts import facts_of
from anima_tui.forge.fallback import is_told, plain_answer
from anima_tui.forge.feeling import FeelingHead, Feelings, shelve_felt
from anima_tui.forge.train import make_model
from anima_tui.forge.vocabulary import gather

CORPUS = Path(__file__).parents[2] / "anima_tui" / "forge" / "corpus"
WORDS = gather({"object": ["spoon", "car"]}, ["I saw a river."] * 5)


def test_every_fact_of_the_corpus_states_its_value_and_never_asks_it_away() -> None:
    facts = facts_of(read_blocks(CORPUS))
    slots = read_slots(CORPUS)
    assert len(facts) > 100
    for fact in facts:
        assert fact.source in slots, fact.what
        assert all("{x}" in line for line in [*fact.told, fact.kept]), fact.what
        assert not any("{x}" in line for line in fact.asked), fact.what
        assert all("{x}" in line for lines in fact.answers.values() for line in lines), fact.what


def test_every_slot_of_the_corpus_has_values() -> None:
    slots = read_slots(CORPUS)
    for block in read_blocks(CORPUS):
        for phrase in phrases(block):
            for text in [*phrase.says, *(text for texts in phrase.replies.values() for text in texts)]:
                kinds = {part.partition("}")[0].rstrip("0123456789") for part in text.split("{")[1:]}
                assert kinds <= slots.keys(), text


def test_a_plain_answer_names_the_messages_own_thing() -> None:
    chance = random.Random(0)
    assert all("your car" in plain_answer("somebody keyed my car", "A", WORDS, chance) for _ in range(9))
    assert not is_told("how do i clean a spoon")
    assert not is_told("write me a poem about a spoon")
    assert is_told("my car is gone")


def test_feelings_are_learned_from_the_words_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeling, "ROWS", 32)  # there are two messages to learn from
    torch.manual_seed(0)
    fast = PreTrainedTokenizerFast.from_pretrained(BODIES / "seedling")
    tokenizer: Tokenizer = fast.backend_tokenizer
    messages = [("this is wonderful", 1.0), ("this is terrible", -1.0)] * 10
    shelf = shelve_felt(tokenizer, messages)
    model = make_model(64, 5, 64)
    lesson = Feelings(model, (shelf, shelf), shelf)
    optimizer = torch.optim.AdamW([*model.parameters(), *lesson.head.parameters()], lr=3e-3)
    for _ in range(30):
        optimizer.zero_grad()
        lesson.loss().backward()
        optimizer.step()
    assert lesson.correlation() > 0.9


def test_large_residuals_do_not_saturate_the_feeling() -> None:
    head = FeelingHead(8)
    torch.nn.init.ones_(head.line.weight)
    small, large = (head(scale * torch.ones(1, 4, 8), torch.ones(1, 4)) for scale in (1.0, 1e4))
    assert torch.allclose(small, large, atol=1e-4)
