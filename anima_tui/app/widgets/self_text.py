"""The self-model as text: what came and went, how firmly a line stands, and what it rests on."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from textual.content import Content

from anima_tui.app.widgets import words
from anima_tui.app.widgets.night_text import SIGNS, Inks, sign_ink
from anima_tui.text import safe_line
from anima_tui.wire import DiffLine, SelfLine

BAR = 5  # cells
QUOTES = 3
"""Memories quoted under a line, the newest; the others are counted."""
FORGOTTEN = "a memory that was forgotten"


def meter(share: float, inks: Inks, hue: str) -> Content:
    """A short bar, in halves of a cell."""
    halves = round(min(1.0, max(0.0, share)) * BAR * 2)
    filled = "━" * (halves // 2) + "╸" * (halves % 2)
    return Content.assemble((filled, hue), ("╌" * (BAR - len(filled)), inks.muted))


def changes(
    diff: Sequence[DiffLine], lines: Sequence[SelfLine], evidence: Mapping[int, str], inks: Inks, kept: int
) -> Content:
    """What came and went, each new line with its strength and evidence; of the lines that stayed, at most `kept`."""
    known = {line.text: line for line in lines}
    rows: list[Content] = []
    stayed: list[SelfLine] = []
    for each in diff:
        line = known.get(each.text)
        if each.sign == "-" or line is None:
            rows.append(Content.styled(f"{SIGNS[each.sign]} {safe_line(each.text)}", sign_ink(each.sign, inks)))
        elif each.sign == "+":
            rows += [_line(line, "+", inks), *evidence_rows(line, evidence, inks)]
        elif not line.core:
            stayed.append(line)
    rows += [_line(line, " ", inks) for line in stayed[:kept]]
    if len(stayed) > kept:
        rows.append(Content.styled(f"  and {len(stayed) - kept} more stayed", inks.muted))
    return Content("\n").join(rows)


def portrait(lines: Sequence[SelfLine], evidence: Mapping[int, str], inks: Inks) -> Content:
    """A whole self-model: the core, then what was learnt with strength, age and evidence."""
    rows = [Content.styled(f"◆ {safe_line(line.text)}", inks.ink) for line in lines if line.core]
    for line in lines:
        if not line.core:
            rows += [_line(line, " ", inks, dated=True), *evidence_rows(line, evidence, inks)]
    return Content("\n").join(rows)


def evidence_rows(line: SelfLine, evidence: Mapping[int, str], inks: Inks) -> list[Content]:
    """The memories a line rests on, the newest first."""
    quotes = [safe_line(evidence.get(number, FORGOTTEN)) for number in reversed(line.evidence)]
    rows = [Content.styled(f"        ↳ {quote}", f"{inks.muted} italic") for quote in quotes[:QUOTES]]
    if len(quotes) > QUOTES:
        rows.append(Content.styled(f"        ↳ and {len(quotes) - QUOTES} more", f"{inks.muted} italic"))
    return rows


def altered(diff: Sequence[DiffLine]) -> list[DiffLine]:
    """Only what came and went."""
    return [each for each in diff if each.sign != " "]


def counted(diff: Sequence[DiffLine]) -> str:
    """`+2 −1`"""
    came, went = (sum(each.sign == sign for each in diff) for sign in "+-")
    return f"+{came} −{went}" if came or went else "·"


def _line(line: SelfLine, sign: str, inks: Inks, *, dated: bool = False) -> Content:
    """`+ ━━━╌╌ They live by the sea. (held)`"""
    ink = sign_ink(sign, inks)
    if line.core:
        return Content.styled(f"{SIGNS[sign]} ◆ {safe_line(line.text)}", ink)
    aside = words.strength(line.strength)
    if dated and line.since:
        aside += time.strftime(", since %d %b %Y", time.localtime(line.since))
    return Content.assemble(
        (f"{SIGNS[sign]} ", ink),
        meter(line.strength, inks, ink),
        (f" {safe_line(line.text)}", ink if sign == "+" else inks.ink),
        (f" ({aside})", inks.muted),
    )
