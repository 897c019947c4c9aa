"""Pairs of texts that say the same, once with a concept and once without: they ship with the project, for any body."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from anima_tui.engine.attune.concepts import Contrast

_FILE = Path(__file__).with_name("contrasts.txt")
_HOLD_OUT_EVERY = 4


@dataclass(frozen=True)
class Pair:
    concept: str
    shows: str
    lacks: str
    held_out: bool


def contrast_pairs() -> list[Pair]:
    """All pairs, in the order of the file: `# concept`, then `+` with it and `-` without it, line after line."""
    pairs: list[Pair] = []
    concept, shows, count = "", "", 0
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        mark, _, text = line.partition(" ")
        if mark == "#":
            concept, count = text, 0
        elif mark == "+":
            shows = text
        elif mark == "-":
            count += 1
            pairs.append(Pair(concept, shows, text, count % _HOLD_OUT_EVERY == 0))
    return pairs


def texts_of(pairs: list[Pair]) -> list[str]:
    """Both texts of every pair, one after the other."""
    return [text for pair in pairs for text in (pair.shows, pair.lacks)]


def contrast_of(pairs: list[Pair], concept: str) -> Contrast:
    """The pairs of one concept, as masks over `texts_of(pairs)`. Both texts of a pair lie on one side of the split."""
    own = torch.tensor([pair.concept == concept for pair in pairs]).repeat_interleave(2)
    first = torch.arange(2 * len(pairs)) % 2 == 0
    held_out = torch.tensor([pair.held_out for pair in pairs]).repeat_interleave(2)
    return Contrast(own & first, own & ~first, held_out)
