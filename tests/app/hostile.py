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
    return story.ready(
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
    night = msgspec.structs.replace(
        story.NIGHT, id=2, summary=ALL, dreams=[ALL], diff=[wire.DiffLine(sign="-", text=ALL)]
    )
    yield wire.NightDone(night=night, self_model=story.SELF, evidence={1: ALL}, vitals=story.vitals())
    yield wire.TurnFailed(user=ALL, reason=ALL)
    yield wire.Notice(text="the hostile turn is over")
