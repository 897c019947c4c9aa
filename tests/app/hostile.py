"""Everything a model, a label or a file might say to take the terminal over."""

from __future__ import annotations

import random
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


NASTY = (
    "\x1b \x1b[ \x1b] \x1bP \x1b_ \x1b^ \x1bX \x1bc \x1b[?1049l \x1b[?1000h \x1b[6n \x1b[>c "
    "\x9b \x9d \x90 \x9f \x85 \x07 \x08 \x0b \x0c \x0e \x0f \x00 \x7f \x1a \x18 "
    "\u2028 \u200e \u202e \u2067 \u061c \U000e0041 \u200d 52; 0; 8;; m J H [/] [@click=app.quit] "
    "``` | * _ < > &#x1b; &#155; # - 1. http:// 🌊 é 漢 \u0301"
).split(" ")


def noise(seed: int, pieces: int = 60) -> str:
    """Pieces of control sequences, markup and Markdown in any order, broken off anywhere."""
    chance = random.Random(seed)
    return "".join(chance.choice([*NASTY, " ", "\n", "word"]) for _ in range(pieces))


def hostile_ready(text: str = ALL) -> wire.Ready:
    body = msgspec.structs.replace(story.body(), name=text, model=text, labels=dict.fromkeys(story.LABELS, text))
    modes = [wire.ModeCard(name=text, description=text, hue=text)]
    night = msgspec.structs.replace(story.NIGHT, summary=text, dreams=[text], diff=[wire.DiffLine(sign="+", text=text)])
    line = msgspec.structs.replace(story.SEA, text=text, evidence=[1])
    return story.ready(
        self_model=msgspec.structs.replace(story.SELF, lines=[story.CORE, line]),
        body=body,
        modes=[*story.MODES, *modes],
        soul=text,
        nights=[night],
        history=[story.exchange(1, text, text, thought=text, mode=text)],
        vitals=story.vitals(mode=text),
    )


def hostile_turn(user: str, text: str = ALL) -> Iterator[wire.Event]:
    """A turn, a night and some notices, every text of them hostile, and the words cut into single characters."""
    yield wire.TurnStarted(
        user=user, mode=text, recalled=[msgspec.structs.replace(story.RECALLED, line=text)], examples=[text]
    )
    for index, character in enumerate(text + "\n\n```" + text + "\n" + text + "\n```\n"):
        yield story.token(index, character, thought=index % 5 == 0)
    yield story.done(2, user, text, thought=text, mode=text)
    yield wire.Notice(text=text, level="error")
    yield wire.Habits(strengthened=[wire.Habit(feature=3, weight=1.0)], weakened=[], norm=1.0)
    yield wire.NightStage(stage="dream", text=text, fraction=0.5, vitals=story.vitals(phase="dream", mode=text))
    yield wire.DreamToken(depth=1, text=text, features=story.fired(1), vitals=story.vitals(phase="dream"))
    yield wire.Replayed(line=text, features=story.fired(2), vitals=story.vitals(phase="dream"))
    yield hostile_dawn(text)
    yield wire.TurnFailed(user=text, reason=text)
    yield wire.Notice(text="the hostile turn is over")


def hostile_dawn(text: str = ALL) -> wire.NightDone:
    lines = [wire.SelfLine(text=text, core=core, evidence=[1], strength=0.5) for core in (True, False)]
    diff = [wire.DiffLine(sign="+", text=text), wire.DiffLine(sign="-", text=f"{text} once")]
    return wire.NightDone(
        night=msgspec.structs.replace(story.NIGHT, id=2, summary=text, dreams=[text], diff=diff),
        self_model=msgspec.structs.replace(story.SELF, id=2, lines=lines),
        evidence={1: text},
        vitals=story.vitals(),
    )


def hostile_soul(command: wire.Command, text: str = ALL) -> Iterator[wire.Event]:
    """Histories, memories and past nights, every text of them hostile."""
    match command:
        case wire.ShowHistory():
            dawn = hostile_dawn(text)
            made = msgspec.structs.replace(dawn.self_model, parent=1)
            chapter = wire.Chapter(generation=made, night=2, diff=dawn.night.diff, from_first=0.5, from_parent=0.5)
            yield wire.History(present=2, chapters=[chapter], evidence=dawn.evidence)
        case wire.ListMemories():
            card = story.memory(1, text, mode=text)
            yield wire.Memories(search=command.search, total=1, memories=[card])
        case wire.ReplayNight():
            dream = wire.DreamToken(depth=1, text=text, features=[], vitals=story.vitals())
            yield wire.Reel(night=2, events=[wire.Replayed(line=text, features=[], vitals=story.vitals()), dream])
        case _:
            yield wire.Notice(text=text, level="error")
