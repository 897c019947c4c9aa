"""Whole characters only, and thoughts told apart from words, however the tokens are cut."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from anima_tui.engine.speech import Speech


def byte_tokenizer() -> PreTrainedTokenizerFast:
    """Every byte is a token: the hardest case for a stream of characters."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer)


TOKENIZER = byte_tokenizer()


def hear(text: str) -> Speech:
    speech = Speech(TOKENIZER)
    for token in TOKENIZER.encode(text, add_special_tokens=False):
        for piece in speech.hear(token):
            assert "�" not in piece.text
    speech.finish()
    return speech


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="<�"), max_size=40))
@settings(max_examples=60)
def test_the_pieces_join_to_the_text(text: str) -> None:
    assert hear(text).reply == text.lstrip()


@pytest.mark.parametrize(
    ("text", "thought", "reply"),
    [
        ("<think>warm?</think>Hello.", "warm?", "Hello."),
        ("Hi <think>hm</think>there", "hm", "Hi there"),
        ("<think>never closed", "never closed", ""),
        ("a < b and <thin ice", "", "a < b and <thin ice"),
        ("</think>odd", "", "</think>odd"),
        ("ends in <thi", "", "ends in <thi"),
        ("", "", ""),
    ],
)
def test_thoughts_are_told_apart(text: str, thought: str, reply: str) -> None:
    speech = hear(text)
    assert (speech.thought, speech.reply) == (thought, reply)
