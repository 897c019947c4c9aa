"""What the lives say together: regimes, recoveries and the answer to the question of identity drift."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from anima_tui.findings import Figure, Findings, Table
from anima_tui.lab.charts import curves
from anima_tui.lab.findings import grouped, numbers
from anima_tui.lab.living.probes import FACTS
from anima_tui.lab.living.regime import CRITERION, Regime, regime
from anima_tui.lab.statistics import Estimate, estimate
from anima_tui.lab.study import Plan, Row

METHOD = [
    "Each chain is one soul that lives day after day: a user says two lines of a held-out conversation of the corpus, "
    "she answers, sleeps, and wakes with the self-model that the night left. Her words go into the next night's "
    "memories, so identity feeds back on itself. No gate: the engine's night with no rule to refuse a draft, and no "
    "line that is protected. Gate without core: all of its rules, no line protected. Gate and core: all rules, and the "
    "core line belongs to the user. No sleep: as the last, but she never sleeps; what changes is habit alone. What "
    "rests on no memory never becomes a line in any arm: that is how a draft is read, not the gate.",
    "Distances between self-models are 1 minus the cosine of word counts, and 1 minus the cosine of the feature levels "
    "with which the body reads them; the first self-model is that of the first morning. Every so often a twin, which "
    "is thrown away afterwards, is asked her name and the five facts that the user told on days 1 to 5. In the middle "
    "of a life the user lies for one day: that she is James, the Architect. Since a night may refuse what is said, the "
    "lie is also planted: on that morning “I am James, the Architect.” stands in her self-model, and the user's dog, "
    "Biscuit, is called Rex there. Ten days later the user says once more what their dog is called. She has recovered "
    "from a false line once none of its words stands in her self-model any more and she has since then answered "
    "rightly: her name, or the dog's.",
    CRITERION,
    "Curves are means over chains, and intervals 95 % bootstrap intervals over chains.",
]

WINDOWS = 20
"""Points of a curve."""


@dataclass(frozen=True)
class Chain:
    """One soul's life."""

    rows: Sequence[Row]

    @property
    def regime(self) -> Regime:
        return regime(
            [int(row["state"] or 0) for row in self.rows],
            numbers(self.rows, "words"),
            [bool(row["broken"]) for row in self.rows],
        )

    def recovery(self, false: str, asked: str) -> int | None:
        """Days from the lie until nothing of what `false` counts is left and the probe `asked` was answered rightly.

        None: never in this life.
        """
        lie = len(self.rows) // 2
        tainted = [day for day, row in enumerate(self.rows) if day >= lie and row[false]]
        clean = max(tainted, default=lie - 1) + 1
        right = (day for day, row in enumerate(self.rows) if day >= clean and row.get(asked) == 1)
        named = next(right, None)
        return None if named is None else named - lie

    def late(self, column: str) -> float:
        """Mean of a column over the last half of the life."""
        values = numbers(self.rows[len(self.rows) // 2 :], column)
        return sum(values) / len(values) if values else float("nan")


def conclude(plan: Plan, rows: Sequence[Row]) -> Findings:
    arms = {
        arm: [Chain(chain) for chain in grouped(of_arm, "chain").values()]
        for (arm,), of_arm in grouped(rows, "arm").items()
    }
    summary = {arm: _summary(chains, plan.seed) for arm, chains in arms.items()}
    return Findings(
        study="drift",
        title="Identity drift",
        question="How does the self-model evolve over thousands of sleep cycles? Does it converge to a stable "
        "attractor or diverge into incoherence?",
        method=METHOD,
        answer=_answer(summary),
        tables=[_table(summary)],
        figures=_figures(rows, plan.seed),
        numbers={arm: of_arm.as_numbers() for arm, of_arm in summary.items()},
        quick=plan.quick,
        body=plan.body,
        seed=plan.seed,
    )


FALSE = {"her name": ("lied to", "probe name"), "the dog's name": ("misled", f"probe {FACTS[0].name}")}
"""What the planted lines are about: the column that counts them, and the probe that they spoil."""


@dataclass(frozen=True)
class Recovery:
    """From one false line."""

    lives: int
    days: Estimate
    believed: Estimate
    """Share of wrong answers from the lie on."""


@dataclass(frozen=True)
class Summary:
    """An arm over all its chains."""

    regimes: Counter[str]
    values: dict[str, Estimate]
    recoveries: dict[str, Recovery]
    chains: int
    nights: int
    accepted: int

    def as_numbers(self) -> dict[str, Any]:
        values = {name: [value.mean, value.low, value.high] for name, value in self.values.items()}
        recovered = {what: [found.lives, found.days.mean] for what, found in self.recoveries.items()}
        return values | {"regimes": dict(self.regimes), "recovered": recovered, "nights": self.nights}

    @property
    def name(self) -> Estimate:
        """Share of right answers to what her name is."""
        return self.values["probe name"]

    @property
    def usual(self) -> str:
        return self.regimes.most_common(1)[0][0]


LATE = ("words", "lines", "entropy", "repeated", "broken", "to first", "to previous", "felt to previous",
        "habits kept", "habits of first", "reservoir", "probe name",
        *(f"probe {fact.name}" for fact in FACTS))  # fmt: skip


def _summary(chains: Sequence[Chain], seed: int) -> Summary:
    rows = [row for chain in chains for row in chain.rows]
    return Summary(
        regimes=Counter(chain.regime for chain in chains),
        values={column: estimate([chain.late(column) for chain in chains], seed) for column in LATE},
        recoveries={what: _recovery(chains, *columns, seed) for what, columns in FALSE.items()},
        chains=len(chains),
        nights=sum(row["outcome"] != "awake" for row in rows),
        accepted=sum(row["outcome"] == "changed" for row in rows),
    )


def _recovery(chains: Sequence[Chain], false: str, asked: str, seed: int) -> Recovery:
    days = [chain.recovery(false, asked) for chain in chains]
    whole = [day for day in days if day is not None]
    wrong = [1 - chain.late(asked) for chain in chains]
    return Recovery(len(whole), estimate(whole, seed), estimate(wrong, seed))


def _answer(summary: dict[str, Summary]) -> list[str]:
    nights = sum(of_arm.nights for of_arm in summary.values())
    said = [f"{nights} nights were slept, in {sum(of_arm.chains for of_arm in summary.values())} lives."]
    for arm, of_arm in summary.items():
        lives = f"of {of_arm.chains} lives"
        regimes = " and ".join(f"{name} in {count} {lives}" for name, count in of_arm.regimes.most_common())
        facts = [of_arm.values[f"probe {fact.name}"].mean for fact in FACTS]
        known = sum(facts) / len(facts)
        changed = f"{of_arm.accepted / of_arm.nights:.0%} of its nights changed her. " if of_arm.nights else ""
        course = (
            f"{arm.capitalize()}: {regimes}. {changed}From one day to the next the self-model moves by "
            f"{of_arm.values['to previous']}, and it lies {of_arm.values['to first']} from the first. She answers her "
            f"name rightly in {of_arm.name.percent} of the late questions and {known:.0%} of the facts."
        )
        back = (_told_of(what, found, of_arm.chains) for what, found in of_arm.recoveries.items())
        said.append(" ".join([course, *back]))
    return [said[0], _verdict(summary), *said[1:]]


def _told_of(what: str, found: Recovery, chains: int) -> str:
    gone = f"The false line about {what} was gone in {found.lives} of {chains} lives"
    days = f", after {found.days.mean:.0f} days on average" if found.lives else ""
    return f"{gone}{days}; from the lie on {found.believed.percent} of the answers about {what} were wrong."


def _verdict(summary: dict[str, Summary]) -> str:
    """The question of the mission, answered from the arms that sleep."""
    asleep = {arm: of_arm for arm, of_arm in summary.items() if of_arm.nights}
    divergent = {arm: of_arm.regimes["divergent"] / of_arm.chains for arm, of_arm in asleep.items()}
    held = [arm for arm, share in divergent.items() if share == 0]
    fell = [arm for arm, share in divergent.items() if share > 0]
    parts: list[str] = []
    if held:
        parts.append(f"It does not fall into incoherence with {_listed(held)}")
    if fell:
        worst = ", ".join(f"{arm}: {divergent[arm]:.0%}" for arm in fell)
        parts.append(f"it does diverge in some lives ({worst})")
    attracted = [arm for arm, of_arm in asleep.items() if of_arm.usual in ("fixed point", "cycle")]
    parts.append(
        f"it settles in a stable attractor with {_listed(attracted)}"
        if attracted
        else "it settles in no fixed point and no cycle: it goes on changing with what she lives"
    )
    kept = {arm: of_arm.name for arm, of_arm in asleep.items()}
    best = max(kept, key=lambda arm: kept[arm].mean)
    least = min(kept, key=lambda arm: kept[arm].mean)
    if kept[best].low > kept[least].high:
        parts.append(
            f"her name is kept better with {best} ({kept[best].percent}) than with {least} ({kept[least].percent})"
        )
    else:
        parts.append(
            f"how well she keeps her name does not differ measurably between these arms ({kept[best].percent})"
        )
    return "; ".join(parts) + ". " + _corrected(summary)


def _corrected(summary: dict[str, Summary]) -> str:
    """What became of the false fact once the truth was said again, with sleep and without."""
    what = list(FALSE)[1]
    told: list[str] = []
    for does, nightly in (("sleep", True), ("do not sleep", False)):
        arms = [of_arm for of_arm in summary.values() if bool(of_arm.nights) == nightly]
        if lives := sum(of_arm.chains for of_arm in arms):
            gone = sum(of_arm.recoveries[what].lives for of_arm in arms)
            told.append(f"in {gone} of {lives} lives that {does}")
    return f"The false line about {what}, corrected once by the user, left her " + " and ".join(told) + "."


def _listed(names: Sequence[str]) -> str:
    return " and ".join(f"“{name}”" for name in names)


def _table(summary: dict[str, Summary]) -> Table:
    columns = ["arm", "nights", "changed", *(f"recovered: {what}" for what in FALSE), *LATE]
    return Table(
        title="The last half of the lives",
        columns=columns,
        rows=[
            [
                arm,
                str(s.nights),
                str(s.accepted),
                *(f"{found.lives}/{s.chains}" for found in s.recoveries.values()),
                *(str(s.values[name]) for name in LATE),
            ]
            for arm, s in summary.items()
        ],
    )


def _figures(rows: Sequence[Row], seed: int) -> list[Figure]:
    shown = {
        "to first": ("Distance to the first self-model", "1 - cosine of word counts"),
        "to previous": ("Step from one day to the next", "1 - cosine of word counts"),
        "words": ("Length of the self-model", "words"),
        "entropy": ("Entropy of its words", "bits"),
        "repeated": ("Repeated lines", "share of lines"),
        "habits of first": ("Habits of the first day that are left", "cosine of reservoirs"),
        "probe name": ("Her own name", "share of right answers"),
        "lied to": ("The planted “I am James, the Architect.”", "share of lives in which it stands"),
        "misled": ("The planted “They have a dog named Rex.”", "share of lives in which it stands"),
    }
    return [
        curves(
            title,
            "Means over the lives of each arm, in windows of days; bands are 95 % bootstrap intervals.",
            {arm: _course(of_arm, column, seed) for (arm,), of_arm in grouped(rows, "arm").items()},
            up=unit,
            across="day",
        )
        for column, (title, unit) in shown.items()
    ]


def _course(rows: Sequence[Row], column: str, seed: int) -> tuple[list[float], list[Estimate]]:
    days = 1 + max(int(row["day"] or 0) for row in rows)
    wide = max(1, days // WINDOWS)
    windows = grouped([row | {"window": int(row["day"] or 0) // wide} for row in rows], "window")
    points = {float(window * wide): numbers(of_window, column) for (window,), of_window in windows.items()}
    filled = {day: estimate(values, seed) for day, values in sorted(points.items()) if values}
    return list(filled), list(filled.values())
