"""The one vocabulary that app and engine share: commands go to the engine, events come back.

Every message is a tagged struct. `encode` and the two decoders turn it into MessagePack and back; how the
bytes travel is `channel`'s business.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Remedy = Literal["restart", "read-only", "restore"]
"""Start the engine again as it was, or with the flag of that name."""


class Message(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Base of all messages."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the pieces that messages are made of."""


# --- parts ---------------------------------------------------------------------------------------------


class BodyCard(Part, frozen=True):
    """What the app may say about the body. Never changes while the engine lives."""

    name: str
    model: str
    parameters: int
    hook: str  # "blocks.4.hook_resid_post"
    d_model: int
    d_sae: int
    architecture: str  # of the SAE: standard, jumprelu, topk, gated
    valence_source: Literal["readout", "lexicon"]
    valence_r: float | None  # held-out Pearson correlation of the readout, trusted or not; None: never measured
    phrasebook: bool
    context_tokens: int
    labels: dict[int, str]  # feature -> a few words; features without a label are absent
    cortex: bytes  # int32[d_sae], little-endian: the cell (row * cortex_width + column) of each feature
    cortex_width: int


class ModeCard(Part, frozen=True):
    """A Prism setting as the app lists it."""

    name: str  # "Anima"
    description: str
    hue: str  # "#rrggbb": tints the theme


class Exchange(Part, frozen=True):
    """One finished exchange, as it stands on disk."""

    id: int
    session: int
    at: float  # seconds since the epoch, when the user spoke
    user: str
    thought: str
    reply: str
    mode: str
    user_valence: float
    valence: float
    adrenaline: float
    finish: Literal["end", "length", "stopped", "loop", "failed"]


class SelfLine(Part, frozen=True):
    """A line of the self-model."""

    text: str
    core: bool  # the user's own, never changed by a dream
    evidence: list[int]  # ids of the memories it rests on
    strength: float = 1.0  # [0, 1]: grows when a night finds it said again, fades when a night leaves it out
    since: float = 0.0  # seconds since the epoch when it came; 0: nobody noted it


class Generation(Part, frozen=True):
    """One version of the self-model."""

    id: int
    parent: int | None
    at: float
    lines: list[SelfLine]
    reason: str  # "first", "dream", "edit", "forget"


class DiffLine(Part, frozen=True):
    """A line of the difference between two generations."""

    sign: Literal["+", "-", " "]
    text: str


class NightRecord(Part, frozen=True):
    """A finished night for the dream log."""

    id: int
    began: float
    ended: float
    outcome: Literal["changed", "restful", "interrupted", "undone"]
    summary: str
    dreams: list[str]
    diff: list[DiffLine]
    reel: bool = False  # it can be watched once more


class Chapter(Part, frozen=True):
    """A generation in the history of who she is. Distances are shares of the words that differ, [0, 1]."""

    generation: Generation
    night: int | None
    diff: list[DiffLine]  # against its parent
    from_first: float  # distance to the first generation
    from_parent: float


class MemoryCard(Part, frozen=True):
    """A memory as its owner sees it."""

    id: int
    exchange: int
    speaker: Literal["user", "anima"]
    at: float
    text: str
    valence: float
    adrenaline: float  # what is left of it now
    novelty: float
    mode: str
    pinned: bool  # always comes to mind
    dreamt: bool


class Recollection(Part, frozen=True):
    """A memory that came to mind, and why. The three reasons lie in [0, 1]."""

    memory: int
    line: str  # as it stands in the system prompt
    score: float
    relevance: float
    adrenaline: float
    recency: float
    pinned: bool


class Vitals(Part, frozen=True):
    """The state of the organs at one moment."""

    mode: str
    pinned: bool  # the user chose the mode; False: intent chooses
    steering: bool
    thinking: bool
    phase: Literal["awake", "nap", "thinking", "speaking", "drowsy", "deep", "dream", "consolidate", "gate", "wake"]
    fatigue: float
    threshold: float
    valence: float  # of the last token, [-1, 1]
    baseline: float  # its moving average
    adrenaline: float  # of the turn so far
    loop_guard: bool
    reservoir_norm: float
    reservoir_budget: float
    tokens_per_second: float
    wants_sleep: bool
    unsaved: int = 0  # changes that are in memory alone, because the disk takes nothing


class Fired(Part, frozen=True, array_like=True):
    """A feature that fired at a token."""

    feature: int
    activation: float
    level: float  # activation / p99 of that feature, clipped to [0, 1]


# --- commands: app to engine ---------------------------------------------------------------------------


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


class Debug(Message, frozen=True):
    """Ask for the strongest habits of the reservoir. Answered by Habits."""


class Quit(Message, frozen=True):
    """Close the soul and exit."""


Command = (
    Say | Regenerate | Stop | SetMode | SetSteering | SetThinking | GoToSleep | PostponeSleep | HurryNight
    | ReplayNight | UndoNight | Revert | EditSelf | ShowHistory | ListMemories | PinMemory | EditMemory
    | ForgetMemory | Save | Inspect | Debug | Quit
)  # fmt: skip


# --- events: engine to app -----------------------------------------------------------------------------


class Loading(Message, frozen=True):
    """A stage of waking up."""

    stage: str  # plain words: "reading the weights"
    fraction: float  # [0, 1] of the whole start


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


class Alternative(Part, frozen=True, array_like=True):
    text: str
    probability: float


class Inspected(Message, frozen=True):
    exchange: int
    token: int
    text: str
    features: list[Fired]
    steered: list[Alternative]
    bare: list[Alternative]
    kl: float  # nats, KL(steered || bare)


class Habit(Part, frozen=True, array_like=True):
    feature: int
    weight: float


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
    Loading | Ready | TurnStarted | Prefilled | Token | TurnDone | TurnFailed | ModeChanged | State
    | NightStage | Replayed | DreamToken | NightDone | Reel | SelfChanged | History | Memories | MemoryChanged
    | MemoryForgotten | Inspected | Habits | Notice | Fault
)  # fmt: skip


_encoder = msgspec.msgpack.Encoder()
_commands = msgspec.msgpack.Decoder(Command)
_events = msgspec.msgpack.Decoder(Event)


def encode(message: Message) -> bytes:
    return _encoder.encode(message)


def decode_command(data: bytes) -> Command:
    """Raises msgspec.DecodeError or msgspec.ValidationError."""
    return _commands.decode(data)


def decode_event(data: bytes) -> Event:
    """Raises msgspec.DecodeError or msgspec.ValidationError."""
    return _events.decode(data)
