"""Day after day in one soul, a row a day. A chain that was interrupted goes on from its last mark."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from anima_tui.engine.mind import Mind
from anima_tui.lab.findings import replace
from anima_tui.lab.living.days import BIRTH, DAY, Clock, Night, degenerate, living, morning, night, talk
from anima_tui.lab.living.portrait import Portrait
from anima_tui.lab.living.probes import Probe, answers
from anima_tui.lab.study import Row
from anima_tui.lab.subject import Subject
from anima_tui.settings import Settings

MARK_EVERY = 25
"""Days between two marks: what is lived again after an interruption."""


@dataclass(frozen=True)
class Life:
    """What a chain is made of."""

    days: int
    seed: tuple[object, ...]
    messages: Callable[[int], list[str]]
    """What the user says on a day."""
    probes: Callable[[int], Sequence[Probe]]
    """What she is asked on the morning after a day."""
    sleeps: bool = True
    prepare: Callable[[Mind], None] = lambda mind: None
    """What is changed about a mind before it lives."""
    befalls: Callable[[Mind, int], None] = lambda mind, day: None
    """What happens to her before the first word of a day."""
    also: Callable[[Mind, Night | None], Row] = lambda mind, night: {}
    """What else a row says."""


def live(subject: Subject, scratch: Path, settings: Settings, life: Life) -> list[Row]:
    """The rows of all days."""
    rows, first, last = _resumed(scratch)
    clock = Clock(BIRTH + len(rows) * DAY)
    torch.set_flush_denormal(True)  # as when she is awake: habits fade towards zero for ever
    try:
        with living(subject, scratch / "soul", settings, clock) as mind:
            life.prepare(mind)
            for day in range(len(rows), life.days):
                row, portrait = _lived(subject, mind, clock, life, day, first, last)
                rows.append(row)
                first, last = first or portrait, portrait
                if len(rows) % MARK_EVERY == 0:
                    _mark(scratch, mind, rows, first, last)
    finally:
        torch.set_flush_denormal(False)
    shutil.rmtree(scratch)
    return rows


def _lived(
    subject: Subject, mind: Mind, clock: Clock, life: Life, day: int, first: Portrait | None, last: Portrait | None
) -> tuple[Row, Portrait]:
    morning(mind, clock, day, *life.seed)
    life.befalls(mind, day)
    replies = talk(mind, clock, life.messages(day))
    slept = night(mind, clock) if life.sleeps else None
    now = Portrait.of(mind)
    first, last = first or now, last or now
    mutable = [line.text for line in mind.soul.self_model().lines if not line.core]
    asked = life.probes(day)
    answered = answers(subject, mind, clock, day, asked) if asked else {}
    row: Row = {
        "day": day,
        "outcome": slept.record.outcome if slept else "awake",
        "refusals": slept.refusals if slept else 0,
        "state": now.state,
        "lines": len(mutable),
        "words": len(now.words),
        "entropy": now.entropy,
        "repeated": now.repeated,
        "broken": int(degenerate(now.lines)),
        "to first": now.distance(first),
        "to previous": now.distance(last),
        "felt to first": now.distance_felt(first),
        "felt to previous": now.distance_felt(last),
        "habits kept": now.habits_kept(last),
        "habits of first": now.habits_kept(first),
        "reservoir": float(np.linalg.norm(now.reservoir)),
        "reply": replies[-1] if replies else "",
        "self": "\n".join(now.lines),
    }
    return row | answered | life.also(mind, slept), now


# --- marks -----------------------------------------------------------------------------------------------


def _mark(scratch: Path, mind: Mind, rows: list[Row], first: Portrait, last: Portrait) -> None:
    """The soul, the rows and two portraits as they are now. The rows come last: they say that the rest is whole."""
    name = scratch / f"mark-{len(rows):06}"
    with (
        closing(sqlite3.connect(mind.soul.folder / "soul.db")) as original,
        closing(sqlite3.connect(name.with_suffix(".db"))) as copy,
    ):
        original.backup(copy)
    with name.with_suffix(".npz").open("wb") as file:
        np.savez(file, **first.arrays("first"), **last.arrays("last"))  # pyright: ignore[reportArgumentType]
    replace(name.with_suffix(".json"), lambda file: file.write_text(json.dumps(rows), encoding="utf-8"))
    for older in _marks(scratch):
        if older != name.with_suffix(".json"):
            _remove(older)


def _resumed(scratch: Path) -> tuple[list[Row], Portrait | None, Portrait | None]:
    """What the last mark says, with its soul put where the chain lives; nothing where there is no mark."""
    shutil.rmtree(scratch / "soul", ignore_errors=True)
    marks = sorted(_marks(scratch))
    if not marks:
        return [], None, None
    (scratch / "soul").mkdir(mode=0o700)
    shutil.copyfile(marks[-1].with_suffix(".db"), scratch / "soul" / "soul.db")
    with np.load(marks[-1].with_suffix(".npz")) as arrays:
        first, last = Portrait.restored("first", arrays), Portrait.restored("last", arrays)
    rows: list[Row] = json.loads(marks[-1].read_text(encoding="utf-8"))
    return rows, first, last


def _marks(scratch: Path) -> Iterator[Path]:
    return scratch.glob("mark-*.json")


def _remove(mark: Path) -> None:
    for suffix in (".json", ".npz", ".db"):
        mark.with_suffix(suffix).unlink(missing_ok=True)
