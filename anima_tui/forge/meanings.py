"""Lessons in meaning: two ways of saying the same thing lie near each other in the middle of the residual stream.

A linear head reads the mean residual over a line's words. Of a batch of phrases, two lines each, every line must find
its twin (InfoNCE, https://arxiv.org/abs/1807.03748). The head is kept: with it the phrasebook finds an example whose
words the message does not share.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import LlamaForCausalLM

from anima_tui.engine.phrasebook import Phrase
from anima_tui.engine.slots import fill
from anima_tui.forge.tokens import padded
from anima_tui.forge.trunk import HOOKED, residual_after
from anima_tui.forge.vocabulary import Vocabulary

SIZE = 128
"""Numbers in a meaning."""
PAIRS = 448
"""Phrases a step, two lines each."""
WIDTH = 28
"""Tokens of a line with what stands before it; longer ones are cut."""
SHARPNESS = 20.0
TRIED = 1500
"""Lines that are left out, to see whether they find their own phrase."""
OPENING = "<|bos|><|system|><|end|><|user|>"
"""What the engine's prompt says before words that come out of the blue."""


class Lines(Protocol):
    """What the lesson reads of a phrasebook."""

    @property
    def phrases(self) -> list[Phrase]: ...


@dataclass(frozen=True)
class SaidShelf:
    """Lines in their prompt: `ids` int16 [n, WIDTH], `words` bool [n, WIDTH], `phrase` int64 [n]."""

    ids: NDArray[np.int16]
    words: NDArray[np.bool_]
    phrase: NDArray[np.int64]


def shelve_said(tokenizer: Tokenizer, lines: Sequence[tuple[int, str]]) -> SaidShelf:
    """`lines`: number of the phrase, and one way of saying it."""
    ids, words = padded(tokenizer, OPENING, [text for _, text in lines], WIDTH)
    return SaidShelf(ids, words, np.array([phrase for phrase, _ in lines], dtype=np.int64))


def spoken_lines(book: Lines, words: Vocabulary, chance: random.Random, most: int) -> list[tuple[int, str]]:
    """Up to `most` lines of every phrase, slots filled, with the phrase's number."""
    return [
        (number, fill(line, words.bind([line], chance)))
        for number, phrase in enumerate(book.phrases)
        for line in chance.sample(phrase.says, min(most, len(phrase.says)))
    ]


class MeaningHead(nn.Module):
    """Mean residuals, each token's brought to unit size first -> a unit vector."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.line = nn.Linear(width, SIZE)

    def forward(self, residuals: Tensor, words: Tensor) -> Tensor:
        """Residuals [n, WIDTH, d], words [n, WIDTH] -> float32 [n, SIZE]."""
        unit = F.normalize(residuals.float(), dim=-1)
        mean = torch.einsum("nwd,nw->nd", unit, words) / words.sum(1, keepdim=True).clamp(min=1)
        return F.normalize(self.line(mean), dim=-1)


class Meanings:
    """The lesson in meaning, one step at a time. Follow-ups are left out: "why?" means what stood before it."""

    def __init__(self, model: LlamaForCausalLM, book: Lines, shelf: SaidShelf) -> None:
        self._model = model
        self._device = model.device
        self.head = MeaningHead(model.config.hidden_size).to(self._device)
        self._ids = torch.from_numpy(shelf.ids).to(self._device)
        self._words = torch.from_numpy(shelf.words).to(self._device)
        rows = np.argsort(shelf.phrase, kind="stable")
        ends = np.cumsum(np.bincount(shelf.phrase, minlength=len(book.phrases)))
        openings = [i for i, phrase in enumerate(book.phrases) if not phrase.before]
        taught = [rows[ends[i - 1] if i else 0 : ends[i]] for i in openings]
        chance = np.random.default_rng(0)
        whole = [one for one in taught if len(one) >= 4]
        tried = chance.choice(len(whole), min(TRIED, len(whole) // 4), replace=False)
        self._tried = [int(whole[i][0]) for i in tried]
        left_out = set(self._tried)
        kept = [[int(row) for row in one if int(row) not in left_out] for one in taught]
        kept = [one for one in kept if len(one) >= 2]
        self._rows = torch.tensor([row for one in kept for row in one], device=self._device)
        sizes = torch.tensor([len(one) for one in kept], device=self._device)
        self._begins, self._sizes = sizes.cumsum(0) - sizes, sizes
        self._phrase = torch.from_numpy(shelf.phrase).to(self._device)

    def loss(self) -> Tensor:
        """Mean cross-entropy in nats, of a line's twin among the twins of all."""
        count = min(PAIRS, len(self._sizes))
        which = torch.randperm(len(self._sizes), device=self._device)[:count]
        sizes = self._sizes[which]
        first = (torch.rand(count, device=self._device) * sizes).long()
        second = (first + 1 + (torch.rand(count, device=self._device) * (sizes - 1)).long()) % sizes
        rows = self._rows[torch.cat([self._begins[which] + first, self._begins[which] + second])]
        one, other = self.meaning(self._ids[rows].long(), self._words[rows].float()).chunk(2)
        likeness = SHARPNESS * one @ other.T
        own = torch.arange(count, device=self._device)
        return (F.cross_entropy(likeness, own) + F.cross_entropy(likeness.T, own)) / 2

    @torch.no_grad()
    def found(self) -> float:
        """Share of the lines left out whose nearest other line says the same."""
        if not self._tried:
            return 0.0
        every = torch.cat([self._at(rows) for rows in self._rows.split(4096)])
        tried = torch.tensor(self._tried, device=self._device)
        nearest = (self._at(tried) @ every.T).argmax(1)
        return float((self._phrase[self._rows[nearest]] == self._phrase[tried]).float().mean())

    def meaning(self, ids: Tensor, words: Tensor) -> Tensor:
        """float32 [n, SIZE] of ids int64 [n, WIDTH], of which `words` [n, WIDTH] count."""
        with torch.autocast(self._device.type, dtype=torch.bfloat16):
            residuals = residual_after(self._model, ids, HOOKED)
        return self.head(residuals, words)

    def _at(self, rows: Tensor) -> Tensor:
        return self.meaning(self._ids[rows].long(), self._words[rows].float())
