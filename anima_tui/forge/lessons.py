"""The whole material of a training, written by many processes at once."""

from __future__ import annotations

import multiprocessing
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tokenizers import Tokenizer

from anima_tui.engine.prompts import Messages
from anima_tui.forge.blocks import Block, read_blocks, read_slots
from anima_tui.forge.documents import Author, book_of, plain_turns
from anima_tui.forge.drills import consolidation, echo, recall
from anima_tui.forge.lookups import lookup
from anima_tui.forge.tokens import Shelf, joined, make_tokenizer, open_texts, shelve, shelve_texts
from anima_tui.forge.vocabulary import Vocabulary, gather

TASK_SHARE = 3
"""Recalls, thoughts, dreams and consolidations of the corpus are told this much oftener than other blocks."""
DRILLS: tuple[tuple[Callable[[Author], Messages], float], ...] = ((recall, 0.22), (echo, 0.08), (consolidation, 0.08))
"""Each drill, and how many there are for one conversation."""


@dataclass(frozen=True)
class Material:
    """What a body learns from, and what it is tried on."""

    tokenizer: Tokenizer
    blocks: list[Block]
    words: Vocabulary
    talk: Shelf
    """Open corpora."""
    companion: Shelf
    held_out: Shelf
    """Conversations of blocks that `companion` leaves out; their own other lines stand in the phrasebook."""


_author: Author
_tokenizer: Tokenizer
_texts: list[str]


def prepare(corpus: Path, corpora: Path, passes: int, processes: int) -> Material:
    """Read, train the tokenizer, and write every document. Forks `processes` writers."""
    global _author, _tokenizer, _texts  # noqa: PLW0603  what the forked writers inherit instead of being sent
    os.environ["TOKENIZERS_PARALLELISM"] = "true"
    blocks = read_blocks(corpus)
    _texts = list(open_texts(corpora))
    words = gather(read_slots(corpus), _texts)
    learned = [block for block in blocks if not block.held_out]
    _author = Author(learned, book_of(learned), words, random.Random(0))
    sample = [m["content"] for messages in _write(0, 8, 1) for m in messages]
    _tokenizer = make_tokenizer([*_texts[::4], *sample])
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    print("tokenizer made", flush=True)
    shares = [(i, processes, passes) for i in range(processes)]
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        companion = joined(pool.starmap(_shelve_share, shares))
        talk = joined(pool.starmap(_shelve_texts, [(i, processes) for i in range(processes)]))
    unseen = [block for block in blocks if block.held_out]
    examiner = Author(unseen, book_of(blocks), words, random.Random(1))
    held_out = shelve(_tokenizer, (examiner.conversation(*turn) for turn in plain_turns(unseen)))
    return Material(_tokenizer, blocks, words, talk, companion, held_out)


def _shelve_share(share: int, of: int, passes: int) -> Shelf:
    return shelve(_tokenizer, _write(share, of, passes))


def _shelve_texts(share: int, of: int) -> Shelf:
    return shelve_texts(_tokenizer, _texts[share::of])


def _write(share: int, of: int, passes: int) -> Iterator[Messages]:
    """One share of all documents, in random order within each pass."""
    author = Author(_author.blocks, _author.book, _author.words, random.Random(share))
    chance = author.chance
    spoken = [turn for turn in plain_turns(author.blocks) for _ in range(TASK_SHARE if turn[0].task else 1)][share::of]
    tasks = [block for block in author.blocks if block.out][share::of] * TASK_SHARE
    for _ in range(passes):
        writers: list[Callable[[], Messages]] = [partial(author.conversation, *turn) for turn in spoken]
        writers += [partial(lookup, author, *turn) for turn in spoken]
        writers += [partial(author.task, block) for block in tasks]
        for drill, rate in DRILLS:
            writers += [partial(drill, author)] * round(rate * len(spoken))
        chance.shuffle(writers)
        yield from (write() for write in writers)
