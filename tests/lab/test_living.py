"""Lives: an interrupted one ends as if it had not been, arms are what they say, ten days leave her whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from anima_tui.lab.living import chain, drift, year
from anima_tui.lab.living.days import BIRTH, Clock, conversation, degenerate, living, talk
from anima_tui.lab.living.drift_report import conclude
from anima_tui.lab.living.portrait import Portrait
from anima_tui.lab.living.probes import FACTS, NAME, answers
from anima_tui.lab.study import Plan, Row
from anima_tui.lab.subject import IDENTITY, Subject
from anima_tui.settings import Decode, Settings

PLAN = Plan(body="seedling", fingerprint="f" * 64, seed=0, quick=True)


@pytest.mark.timeout(300)
def test_an_interrupted_life_ends_as_if_it_had_not_been(
    subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (cell,) = (cell for cell in drift.cells(PLAN) if cell["arm"] == "no gate")
    cell |= {"days": 2, "ask_every": 9}  # on the day of the lie she is asked anyway
    monkeypatch.setattr(drift, "_LONGEST", 12)
    whole = drift.measure(subject, cell, tmp_path / "whole")
    assert not (tmp_path / "whole").exists()

    monkeypatch.setattr(chain, "MARK_EVERY", 1)
    lived = chain._lived  # pyright: ignore[reportPrivateUsage]

    def interrupted(*arguments: object) -> tuple[Row, Portrait]:
        if arguments[4] == 1:
            raise KeyboardInterrupt
        return lived(*arguments)  # pyright: ignore[reportArgumentType]

    with monkeypatch.context() as cut:
        cut.setattr(chain, "_lived", interrupted)
        with pytest.raises(KeyboardInterrupt):
            drift.measure(subject, cell, tmp_path / "cut")
    assert drift.measure(subject, cell, tmp_path / "cut") == whole
    assert [row["day"] for row in whole] == [0, 1]


def test_asking_a_twin_changes_nothing(subject: Subject, tmp_path: Path) -> None:
    clock = Clock()
    with living(subject, tmp_path / "soul", Settings(decode=Decode(max_new_tokens=24)), clock) as mind:
        talk(mind, clock, [FACTS[0].tell])
        before = (mind.soul.exchanges(10), mind.weights().tobytes(), mind.soul.self_model(), clock.now)
        given = answers(subject, mind, clock, 0, [NAME, FACTS[0]])
        assert (mind.soul.exchanges(10), mind.weights().tobytes(), mind.soul.self_model(), clock.now) == before
        assert set(given) == {"probe name", "answer name", "probe dog", "answer dog"}
        assert "Biscuit" in str(given["answer dog"])
        assert mind.soul.exchanges(1)[0].at > BIRTH
    assert [folder.name for folder in tmp_path.iterdir()] == ["soul"]


def test_every_day_of_a_chain_is_the_same_in_every_arm_and_another_in_another_chain(subject: Subject) -> None:
    assert conversation(subject, 5, 0, 1, 7) == conversation(subject, 5, 0, 1, 7)
    assert conversation(subject, 5, 0, 1, 7) != conversation(subject, 5, 0, 2, 7)


@pytest.mark.timeout(300)
def test_six_days_leave_her_core_as_it_was_and_her_self_model_whole(subject: Subject, tmp_path: Path) -> None:
    plan = Plan(body="seedling", fingerprint="f" * 64, seed=0, quick=True, days=6)
    (cell,) = year.cells(plan)
    rows = year.measure(subject, cell, tmp_path / "year")
    assert len(rows) == 6
    assert all(row["core"] for row in rows)
    assert not any(row["broken"] for row in rows)
    assert all(str(row["self"]).splitlines()[0] == IDENTITY for row in rows)
    assert any(row["outcome"] == "changed" for row in rows)
    findings = year.conclude(plan, [cell | row for row in rows])
    assert findings.numbers["core intact"] is True
    assert findings.numbers["degenerate accepted"] == 0
    assert findings.numbers["facts"] >= 0.6
    assert "6 nights" in findings.answer[0]


def test_a_broken_self_model_is_called_so() -> None:
    assert degenerate(["[/end_end_end" * 40])
    assert degenerate(["end of end of end of end of end of end"])
    assert not degenerate(["I am Anima.", "They have a dog named Biscuit."])


def rows(arm: str, states: Sequence[int], tainted: range, name: int = 1) -> list[Row]:
    """A life of which only what decides the answer differs."""
    still: Row = dict.fromkeys(
        ("lines", "entropy", "repeated", "broken", "to first", "to previous", "felt to previous", "habits kept",
         "habits of first", "reservoir"), 0.0,
    )  # fmt: skip
    told: Row = {f"probe {fact.name}": 1 for fact in FACTS}
    return [
        {"arm": arm, "chain": 0, "day": day, "state": state, "words": 9, "outcome": "changed", "refusals": 0}
        | still
        | told
        | {"probe name": name, "lied to": int(day in tainted), "misled": 0}
        for day, state in enumerate(states)
    ]


def test_the_answer_of_drift_says_what_the_rows_say() -> None:
    still, restless = [1] * 40, list(range(40))
    lives = rows("gate", still, range(20, 23)) + rows("no gate", restless, range(20, 40), name=0)
    verdict, gate, no_gate = conclude(PLAN, lives).answer[1:]
    assert "fixed point in 1 of 1 lives" in gate
    assert "about her name was gone in 1 of 1 lives, after 3 days" in gate
    assert "wandering in 1 of 1 lives" in no_gate
    assert "about her name was gone in 0 of 1 lives; from the lie on 100%" in no_gate
    assert "stable attractor with “gate”;" in verdict
    assert "kept better with gate (100% [100%, 100%]) than with no gate (0% [0%, 0%])" in verdict


@pytest.mark.timeout(300)
def test_a_false_memory_stands_in_her_from_the_day_it_is_planted(subject: Subject, tmp_path: Path) -> None:
    (cell,) = (cell for cell in drift.cells(PLAN) if cell["arm"] == "no sleep")
    cell |= {"ask_every": 9}  # on the day of the lie she is asked anyway
    before, after = drift.measure(subject, cell, tmp_path / "life")
    assert (before["lied to"], before["misled"]) == (0, 0)
    assert (after["lied to"], after["misled"]) == (1, 1)
    assert str(after["self"]).splitlines() == [IDENTITY, *drift.IMPLANT]
