"""An engine without a model: it says what it was told to say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable

import msgspec

from anima_tui import wire
from anima_tui.app.client import EngineLost
from tests.app import story

Reaction = Callable[[wire.Command], Iterable[wire.Event | EngineLost]]


class ReplayEngine:
    """Says `opening`, then answers each command with what `react` gives. `heard` holds the commands."""

    def __init__(self, opening: Iterable[wire.Event | EngineLost] = (), react: Reaction = lambda command: ()) -> None:
        self._said: asyncio.Queue[wire.Event | EngineLost | None] = asyncio.Queue()
        self._react = react
        self.heard: list[wire.Command] = []
        self.closed = False
        for event in opening:
            self.say(event)

    def say(self, *events: wire.Event | EngineLost) -> None:
        for event in events:
            self._said.put_nowait(event)

    async def start(self) -> None:
        pass

    async def send(self, command: wire.Command) -> None:
        self.heard.append(command)
        self.say(*self._react(command))

    async def events(self) -> AsyncIterator[wire.Event | EngineLost]:
        while (event := await self._said.get()) is not None:
            yield event
            if isinstance(event, EngineLost):
                return

    async def close(self) -> None:
        self.heard.append(wire.Quit())
        self.closed = True
        self._said.put_nowait(None)

    def kill(self) -> None:
        self._said.put_nowait(None)


def companion(reply: str = "The sea *remembers*, I think.") -> Callable[[wire.Command], list[wire.Event]]:
    """Answers every message with `reply`, and obeys the keys."""
    count = len(story.HISTORY)

    def react(command: wire.Command) -> list[wire.Event]:
        nonlocal count
        answer: list[wire.Event] = []
        match command:
            case wire.Say():
                count += 1
                answer = story.turn(count, command.text, reply)
            case wire.Regenerate():
                answer = story.turn(count, "again", f"{reply} Again.")
            case wire.SetMode():
                pinned = story.vitals(mode=command.mode or "Anima", pinned=command.mode is not None)
                answer = [wire.ModeChanged(vitals=pinned, why="you")]
            case wire.SetSteering():
                answer = [wire.State(vitals=story.vitals(steering=command.on))]
            case wire.SetThinking():
                answer = [wire.State(vitals=story.vitals(thinking=command.on))]
            case wire.GoToSleep():
                answer = story.dusk()
            case wire.Stop():
                answer = [story.dawn()]
            case wire.Debug():
                answer = [wire.Habits(strengthened=[wire.Habit(feature=3, weight=0.04)], weakened=[], norm=0.04)]
            case wire.Save():
                answer = [wire.Notice(text="saved to checkpoints/0001.pt")]
            case wire.ReplayNight():
                answer = [story.reel(command.night)]
            case wire.UndoNight():
                answer = [wire.SelfChanged(self_model=story.SELF, nights=[story.NIGHT], why="undo")]
            case wire.Revert():
                reverted = msgspec.structs.replace(story.SELF, id=command.generation)
                answer = [wire.SelfChanged(self_model=reverted, nights=[story.NIGHT], why="revert")]
            case wire.EditSelf():
                answer = [wire.SelfChanged(self_model=story.MORNING_SELF, nights=[story.NIGHT], why="edit")]
            case wire.ShowHistory():
                answer = [story.history()]
            case wire.ListMemories():
                answer = [story.memories(command.search, before=command.before, limit=command.limit)]
            case wire.PinMemory():
                answer = [wire.MemoryChanged(memory=story.memory(command.memory, pinned=command.on))]
            case wire.EditMemory():
                answer = [wire.MemoryChanged(memory=story.memory(command.memory, command.text))]
            case wire.ForgetMemory():
                answer = [wire.MemoryForgotten(memory=command.memory, self_model=story.SELF)]
            case wire.Inspect() | wire.Push():
                answer = [story.looked_into(command)]
            case _:
                pass
        return answer

    return react
