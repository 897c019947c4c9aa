"""From words to training tokens: the tokenizer, and shelves of encoded documents."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from anima_tui.engine.prompts import Messages

SPECIALS = ("<|pad|>", "<|bos|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>", "<think>", "</think>")
VOCABULARY = 8192
MARKS = {"": 1, "A": 2, "S": 3, "D": 4, "named A": 5, "named S": 6, "named D": 7}
"""How her own words are marked: without a voice, in a voice that the prompt does not name, in one that it names."""
TEMPLATE = (
    "<|bos|>{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


@dataclass(frozen=True)
class Shelf:
    """Documents end to end. `ids` int16 [tokens]; `marks` uint8 [tokens], one of `MARKS` where the body itself speaks,
    else 0; `starts` int64 [documents]."""

    ids: NDArray[np.int16]
    marks: NDArray[np.uint8]
    starts: NDArray[np.int64]


def render(messages: Messages) -> tuple[str, str]:
    """A document as prompt and answer, in the chat template's words."""
    *before, last = messages
    prompt = "<|bos|>" + "".join(f"<|{m['role']}|>{m['content']}<|end|>" for m in before) + "<|assistant|>"
    return prompt, last["content"] + "<|end|>"


def open_texts(folder: Path) -> Iterator[str]:
    """Every document of the gzipped corpora in `folder`, as `MANIFEST.md` there describes them, without its <|bos|>.

    Personality chat has few distinct answers, so only a third of it is taken.
    """
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for i, line in enumerate(lines):
                record = json.loads(line)
                if "personality" in path.name and i % 3:
                    continue
                if "turns" in record:
                    yield "".join(f"<|{turn['role']}|>{turn['text'].strip()}<|end|>" for turn in record["turns"])
                else:
                    yield record["text"].strip() + "<|end|>"


def make_tokenizer(texts: Iterable[str]) -> Tokenizer:
    """Byte-level BPE of 8192 tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=list(SPECIALS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_without_specials(texts), trainer)
    return tokenizer


def save_tokenizer(tokenizer: Tokenizer, folder: Path) -> None:
    """Write it as `AutoTokenizer` reads it, chat template and all."""
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<|bos|>",
        eos_token="<|end|>",
        pad_token="<|pad|>",
        model_max_length=2048,
        chat_template=TEMPLATE,
    )
    fast.save_pretrained(folder)


def shelve(tokenizer: Tokenizer, documents: Iterable[Messages]) -> Shelf:
    """Encode chat documents; only the last message of each is the body's own."""
    pieces: list[list[int]] = []
    marks: list[NDArray[np.uint8]] = []
    starts, length = list[int](), 0
    for messages in documents:
        prompt, answer = (tokenizer.encode(text).ids for text in render(messages))
        mark = np.zeros(len(prompt) + len(answer), dtype=np.uint8)
        mark[len(prompt) :] = MARKS[messages[-1].get("voice", "")]
        pieces += [prompt, answer]
        marks.append(mark)
        starts.append(length)
        length += len(mark)
    ids = np.array([token for piece in pieces for token in piece], dtype=np.int16)
    return Shelf(ids, np.concatenate(marks), np.array(starts, dtype=np.int64))


def padded(
    tokenizer: Tokenizer, opening: str, texts: Sequence[str], width: int
) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
    """`texts` after `opening`, one a row: ids and which of them are the text's own, [texts, width]; longer are cut."""
    before = tokenizer.encode(opening).ids
    ids = np.zeros((len(texts), width), dtype=np.int16)
    words = np.zeros((len(texts), width), dtype=np.bool_)
    for row, text in enumerate(texts):
        said = tokenizer.encode(text).ids[: width - len(before)]
        ids[row, : len(before) + len(said)] = [*before, *said]
        words[row, len(before) : len(before) + len(said)] = True
    return ids, words


def shelve_texts(tokenizer: Tokenizer, texts: Sequence[str]) -> Shelf:
    """Encode plain texts, of which every token counts; a row may begin at any 256th token."""
    encoded = [tokenizer.encode("<|bos|>" + text).ids for text in texts]
    ids = np.array([token for one in encoded for token in one], dtype=np.int16)
    return Shelf(ids, np.ones(len(ids), dtype=np.uint8), np.arange(0, len(ids), 256, dtype=np.int64))


def joined(shelves: Sequence[Shelf]) -> Shelf:
    """One shelf of many."""
    offsets = np.cumsum([0, *(len(shelf.ids) for shelf in shelves)])
    return Shelf(
        np.concatenate([shelf.ids for shelf in shelves]),
        np.concatenate([shelf.marks for shelf in shelves]),
        np.concatenate([shelf.starts + offset for shelf, offset in zip(shelves, offsets, strict=False)]),
    )


def _without_specials(texts: Iterable[str]) -> Iterator[str]:
    special = re.compile("|".join(re.escape(one) for one in SPECIALS))
    for text in texts:
        yield special.sub(" ", text)
