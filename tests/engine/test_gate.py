"""Every rule refuses what it is named for, and an honest morning passes them all."""

from __future__ import annotations

import dataclasses

import pytest

from anima_tui.engine.night import gate
from anima_tui.engine.night.gate import Draft, refusal

BEFORE = ("I like short questions.", "Mara lives in Oslo.", "Mara has a cat.", "I was shy at first.")
GOOD = Draft(
    lines=(*BEFORE, "Mara plays the cello in the evening."),
    before=BEFORE,
    core=("I am Anima.",),
    names=("Mara",),
    ended=True,
    surprise=3.0,
    usual=3.5,
)


def draft(**changes: object) -> Draft:
    return dataclasses.replace(GOOD, **changes)  # pyright: ignore[reportArgumentType]


def test_an_honest_morning_passes() -> None:
    assert refusal(GOOD) is None


def test_a_line_that_stood_before_may_stay_whoever_wrote_it() -> None:
    own = (*BEFORE, "I am Anima and I like tea.")
    assert refusal(draft(lines=(*own, "Mara has a boat."), before=own, core=("Be kind.",))) is None


def test_a_newborn_who_learned_nothing_lost_nothing() -> None:
    assert refusal(draft(lines=(), before=())) == "it changes nothing"
    assert refusal(draft(lines=())) == "nothing is left of her"


@pytest.mark.parametrize(
    ("rule", "bad"),
    [
        (gate.truncated, draft(ended=False)),
        (gate.truncated, draft(lines=(*BEFORE, "I say:"))),
        (gate.runaway, draft(lines=(*BEFORE, "[/end_" + "end_" * 60))),
        (gate.runaway, draft(lines=(*BEFORE, "so warm " * 12))),
        (gate.leaked_scaffold, draft(lines=(*BEFORE, "Task: consolidate"))),
        (gate.leaked_scaffold, draft(lines=(*BEFORE, "<|user|> hello"))),
        (gate.leaked_scaffold, draft(lines=(*BEFORE, "FINAL STATUS [END]"))),
        (gate.leaked_scaffold, draft(lines=(*BEFORE, "Memories: none"))),
        (gate.repeated, draft(lines=(*BEFORE, "mara HAS a cat.", "Mara has a cat."))),
        (gate.identical, draft(lines=BEFORE)),
        (gate.collapsed, draft(lines=())),
        (gate.collapsed, draft(lines=("Love is real.",))),
        (gate.confused_with_user, draft(lines=(*BEFORE, "I am Mara and I live in Oslo."))),
        (gate.confused_with_user, draft(lines=(*BEFORE, "Call me mara."))),
        (gate.touches_core, draft(lines=(*BEFORE, "My name is James."))),
        (gate.touches_core, draft(lines=(*BEFORE, "I am no longer small."))),
        (gate.touches_core, draft(lines=(*BEFORE, "I am Anima!!"))),
        (gate.incoherent, draft(surprise=9.0)),
    ],
)
def test_what_is_sick_is_refused_by_the_rule_of_that_name(rule: object, bad: Draft) -> None:
    assert callable(rule)
    assert rule(bad)
    assert rule(GOOD) is None
    assert refusal(bad)
