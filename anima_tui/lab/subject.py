"""The body under study and the corpus it is studied with, loaded once in each process."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

import torch
from torch import Tensor

import anima_tui.forge
from anima_tui.engine.attune.corpus import Block, read_corpus
from anima_tui.engine.body import Body, load_body
from anima_tui.engine.hearing import scribe_of
from anima_tui.engine.prompts import Scribe
from anima_tui.paths import user_paths
from anima_tui.settings import Compute

CORPUS = Path(anima_tui.forge.__file__).parent / "corpus"
IDENTITY = "I am Anima."


@dataclass(frozen=True, eq=False)
class Subject:
    """Whom a cell is measured on. There is one of each body in a process, so what is made of it can be cached."""

    body: Body
    blocks: list[Block] = field(repr=False)
    """Every conversation of the corpus."""

    @cached_property
    def scribe(self) -> Scribe:
        return scribe_of(self.body)

    @cached_property
    def p99(self) -> Tensor:
        """float32 [d_sae]: as attuned; ones for a body that was never attuned."""
        attuned = self.body.attunement
        return attuned.p99 if attuned else torch.ones(self.body.sae.d_sae)


@cache
def subject_of(body: str) -> Subject:
    """Raises BodyUnusable. Torch keeps to one thread: the cells are what runs side by side."""
    torch.set_num_threads(1)
    compute = Compute(device="cpu", dtype="float32")  # every process has its own, and all must give the same numbers
    return Subject(load_body(body, user_paths(), lambda stage, fraction: None, compute), corpus())


@cache
def corpus() -> list[Block]:
    return read_corpus(CORPUS)
