"""The features of the body's autoencoder over the corpus, and the atlas that shows each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import plotly.graph_objects as go

from anima_tui.atlas import FILE
from anima_tui.findings import Figure, Findings, Table
from anima_tui.lab.charts import dressed
from anima_tui.lab.features.atlas import Chart, atlas_of, atlas_page
from anima_tui.lab.features.diary import said_in, valence_over_time
from anima_tui.lab.features.firing import Firing, Said, Tokens, measure_firing
from anima_tui.lab.features.lens import lenses
from anima_tui.lab.findings import replace
from anima_tui.lab.statistics import estimate
from anima_tui.lab.study import Cell, Plan, Row, Study
from anima_tui.lab.subject import Subject, subject_of

_TEXTS, _SHARDS = 6000, 12
OWN = 500
"""Exchanges of the user's that are read again."""
SHOWN = 12

METHOD = [
    f"{_TEXTS} messages and replies of the corpus, spread evenly over it, each read in a chat of its own. A level is "
    "an activation in units of the feature's 99th percentile, at most 1. Valence is that of the body's calibrated "
    "readout at the same token. Promoted tokens are those whose logit the feature's direction raises most through the "
    "unembedding, in standard deviations over features; neighbours are those with the largest cosine of decoder rows.",
    "atlas.html beside this report shows all features in the cortex layout, and everything known of each.",
]


def cells(plan: Plan) -> list[Cell]:
    texts, shards = (60, 2) if plan.quick else (_TEXTS, _SHARDS)
    return [plan.cell(texts=texts, shard=shard, shards=shards) for shard in range(shards)]


def measure(subject: Subject, cell: Cell, _scratch: Path) -> list[Row]:
    """One row for each feature that fired in this part of the texts, and one for all its tokens."""
    texts = _texts(subject, int(cell["texts"] or 1))[int(cell["shard"] or 0) :: int(cell["shards"] or 1)]
    firings, tokens = measure_firing(subject, texts)
    whole: Row = {"tokens": tokens.count, "valence": tokens.valence, "squared": tokens.squared}
    return [whole, *({"feature": feature} | firing.row() for feature, firing in sorted(firings.items()))]


def _texts(subject: Subject, most: int) -> list[Said]:
    """Opening messages and replies in every voice, in turns."""
    said = [
        one
        for block in subject.blocks
        for turn in block.turns[:1]
        for one in (
            Said(turn.says[0]),
            *(Said(replies[0], turn.says[0]) for replies in turn.replies.values() if replies),
        )
    ]
    return [said[i * len(said) // most] for i in range(min(most, len(said)))]


def gathered(rows: Sequence[Row]) -> tuple[dict[int, Firing], Tokens]:
    """All parts together."""
    firings: dict[int, Firing] = {}
    tokens = Tokens()
    for row in rows:
        if row.get("feature") is None:
            tokens.count += int(row["tokens"] or 0)
            tokens.valence += float(row["valence"] or 0)
            tokens.squared += float(row["squared"] or 0)
        else:
            firings.setdefault(int(row["feature"] or 0), Firing()).add(row)
    return firings, tokens


def conclude(plan: Plan, rows: Sequence[Row]) -> Findings:
    subject = subject_of(plan.body)
    card, d_sae = subject.body.card, subject.body.sae.d_sae
    firings, tokens = gathered(rows)
    shares = [firing.fired / tokens.count for firing in firings.values()]
    felt = {feature: tokens.correlation(firing) for feature, firing in firings.items()}
    order = sorted(felt, key=lambda feature: felt[feature])
    found = {
        "features": d_sae,
        "tokens": tokens.count,
        "silent": d_sae - len(firings),
        "active a token": sum(firing.fired for firing in firings.values()) / tokens.count,
        "median share": sorted(shares)[len(shares) // 2],
        "labelled": len(card.labels),
        "|r| above 0.1": sum(abs(r) > 0.1 for r in felt.values()),
    }
    return Findings(
        study="features",
        title="Features",
        question="What does each feature of the autoencoder stand for, and which of them carry valence?",
        method=METHOD,
        answer=[
            f"Of {d_sae} features {found['silent']} never fired on {tokens.count} tokens; "
            f"{found['active a token']:.1f} are active at a token, half of them on fewer than "
            f"{found['median share']:.2%} of the tokens. {found['labelled']} have a label.",
            f"Valence is carried by few: {found['|r| above 0.1']} features correlate with it beyond 0.1. The most "
            f"pleasant is {_named(order[-1], card.labels)} (r = {felt[order[-1]]:.2f}), the most painful "
            f"{_named(order[0], card.labels)} (r = {felt[order[0]]:.2f}).",
        ],
        tables=[
            _table("The most pleasant", order[::-1][:SHOWN], felt, firings, card.labels),
            _table("The most painful", order[:SHOWN], felt, firings, card.labels),
        ],
        figures=_figures(shares, list(felt.values())),
        numbers=found | {"mean |r|": estimate([abs(r) for r in felt.values()]).mean},
        quick=plan.quick,
        body=plan.body,
        seed=plan.seed,
    )


def illustrate(plan: Plan, rows: Sequence[Row], folder: Path) -> None:
    """`atlas.html`, and `atlas.json` for the app, with the user's own conversations where the plan names a soul."""
    subject = subject_of(plan.body)
    firings, tokens = gathered(rows)
    own: dict[int, Firing] = {}
    over_time: dict[int, list[float | None]] = {}
    if plan.soul:
        texts = [said for said in said_in(plan.soul, OWN) if said.text.strip()]
        own = measure_firing(subject, texts)[0] if texts else {}
        over_time = valence_over_time(plan.soul)
    chart = Chart(subject.body.card, firings, tokens, lenses(subject), own, over_time)
    atlas = atlas_of(chart)
    replace(folder / FILE, lambda file: file.write_bytes(msgspec.json.encode(atlas)))
    replace(folder / "atlas.html", lambda file: file.write_text(atlas_page(atlas, chart.card.model), encoding="utf-8"))


def _named(feature: int, labels: dict[int, str]) -> str:
    return f"#{feature} “{labels[feature]}”" if feature in labels else f"#{feature}"


def _table(
    title: str, features: Sequence[int], felt: dict[int, float], firings: dict[int, Firing], labels: dict[int, str]
) -> Table:
    rows = [
        [
            f"#{f}",
            labels.get(f, ""),
            f"{felt[f]:+.2f}",
            str(firings[f].fired),
            next((t for _, t in firings[f].contexts), ""),
        ]
        for f in features
    ]
    return Table(title=title, columns=["feature", "label", "r with valence", "fired", "where most"], rows=rows)


def _figures(shares: Sequence[float], felt: Sequence[float]) -> list[Figure]:
    firing = go.Figure(go.Histogram(x=list(shares), nbinsx=60, marker_color="#e0af68"))
    valence = go.Figure(go.Histogram(x=list(felt), nbinsx=60, marker_color="#5fa8d3"))
    return [
        dressed(firing, "How often features fire", "", up="features", across="share of tokens"),
        dressed(valence, "Correlation with valence", "", up="features", across="Pearson's r over tokens"),
    ]


STUDY = Study(cells, measure, conclude, illustrate)
