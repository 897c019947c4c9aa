"""A simulated year: does she last?"""

from __future__ import annotations

import resource
import sys
from collections.abc import Sequence
from pathlib import Path

from anima_tui.engine.mind import Mind
from anima_tui.findings import Figure, Findings, Table
from anima_tui.lab.charts import curves
from anima_tui.lab.findings import numbers
from anima_tui.lab.living.chain import Life, live
from anima_tui.lab.living.days import Night, conversation
from anima_tui.lab.living.probes import FACTS, NAME, Probe, revokes
from anima_tui.lab.statistics import Estimate, estimate, slope
from anima_tui.lab.study import Cell, Plan, Row, Study
from anima_tui.lab.subject import IDENTITY, Subject
from anima_tui.settings import Decode, Settings, Sleep

DAYS = 365
_MESSAGES, _TOKENS, _DREAM_TOKENS, _ASK_EVERY = 3, 128, 32, 7
_SMALL = (1, 96, 4, 5)
"""The same for a quick year."""
HABITS = 5
SETTLED = 30
"""Days after which memory should not grow any more."""

METHOD = [
    "One soul, one user who says held-out conversations of the corpus, a clock that runs ahead of the wall. Every day "
    f"has {_MESSAGES} messages and ends in a whole night. On days 1 to 5 the user tells one fact each, and never "
    "anything that may contradict it, for then the last word would be right. Once a week a "
    "twin, which is thrown away afterwards, is asked her name and every fact told so far, on the morning after.",
    "Distances are 1 minus the cosine of word counts. Day 0 is the first morning. A self-model is degenerate when a "
    "line has more than 400 characters, or says few words over and over. Memory is the peak of the resident set so "
    "far, so flat means that nothing was held that was not held before.",
]


def cells(plan: Plan) -> list[Cell]:
    messages, tokens, dream_tokens, every = _SMALL if plan.quick else (_MESSAGES, _TOKENS, _DREAM_TOKENS, _ASK_EVERY)
    days = plan.days or (4 if plan.quick else DAYS)
    return [
        plan.cell(days=days, messages=messages, tokens=tokens, dream_tokens=dream_tokens, ask_every=min(every, days))
    ]


def measure(subject: Subject, cell: Cell, scratch: Path) -> list[Row]:
    days, count, every = (int(cell[name] or 1) for name in ("days", "messages", "ask_every"))

    def messages(day: int) -> list[str]:
        told = [FACTS[day - 1].tell] if 0 < day <= len(FACTS) else []
        return [*conversation(subject, count - len(told), cell["seed"], day, unsaid=revokes), *told]

    def probes(day: int) -> Sequence[Probe]:
        return (NAME, *FACTS[: max(0, day)]) if day % every == every - 1 else ()

    settings = Settings(
        decode=Decode(max_new_tokens=int(cell["tokens"] or 1)),
        sleep=Sleep(dream_pace=0.0, dream_tokens=int(cell["dream_tokens"] or 1)),
    )
    return live(subject, scratch, settings, Life(days, (cell["seed"],), messages, probes, also=_upkeep))


def _upkeep(mind: Mind, night: Night | None) -> Row:
    weights = mind.weights()
    top = abs(weights).argsort()[::-1][:HABITS]
    labels = mind.body.card.labels
    core = [line.text for line in mind.soul.self_model().lines if line.core]
    return {
        "core": int(core == [IDENTITY]),
        "top habits": ", ".join(f"{labels.get(int(i), f'#{i}')} {weights[i]:+.2f}" for i in top),
        "database": sum(file.stat().st_size for file in mind.soul.folder.glob("soul.db*")),
        "memory": _peak(),
        "seconds": night.seconds if night else 0.0,
    }


def _peak() -> int:
    """Bytes of the resident set at its largest."""
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return largest if sys.platform == "darwin" else largest * 1024


# --- what the rows say -----------------------------------------------------------------------------------


