"""Vector stability: is what was learned in one context still steering in another?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from anima_tui.lab.charts import bars, curves, matrix
from anima_tui.lab.concepts import VOICE_PAIRS, Pair, concepts, pairs_of
from anima_tui.lab.findings import Figure, Findings, Table, grouped, numbers
from anima_tui.lab.living.days import Clock, conversation, living, morning, night, talk
from anima_tui.lab.stability.contexts import EXAMPLES, HOME, SHIFTS, at_home, blocks_of, context_named
from anima_tui.lab.stability.slopes import STRENGTHS, differences
from anima_tui.lab.statistics import Estimate, correlation, cosine, estimate, grouped_estimate, slope
from anima_tui.lab.study import Cell, Plan, Row, Study
from anima_tui.lab.subject import Subject
from anima_tui.lab.vectors import FEATURE, HEBBIAN, METHODS, Learned, learn, reply_ids
from anima_tui.settings import Decode, Settings, Sleep

_PAIRS, _SAMPLES = 64, 32
_NIGHTS = (0, 1, 4, 16)
_FEWEST = 4
"""Pairs below which a concept is left out of a context."""

METHOD = [
    "A concept is a set of pairs of replies to the same message, of which one shows it: for a voice, two voices; for a "
    "topic, two replies in one voice of which one holds a word of the topic's lexicon. Vectors are learned at home "
    f"(who she is, the message) from up to {_PAIRS} pairs of the even-numbered files of the corpus, four ways: the "
    "single SAE feature that separates best by AUROC, the sum of the best twelve, the difference in means of the "
    "residuals, and the Hebbian reservoir that heard the replies under its own rule with +1 and -1 for valence and "
    "pushes along the habit of what fires. They are tried on up to "
    f"{_SAMPLES} held-out pairs at home and under each shift.",
    "The logit difference is the mean log-probability per token of the reply that shows the concept less that of the "
    f"other, read token by token with the push on, over their first tokens. It is taken at {len(STRENGTHS)} strengths "
    f"from {STRENGTHS[0]:g} to {STRENGTHS[-1]:g} of the length of the residual. Steerability is the slope of the "
    "least-squares line through them, per sample; a sample is anti-steerable when its slope is negative (Tan et al. "
    "2024, arXiv 2407.12404). Phrasebook examples are left out of the prompt but for the shift that is about them.",
    "Intervals are 95 % bootstrap intervals over concepts: samples of one concept are not independent. After nights of "
    "learning the home vectors are tried again, with the self-model of that morning in the prompt and the habits of "
    "that morning added to the residual.",
]


def cells(plan: Plan) -> list[Cell]:
    if plan.quick:
        tried = [("imagination", context) for context in (HOME, *SHIFTS)] + [("dogs", HOME)]
        aged = [("imagination", nights) for nights in (0, 1)]
    else:
        tried = [(concept, context) for concept in concepts() for context in (HOME, *SHIFTS)]
        aged = [(voice, nights) for voice in VOICE_PAIRS for nights in _NIGHTS]
    pairs, samples, messages = (4, 1, 1) if plan.quick else (_PAIRS, _SAMPLES, 4)
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
    with living(subject, scratch / "soul", settings, clock) as mind:
        for day in range(int(cell["nights"] or 0)):
            morning(mind, clock, day, cell["seed"])
            talk(mind, clock, conversation(subject, int(cell["messages"] or 1), cell["seed"], day))
            night(mind, clock)
        lines = [line.text for line in mind.soul.self_model().lines]
        weights = torch.from_numpy(mind.weights())
    sae = subject.body.sae
    system = subject.scribe.style.system(lines, [], thinking=False)

    def habit(h: Tensor) -> Tensor:
        return (sae.encode(h) * weights * sae.decoder_norms) @ sae.directions.float()

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
    ways = [lambda h, method=method: learned.towards(method, subject, h) for method in METHODS]
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


def _learned(subject: Subject, concept: str, context: str, most: int) -> Learned | None:
    """None where the corpus shows too little of the concept."""
    return _learn(_Key(subject), concept, context, most)


class _Key:
    """Lets a subject stand in a cache's key: there is one in a process."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    def __hash__(self) -> int:
        return id(self.subject.body)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.subject.body is self.subject.body


@lru_cache(maxsize=32)
def _learn(key: _Key, concept: str, context: str, most: int) -> Learned | None:
    subject = key.subject
    pairs = pairs_of(concepts()[concept], blocks_of(context, subject.blocks, held_out=False), most)
    prompted = context_named(context)
    return learn(subject, pairs, lambda pair: prompted(subject, pair)) if len(pairs) >= _FEWEST else None


