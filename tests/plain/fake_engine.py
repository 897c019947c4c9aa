"""A child that speaks the wire without a model: what is said to it decides how it behaves.

`python -m tests.plain.fake_engine`; every command it gets is appended by name to `$FAKE_ENGINE_LOG`.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Literal

import msgspec

from anima_tui import channel, wire

HOSTILE = "\x1b]52;c;aGk=\x07\x1b[2J\x9b31m\x1b]0;title\x07\u202egnp.exe\u2066 [click](file:///etc/passwd)"
VITALS = wire.Vitals(
    mode="Anima",
    pinned=False,
    steering=True,
    thinking=False,
    phase="awake",
    fatigue=12.0,
    threshold=1500.0,
    valence=0.25,
    baseline=0.1,
    adrenaline=0.3,
    loop_guard=False,
    reservoir_norm=0.5,
    reservoir_budget=6.0,
    tokens_per_second=30.0,
    wants_sleep=False,
)
CARD = wire.BodyCard(
    name="fake",
    model="none at all",
    parameters=17_000_000,
    hook="blocks.4.hook_resid_post",
    d_model=8,
    d_sae=16,
    architecture="topk",
    valence_source="readout",
    valence_r=0.71,
    phrasebook=True,
    context_tokens=512,
    labels={7: "the sea" + HOSTILE},
    cortex=bytes(64),
    cortex_width=4,
)
MODEL = wire.Generation(
    id=1, parent=None, at=0.0, lines=[wire.SelfLine(text="I am.", core=True, evidence=[])], reason="first"
)
LEARNT = wire.SelfLine(text="I like the sea." + HOSTILE, core=False, evidence=[1], strength=0.6)
CHAPTERS = [
    wire.Chapter(generation=MODEL, night=None, diff=[], from_first=0.0, from_parent=0.0),
    wire.Chapter(
        generation=wire.Generation(id=2, parent=1, at=0.0, lines=[*MODEL.lines, LEARNT], reason="dream"),
        night=1,
        diff=[wire.DiffLine(sign=" ", text="I am."), wire.DiffLine(sign="+", text=LEARNT.text)],
        from_first=0.25,
        from_parent=0.25,
    ),
]
MEMORY = wire.MemoryCard(
    id=7,
    exchange=3,
    speaker="user",
    at=0.0,
    text="i like the sea" + HOSTILE,
    valence=0.5,
    adrenaline=0.1,
    novelty=0.2,
    mode="Anima",
    pinned=True,
    dreamt=False,
)
NIGHT = wire.NightRecord(
    id=1,
    began=0.0,
    ended=1.0,
    outcome="changed",
    summary="one line is new",
    dreams=["I dreamt of the sea." + HOSTILE, "The sea dreamt of me."],
    diff=[wire.DiffLine(sign="-", text="I am new."), wire.DiffLine(sign="+", text="I like the sea.")],
)


def main() -> None:
    commands: SimpleQueue[wire.Command] = SimpleQueue()
    Thread(target=_listen, args=(commands,), daemon=True).start()
    if "broken" in os.environ.get("FAKE_ENGINE", ""):
        say(wire.Loading(stage="waking", fraction=0.5))
        say(wire.Fault(text="the weights are truncated;\x1b[2J fetch them anew"))
        return
    say(wire.Loading(stage="waking" + HOSTILE, fraction=0.5))
    say(
        wire.Ready(
            body=CARD,
            modes=[
                wire.ModeCard(name="Anima", description="warm", hue="#7aa2f7"),
                wire.ModeCard(name="Dream", description="wild", hue="#bb9af7"),
            ],
            soul="anima",
            born=0.0,
            session=1,
            history=[],
            exchanges=0,
            self_model=MODEL,
            nights=[],
            vitals=VITALS,
            read_only="read-only" in os.environ.get("FAKE_ENGINE", ""),
        )
    )
    while True:
        answer(commands.get(), commands)


def answer(command: wire.Command, commands: SimpleQueue[wire.Command]) -> None:
    match command:
        case wire.Say(text="die"):
            os._exit(3)
        case wire.Say(text="noise"):
            sys.stdout.buffer.write(b"\xff\xff\xff\xffthis is no frame")
            sys.stdout.buffer.flush()
        case wire.Say(text="fault"):
            say(wire.Fault(text="no space is left for the soul"))
            sys.exit(1)
        case wire.Say(text="fail"):
            say(wire.TurnFailed(user="fail", reason="the message is longer than the context"))
        case wire.Say(text="slow"):
            reply(command.text, ["word "] * 100_000, commands)
        case wire.Say(text="hostile"):
            reply(command.text, list(HOSTILE), commands)
        case wire.Say(text=text):
            reply(text, ["You ", "said: ", text], commands)
        case wire.SetMode(mode=mode):
            now = msgspec.structs.replace(VITALS, mode=mode or "Anima", pinned=mode is not None)
            say(wire.ModeChanged(vitals=now, why="you"))
        case wire.GoToSleep():
            night()
        case wire.UndoNight():
            say(wire.SelfChanged(self_model=MODEL, nights=[NIGHT], why="undo"))
        case wire.Save():
            say(wire.Notice(text="the disk is nearly full", level="warning"))
            say(wire.Notice(text="written to checkpoints/0001.pt" + HOSTILE))
        case wire.Debug():
            say(
                wire.Habits(
                    strengthened=[wire.Habit(feature=7, weight=0.5)],
                    weakened=[wire.Habit(feature=3, weight=-0.25)],
                    norm=0.56,
                )
            )
        case wire.ShowHistory():
            say(wire.History(present=2, chapters=CHAPTERS, evidence={}))
        case wire.ListMemories(search=search):
            say(wire.Memories(search=search, total=41, memories=[MEMORY]))
        case wire.Quit():
            sys.exit(0)
        case _:
            pass


def reply(user: str, pieces: list[str], commands: SimpleQueue[wire.Command]) -> None:
    say(
        wire.TurnStarted(user=user, mode="Anima", recalled=[], examples=["a line" + HOSTILE, "a nearer line" + HOSTILE])
    )
    spoken = ""
    finish: Literal["end", "stopped"] = "end"
    for index, (thought, piece) in enumerate([(True, "hm\nwell"), *((False, piece) for piece in pieces)]):
        if stopped(commands):
            finish = "stopped"
            break
        say(token(index, piece, thought))
        if not thought:
            spoken += piece
        if len(pieces) > 1000:
            time.sleep(0.01)
    exchange = wire.Exchange(
        id=1,
        session=1,
        at=0.0,
        user=user,
        thought="hm\nwell",
        reply=spoken,
        mode="Anima",
        user_valence=0.0,
        valence=0.0,
        adrenaline=0.0,
        finish=finish,
    )
    say(wire.TurnDone(exchange=exchange, tokens=3, seconds=0.1, vitals=VITALS))


def token(index: int, text: str, thought: bool) -> wire.Token:
    return wire.Token(
        index=index,
        text=text,
        thought=thought,
        features=[],
        valence=0.0,
        surprise=0.0,
        push=0.0,
        vitals=VITALS,
    )


def night() -> None:
    say(wire.NightStage(stage="drowsy", text="two memories stay" + HOSTILE, fraction=0.0, vitals=VITALS))
    say(wire.NightStage(stage="dream", text="dreaming", fraction=0.5, vitals=VITALS))
    for depth, dream in enumerate(NIGHT.dreams):
        for piece in dream:
            say(wire.DreamToken(depth=depth, text=piece, features=[], vitals=VITALS))
    say(wire.NightStage(stage="wake", text="morning", fraction=1.0, vitals=VITALS))
    say(wire.NightDone(night=NIGHT, self_model=MODEL, evidence={}, vitals=VITALS))


def stopped(commands: SimpleQueue[wire.Command]) -> bool:
    try:
        return isinstance(commands.get_nowait(), wire.Stop)
    except Empty:
        return False


def say(event: wire.Event) -> None:
    sys.stdout.buffer.write(channel.frame(wire.encode(event)))
    sys.stdout.buffer.flush()


def _listen(commands: SimpleQueue[wire.Command]) -> None:
    journal = Path(os.environ["FAKE_ENGINE_LOG"])
    while (payload := channel.read(sys.stdin.buffer)) is not None:
        command = wire.decode_command(payload)
        with journal.open("a", encoding="utf-8") as file:
            print(command, file=file)
        commands.put(command)
    commands.put(wire.Quit())


if __name__ == "__main__":
    main()
