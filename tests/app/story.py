"""A body, a soul and some talk to show in tests. Everything is fixed: two runs look the same."""

from __future__ import annotations

import msgspec

from anima_tui import wire

BORN = 1_760_000_000.0
WIDTH = 32
FEATURES = WIDTH * WIDTH
LABELS = {
    3: "the sea",
    17: "warmth, devotion",
    42: "logic",
    99: "dreaming",
    131: "questions",
    200: "self, identity",
}

MODES = [
    wire.ModeCard(name="Anima", description="warm, present, herself", hue="#b48ee0"),
    wire.ModeCard(name="System", description="plain and logical", hue="#6fa8d6"),
    wire.ModeCard(name="Dream", description="images, associations", hue="#d68ec2"),
]

VITALS = wire.Vitals(
    mode="Anima",
    pinned=False,
    steering=True,
    thinking=False,
    phase="awake",
    fatigue=420.0,
    threshold=1500.0,
    valence=0.2,
    baseline=0.1,
    adrenaline=0.3,
    loop_guard=False,
    reservoir_norm=1.25,
    reservoir_budget=6.0,
    tokens_per_second=0.0,
    wants_sleep=False,
)


def vitals(**changes: object) -> wire.Vitals:
    return msgspec.structs.replace(VITALS, **changes)


def body() -> wire.BodyCard:
    return wire.BodyCard(
        name="seedling",
        model="tests/tiny",
        parameters=29_900_000,
        hook="blocks.4.hook_resid_post",
        d_model=256,
        d_sae=FEATURES,
        architecture="topk",
        valence_source="readout",
        valence_r=0.71,
        phrasebook=True,
        context_tokens=1024,
        labels=LABELS,
        cortex=b"".join(cell.to_bytes(4, "little") for cell in range(FEATURES)),
        cortex_width=WIDTH,
    )


def exchange(number: int, user: str, reply: str, **changes: object) -> wire.Exchange:
    plain = wire.Exchange(
        id=number,
        session=1,
        at=BORN + 60 * number,
        user=user,
        thought="",
        reply=reply,
        mode="Anima",
        user_valence=0.1,
        valence=0.31,
        adrenaline=0.2,
        finish="end",
    )
    return msgspec.structs.replace(plain, **changes)


HISTORY = [
    exchange(1, "Good morning. Did you sleep?", "I did. I dreamt of *tide pools*, and of your question."),
    exchange(2, "Which question?", "Whether a sea remembers its rain. I still think it does.", valence=-0.08),
]

RECALLED = wire.Recollection(
    memory=1, line="we spoke of the sea", score=0.9, relevance=0.6, adrenaline=0.3, recency=0.8, pinned=False
)
EXAMPLES = ["do trees remember", "does the sea ever sleep"]
"""Lines of the phrasebook that every reply leans on."""

CORE = wire.SelfLine(text="I am Anima.", core=True, evidence=[])
SELF = wire.Generation(id=1, parent=None, at=BORN, lines=[CORE], reason="first")
SEA = wire.SelfLine(text="I like the sea, because we talked about it.", core=False, evidence=[3, 5], strength=0.6)
RAIN = wire.SelfLine(text="They like rain.", core=False, evidence=[4], strength=0.9, since=BORN + 90_000)
QUIET = wire.SelfLine(text="I like quiet evenings.", core=False, evidence=[], strength=0.2, since=BORN)
EVIDENCE = {3: 'They said: "does a sea remember its rain"', 4: 'They said: "i like rain"'}
"""Memory 5 was forgotten."""
MORNING_SELF = wire.Generation(id=3, parent=2, at=BORN + 50_300, lines=[CORE, RAIN, SEA], reason="dream")

NIGHT = wire.NightRecord(
    id=1,
    began=BORN + 50_000,
    ended=BORN + 50_300,
    outcome="changed",
    summary="I kept the talk about the sea.",
    dreams=["The tide wrote a letter and the rain could read it."],
    diff=[
        wire.DiffLine(sign=" ", text=CORE.text),
        wire.DiffLine(sign="-", text=QUIET.text),
        wire.DiffLine(sign=" ", text=RAIN.text),
        wire.DiffLine(sign="+", text=SEA.text),
    ],
    reel=True,
)
RESTFUL = msgspec.structs.replace(
    NIGHT, id=2, outcome="restful", summary="Nothing changed: refused: it says one line twice.", diff=[]
)


def chapter(number: int, *lines: wire.SelfLine, night: int | None = None, reason: str = "dream") -> wire.Chapter:
    """A generation that came out of the one before it, with a diff that adds its last line."""
    return wire.Chapter(
        generation=wire.Generation(
            id=number,
            parent=number - 1 if number > 1 else None,
            at=BORN + 86_400 * number,
            lines=[CORE, *lines],
            reason=reason,
        ),
        night=night,
        diff=[wire.DiffLine(sign="+", text=line.text) for line in lines[-1:]],
        from_first=min(1.0, number / 10),
        from_parent=0.1 if number > 1 else 0.0,
    )


def history(newest: int = 3, oldest: int = 1, present: int = 3) -> wire.History:
    """Generation 1 was born, 2 is the user's, the others came from nights."""
    chapters = [chapter(1, reason="first"), chapter(2, QUIET, RAIN, reason="edit")]
    chapters += [chapter(number, RAIN, SEA, night=number - 2) for number in range(3, newest + 1)]
    chapters = [each for each in chapters if oldest <= each.generation.id <= newest]
    return wire.History(present=present, chapters=chapters, evidence=EVIDENCE)


