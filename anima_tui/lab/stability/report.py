"""What the slopes say together: the answer to the question of vector stability, made from the numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from anima_tui.findings import Figure, Findings, Table
from anima_tui.lab.charts import bars, curves, matrix
from anima_tui.lab.concepts import VOICE_PAIRS
from anima_tui.lab.findings import grouped, numbers
from anima_tui.lab.stability.contexts import HOME, SHIFTS
from anima_tui.lab.stability.slopes import STRENGTHS
from anima_tui.lab.statistics import Estimate, correlation, estimate, grouped_estimate
from anima_tui.lab.study import Plan, Row
from anima_tui.lab.vectors import FEATURE, FEATURES, HEBBIAN, MEANS, METHODS

PAIRS, SAMPLES = 64, 32
"""That a vector is learned from, and that it is tried on, at most."""

METHOD = [
    "A concept is a set of pairs of replies to the same message, of which one shows it: for a voice, two voices; for a "
    "topic, two replies in one voice of which one holds a word of the topic's lexicon. Vectors are learned at home "
    f"(who she is, the message) from up to {PAIRS} pairs of the even-numbered files of the corpus, four ways: the "
    "single SAE feature that separates best by AUROC, the sum of the best twelve, the difference in means of the "
    "residuals, and the Hebbian reservoir that heard the replies under its own rule with +1 and -1 for valence and "
    "pushes along the habit of what fires. They are tried on up to "
    f"{SAMPLES} held-out pairs at home and under each shift.",
    "The logit difference is the mean log-probability per token of the reply that shows the concept less that of the "
    f"other, read token by token with the push on, over their first tokens. It is taken at {len(STRENGTHS)} strengths "
    f"from {STRENGTHS[0]:g} to {STRENGTHS[-1]:g} of the length of the residual. Steerability is the slope of the "
    "least-squares line through them, per sample; a sample is anti-steerable when its slope is negative (Tan et al. "
    "2024, arXiv 2407.12404). Phrasebook examples are left out of the prompt but for the shift that is about them.",
    "Intervals are 95 % bootstrap intervals over concepts: samples of one concept are not independent. After nights of "
    "learning the home vectors are tried again, with the self-model of that morning in the prompt and the habits of "
    "that morning added to the residual.",
]


def conclude(plan: Plan, rows: Sequence[Row]) -> Findings:
    slopes = Slopes([row for row in rows if row["measure"] == "slope" and row.get("nights") is None], plan.seed)
    aged = [row for row in rows if row["measure"] == "slope" and row.get("nights") is not None]
    steerability, anti = slopes.table(), slopes.table(turned)
    return Findings(
        study="stability",
        title="Vector stability",
        question="Can a steering vector learned in one context remain stable when applied to out-of-distribution "
        "tasks?",
        method=METHOD,
        answer=_answer(slopes, aged, rows, plan.seed),
        tables=[
            _table("Steerability, nats per token and share of ‖h‖", steerability),
            _table("Anti-steerable samples", anti),
        ],
        figures=_figures(rows, slopes, aged, plan.seed),
        numbers={
            "steerability": _plain(steerability),
            "anti-steerable": _plain(anti),
            "transfer": {method: slopes.transfer(method) for method in METHODS},
        },
        quick=plan.quick,
        body=plan.body,
        seed=plan.seed,
    )


def turned(value: float) -> float:
    """1 for a sample that moves against the push."""
    return float(value < 0)


@dataclass(frozen=True)
class Slopes:
    """Steerability of every sample."""

    rows: Sequence[Row]
    seed: int

    def at(self, method: str, of: Callable[[float], float] = float, place: str | None = None) -> Estimate:
        """Over concepts, of `of` each slope, at one place; None: over all shifts."""
        mine = [
            row
            for row in self.rows
            if row["method"] == method and (row["context"] == place if place else row["context"] != HOME)
        ]
        return _over_concepts(mine, self.seed, of)

    def table(self, of: Callable[[float], float] = float) -> dict[str, dict[str, Estimate]]:
        """Method -> place -> estimate."""
        places = list(dict.fromkeys(str(row["context"]) for row in self.rows))
        return {method: {place: self.at(method, of, place) for place in places} for method in METHODS}

    def of_kind(self, method: str, *, voices: bool) -> Estimate:
        """Of the voices, or of the topics, everywhere."""
        mine = [r for r in self.rows if r["method"] == method and (r["concept"] in VOICE_PAIRS) == voices]
        return _over_concepts(mine, self.seed)

    def transfer(self, method: str) -> float:
        """Correlation over concepts of the steerability at home with that under the shifts."""
        mine = [row for row in self.rows if row["method"] == method]
        home = _means([row for row in mine if row["context"] == HOME])
        away = _means([row for row in mine if row["context"] != HOME])
        both = [concept for concept in home if concept in away]
        return correlation([home[concept] for concept in both], [away[concept] for concept in both])


def _over_concepts(rows: Sequence[Row], seed: int, of: Callable[[float], float] = float) -> Estimate:
    return grouped_estimate(
        [[of(value) for value in numbers(of_one, "value")] for of_one in grouped(rows, "concept").values()], seed
    )


def _means(rows: Sequence[Row]) -> dict[str, float]:
    groups = {str(concept): numbers(of_one, "value") for (concept,), of_one in grouped(rows, "concept").items()}
    return {concept: sum(values) / len(values) for concept, values in groups.items() if values}


def _answer(slopes: Slopes, aged: Sequence[Row], rows: Sequence[Row], seed: int) -> list[str]:
    home = {method: slopes.at(method, place=HOME) for method in METHODS}
    away = {method: slopes.at(method) for method in METHODS}
    best = max(METHODS, key=lambda method: home[method].mean)
    others = [method for method in METHODS if method != best]
    cosines = {method: _over_concepts(_at_shifts(rows, "cosine", method), seed) for method in METHODS}
    return [
        _steered(best, home[best], away[best], slopes),
        f"Some samples turn the other way: {slopes.at(best, turned, HOME).percent} at home and "
        f"{slopes.at(best, turned).percent} under the shifts. {_transferred(slopes.transfer(best))}",
        _kinds(slopes.of_kind(best, voices=True), slopes.of_kind(best, voices=False)),
        "The other ways: " + "; ".join(f"{_THE[m]} {home[m]} at home and {away[m]} away" for m in others) + ".",
        "What would have been learned in another context is, by its cosine with what was learned at home, "
        + ", ".join(f"{cosines[m]} ({m})" for m in METHODS)
        + ".",
        *_of_nights(aged, best, seed),
    ]


def _steered(best: str, home: Estimate, away: Estimate, slopes: Slopes) -> str:
    """The question itself: how much of the steerability at home is left elsewhere."""
    first = (
        f"The strongest way to steer at home is {_THE[best]}: the logit difference moves by {home} nats per token and "
        "unit of ‖h‖"
    )
    if not home.low > 0:
        return f"{first}, which is not told from nothing; so there is nothing that could hold elsewhere."
    kept = away.mean / home.mean
    held = "holds" if kept >= 0.8 else "holds in part" if kept >= 0.4 else "does not hold"
    places = {place: value for place, value in slopes.table()[best].items() if place != HOME and value.count}
    worst = min(places, key=lambda place: places[place].mean)
    return (
        f"{first}. Out of distribution it {held}: under the shifts {kept:.0%} of it is left ({away}). It suffers most "
        f"from a change of {worst}: {places[worst]}."
    )


def _transferred(r: float) -> str:
    if math.isnan(r):
        return "From these concepts it cannot be told whether what steers at home steers elsewhere."
    if r > 0.5:
        return f"Concepts that steer well at home steer well elsewhere (r = {r:.2f} over concepts)."
    return f"How well a concept steers at home says little of elsewhere (r = {r:.2f} over concepts)."


def _kinds(voices: Estimate, themes: Estimate) -> str:
    if min(voices.count, themes.count) < 2:
        return "Ways of speaking and topics cannot be compared: too few of them were tried."
    differ = "differ" if voices.low > themes.high or themes.low > voices.high else "do not differ measurably"
    return f"Ways of speaking and topics {differ}: {voices} for voices and {themes} for topics, over all contexts."


def _of_nights(aged: Sequence[Row], method: str, seed: int) -> list[str]:
    """Compared sample by sample, so that the samples themselves do not blur it."""
    slopes = {
        int(nights or 0): {(row["concept"], row["sample"]): float(row["value"] or 0) for row in of_night}
        for (nights,), of_night in grouped([row for row in aged if row["method"] == method], "nights").items()
    }
    if len(slopes) < 2:
        return []
    before, after = slopes[min(slopes)], slopes[max(slopes)]
    change = estimate([after[sample] - before[sample] for sample in before if sample in after], seed)
    held = "changes" if change.apart_from(0) else "does not measurably change"
    return [f"With {max(slopes)} nights of learning the steerability of the voices {held}, sample by sample: {change}."]


_THE = {
    FEATURE: "a single SAE feature",
    FEATURES: "the sum of SAE features",
    MEANS: "the difference in means",
    HEBBIAN: "the Hebbian reservoir",
}


def _at_shifts(rows: Sequence[Row], measure: str, method: str) -> list[Row]:
    """At the shifts only: at home everything is as at home."""
    return [r for r in rows if r["measure"] == measure and r.get("method") == method and r.get("context") != HOME]


def _figures(rows: Sequence[Row], slopes: Slopes, aged: Sequence[Row], seed: int) -> list[Figure]:
    means = {m: _means([row for row in slopes.rows if row["method"] == m]) for m in METHODS}
    names = sorted(means[MEANS], key=lambda name: -means[MEANS][name])
    places = [place for place in SHIFTS if any(row["context"] == place for row in slopes.rows)]
    cosines = [
        [
            _over_concepts([r for r in _at_shifts(rows, "cosine", m) if r["context"] == place], seed).mean
            for place in places
        ]
        for m in METHODS
    ]
    per_night = {
        str(m): {f"{nights} nights": _over_concepts(of, seed) for (nights,), of in grouped(of_m, "nights").items()}
        for (m,), of_m in grouped(aged, "method").items()
    }
    interval = "Means over concepts; whiskers are 95 % bootstrap intervals over concepts."
    figures = [
        bars("Steerability at home and under shifts", interval, slopes.table(), up="slope, nats per token and ‖h‖"),
        bars("Anti-steerable samples", interval, slopes.table(turned), up="share of samples"),
        curves(
            "Logit difference against strength",
            "Means over concepts at home; bands are 95 % bootstrap intervals over concepts.",
            {m: _curve(rows, m, seed) for m in METHODS},
            up="nats per token, less that at 0",
            across="push, share of ‖h‖",
        ),
        matrix(
            "Steerability per concept, over all contexts",
            "Sorted by the difference in means.",
            [[means[m].get(name, float("nan")) for name in names] for m in METHODS],
            rows=METHODS,
            columns=names,
        ),
        matrix(
            "Cosine of what was learned in another context with what was learned at home",
            "Means over concepts.",
            cosines,
            rows=METHODS,
            columns=places,
        ),
    ]
    if per_night:
        figures.append(bars("Steerability of the voices after nights of learning", interval, per_night, up="slope"))
    return figures


def _curve(rows: Sequence[Row], method: str, seed: int) -> tuple[list[float], list[Estimate]]:
    home = [r for r in rows if r["measure"] == "difference" and r["method"] == method and r.get("context") == HOME]
    bare = {(r["concept"], r["sample"]): float(r["value"] or 0) for r in home if r["strength"] == 0}
    moved = [r | {"value": float(r["value"] or 0) - bare[r["concept"], r["sample"]]} for r in home]
    return list(STRENGTHS), [_over_concepts([r for r in moved if r["strength"] == s], seed) for s in STRENGTHS]


def _table(title: str, values: dict[str, dict[str, Estimate]]) -> Table:
    places = list(dict.fromkeys(place for of in values.values() for place in of))
    cells = [[m, *(str(of[p]) if p in of else "" for p in places)] for m, of in values.items()]
    return Table(title=title, columns=["method", *places], rows=cells)


def _plain(values: dict[str, dict[str, Estimate]]) -> dict[str, Any]:
    return {m: {p: [e.mean, e.low, e.high] for p, e in of.items()} for m, of in values.items()}
