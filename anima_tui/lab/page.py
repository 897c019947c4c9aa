"""Findings as one HTML page that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from anima_tui.findings import Figure, Findings, Table

_STYLE = """
:root { color-scheme: light dark; --ink: #1a1b26; --soft: #5a5f78; --ground: #fbfaf7; --line: #d8d5cc;
  --glow: #b0761b; }
@media (prefers-color-scheme: dark) { :root { --ink: #d7daea; --soft: #9096b0; --ground: #16161e; --line: #343648;
  --glow: #e0af68; } }
body { background: var(--ground); color: var(--ink); font: 17px/1.55 Georgia, serif; max-width: 62rem;
  margin: 3rem auto; padding: 0 1.5rem; }
h1, h2, h3 { font-weight: 600; line-height: 1.2; } h1 { font-size: 2.1rem; } h2 { margin-top: 4rem; }
.question { font-size: 1.2rem; font-style: italic; color: var(--soft); }
.answer { border-left: 4px solid var(--glow); padding: .2rem 1.2rem; }
.note, figcaption, .made { color: var(--soft); font-size: .85rem; }
table { border-collapse: collapse; font: 14px/1.5 ui-monospace, monospace; display: block; overflow-x: auto; }
th, td { padding: .15rem .9rem .15rem 0; text-align: left; border-bottom: 1px solid var(--line); white-space: nowrap; }
figure { margin: 2rem 0; } .warning { color: #c0392b; font-weight: 600; }
"""


def page(title: str, sections: Sequence[str], script: str = "") -> str:
    """A whole document, plotly's program in it. `sections` are HTML; `title` is text."""
    head = f"<meta charset='utf-8'><title>{escape(title)}</title><style>{_STYLE}</style>"
    program = f"<script>{get_plotlyjs()}</script>"
    body = f"<h1>{escape(title)}</h1>{''.join(sections)}{script}"
    return f"<!doctype html><html lang='en'><head>{head}{program}</head><body>{body}</body></html>\n"


def section(findings: Findings) -> str:
    """One study: question, answer, figures, tables, method."""
    warning = (
        "<p class='warning'>A quick run: it shows that every part works, and its numbers mean nothing.</p>"
        if findings.quick
        else ""
    )
    parts = [
        f"<h2 id='{escape(findings.study)}'>{escape(findings.title)}</h2>",
        f"<p class='question'>{escape(findings.question)}</p>{warning}",
        f"<div class='answer'>{_paragraphs(findings.answer)}</div>",
        *map(_figure, findings.figures),
        *map(_table, findings.tables),
        f"<h3>Method</h3>{_paragraphs(findings.method)}",
        f"<p class='made'>Body {escape(findings.body)}, seed {findings.seed}.</p>",
    ]
    return "".join(parts)


def _paragraphs(texts: Sequence[str]) -> str:
    return "".join(f"<p>{escape(text)}</p>" for text in texts)


def _figure(figure: Figure) -> str:
    drawn = go.Figure(figure.plotly).to_html(full_html=False, include_plotlyjs=False, config={"displayModeBar": False})
    return f"<figure><h3>{escape(figure.title)}</h3>{drawn}<figcaption>{escape(figure.caption)}</figcaption></figure>"


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in table.columns)
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows)
    return f"<h3>{escape(table.title)}</h3><table><tr>{head}</tr>{rows}</table>"
