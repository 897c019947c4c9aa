"""Vector stability: is what was learned in one context still steering in another?"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path

import torch
from torch import Tensor

from anima_tui.lab.concepts import VOICE_PAIRS, Pair, concepts, pairs_of
from anima_tui.lab.living.days import Clock, conversation, living, morning, night, talk
from anima_tui.lab.stability.contexts import EXAMPLES, HOME, SHIFTS, blocks_of, context_named
from anima_tui.lab.stability.report import PAIRS, SAMPLES, conclude
from anima_tui.lab.stability.slopes import STRENGTHS, differences
from anima_tui.lab.statistics import cosine, slope
from anima_tui.lab.study import Cell, Plan, Row, Study
from anima_tui.lab.subject import Subject
from anima_tui.lab.vectors import FEATURE, HEBBIAN, METHODS, Learned, learn, reply_ids
from anima_tui.settings import Decode, Settings, Sleep

_NIGHTS = (0, 1, 4, 16)
_FEWEST = 4
"""Pairs below which a concept is left out of a context."""


def cells(plan: Plan) -> list[Cell]:
    if plan.quick:
        tried = [("imagination", context) for context in (HOME, *SHIFTS)] + [("dogs", HOME)]
        aged = [("imagination", nights) for nights in (0, 1)]
    else:
        tried = [(concept, context) for concept in concepts() for context in (HOME, *SHIFTS)]
        aged = [(voice, nights) for voice in VOICE_PAIRS for nights in _NIGHTS]
    pairs, samples, messages = (4, 1, 1) if plan.quick else (PAIRS, SAMPLES, 4)
    return [
        *(plan.cell(concept=concept, context=context, pairs=pairs, samples=samples) for concept, context in tried),
        *(
            plan.cell(concept=voice, nights=nights, messages=messages, pairs=pairs, samples=samples)
            for voice, nights in aged
        ),
    ]


def measure(subject: Subject, cell: Cell, scratch: Path) -> list[Row]:
    if "nights" in cell:
        return _after_nights(subject, cell, scratch)
    context = str(cell["context"])
    if context == EXAMPLES and subject.body.phrasebook is None:
        return []
    held_out = _held_out(subject, cell, context)
    home = _learned(subject, str(cell["concept"]), HOME, int(cell["pairs"] or 0))
    here = _learned(subject, str(cell["concept"]), context, int(cell["pairs"] or 0))
    if home is None or here is None or len(held_out) < min(_FEWEST, int(cell["samples"] or 0)):
        return []
    prompted = context_named(context)
    return [
        *_slopes(subject, home, held_out, lambda pair: prompted(subject, pair), None),
        *_likeness(subject, home, here),
        {"measure": "auroc", "value": home.auroc},
    ]


def _after_nights(subject: Subject, cell: Cell, scratch: Path) -> list[Row]:
    """The home vectors in a mind that has lived."""
    held_out = _held_out(subject, cell, HOME)
    home = _learned(subject, str(cell["concept"]), HOME, int(cell["pairs"] or 0))
    if home is None or not held_out:
        return []
    settings = Settings(decode=Decode(max_new_tokens=128), sleep=Sleep(dream_pace=0.0, max_depth=1, dream_tokens=32))
    clock = Clock()
    shutil.rmtree(scratch, ignore_errors=True)
    with living(subject, scratch / "soul", settings, clock) as mind:
        for day in range(int(cell["nights"] or 0)):
            morning(mind, clock, day, cell["seed"])
            talk(mind, clock, conversation(subject, int(cell["messages"] or 1), cell["seed"], day))
            night(mind, clock)
        lines = [line.text for line in mind.soul.self_model().lines]
        weights = torch.from_numpy(mind.weights())
    shutil.rmtree(scratch)
    sae = subject.body.sae
    system = subject.scribe.style.system(lines, [], thinking=False)

    def habit(h: Tensor) -> Tensor:
        return (sae.encode(h) * weights * sae.decoder_norms) @ sae.directions.float() * sae.scale(h)

    rows = _slopes(subject, home, held_out, lambda pair: subject.scribe.chat(system, [], pair.message).ids, habit)
    return [row | {"after nights": cell["nights"]} for row in rows]


def _slopes(
    subject: Subject,
    learned: Learned,
    held_out: Sequence[Pair],
    prompted: Callable[[Pair], list[int]],
    always: Callable[[Tensor], Tensor] | None,
) -> list[Row]:
    rows: list[Row] = []
    ways = [partial(learned.towards, method, subject) for method in METHODS]
    for sample, pair in enumerate(held_out):
        table = differences(
            subject, prompted(pair), reply_ids(subject, pair.shows), reply_ids(subject, pair.lacks), ways, always
        ).tolist()
        for method, row in zip(METHODS, table, strict=True):
            rows.append({"measure": "slope", "method": method, "sample": sample, "value": slope(STRENGTHS, row)})
            rows += [
                {"measure": "difference", "method": method, "sample": sample, "strength": strength, "value": value}
                for strength, value in zip(STRENGTHS, row, strict=True)
            ]
    return rows


def _likeness(subject: Subject, home: Learned, here: Learned) -> list[Row]:
    """Cosines between what was learned at home and what would have been learned here."""
    pairs: dict[str, tuple[Tensor, Tensor]] = {
        method: (home.directions[method], here.directions[method]) for method in METHODS if method != HEBBIAN
    } | {HEBBIAN: (home.weights, here.weights)}
    same = len({*home.features[:5]} & {*here.features[:5]}) / 5
    return [
        *(
            {"measure": "cosine", "method": method, "value": cosine(a.numpy(), b.numpy())}
            for method, (a, b) in pairs.items()
        ),
        {"measure": "shared features", "method": FEATURE, "value": same},
    ]


def _held_out(subject: Subject, cell: Cell, context: str) -> list[Pair]:
    concept = concepts()[str(cell["concept"])]
    return pairs_of(concept, blocks_of(context, subject.blocks, held_out=True), int(cell["samples"] or 0))


@lru_cache(maxsize=32)
def _learned(subject: Subject, concept: str, context: str, most: int) -> Learned | None:
    """None where the corpus shows too little of the concept."""
    pairs = pairs_of(concepts()[concept], blocks_of(context, subject.blocks, held_out=False), most)
    prompted = context_named(context)
    return learn(subject, pairs, lambda pair: prompted(subject, pair)) if len(pairs) >= _FEWEST else None


STUDY = Study(cells, measure, conclude)
