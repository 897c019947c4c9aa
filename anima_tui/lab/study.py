"""What a study is: cells that can be measured apart, rows that come of them, and what the rows say together."""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anima_tui.findings import Findings
    from anima_tui.lab.subject import Subject

Value = str | int | float | None
Cell = dict[str, Value]
"""Everything that decides a result: equal cells give equal rows on equal machines."""
Row = dict[str, Value]
"""One measured thing: a line of the CSV."""

STUDIES = {
    "stability": "anima_tui.lab.stability.study",
    "suppression": "anima_tui.lab.suppression.study",
    "drift": "anima_tui.lab.living.drift",
    "year": "anima_tui.lab.living.year",
    "features": "anima_tui.lab.features.study",
}


@dataclass(frozen=True)
class Plan:
    """What was asked for."""

    body: str
    """A preset, or the folder of a body."""
    fingerprint: str
    seed: int
    quick: bool
    """As small as a study can be and still run through all its parts; its numbers mean nothing."""
    days: int | None = None
    soul: Path | None = None
    """The folder of the user's soul, where a study shows something of it."""

    def cell(self, **parts: Value) -> Cell:
        """A cell on this body with this seed."""
        return {"body": self.fingerprint[:12], "seed": self.seed, **parts}


@dataclass(frozen=True)
class Study:
    """An experiment. Its functions are named, not bound, so that a cell can travel to another process."""

    cells: Callable[[Plan], list[Cell]]
    measure: Callable[[Subject, Cell, Path], list[Row]]
    """`measure(subject, cell, scratch)`: `scratch` is the cell's own folder, for what must survive an interruption."""
    conclude: Callable[[Plan, Sequence[Row]], Findings]
    illustrate: Callable[[Plan, Sequence[Row], Path], None] | None = None
    """Pages of its own beside the report, into a folder."""


def study_named(name: str) -> Study:
    """Raises KeyError for a study that does not exist."""
    study: Study = import_module(STUDIES[name]).STUDY
    return study


def key_of(cell: Cell) -> str:
    """The same text for equal cells."""
    return json.dumps(cell, sort_keys=True)


def seed_of(*parts: object) -> int:
    """A seed below 2^32 that depends on every part, on every machine alike."""
    return zlib.crc32(repr(parts).encode())


def chance_of(*parts: object) -> random.Random:
    return random.Random(seed_of(*parts))
