"""What the app asks of the engine."""

from __future__ import annotations

from anima_tui.wire.message import Message


class Say(Message, frozen=True):
    """The user speaks. Answered by TurnStarted, Token..., then TurnDone or TurnFailed."""

    text: str


class Regenerate(Message, frozen=True):
    """Answer the last message once more; the old reply is kept on disk as superseded."""


class Stop(Message, frozen=True):
    """End the running reply, or the running night, before the next token."""


class SetMode(Message, frozen=True):
    """Pin a mode by name, or None: let intent choose. Acts from the next token."""

    mode: str | None


class SetSteering(Message, frozen=True):
    on: bool


class SetThinking(Message, frozen=True):
    on: bool


class GoToSleep(Message, frozen=True):
    """Begin a night now."""


class PostponeSleep(Message, frozen=True):
    """Not tonight: she stops asking until fatigue has grown by a tenth of its threshold."""


class HurryNight(Message, frozen=True):
    """Dream as fast as she can: the rest of the night is not watched."""


class ReplayNight(Message, frozen=True):
    """Ask for a past night as it was seen. Answered by Reel."""

    night: int


class UndoNight(Message, frozen=True):
    """Go back to the parent of the present generation of the self-model. Answered by SelfChanged."""


class Revert(Message, frozen=True):
    """Go back, or forward, to any generation. Answered by SelfChanged."""

    generation: int


class EditSelf(Message, frozen=True):
    """The user's own hand: all lines anew. What stays word for word keeps its evidence. Answered by SelfChanged."""

    base: int  # the generation that the user had before their eyes: what came since then stays
    core: list[str]
    lines: list[str]


class ShowHistory(Message, frozen=True):
    """Who she was: the newest generations, or those before one of them. Answered by History."""

    before: int | None = None
    limit: int = 500


class ListMemories(Message, frozen=True):
    """The newest memories that hold these words, or all of them. Answered by Memories."""

    search: str = ""
    before: int | None = None  # only memories older than this one: the next page
    limit: int = 100


class PinMemory(Message, frozen=True):
    """Answered by MemoryChanged."""

    memory: int
    on: bool


class EditMemory(Message, frozen=True):
    """Answered by MemoryChanged."""

    memory: int
    text: str


class ForgetMemory(Message, frozen=True):
    """Erase a memory, and every mutable line that rests on nothing else. Answered by MemoryForgotten."""

    memory: int


class Save(Message, frozen=True):
    """Write a portable checkpoint now. Answered by Notice."""


class Inspect(Message, frozen=True):
    """What fired at one token of a past reply, and what the bare body would have said there."""

    exchange: int
    token: int


class Push(Message, frozen=True):
    """What would she answer if one feature were pushed? Answered by Pushed."""

    feature: int
    user: str


class Debug(Message, frozen=True):
    """Ask for the strongest habits of the reservoir. Answered by Habits."""


class Quit(Message, frozen=True):
    """Close the soul and exit."""


Command = (
    Say | Regenerate | Stop | SetMode | SetSteering | SetThinking | GoToSleep | PostponeSleep | HurryNight
    | ReplayNight | UndoNight | Revert | EditSelf | ShowHistory | ListMemories | PinMemory | EditMemory
    | ForgetMemory | Save | Inspect | Push | Debug | Quit
)  # fmt: skip
