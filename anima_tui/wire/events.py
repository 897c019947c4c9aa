"""What the engine tells the app."""

from __future__ import annotations

from typing import Literal

from anima_tui.wire.message import Message
from anima_tui.wire.parts import (
    Alternative,
    BodyCard,
    Chapter,
    Exchange,
    Fired,
    Generation,
    Habit,
    MemoryCard,
    ModeCard,
    NightRecord,
    Recollection,
    Vitals,
)

Remedy = Literal["restart", "read-only", "restore"]
"""Start the engine again as it was, or with the flag of that name."""


class Loading(Message, frozen=True):
    """A stage of waking up."""

    stage: str  # plain words: "reading the weights"
    fraction: float  # [0, 1] of the whole start


class Past(Message, frozen=True):
    """What was said before, to be read while she still wakes."""

    exchanges: list[Exchange]  # the newest ones, oldest first


class Ready(Message, frozen=True):
    """The engine takes turns from now on."""

    body: BodyCard
    modes: list[ModeCard]
    soul: str
    born: float
    session: int
    history: list[Exchange]  # the newest ones, oldest first
    exchanges: int  # how many there are on disk
    self_model: Generation
    nights: list[NightRecord]  # newest first
    vitals: Vitals
    read_only: bool = False  # nothing of this session is saved


class TurnStarted(Message, frozen=True):
    """The prompt is being read."""

    user: str
    mode: str
    recalled: list[Recollection]  # memories that stand in the system prompt
    examples: list[str]  # user lines of the phrasebook's examples that stand before the message, the nearest last


class Prefilled(Message, frozen=True):
    """The prompt has been read."""

    tokens: int  # computed now
    reused: int  # taken from the KV cache
    dropped: int  # old exchanges left out for lack of room
    user_valence: float
    features: list[Fired]  # of the user's words, strongest first
    seconds: float


class Token(Message, frozen=True):
    """One decoded token."""

    index: int
    text: str  # newly completed characters; may be empty while a character is incomplete
    thought: bool
    features: list[Fired]  # strongest first
    valence: float
    surprise: float  # valence minus its baseline
    push: float  # ‖Δh‖ / ‖h‖
    vitals: Vitals


class TurnDone(Message, frozen=True):
    """The exchange is on disk, unless `vitals.unsaved` or `Ready.read_only` says otherwise."""

    exchange: Exchange
    tokens: int
    seconds: float
    vitals: Vitals


class TurnFailed(Message, frozen=True):
    """No reply came of it; `user` is handed back so that nothing is lost."""

    user: str
    reason: str


class ModeChanged(Message, frozen=True):
    vitals: Vitals
    why: str  # "you", "your words", "the night"


class State(Message, frozen=True):
    """The organs, when nothing else would have told."""

    vitals: Vitals


class NightStage(Message, frozen=True):
    """A stage of the night begins."""

    stage: Literal["drowsy", "deep", "dream", "consolidate", "gate", "wake"]
    text: str  # one plain sentence
    fraction: float
    vitals: Vitals


class Replayed(Message, frozen=True):
    """A memory of the day comes along into the night."""

    line: str
    features: list[Fired]  # its signature
    vitals: Vitals


class DreamToken(Message, frozen=True):
    """The dream streams."""

    depth: int  # 0: the first dream of the night
    text: str
    features: list[Fired]
    vitals: Vitals


Scene = NightStage | Replayed | DreamToken
"""What is seen of a night."""


class NightDone(Message, frozen=True):
    """Morning. The generation in force is `self_model`, changed or not; it is on disk."""

    night: NightRecord
    self_model: Generation
    evidence: dict[int, str]  # the memories that its lines rest on, quoted
    vitals: Vitals


class Reel(Message, frozen=True):
    """A night to be watched once more."""

    night: int
    events: list[Scene]


Why = Literal["undo", "revert", "edit"]


class SelfChanged(Message, frozen=True):
    """Another generation is in force, by the user's hand."""

    self_model: Generation
    nights: list[NightRecord]  # newest first
    why: Why


class History(Message, frozen=True):
    present: int  # id of the generation in force
    chapters: list[Chapter]  # oldest first
    evidence: dict[int, str]  # the memories that any line rests on, quoted; forgotten ones are absent


class Memories(Message, frozen=True):
    search: str
    total: int  # memories that match, on all pages
    memories: list[MemoryCard]  # newest first


class MemoryChanged(Message, frozen=True):
    memory: MemoryCard


class MemoryForgotten(Message, frozen=True):
    memory: int
    self_model: Generation


class Inspected(Message, frozen=True):
    exchange: int
    token: int
    text: str
    features: list[Fired]
    steered: list[Alternative]
    bare: list[Alternative]
    kl: float  # nats, KL(steered || bare)


class Pushed(Message, frozen=True):
    """The same words answered out of the blue, with equal draws."""

    feature: int
    user: str
    against: str  # pushed away from the feature
    without: str
    along: str


class Habits(Message, frozen=True):
    strengthened: list[Habit]
    weakened: list[Habit]
    norm: float


Level = Literal["info", "warning", "error"]


class Notice(Message, frozen=True):
    text: str
    level: Level = "info"


class Fault(Message, frozen=True):
    """The engine cannot go on. The last thing it says."""

    text: str
    remedy: Remedy = "restart"  # what may help; to restart always may


Event = (
    Loading | Past | Ready | TurnStarted | Prefilled | Token | TurnDone | TurnFailed | ModeChanged | State
    | NightStage | Replayed | DreamToken | NightDone | Reel | SelfChanged | History | Memories | MemoryChanged
    | MemoryForgotten | Inspected | Pushed | Habits | Notice | Fault
)  # fmt: skip
