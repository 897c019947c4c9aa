"""The night from its first stage to its last: what changes, changes at once and at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch

from anima_tui.engine.keeping import evidence_of
from anima_tui.engine.mind import Mind
from anima_tui.engine.night.consolidate import consolidate
from anima_tui.engine.night.deep import deep
from anima_tui.engine.night.dream import SHOWN, dream, linger
from anima_tui.engine.night.night import Night, Stages, announce
from anima_tui.engine.reel import wind
from anima_tui.engine.soul import NightOutcome, write_page
from anima_tui.errors import SoulUnwritable
from anima_tui.wire import Event, Fired, NightDone, NightRecord, Notice, Replayed, Scene, SelfLine

GLANCES = 4.0
"""Memories a second that pass by while she falls asleep."""


def sleep(mind: Mind) -> Iterator[Event]:
    """A whole night as events. Setting `mind.stopping` ends it before the next token with nothing changed.

    The morning's state is on disk before NightDone is yielded.
    """
    mind.stopping = mind.hurried = False
    mode, steering, baseline = mind.mode, mind.steering, mind.tap.baseline.clone()

    def come_to() -> None:
        """As she fell asleep: the night's own mode, and what it felt, are not the morning's."""
        mind.tap.baseline.copy_(baseline)
        mind.steering = steering
        mind.enter(mode)

    night = Night(began=mind.soul.clock())
    mind.tap.teach(False)
    try:
        for stage in (_drowsy, deep, dream, consolidate):
            for event in stage(mind, night):
                if isinstance(event, Scene):
                    night.scenes.append(event)
                yield event
            if mind.stopping:
                yield _interrupted(mind, night)
                return
        come_to()
        yield from _wake(mind, night)
    finally:
        come_to()
        mind.phase = "awake"


def _drowsy(mind: Mind, night: Night) -> Stages:
    """The day's memories by adrenaline; each passes by, its features lit once more."""
    settings, half_life = mind.settings, mind.settings.metabolism.adrenaline_half_life_hours
    night.memories = mind.soul.memories_for_tonight(settings.sleep.memories, half_life)
    night.heard = mind.soul.heard_today(settings.sleep.memories_heard, half_life)
    count = len(night.memories)
    said = f"{count} {'memory comes' if count == 1 else 'memories come'} with her." if count else "Nothing to dream of."
    yield announce(mind, "drowsy", said, 0.0)
    for memory in night.memories:
        linger(mind, GLANCES if settings.sleep.dream_pace else 0.0)
        if mind.stopping:
            return
        mark = zip(memory.signature.features.tolist(), memory.signature.levels.tolist(), strict=True)
        fired = [Fired(feature=feature, activation=0.0, level=level) for feature, level in mark][:SHOWN]
        yield Replayed(line=memory.line, features=fired, vitals=mind.vitals())


def _wake(mind: Mind, night: Night) -> Stages:
    before = mind.soul.self_model().lines
    wake = announce(mind, "wake", "Morning." if night.lines else "A restful night; she is who she was.", 1.0)
    night.scenes.append(wake)
    yield wake
    mind.metabolism.sleep()
    record = mind.soul.save_night(_outcome(mind, night, f"{night.habits} {_change(night, before)}"))
    mind.reservoir.restore(torch.from_numpy(night.weights).to(mind.body.device))
    mind.evidence.clear()
    mind.conversation.past.clear()
    mind.conversation.renew()
    mind.phase = "awake"
    yield from _keepsakes(mind, record)
    yield _done(mind, record)


def _change(night: Night, before: Sequence[SelfLine]) -> str:
    if night.lines is None:
        return f"Nothing changed: {night.verdict}."
    old, new = {line.text for line in before}, {line.text for line in night.lines}
    came, went = len(new - old), len(old - new)
    return f"{came} {'line' if came == 1 else 'lines'} came, {went} went."


def _outcome(mind: Mind, night: Night, summary: str) -> NightOutcome:
    return NightOutcome(
        began=night.began,
        ended=mind.soul.clock(),
        summary=summary,
        dreams=night.dreams,
        lines=night.lines,
        verdict=night.verdict,
        consumed=[memory.id for memory in [*night.memories, *night.heard]],
        reservoir=night.weights,
        organs=mind.organs(),
        reel=wind(night.scenes),
    )


def _keepsakes(mind: Mind, record: NightRecord) -> Iterator[Event]:
    """The night as a page to read and a personality to carry; the soul is whole without them."""
    if mind.soul.read_only:
        return
    try:
        write_page(mind.soul.folder, record)
        mind.checkpoint()
    except (OSError, SoulUnwritable) as error:
        yield Notice(text=f"the night is in the soul, but its page or checkpoint is not: {error}", level="warning")


def _interrupted(mind: Mind, night: Night) -> NightDone:
    record = mind.soul.save_interrupted_night(
        night.began, "You woke her; nothing changed.", night.dreams, wind(night.scenes)
    )
    mind.phase = "awake"
    return _done(mind, record)


def _done(mind: Mind, record: NightRecord) -> NightDone:
    present = mind.soul.self_model()
    evidence = evidence_of(mind, present.lines)
    return NightDone(night=record, self_model=present, evidence=evidence, vitals=mind.vitals())
