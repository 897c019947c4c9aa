"""Everything a model, a label or a file might say to take the terminal over."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from anima_tui import wire
from tests.app import story

CLIPBOARD = "\x1b]52;c;aG9zdGlsZQ==\x07"
CLEAR = "\x1b[2J\x1b[3J"
TITLE = "\x1b]2;owned\x07"
C1 = "\x9b31mred\x9d52;c;aG9zdGlsZQ==\x9c"
BIDI = "\u202eevil\u2066\u2069"
MARKUP = "[@click=app.quit]press[/][link='https://evil.example']here[/link]"
LINK = "[press](javascript:\x1b]8;;https://evil.example\x07x) <https://evil.example> ![p](http://evil.example/p.png)"
ENTITY = "&#x1b;]52;c;aG9zdGlsZQ==&#7; &#x202e;evil &#155;"
ALL = " ".join((CLIPBOARD, CLEAR, TITLE, C1, BIDI, MARKUP, LINK, ENTITY))

FORBIDDEN = (
    b"\x1b]52",
    b"\x1b]2;",
    b"\x1b]0;",
    b"\x1b]8;",
    b"\x1b[3J",
    "\x9b".encode(),
    "\x9d".encode(),
    "\u202e".encode(),
    "\u2066".encode(),
    "\u2069".encode(),
)
"""Bytes that must never reach the terminal. Textual itself uses none of them here."""


def hostile_ready() -> wire.Ready:
    body = msgspec.structs.replace(story.body(), name=ALL, model=ALL, labels={feature: ALL for feature in story.LABELS})
    modes = [wire.ModeCard(name=ALL, description=ALL, hue=ALL)]
    night = msgspec.structs.replace(story.NIGHT, summary=ALL, dreams=[ALL], diff=[wire.DiffLine(sign="+", text=ALL)])
    line = msgspec.structs.replace(story.SEA, text=ALL, evidence=[1])
    return story.ready(
        self_model=msgspec.structs.replace(story.SELF, lines=[story.CORE, line]),
        body=body,
        modes=[*story.MODES, *modes],
        soul=ALL,
        nights=[night],
        history=[story.exchange(1, ALL, ALL, thought=ALL, mode=ALL)],
        vitals=story.vitals(mode=ALL),
    )


def hostile_turn(user: str) -> Iterator[wire.Event]:
    """A turn, a night and some notices, every text of them hostile, and the words cut into single characters."""
    yield wire.TurnStarted(
        user=user, mode=ALL, recalled=[msgspec.structs.replace(story.RECALLED, line=ALL)], examples=[ALL]
    )
    for index, character in enumerate(ALL + "\n\n```" + ALL + "\n" + ALL + "\n```\n"):
        yield story.token(index, character, thought=index % 5 == 0)
    yield story.done(2, user, ALL, thought=ALL, mode=ALL)
    yield wire.Notice(text=ALL, level="error")
    yield wire.Habits(strengthened=[wire.Habit(feature=3, weight=1.0)], weakened=[], norm=1.0)
    yield wire.NightStage(stage="dream", text=ALL, fraction=0.5, vitals=story.vitals(phase="dream", mode=ALL))
    yield wire.DreamToken(depth=1, text=ALL, features=story.fired(1), vitals=story.vitals(phase="dream"))
    yield wire.Replayed(line=ALL, features=story.fired(2), vitals=story.vitals(phase="dream"))
    yield hostile_dawn()
    yield wire.TurnFailed(user=ALL, reason=ALL)
    yield wire.Notice(text="the hostile turn is over")


def hostile_dawn() -> wire.NightDone:
    lines = [wire.SelfLine(text=ALL, core=core, evidence=[1], strength=0.5) for core in (True, False)]
    diff = [wire.DiffLine(sign="+", text=ALL), wire.DiffLine(sign="-", text=f"{ALL} once")]
    return wire.NightDone(
        night=msgspec.structs.replace(story.NIGHT, id=2, summary=ALL, dreams=[ALL], diff=diff),
        self_model=msgspec.structs.replace(story.SELF, id=2, lines=lines),
        evidence={1: ALL},
        vitals=story.vitals(),
    )


def hostile_soul(command: wire.Command) -> Iterator[wire.Event]:
    """Histories, memories and past nights, every text of them hostile."""
    match command:
        case wire.ShowHistory():
            dawn = hostile_dawn()
            made = msgspec.structs.replace(dawn.self_model, parent=1)
            chapter = wire.Chapter(generation=made, night=2, diff=dawn.night.diff, from_first=0.5, from_parent=0.5)
            yield wire.History(present=2, chapters=[chapter], evidence=dawn.evidence)
        case wire.ListMemories():
            card = story.memory(1, ALL, mode=ALL)
            yield wire.Memories(search=command.search, total=1, memories=[card])
        case wire.ReplayNight():
            dream = wire.DreamToken(depth=1, text=ALL, features=[], vitals=story.vitals())
            yield wire.Reel(night=2, events=[wire.Replayed(line=ALL, features=[], vitals=story.vitals()), dream])
        case _:
            yield wire.Notice(text=ALL, level="error")