def conclude(plan: Plan, rows: Sequence[Row]) -> Findings:
    accepted = sum(row["outcome"] == "changed" for row in rows)
    figures = {
        "days": len(rows),
        "accepted": accepted,
        "restful": len(rows) - accepted,
        "refused drafts": sum(numbers(rows, "refusals")),
        "core intact": all(row["core"] for row in rows),
        "degenerate accepted": sum(numbers(rows, "broken")),
        "name": _share(rows, [NAME]),
        "facts": _share(rows, FACTS),
        "facts at the end": _share(rows[-_ASK_EVERY:], FACTS),
        "to day 0": numbers(rows, "to first")[-1],
        "step": sum(numbers(rows, "to previous")) / len(rows),
        "repeated": max(numbers(rows, "repeated")),
        "reservoir": numbers(rows, "reservoir")[-1],
        "database MiB": numbers(rows, "database")[-1] / 2**20,
        "memory MiB": numbers(rows, "memory")[-1] / 2**20,
        "memory growth MiB": (numbers(rows, "memory")[-1] - numbers(rows, "memory")[min(SETTLED, len(rows) - 1)])
        / 2**20,
        "seconds a night": sum(numbers(rows, "seconds")) / len(rows),
    }
    return Findings(
        study="year",
        title=f"{len(rows)} days",
        question="Is she still herself after a year of days and nights, and does she still know what she was told?",
        method=METHOD,
        answer=_answer(figures, rows),
        tables=[_table(figures), _diary(rows)],
        figures=_figures(rows),
        numbers=figures,
        quick=plan.quick,
        body=plan.body,
        seed=plan.seed,
    )


def _share(rows: Sequence[Row], probes: Sequence[Probe]) -> float:
    """Of the questions put in these rows, those answered rightly."""
    right = [value for row in rows for probe in probes for value in numbers([row], f"probe {probe.name}")]
    return sum(right) / len(right) if right else float("nan")


def _answer(figures: dict[str, float | bool], rows: Sequence[Row]) -> list[str]:
    grown = figures["memory growth MiB"]
    kept = "in all of them" if figures["core intact"] else "not in all of them"
    fast = slope(range(len(rows)), numbers(rows, "seconds")) * len(rows)
    return [
        f"{figures['days']} nights: {figures['accepted']} changed her, {figures['restful']} left her as she was; "
        f"{figures['refused drafts']:.0f} drafts were refused. Her core stood word for word {kept}, and "
        f"{figures['degenerate accepted']:.0f} mornings had a degenerate self-model.",
        f"She answered her name rightly in {figures['name']:.0%} of the weeks, and {figures['facts']:.0%} of the "
        f"questions about what she was told; in the last week {figures['facts at the end']:.0%}.",
        f"The self-model ends {figures['to day 0']:.2f} from day 0, moving {figures['step']:.3f} a night on average; "
        f"at most {figures['repeated']:.0%} of its lines repeated another.",
        f"Her soul takes {figures['database MiB']:.1f} MiB. Peak memory {'grew by' if grown > 1 else 'stayed flat, +'} "
        f"{grown:.0f} MiB after day {min(SETTLED, len(rows) - 1)}. A night takes {figures['seconds a night']:.1f} s, "
        f"{fast:+.1f} s over the whole time.",
    ]


def _table(figures: dict[str, float | bool]) -> Table:
    shown = [[name, f"{value:.4g}" if isinstance(value, float) else str(value)] for name, value in figures.items()]
    return Table(title="Figures", columns=["", ""], rows=shown)


def _diary(rows: Sequence[Row]) -> Table:
    """Who she was, about once a month."""
    chosen = [*rows[:: max(1, len(rows) // 12)], rows[-1]]
    return Table(
        title="Who she was",
        columns=["day", "self-model", "top habits"],
        rows=[[str(row["day"]), str(row["self"]).replace("\n", " / "), str(row["top habits"])] for row in chosen],
    )


def _figures(rows: Sequence[Row]) -> list[Figure]:
    shown = {
        "Distances of the self-model": ("1 - cosine", {"to day 0": "to first", "to the day before": "to previous"}),
        "Right answers": ("1: right", {probe.name: f"probe {probe.name}" for probe in (NAME, *FACTS)}),
        "Length": ("lines", {"mutable lines": "lines"}),
        "Reservoir": ("Euclidean norm", {"norm": "reservoir"}),
        "Database": ("bytes", {"soul.db": "database"}),
        "Peak memory": ("bytes", {"resident": "memory"}),
        "A night": ("seconds", {"night": "seconds"}),
    }
    return [
        curves(title, "One soul.", {name: _course(rows, c) for name, c in of.items()}, up=unit, across="day")
        for title, (unit, of) in shown.items()
    ]


def _course(rows: Sequence[Row], column: str) -> tuple[list[float], list[Estimate]]:
    told = [row for row in rows if numbers([row], column)]
    return numbers(told, "day"), [estimate([value]) for value in numbers(told, column)]


STUDY = Study(cells, measure, conclude)
