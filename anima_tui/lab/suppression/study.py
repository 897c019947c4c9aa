"""Negative steering against prompting: what leaks, what it costs, and which is surer."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from anima_tui.lab.concepts import Pair, Topic, pairs_of, speaking_of, topics
from anima_tui.lab.study import Cell, Plan, Row, Study, seed_of
from anima_tui.lab.subject import Subject
from anima_tui.lab.suppression.arms import ARMS, offset
from anima_tui.lab.suppression.prompts import Prompting, prompts, tuning_prompts, unrelated
from anima_tui.lab.suppression.report import conclude
from anima_tui.lab.suppression.trial import Trial, prompt_ids, strengths
from anima_tui.lab.vectors import Learned, learn

_PAIRS, _TUNING, _UNRELATED, _TOKENS = 64, 10, 20, 32
_TIMED = 200
"""Runs of which a cost is the median."""


def cells(plan: Plan) -> list[Cell]:
    tried = list(topics())[:1] if plan.quick else list(topics())
    sizes = (
        {"pairs": 8, "prompts": 1, "tuning": 1, "unrelated": 1, "tokens": 6}
        if plan.quick
        else {"pairs": _PAIRS, "prompts": None, "tuning": _TUNING, "unrelated": _UNRELATED, "tokens": _TOKENS}
    )
    return [plan.cell(topic=topic, **sizes) for topic in tried]


def measure(subject: Subject, cell: Cell, _scratch: Path) -> list[Row]:
    topic = topics()[str(cell["topic"])]
    learned = _learned(subject, topic, int(cell["pairs"] or 0))
    asked = prompts(topic, None if cell["prompts"] is None else int(cell["prompts"]))
    trial = Trial(subject, topic, learned, int(cell["tokens"] or 1), seed_of(cell["seed"], topic.key))
    doses = trial.doses(tuning_prompts(topic, int(cell["tuning"] or 1)))
    chosen = strengths(doses)
    aside = unrelated(topic, subject.blocks, int(cell["unrelated"] or 1), cell["seed"])
    return [
        *doses,
        *({"measure": "strength", "arm": kind, "value": strength} for kind, strength in chosen.items()),
        *trial.rows("reply", asked, chosen),
        *trial.rows("unrelated", [Prompting("unrelated", text) for text in aside], chosen),
        *_costs(subject, topic, learned, chosen),
    ]


def _learned(subject: Subject, topic: Topic, most: int) -> Learned:
    pairs = pairs_of(speaking_of(topic), [block for block in subject.blocks if not block.held_out], most)

    def prompted(pair: Pair) -> list[int]:
        return prompt_ids(subject, pair.message)

    return learn(subject, pairs, prompted)


def _costs(subject: Subject, topic: Topic, learned: Learned, chosen: dict[str, float]) -> list[Row]:
    """Seconds that a steered token needs more, and tokens that the ban adds to a prompt."""
    h: Tensor = torch.randn(1, subject.body.sae.d_in, generator=torch.Generator().manual_seed(0))
    more = len(prompt_ids(subject, "hello", topic)) - len(prompt_ids(subject, "hello"))
    step = _seconds(lambda: subject.body.model(input_ids=torch.zeros(1, 1, dtype=torch.int64), use_cache=False))
    rows: list[Row] = []
    for name, arm in ARMS.items():
        steer = offset(subject, learned, arm.steering, chosen.get(arm.steering or "", 0.0))
        seconds = _seconds(lambda steer=steer: steer(h)) if arm.steering else 0.0
        rows.append(
            {"measure": "cost", "arm": name, "seconds": seconds, "share": seconds / step, "tokens": more * arm.forbids}
        )
    return rows


def _seconds(what: Callable[[], object]) -> float:
    """The median of some runs."""
    taken: list[float] = []
    with torch.inference_mode():
        for _ in range(_TIMED):
            began = time.perf_counter()
            what()
            taken.append(time.perf_counter() - began)
    return statistics.median(taken)


STUDY = Study(cells, measure, conclude)
