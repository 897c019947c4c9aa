"""The answer to the question of stability follows the slopes."""

from __future__ import annotations

import pytest

from anima_tui.findings import Findings
from anima_tui.lab.concepts import VOICE_PAIRS
from anima_tui.lab.stability.contexts import HOME, SHIFTS
from anima_tui.lab.stability.report import conclude
from anima_tui.lab.stability.slopes import STRENGTHS
from anima_tui.lab.study import Plan, Row
from anima_tui.lab.vectors import METHODS

PLAN = Plan(body="seedling", fingerprint="f" * 64, seed=0, quick=True)


def found(home: float, away: float, *, aged: float = 0.0) -> Findings:
    """Six concepts whose difference in means has these slopes, a little more or less; other methods have none."""
    rows: list[Row] = []
    for rank, concept in enumerate([*VOICE_PAIRS, "dogs", "cats", "sea"]):
        for context in (HOME, *SHIFTS):
            for method in METHODS:
                for sample in range(4):
                    steep = (home if context == HOME else away) + 0.1 * rank if "means" in method else 0.0
                    at: Row = {"concept": concept, "context": context, "method": method, "sample": sample}
                    rows.append(at | {"measure": "slope", "value": steep})
                    for strength in STRENGTHS:
                        rows.append(at | {"measure": "difference", "strength": strength, "value": strength * steep})
                rows.append(
                    {"concept": concept, "context": context, "method": method, "measure": "cosine", "value": 0.9}
                )
    for nights, steep in ((0, 1.0), (16, 1.0 + aged)):
        for sample in range(8):
            for method in METHODS:
                old: Row = {"measure": "slope", "concept": "logic", "nights": nights, "method": method}
                rows.append(old | {"sample": sample, "value": steep})
    return conclude(PLAN, rows)


@pytest.mark.parametrize(
    ("home", "away", "told"),
    [(2.0, 1.9, "it holds:"), (2.0, 1.0, "it holds in part:"), (2.0, 0.1, "it does not hold:"),
     (-1.0, 1.0, "not told from nothing")],
)  # fmt: skip
def test_the_answer_says_how_much_is_left(home: float, away: float, told: str) -> None:
    assert told in found(home, away).answer[0]


def test_samples_that_turn_the_other_way_are_counted() -> None:
    findings = found(2.0, -1.0)
    assert "0% [0%, 0%] at home and 100% [100%, 100%] under the shifts" in findings.answer[1]
    assert findings.numbers["anti-steerable"]["difference in means"][HOME][0] == 0.0
    assert "steer well elsewhere (r = 1.00" in findings.answer[1]


def test_nights_change_what_they_change() -> None:
    assert "does not measurably change" in found(2.0, 1.0).answer[-1]
    assert "of the voices changes" in found(2.0, 1.0, aged=-0.5).answer[-1]