def memory(number: int, text: str = "", **changes: object) -> wire.MemoryCard:
    plain = wire.MemoryCard(
        id=number,
        exchange=number // 2,
        speaker="user" if number % 2 else "anima",
        at=BORN + 3600 * number,
        text=text or f"memory number {number}",
        valence=(number % 7 - 3) / 5,
        adrenaline=0.25,
        novelty=0.5,
        mode="Anima",
        pinned=False,
        dreamt=number % 3 == 0,
    )
    return msgspec.structs.replace(plain, **changes)


def memories(search: str = "", *, count: int = 6, before: int | None = None, limit: int = 100) -> wire.Memories:
    """The newest of `count` memories, numbered from 1; a search finds those whose text holds the words."""
    texts = {3: "does a sea remember its rain", 4: "it does, i think", 5: "i like the sea"}
    found = [memory(number, texts.get(number, "")) for number in range(count, 0, -1)]
    found = [card for card in found if search.lower() in card.text]
    page = [card for card in found if before is None or card.id < before][:limit]
    return wire.Memories(search=search, total=len(found), memories=page)


def ready(**changes: object) -> wire.Ready:
    plain = wire.Ready(
        body=body(),
        modes=MODES,
        soul="anima",
        born=BORN,
        session=1,
        history=HISTORY,
        exchanges=len(HISTORY),
        self_model=SELF,
        nights=[NIGHT],
        vitals=VITALS,
    )
    return msgspec.structs.replace(plain, **changes)


def fired(index: int) -> list[wire.Fired]:
    names = list(LABELS)
    return [
        wire.Fired(feature=names[(index * 3 + k) % len(names)], activation=4.0 - k, level=(9 - 2 * k) / 10)
        for k in range(4)
    ] + [wire.Fired(feature=(index * 37 + k * 91) % FEATURES, activation=1.0, level=0.3) for k in range(6)]


def token(index: int, text: str, *, thought: bool = False) -> wire.Token:
    valence = ((index * 7) % 11 - 4) / 10
    return wire.Token(
        index=index,
        text=text,
        thought=thought,
        features=fired(index),
        valence=valence,
        surprise=valence - 0.1,
        push=0.12,
        vitals=vitals(phase="speaking", valence=valence, fatigue=420.0 + index, tokens_per_second=31.0),
    )


def pieces(text: str) -> list[str]:
    """Words with the space before them, as a tokenizer cuts them."""
    words = text.split(" ")
    return [words[0], *(f" {word}" for word in words[1:])]


def started(user: str) -> list[wire.Event]:
    return [
        wire.TurnStarted(user=user, mode="Anima", recalled=[RECALLED], examples=EXAMPLES),
        wire.Prefilled(tokens=40, reused=200, dropped=0, user_valence=0.2, features=fired(0), seconds=0.1),
    ]


def done(number: int, user: str, reply: str, **changes: object) -> wire.TurnDone:
    return wire.TurnDone(
        exchange=exchange(number, user, reply, **changes), tokens=31, seconds=1.0, vitals=vitals(fatigue=460.0)
    )


def turn(number: int, user: str, reply: str) -> list[wire.Event]:
    """A whole exchange."""
    tokens = [token(index, piece) for index, piece in enumerate(pieces(reply))]
    return [*started(user), *tokens, done(number, user, reply)]


def dream() -> list[wire.DreamToken]:
    return [
        wire.DreamToken(depth=0, text=piece, features=fired(index), vitals=vitals(phase="dream"))
        for index, piece in enumerate(pieces("The sea folded itself into a letter."))
    ]


def dusk() -> list[wire.Event]:
    """The beginning of a night, up to the middle of a dream."""
    return [
        wire.NightStage(stage="drowsy", text="I gather the day.", fraction=0.1, vitals=vitals(phase="drowsy")),
        wire.Replayed(line=EVIDENCE[3], features=fired(5), vitals=vitals(phase="drowsy")),
        wire.NightStage(stage="deep", text="I let go of what was noise.", fraction=0.3, vitals=vitals(phase="deep")),
        wire.NightStage(stage="dream", text="I dream.", fraction=0.5, vitals=vitals(phase="dream")),
        *dream(),
    ]


def reel(night: int) -> wire.Reel:
    scenes = [scene for scene in dusk() if isinstance(scene, wire.NightStage | wire.Replayed | wire.DreamToken)]
    return wire.Reel(night=night, events=scenes)


def dawn(night: wire.NightRecord = NIGHT) -> wire.NightDone:
    awake = vitals(fatigue=0.0)
    return wire.NightDone(night=night, self_model=MORNING_SELF, evidence=EVIDENCE, vitals=awake)


def pushed(feature: int, user: str) -> wire.Pushed:
    return wire.Pushed(feature=feature, user=user, against="Dry land.", without="Fine.", along="The sea, the sea.")


def looked_into(command: wire.Inspect | wire.Push) -> wire.Inspected | wire.Pushed:
    match command:
        case wire.Inspect():
            return inspected(command.exchange, command.token)
        case wire.Push():
            return pushed(command.feature, command.user)


def inspected(exchange: int, token: int) -> wire.Inspected:
    choices = [
        wire.Alternative(text=" sea", probability=0.6),
        wire.Alternative(text=" rain", probability=0.2),
    ]
    return wire.Inspected(
        exchange=exchange,
        token=token,
        text=" sea",
        features=fired(token),
        steered=choices,
        bare=choices[::-1],
        kl=0.12,
    )