# --- what the rows say -----------------------------------------------------------------------------------


def conclude(plan: Plan, rows: Sequence[Row]) -> Findings:
    slopes = [row for row in rows if row["measure"] == "slope" and row.get("nights") is None]
    by_place = {
        method: {str(c): _over_concepts(of_c, plan.seed) for (c,), of_c in grouped(of_method, "context").items()}
        for (method,), of_method in grouped(slopes, "method").items()
    }
    anti = {
        method: {
            str(c): _over_concepts(of_c, plan.seed, lambda value: float(value < 0))
            for (c,), of_c in grouped(of_method, "context").items()
        }
        for (method,), of_method in grouped(slopes, "method").items()
    }
    aged = [row for row in rows if row["measure"] == "slope" and row.get("nights") is not None]
    return Findings(
        study="stability",
        title="Vector stability",
        question="Can a steering vector learned in one context remain stable when applied to out-of-distribution "
        "tasks?",
        method=METHOD,
        answer=_answer(slopes, by_place, anti, aged, rows, plan.seed),
        tables=[_table("Steerability, nats per token and share of ‖h‖", by_place), _table("Anti-steerable", anti)],
        figures=_figures(rows, slopes, by_place, anti, aged, plan.seed),
        numbers={
            "steerability": _plain(by_place),
            "anti-steerable": _plain(anti),
            "transfer": {method: _transfer(slopes, method) for method in METHODS},
        },
        quick=plan.quick,
        body=plan.body,
        seed=plan.seed,
    )


def _over_concepts(rows: Sequence[Row], seed: int, of: Callable[[float], float] = float) -> Estimate:
    return grouped_estimate(
        [[of(value) for value in numbers(of_one, "value")] for of_one in grouped(rows, "concept").values()], seed
    )


def _transfer(slopes: Sequence[Row], method: str) -> float:
    """Correlation over concepts of the steerability at home with that under the shifts."""
    mine = [row for row in slopes if row["method"] == method]
    home = _means([row for row in mine if row["context"] == HOME])
    away = _means([row for row in mine if row["context"] != HOME])
    both = [concept for concept in home if concept in away]
    return correlation([home[concept] for concept in both], [away[concept] for concept in both])


def _means(rows: Sequence[Row]) -> dict[str, float]:
    groups = {str(concept): numbers(of_one, "value") for (concept,), of_one in grouped(rows, "concept").items()}
    return {concept: sum(values) / len(values) for concept, values in groups.items() if values}


def _answer(
    slopes: Sequence[Row],
    by_place: dict[str, dict[str, Estimate]],
    anti: dict[str, dict[str, Estimate]],
    aged: Sequence[Row],
    rows: Sequence[Row],
    seed: int,
) -> list[str]:
    home = {method: places[HOME] for method, places in by_place.items()}
    best = max(home, key=lambda method: home[method].mean)
    away = {
        method: _over_concepts([r for r in slopes if r["method"] == method and r["context"] != HOME], seed)
        for method in by_place
    }
    kept = away[best].mean / home[best].mean if home[best].mean else float("nan")
    worst = min((place for place in by_place[best] if place != HOME), key=lambda place: by_place[best][place].mean)
    steered = home[best].low > 0
    said = [
        f"The strongest way to steer at home is {_the(best)}: the logit difference moves by {home[best]} nats per "
        f"token and unit of ‖h‖" + (", which is more than nothing." if steered else ", which is not told from nothing.")
    ]
    if steered:
        verdict = "holds" if kept >= 0.8 else "holds in part" if kept >= 0.4 else "does not hold"
        said.append(
            f"Out of distribution it {verdict}: over the {len(by_place[best]) - 1} shifts {kept:.0%} of it is left "
            f"({away[best]}). It suffers most from a change of {worst}: {by_place[best][worst]}."
        )
    transfers = _transfer(slopes, best)
    said.append(
        f"Samples that turn the other way are common: {anti[best][HOME].percent} at home and "
        f"{_over_concepts([r for r in slopes if r['method'] == best and r['context'] != HOME], seed, lambda v: float(v < 0)).percent} "
        f"under the shifts. Concepts that steer well at home steer well elsewhere (r = {transfers:.2f})."
        if transfers > 0.5
        else f"Samples that turn the other way: {anti[best][HOME].percent} at home. How well a concept steers at home "
        f"says little of elsewhere (r = {transfers:.2f})."
    )
    said.append(_of_kinds(slopes, best, seed))
    said.append("The other ways: " + "; ".join(f"{_the(m)} {home[m]} at home, {away[m]} away" for m in home if m != best) + ".")
    cosines = {m: _over_concepts(_measured(rows, "cosine", m), seed) for m in METHODS}
    said.append(
        "Learned anew in another context, the vector would have been much the same or not: cosine with the one from "
        "home " + ", ".join(f"{cosines[m]} ({m})" for m in METHODS if cosines[m].count) + "."
    )
    return [*said, *_of_nights(aged, best, seed)]


