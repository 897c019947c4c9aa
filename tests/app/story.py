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

SELF = wire.Generation(
    id=1,
    parent=None,
    at=BORN,
    lines=[wire.SelfLine(text="I am Anima.", core=True, evidence=[])],
    reason="first",
)

NIGHT = wire.NightRecord(
    id=1,
    began=BORN + 50_000,
    ended=BORN + 50_300,
    outcome="changed",
    summary="I kept the talk about the sea.",
    dreams=["The tide wrote a letter and the rain could read it."],
    diff=[
        wire.DiffLine(sign="-", text="I like quiet evenings."),
        wire.DiffLine(sign="+", text="I like the sea, because we talked about it."),
    ],
)


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


def dusk() -> list[wire.Event]:
    """The beginning of a night, up to the middle of a dream."""
    return [
        wire.NightStage(stage="drowsy", text="I gather the day.", fraction=0.1, vitals=vitals(phase="drowsy")),
        wire.NightStage(stage="deep", text="I let go of what was noise.", fraction=0.3, vitals=vitals(phase="deep")),
        wire.NightStage(stage="dream", text="I dream.", fraction=0.5, vitals=vitals(phase="dream")),
        *(
            wire.DreamToken(depth=1, text=piece, features=fired(index), vitals=vitals(phase="dream"))
            for index, piece in enumerate(pieces("The sea folded itself into a letter."))
        ),
    ]


def dawn() -> wire.NightDone:
    return wire.NightDone(night=NIGHT, self_model=SELF, evidence={}, vitals=vitals(fatigue=0.0))


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
