"""What attunement measured, as one page that needs no network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from anima_tui.engine.attune.measure import Measured
from anima_tui.engine.attune.modes import Effect
from anima_tui.engine.attune.strengths import KL_BOUND
from anima_tui.engine.body import TRUSTED_VALENCE_R
from anima_tui.text import safe_line

_STYLE = """body { background: #1a1b26; color: #c0caf5; font: 16px/1.5 system-ui, sans-serif; max-width: 60rem;
margin: 2rem auto; padding: 0 1rem } h2 { color: #7aa2f7; margin-top: 2.5rem } table { border-collapse: collapse }
td, th { padding: .2rem .8rem; text-align: left; border-bottom: 1px solid #3b4261 } small { color: #a9b1d6 }"""
_COLOURS = ("#7aa2f7", "#e0af68")
_HUES = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#4f8fe0", "#d55e00", "#cc79a7", "#bbbbbb", "#9d7cd8")
"""Told apart by those who see few colours, too: those of Okabe and Ito, lighter where the page is dark."""


def write_report(file: Path, body_name: str, measured: Measured) -> None:
    """Write the page. Raises OSError."""
    report = measured.attunement.report
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        f"<title>Attunement of {_plain(body_name)}</title><style>{_STYLE}</style>",
        f"<script>{get_plotlyjs()}</script><h1>Attunement of {_plain(body_name)}</h1>",
        "<h2>Concepts</h2><p>How well each concept's direction, and its best single feature, tell held-out texts with "
        "the concept from those without it. 0.5 is chance.</p>",
        _drawn(_concepts(measured)),
        _table(("concept", "feature", "label", "AUROC, held out"), _features(measured)),
        "<h2>Pushing a concept</h2><p>Share of replies that show the concept, as the unsteered body hears them, "
        "against the 95th percentile of next-token KL from that body: one point for each strength.</p>",
        _drawn(_concept_curves(measured)),
        _table(("concept", "push α", "KL95 in nats", "shown", "repetition"), _effects(measured.curves)),
        "<h2>Strengths of the modes</h2><p>Share of replies in the mode's voice, against the same KL. The rule allows "
        f"{KL_BOUND:g} nat. A star marks the strength in use.</p>",
        _drawn(_curves(measured)),
        _table(
            ("mode", "push α", "KL95 in nats", "voice", "repetition"),
            _effects({mode.recipe.name: mode.curve for mode in measured.modes}),
        ),
        f"<h2>Valence</h2><p>Pearson's r with {report.valence_samples} held-out labels; from {TRUSTED_VALENCE_R:g} on "
        "it is trusted, below that a lexicon of words is used instead.</p>",
        _drawn(_valence(measured)),
        "<h2>Notes</h2><small>",
        *(f"<p>{_plain(note)}</p>" for note in report.notes),
        "</small></html>",
    ]
    file.write_text("\n".join(parts), encoding="utf-8")


def _concepts(measured: Measured) -> go.Figure:
    names = list(measured.concepts)
    best = [max(concept.features_auroc, default=None) for concept in measured.concepts.values()]
    figure = go.Figure(
        [
            go.Bar(
                name="direction", x=names, y=[c.auroc for c in measured.concepts.values()], marker_color=_COLOURS[0]
            ),
            go.Bar(name="best feature", x=names, y=best, marker_color=_COLOURS[1]),
        ]
    )
    figure.add_hline(y=0.5, line_dash="dot")
    return figure.update_yaxes(title="AUROC", range=[0, 1])


def _concept_curves(measured: Measured) -> go.Figure:
    figure = go.Figure(layout_colorway=_HUES)
    for name, curve in measured.curves.items():
        figure.add_scatter(
            name=name,
            x=[effect.kl95 for effect in curve.values()],
            y=[effect.share for effect in curve.values()],
            text=[f"α {alpha:g}" for alpha in curve],
            mode="lines+markers",
        )
    figure.add_vline(x=KL_BOUND, line_dash="dot")
    return figure.update_xaxes(title="KL95 in nats").update_yaxes(title="share that shows it", range=[0, 1.02])


def _curves(measured: Measured) -> go.Figure:
    figure = go.Figure()
    for mode in measured.modes:
        curve = mode.curve
        (used,) = mode.recipe.push.values()
        figure.add_scatter(
            name=mode.recipe.name,
            x=[effect.kl95 for effect in curve.values()],
            y=[effect.share for effect in curve.values()],
            text=[f"α {alpha:g}" for alpha in curve],
            mode="lines+markers",
            line_color=mode.recipe.hue,
            marker={
                "symbol": ["star" if alpha == used else "circle" for alpha in curve],
                "size": [16 if alpha == used else 7 for alpha in curve],
            },
        )
    figure.add_vline(x=KL_BOUND, line_dash="dot")
    return figure.update_xaxes(title="KL95 in nats").update_yaxes(title="share in the mode's voice", range=[0, 1.02])


def _valence(measured: Measured) -> go.Figure:
    r = measured.valence.r
    figure = go.Figure(go.Bar(x=list(r), y=list(r.values()), marker_color=_COLOURS[0]))
    figure.add_hline(y=TRUSTED_VALENCE_R, line_dash="dot")
    return figure.update_yaxes(title="r")


def _drawn(figure: go.Figure) -> str:
    figure.update_layout(template="plotly_dark", height=380, paper_bgcolor="#1a1b26", plot_bgcolor="#1a1b26")
    return str(figure.to_html(full_html=False, include_plotlyjs=False))


def _features(measured: Measured) -> Iterable[Sequence[str]]:
    for name, concept in measured.concepts.items():
        for feature, area in zip(concept.features, concept.features_auroc, strict=True):
            yield name, f"#{feature}", measured.attunement.labels.get(feature, ""), f"{area:.2f}"


def _effects(curves: Mapping[str, Mapping[float, Effect]]) -> Iterable[Sequence[str]]:
    for name, curve in curves.items():
        for alpha, effect in curve.items():
            yield name, f"{alpha:g}", f"{effect.kl95:.2f}", f"{effect.share:.0%}", f"{effect.repetition:.1%}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["<tr>" + "".join(f"<td>{_plain(cell)}</td>" for cell in row) + "</tr>" for row in rows]
    return f"<table><tr>{''.join(f'<th>{_plain(cell)}</th>' for cell in head)}</tr>{''.join(lines)}</table>"


def _plain(text: str) -> str:
    return escape(safe_line(text))