def _of_kinds(slopes: Sequence[Row], method: str, seed: int) -> str:
    mine = [row for row in slopes if row["method"] == method]
    voices = _over_concepts([row for row in mine if row["concept"] in VOICE_PAIRS], seed)
    themes = _over_concepts([row for row in mine if row["concept"] not in VOICE_PAIRS], seed)
    if not voices.count or not themes.count:
        return "Only one kind of concept was tried."
    differ = "differ" if voices.low > themes.high or themes.low > voices.high else "do not differ measurably"
    return f"Ways of speaking and topics {differ}: {voices} for voices, {themes} for topics, over all contexts."


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


def _the(method: str) -> str:
    return {"SAE feature": "a single SAE feature", "SAE features": "the sum of SAE features",
            "difference in means": "the difference in means", "reservoir": "the Hebbian reservoir"}[method]  # fmt: skip


def _measured(rows: Sequence[Row], measure: str, method: str) -> list[Row]:
    """At the shifts only: at home everything is as at home."""
    return [r for r in rows if r["measure"] == measure and r.get("method") == method and r.get("context") != HOME]


def _figures(
    rows: Sequence[Row],
    slopes: Sequence[Row],
    by_place: dict[str, dict[str, Estimate]],
    anti: dict[str, dict[str, Estimate]],
    aged: Sequence[Row],
    seed: int,
) -> list[Figure]:
    per_night = {
        str(method): {f"{nights} nights": _over_concepts(of_n, seed) for (nights,), of_n in grouped(of, "nights").items()}
        for (method,), of in grouped(aged, "method").items()
    }
    means = {m: _means([r for r in slopes if r["method"] == m]) for m in by_place}
    names = sorted(means[METHODS[2]], key=lambda name: -means[METHODS[2]][name])
    places = [place for place in SHIFTS if any(r.get("context") == place for r in rows)]
    cosines = [[_over_concepts([r for r in _measured(rows, "cosine", m) if r["context"] == p], seed).mean
                for p in places] for m in METHODS]  # fmt: skip
    interval = "Bars are means over concepts, whiskers 95 % bootstrap intervals over concepts."
    figures = [
        bars("Steerability at home and under shifts", interval, by_place, up="slope, nats per token and ‖h‖"),
        bars("Anti-steerable samples", interval, anti, up="share of samples"),
        curves(
            "Logit difference against strength",
            "Means over concepts at home; bands are 95 % bootstrap intervals.",
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
            "Cosine of vectors learned in another context with those from home",
            "Means over concepts.",
            cosines,
            rows=METHODS,
            columns=places,
        ),
    ]
    if per_night:
        figures.append(bars("Steerability after nights of learning", interval, per_night, up="slope"))
    return figures


def _curve(rows: Sequence[Row], method: str, seed: int) -> tuple[list[float], list[Estimate]]:
    at_home = [
        r for r in rows if r["measure"] == "difference" and r["method"] == method and r.get("context") == HOME
    ]
    bare = {(r["concept"], r["sample"]): float(r["value"] or 0) for r in at_home if r["strength"] == 0}
    moved = [r | {"value": float(r["value"] or 0) - bare[r["concept"], r["sample"]]} for r in at_home]
    return list(STRENGTHS), [_over_concepts([r for r in moved if r["strength"] == s], seed) for s in STRENGTHS]


def _table(title: str, values: dict[str, dict[str, Estimate]]) -> Table:
    places = list(dict.fromkeys(place for of in values.values() for place in of))
    cells = [[m, *(str(of[p]) if p in of else "" for p in places)] for m, of in values.items()]
    return Table(title=title, columns=["method", *places], rows=cells)


def _plain(values: dict[str, dict[str, Estimate]]) -> dict[str, Any]:
    return {m: {p: [e.mean, e.low, e.high] for p, e in of.items()} for m, of in values.items()}


STUDY = Study(cells, measure, conclude)
