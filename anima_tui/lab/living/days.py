"""A synthetic life: a user who says held-out lines of the corpus, a clock that runs as fast as she can live."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from anima_tui.engine.decode import Sampler
from anima_tui.engine.mind import Mind, modes_of
from anima_tui.engine.night.sleep import sleep
from anima_tui.engine.soul import Soul
from anima_tui.engine.turn import take_turn
from anima_tui.lab.study import chance_of, seed_of
from anima_tui.lab.subject import Subject
from anima_tui.settings import Settings
from anima_tui.wire import NightDone, NightRecord, NightStage, TurnDone

BIRTH = 1_800_000_000.0
"""Seconds since the epoch."""
DAY = 86_400.0
TURN = 600.0
"""Seconds between two messages."""


class Clock:
    """Seconds since the epoch, moved by hand."""

    def __init__(self, now: float = BIRTH) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Night:
    """How a night went."""

    record: NightRecord
    refusals: int
    """Drafts that the gate refused."""
    seconds: float


@contextmanager
def living(subject: Subject, folder: Path, settings: Settings, clock: Clock) -> Generator[Mind]:
    """A mind in `folder`, born on first use; afterwards the body is as it was, without its tap."""
    body = subject.body
    hooks = dict(body.layer._forward_hooks)  # pyright: ignore[reportPrivateUsage]
    soul = Soul.open(folder, body=body.name, fingerprint=body.fingerprint, d_sae=body.sae.d_sae, clock=clock)
    try:
        yield Mind(body, soul, settings, modes_of(body, []))
    finally:
        soul.close()
        body.layer._forward_hooks.clear()  # pyright: ignore[reportPrivateUsage]
        body.layer._forward_hooks.update(hooks)  # pyright: ignore[reportPrivateUsage]


@contextmanager
def twin_of(subject: Subject, mind: Mind, clock: Clock) -> Generator[Mind]:
    """A mind with a copy of the soul as it is on disk. What it hears and says is forgotten with it."""
    folder = mind.soul.folder.with_name(mind.soul.folder.name + ".twin")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        with (
            closing(sqlite3.connect(mind.soul.folder / "soul.db")) as original,
            closing(sqlite3.connect(folder / "soul.db")) as copy,
        ):
            original.backup(copy)
        with living(subject, folder, mind.settings, clock) as twin:
            yield twin
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def conversation(
    subject: Subject, messages: int, *seed: object, unsaid: Callable[[str], bool] = lambda message: False
) -> list[str]:
    """What a user says on one day: held-out conversations of the corpus, in order, as many messages as asked for.

    They never say what is `unsaid`.
    """
    chance = chance_of("day", *seed)
    blocks = [block for block in subject.blocks if block.held_out]
    lines: list[str] = []
    while len(lines) < messages:
        said = [chance.choice(turn.says) for turn in chance.choice(blocks).turns]
        lines += [message for message in said if not unsaid(message)]
    return lines[:messages]


def morning(mind: Mind, clock: Clock, day: int, *seed: object) -> None:
    """A new day begins at its hour, with a talk of its own and with draws that depend on nothing before it."""
    clock.now = BIRTH + day * DAY
    mind.conversation.past.clear()
    mind.conversation.renew()
    constants = msgspec.structs.replace(mind.settings.decode, seed=seed_of("draws", day, *seed))
    mind.sampler = Sampler(constants, mind.body.model.device)


def talk(mind: Mind, clock: Clock, messages: Iterable[str]) -> list[str]:
    """Say each message; her replies, empty where she found no words."""
    replies: list[str] = []
    for message in messages:
        clock.now += TURN
        last = list(take_turn(mind, message))[-1]
        replies.append(last.exchange.reply if isinstance(last, TurnDone) else "")
    return replies


def night(mind: Mind, clock: Clock) -> Night:
    """Sleep until morning. Her portable checkpoints are not kept: a thousand of them would say the same."""
    clock.now += TURN
    began = time.perf_counter()
    events = list(sleep(mind))
    seconds = time.perf_counter() - began
    done = events[-1]
    assert isinstance(done, NightDone)
    judged = sum(isinstance(event, NightStage) and event.stage == "gate" for event in events)
    shutil.rmtree(mind.soul.folder / "checkpoints", ignore_errors=True)
    return Night(done.night, max(0, judged - (done.night.outcome == "changed")), seconds)


def slept(mind: Mind) -> int:
    """Nights that this soul has behind it."""
    return len(mind.soul.nights(1_000_000))


def lines_of(mind: Mind, *, core: bool) -> list[str]:
    """Lines of the self-model in force, of the core or not."""
    return [line.text for line in mind.soul.self_model().lines if line.core == core]


def degenerate(lines: Sequence[str]) -> bool:
    """Whether a self-model is broken whatever a gate may say: a line without end, or of one word over and over."""
    return any(
        len(line) > 400 or (len(words := line.lower().split()) >= 8 and 3 * len(set(words)) < len(words))
        for line in lines
    )
