"""A study as text: its question, its answer, and its figures drawn in cells."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from textual.content import Content

from anima_tui.app.widgets.night_text import Inks
from anima_tui.app.widgets.sparkline import rising
from anima_tui.findings import Figure, Findings
from anima_tui.text import safe_line

HEIGHT = 2
"""Rows of a curve."""
QUICK = "A quick run: it shows that every part works, and its numbers mean nothing."

Trace = Mapping[str, Any]
"""One of a figure, as plotly's JSON has it."""


def study_text(findings: Findings, width: int, inks: Inks) -> Content:
    """The whole study, as wide as `width` cells."""
    parts = [Content.styled(line, f"italic {inks.muted}") for line in _wrapped(findings.question, width)]
    if findings.quick:
        parts.append(Content.styled(QUICK, inks.removed))
    for paragraph in findings.answer:
        parts += [Content(""), *(Content.styled(line, inks.ink) for line in _wrapped(paragraph, width))]
    for figure in findings.figures:
        parts += [Content(""), Content.styled(safe_line(figure.title), f"bold {inks.dream}")]
        parts += figure_lines(figure, width, inks)
        parts += [Content.styled(line, inks.muted) for line in _wrapped(figure.caption, width)]
    parts += [Content(""), Content.styled("Method", f"bold {inks.dream}")]
    for paragraph in findings.method:
        parts += [Content.styled(line, inks.muted) for line in _wrapped(paragraph, width)]
    return Content("\n").join(parts)


def figure_lines(figure: Figure, width: int, inks: Inks) -> list[Content]:
    """Bars, curves or a matrix; a figure of another kind is on the page only."""
    traces: list[Trace] = [trace for trace in figure.plotly.get("data", ()) if isinstance(trace, dict)]
    kinds = {str(trace.get("type")) for trace in traces}
    try:
        if kinds == {"bar"}:
            return _bars(traces, width, inks)
        if kinds == {"scatter"}:
            return _curves([trace for trace in traces if trace.get("name")], width, inks)
        if kinds == {"heatmap"}:
            return _matrix(traces[0], width, inks)
        if kinds == {"histogram"}:
            return _histogram(traces[0], width, inks)
    except (KeyError, TypeError, ValueError):
        pass
    return [Content.styled("This figure is on the page only.", inks.muted)]


def _bars(traces: Sequence[Trace], width: int, inks: Inks) -> list[Content]:
    """Group after group, a bar for each series, with its interval in numbers."""
    groups = list(dict.fromkeys(str(name) for trace in traces for name in trace["x"]))
    named = max(len(str(trace.get("name", ""))) for trace in traces)
    most = max((abs(value) for trace in traces for value in _numbers(trace["y"])), default=1.0) or 1.0
    room = max(4, width - named - 28)
    lines: list[Content] = []
    for group in groups:
        lines.append(Content.styled(f" {safe_line(group)}", inks.muted))
        for trace in traces:
            values = dict(zip(map(str, trace["x"]), range(len(trace["x"])), strict=True))
            if (at := values.get(group)) is None or not _is_number(value := trace["y"][at]):
                continue
            bar = "█" * round(room * abs(value) / most) or "▏"
            ink = inks.removed if value < 0 else inks.dream
            name = f"  {safe_line(str(trace.get('name', ''))):<{named}} "
            lines.append(
                Content.assemble((name, inks.ink), (bar, ink), (f" {value:.2f}{_interval(trace, at)}", inks.muted))
            )
    return lines


def _interval(trace: Trace, at: int) -> str:
    error = trace.get("error_y")
    if not isinstance(error, dict) or "array" not in error:
        return ""
    value, up, down = trace["y"][at], error["array"][at], error["arrayminus"][at]
    return f" [{value - down:.2f}, {value + up:.2f}]" if _is_number(up) and _is_number(down) else ""


def _curves(traces: Sequence[Trace], width: int, inks: Inks) -> list[Content]:
    """Each series by itself, on one scale from the least to the greatest of all."""
    values = [value for trace in traces for value in _numbers(trace["y"])]
    low, high = min(values, default=0.0), max(values, default=1.0)
    lines = [Content.styled(f" from {low:.3g} to {high:.3g}", inks.muted)]
    for trace in traces:
        series = _numbers(trace["y"])
        if not series:
            continue
        shares = _stretched([(value - low) / (high - low) if high > low else 0.0 for value in series], width - 2)
        rows, _ = rising(shares, len(shares) - 1, width - 2, HEIGHT)
        lines.append(
            Content.assemble(
                (f" {safe_line(str(trace['name']))} ", inks.ink), (f"{series[-1]:.3g} at the end", inks.muted)
            )
        )
        lines += [Content.styled(f" {row}", inks.dream) for row in rows]
    return lines


def _stretched(shares: Sequence[float], width: int) -> list[float]:
    """Each as often as there is room for all."""
    times = max(1, width // max(1, len(shares)))
    return [share for share in shares for _ in range(times)]


def _matrix(trace: Trace, width: int, inks: Inks) -> list[Content]:
    """Columns by number, and a row of numbers for each name: as many columns as there is room for."""
    names = [safe_line(str(name)) for name in trace["y"]]
    named = max(map(len, names), default=0)
    wide = max(1, (width - named - 1) // 6)
    lines: list[Content] = []
    for first in range(0, len(trace["x"]), wide):
        columns = trace["x"][first : first + wide]
        heads = "".join(f"{safe_line(str(name))[:5]:>6}" for name in columns)
        lines.append(Content.styled(f"{'':<{named}} {heads}", inks.muted))
        for name, row in zip(names, trace["z"], strict=True):
            cells = [f"{value:>6.2f}" if _is_number(value) else f"{'–':>6}" for value in row[first : first + wide]]
            lines.append(Content.assemble((f"{name:<{named}} ", inks.ink), ("".join(cells), inks.dream)))
    return lines


def _histogram(trace: Trace, width: int, inks: Inks) -> list[Content]:
    """How many values lie in each of equal parts of their range."""
    values = _numbers(trace["x"])
    low, high = min(values, default=0.0), max(values, default=1.0)
    bins = max(1, min(60, width - 2))
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, int(bins * (value - low) / (high - low)) if high > low else 0)] += 1
    rows, _ = rising([count / max(counts) for count in counts], 0, width - 2, 2 * HEIGHT)
    return [
        *(Content.styled(f" {row}", inks.dream) for row in rows),
        Content.styled(f" {low:<{max(1, bins - 8)}.3g}{high:>8.3g}", inks.muted),
    ]


def _numbers(values: Iterable[Any]) -> list[float]:
    return [float(value) for value in values if _is_number(value)]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(safe_line(text), max(20, width)) or [""]
