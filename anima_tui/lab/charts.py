"""The few kinds of charts the studies draw, all in one dress."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import plotly.graph_objects as go

from anima_tui.findings import Figure
from anima_tui.lab.statistics import Estimate

DASHES = ("solid", "dash", "dot", "dashdot")
"""Lines that lie on each other are both seen."""
HUES = ("#e0af68", "#5fa8d3", "#bb7ad6", "#6aa56a", "#d9705f", "#8a8fa8", "#3d6f8f", "#a88b4a")
"""Told apart by colour-blind readers in this order."""


def bars(
    title: str, caption: str, series: Mapping[str, Mapping[str, Estimate]], *, up: str, across: str = ""
) -> Figure:
    """Grouped bars with intervals: series -> group -> value."""
    figure = go.Figure()
    for hue, (name, values) in zip(_hues(), series.items(), strict=False):
        figure.add_bar(
            name=name,
            x=list(values),
            y=[value.mean for value in values.values()],
            error_y=_whiskers(list(values.values())),
            marker_color=hue,
        )
    return dressed(figure, title, caption, up=up, across=across)


def curves(
    title: str,
    caption: str,
    series: Mapping[str, tuple[Sequence[float], Sequence[Estimate]]],
    *,
    up: str,
    across: str,
) -> Figure:
    """Lines with bands: series -> (x, values)."""
    figure = go.Figure()
    for hue, dash, (name, (x, values)) in zip(_hues(), cycle(DASHES), series.items(), strict=False):
        band = [*(value.high for value in values), *(value.low for value in reversed(values))]
        figure.add_scatter(
            x=[*x, *reversed(x)], y=band, fill="toself", fillcolor=hue, opacity=0.2, line_width=0, hoverinfo="skip",
            showlegend=False, mode="lines",
        )  # fmt: skip
        figure.add_scatter(
            name=name, x=list(x), y=[value.mean for value in values], mode="lines", line_color=hue, line_dash=dash
        )
    return dressed(figure, title, caption, up=up, across=across)


def matrix(
    title: str, caption: str, values: Sequence[Sequence[float]], *, rows: Sequence[str], columns: Sequence[str]
) -> Figure:
    """A table as colours, diverging around 0."""
    figure = go.Figure(
        go.Heatmap(
            z=[list(row) for row in values], x=list(columns), y=list(rows), colorscale="RdBu", zmid=0,
            text=[[f"{value:.2g}" for value in row] for row in values], texttemplate="%{text}",
        )
    )  # fmt: skip
    return dressed(figure, title, caption)


def dressed(figure: go.Figure, title: str, caption: str, *, up: str = "", across: str = "") -> Figure:
    """A finished figure in the lab's dress."""
    figure.update_layout(
        template="plotly_white",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "Georgia, serif", "color": "#7a7f98"},
        margin={"l": 60, "r": 50, "t": 20, "b": 60},
        height=440,
        xaxis={"title": across, "automargin": True},
        yaxis={"title": up, "automargin": True},
        legend={"orientation": "h", "y": -0.2},
    )
    figure.update_layout(template=None)  # its colours would be repeated in every figure
    drawn: dict[str, Any] = json.loads(figure.to_json() or "{}")
    return Figure(title=title, caption=caption, plotly=drawn)


def _hues() -> list[str]:
    return [*HUES, *HUES, *HUES]


def _whiskers(values: Sequence[Estimate]) -> dict[str, Any]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [value.high - value.mean for value in values],
        "arrayminus": [value.mean - value.low for value in values],
    }
