"""Lessons in feeling: what a message's words are worth, read from the middle of the residual stream.

A linear head on one layer predicts the valence of a message from the mean over its words, while the body learns to
talk. It is thrown away afterwards: attunement finds the direction again by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import LlamaForCausalLM

from anima_tui.engine.attune.listen import IDENTITY
from anima_tui.engine.attune.material import Felt
from anima_tui.engine.valence import lexical_valence
from anima_tui.forge.tokens import padded
from anima_tui.forge.trunk import HOOKED, residual_after

ROWS = 192
"""Messages a step."""
WIDTH = 64
"""Tokens of a message with what stands before it; longer ones are cut."""
_OPENING = f"<|bos|><|system|>{IDENTITY}<|end|><|user|>"


@dataclass(frozen=True)
class FeltShelf:
    """Messages in their prompt: `ids` int16 [n, WIDTH], `words` bool [n, WIDTH], `valence` float32 [n] in [-1, 1]."""

    ids: NDArray[np.int16]
    words: NDArray[np.bool_]
    valence: NDArray[np.float32]


def shelve_felt(tokenizer: Tokenizer, messages: Sequence[tuple[str, float]]) -> FeltShelf:
    """`messages`: text and valence."""
    ids, words = padded(tokenizer, _OPENING, [text for text, _ in messages], WIDTH)
    return FeltShelf(ids, words, np.array([valence for _, valence in messages], dtype=np.float32))


def by_lexicon(lines: Sequence[str]) -> list[tuple[str, float]]:
    """Lines with VADER's compound score: far more words than labelled comments hold."""
    return [(line, lexical_valence(line)) for line in lines]


def labelled(felt: Sequence[Felt], *, held_out: bool) -> list[tuple[str, float]]:
    """One side of the split."""
    return [(message.text, message.valence) for message in felt if message.held_out is held_out]


class FeltRows:
    """A shelf on the device."""

    def __init__(self, shelf: FeltShelf, device: torch.device) -> None:
        self._ids = torch.from_numpy(shelf.ids).to(device)
        self._words = torch.from_numpy(shelf.words).to(device)
        self._valence = torch.from_numpy(shelf.valence).to(device)

    def __len__(self) -> int:
        return len(self._ids)

    def at(self, which: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Ids int64 [n, WIDTH], words float32 [n, WIDTH], valence float32 [n] of the rows `which` int64 [n]."""
        return self._ids[which].long(), self._words[which].float(), self._valence[which]

    def draw(self, rows: int) -> tuple[Tensor, Tensor, Tensor]:
        return self.at(torch.randint(len(self), (rows,), device=self._ids.device))


class FeelingHead(nn.Module):
    """A linear function of the mean residual over a message's words, brought to unit length first.

    Neither bent nor of the residuals' own size: both let the head saturate within a few steps, and then nothing is
    learned from it.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.line = nn.Linear(width, 1)
        nn.init.zeros_(self.line.weight)

    def forward(self, residuals: Tensor, words: Tensor) -> Tensor:
        """Residuals [n, WIDTH, d], words [n, WIDTH] -> valence float32 [n]."""
        weights = (words / words.sum(1, keepdim=True).clamp(min=1)).to(residuals.dtype)
        mean = torch.einsum("nwd,nw->nd", residuals, weights)
        return self.line(nn.functional.normalize(mean.float(), dim=-1))[:, 0]


class Feelings:
    """The lesson in feeling, one step at a time."""

    def __init__(self, model: LlamaForCausalLM, shelves: Sequence[FeltShelf], tried: FeltShelf) -> None:
        """`shelves`: comments with people's labels, and lines with a lexicon's; `tried`: held-out comments."""
        self._model = model
        self._device = model.device
        self.head = FeelingHead(model.config.hidden_size).to(self._device)
        self._shelves = [FeltRows(shelf, self._device) for shelf in shelves]
        self._tried = FeltRows(tried, self._device)

    def loss(self) -> Tensor:
        """Mean squared error of valence on comments and lines, half and half."""
        drawn = [shelf.draw(ROWS // 2) for shelf in self._shelves]
        ids, words, valence = (torch.cat(parts) for parts in zip(*drawn, strict=True))
        lost = (torch.rand(ids.shape, device=ids.device) < 0.1) & (words > 0)
        return nn.functional.mse_loss(self._predict(ids.masked_fill(lost, 0), words), valence)

    @torch.no_grad()
    def correlation(self) -> float:
        """Pearson's r with held-out labels."""
        rows = torch.arange(len(self._tried), device=self._device).split(512)
        parts = [(self._predict(ids, words), valence) for ids, words, valence in map(self._tried.at, rows)]
        said, labels = (torch.cat(side) for side in zip(*parts, strict=True))
        return float(torch.corrcoef(torch.stack((said.float(), labels)))[0, 1])

    def _predict(self, ids: Tensor, words: Tensor) -> Tensor:
        with torch.autocast(self._device.type, dtype=torch.bfloat16):
            residuals = residual_after(self._model, ids, HOOKED)
        return self.head(residuals.float(), words)
