"""The whole material of a training, written by many processes while the training already runs."""

from __future__ import annotations

import multiprocessing
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from multiprocessing.pool import IMapIterator
from pathlib import Path

from tokenizers import Tokenizer

from anima_tui.engine.attune.corpus import read_corpus
from anima_tui.engine.attune.material import felt_messages
from anima_tui.engine.prompts import Messages
from anima_tui.forge.blocks import read_blocks, read_slots
from anima_tui.forge.documents import Author, book_of, plain_turns
from anima_tui.forge.dreams import dream
from anima_tui.forge.drills import echo, recall
from anima_tui.forge.feeling import FeltShelf, by_lexicon, labelled, shelve_felt
from anima_tui.forge.lookups import lookup
from anima_tui.forge.meanings import SaidShelf, shelve_said, spoken_lines
from anima_tui.forge.nights import consolidation
from anima_tui.forge.tokens import Shelf, joined, make_tokenizer, open_texts, shelve, shelve_texts
from anima_tui.forge.vocabulary import gather

TASK_SHARE = 3
"""Recalls, thoughts, dreams and consolidations of the corpus are told this much oftener than other blocks."""
LOOKUPS = 0.7
DRILLS: tuple[tuple[Callable[[Author], Messages], float], ...] = (
    (recall, 0.8),
    (echo, 0.08),
    (consolidation, 0.6),
    (dream, 0.06),
)
"""Each drill, and how many there are for one conversation; `LOOKUPS` likewise."""
SHARES = 16
"""Parts in which one pass over the corpus is written."""
COMMENTS = 60_000
"""More than GoEmotions holds: all of its training side."""
LINES = 150_000
"""Lines of open text whose valence a lexicon tells."""


@dataclass(frozen=True)
class Material:
    """What a body learns from, and what it is tried on."""

    tokenizer: Tokenizer
    author: Author
    """Writes from the blocks that are learned."""
    examiner: Author
    """Writes from the blocks that training leaves out, showing examples out of all."""
    talk: Shelf
    """Open corpora."""
    companion: IMapIterator[Shelf]
    """Parts as they are written; early ones hold the whole corpus once."""
    feelings: tuple[FeltShelf, FeltShelf]
    """Comments with people's labels, and lines with a lexicon's."""
    said: SaidShelf
    """Every way of saying every phrase of the author's book."""
    held_out: Shelf
    """Conversations of blocks that `companion` leaves out."""
    held_out_feelings: FeltShelf


_author: Author
_tokenizer: Tokenizer
_texts: list[str]
_feelings: list[list[tuple[str, float]]]


def prepare(
    corpus: Path, corpora: Path, passes: int, processes: int, tokenizer: Tokenizer | None = None, seed: int = 0
) -> Material:
    """Read, train the tokenizer unless one is given, and let `processes` forked writers begin.

    Another `seed` gives other documents of the same corpus.
    """
    global _author, _tokenizer, _texts, _feelings  # noqa: PLW0603  what the writers inherit instead of being sent
    os.environ["TOKENIZERS_PARALLELISM"] = "true"
    blocks = read_blocks(corpus)
    _texts = list(open_texts(corpora))
    words = gather(read_slots(corpus), _texts)
    learned = [block for block in blocks if not block.held_out]
    unseen = [block for block in blocks if block.held_out]
    _author = Author(learned, book_of(learned, words.slots), words, random.Random(0))
    examiner = Author(unseen, book_of(blocks, words.slots), words, random.Random(1))
    if tokenizer is None:
        sample = [m["content"] for messages in _write(0, 40, random.Random(2)) for m in messages]
        tokenizer = make_tokenizer([*_texts[::4], *sample])
    _tokenizer = tokenizer
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    print(f"{len(blocks)} blocks, {len(_author.book.phrases)} phrases", flush=True)
    felt = felt_messages(read_corpus(corpus), corpora / "emo_goemotions.jsonl.gz", COMMENTS)
    lines = random.Random(3).sample(list(words.lines), min(LINES, len(words.lines)))
    _feelings = [labelled(felt, held_out=False), [(line, 0.0) for line in lines], labelled(felt, held_out=True)]
    pool = multiprocessing.get_context("fork").Pool(processes)
    talk = pool.starmap_async(_shelve_texts, [(i, SHARES) for i in range(SHARES)])
    people, lexicon, tried = (pool.apply_async(_shelve_feelings, (which,)) for which in range(3))
    held_out = pool.apply_async(_shelve_held_out, (examiner,))
    said = pool.apply_async(_shelve_said)
    companion = pool.imap(_shelve_share, [(p + seed * passes, s) for p in range(passes) for s in range(SHARES)])
    return Material(
        _tokenizer,
        _author,
        examiner,
        joined(talk.get()),
        companion,
        (people.get(), lexicon.get()),
        said.get(),
        held_out.get(),
        tried.get(),
    )


def _shelve_share(which: tuple[int, int]) -> Shelf:
    of_pass, share = which
    return shelve(_tokenizer, _write(share, SHARES, random.Random(of_pass * SHARES + share)))


def _shelve_texts(share: int, of: int) -> Shelf:
    return shelve_texts(_tokenizer, _texts[share::of])


def _shelve_feelings(which: int) -> FeltShelf:
    messages = _feelings[which]
    return shelve_felt(_tokenizer, by_lexicon([text for text, _ in messages]) if which == 1 else messages)


def _shelve_said() -> SaidShelf:
    lines = spoken_lines(_author.book, _author.words, random.Random(4), 12)
    return shelve_said(_tokenizer, lines)


def _shelve_held_out(examiner: Author) -> Shelf:
    return shelve(_tokenizer, (examiner.conversation(*turn) for turn in plain_turns(examiner.blocks)))


def _write(share: int, of: int, chance: random.Random) -> Iterator[Messages]:
    """One share of one pass over the corpus, in random order."""
    author = Author(_author.blocks, _author.book, _author.words, chance)
    spoken = [turn for turn in plain_turns(author.blocks) for _ in range(TASK_SHARE if turn[0].task else 1)][share::of]
    tasks = [block for block in author.blocks if block.out][share::of] * TASK_SHARE
    writers: list[Callable[[], Messages]] = [partial(author.conversation, *turn) for turn in spoken]
    writers += [partial(lookup, author, *turn) for turn in spoken if chance.random() < LOOKUPS]
    writers += [partial(author.task, block) for block in tasks]
    for drill, rate in DRILLS:
        writers += [partial(drill, author)] * round(rate * len(spoken))
    chance.shuffle(writers)
    yield from (write() for write in writers)
