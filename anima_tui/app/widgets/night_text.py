"""Nights as text: headings, stages, dreams and what they changed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

from textual.app import App
from textual.content import Content

from anima_tui.app.widgets.hues import between, hue, legible
from anima_tui.text import safe_line, safe_text
from anima_tui.wire import DiffLine, NightRecord

STAGES = ("drowsy", "deep", "dream", "consolidate", "gate", "wake")

_BAR = 16  # cells
_OUTCOMES = {
    "changed": "she woke changed",
    "restful": "restful, nothing changed",
    "interrupted": "interrupted, nothing changed",
    "undone": "undone",
}
SIGNS = {"+": "+", "-": "−", " ": " "}


class Inks(NamedTuple):
    """Colours as `#rrggbb`."""

    ink: str
    muted: str
    dream: str
    added: str
    removed: str


def inks_of(app: App[object]) -> Inks:
    """The theme's own, made legible on its ground."""
    ink, ground = hue(app, "foreground"), hue(app, "background")
    return Inks(
        ink=ink,
        muted=between(ground, ink, 0.6),
        dream=legible(hue(app, "dream"), ground, ink),
        added=legible(hue(app, "success"), ground, ink),
        removed=legible(hue(app, "error"), ground, ink),
    )


def stage_line(stage: str, width: int, inks: Inks) -> Content:
    """The six stages: done, now and to come. Where their names do not fit, only the present one has one."""
    present = STAGES.index(stage)
    full = _stages(present, inks, frozenset(STAGES))
    return full if full.cell_length <= width else _stages(present, inks, frozenset((stage,)))


def _stages(present: int, inks: Inks, named: frozenset[str]) -> Content:
    parts: list[Content] = []
    for index, stage in enumerate(STAGES):
        glyph = "✓" if index < present else "◉" if index == present else "○"
        style = f"{inks.dream} bold" if index == present else inks.ink if index < present else inks.muted
        parts.append(Content.styled(f"{glyph} {stage}" if stage in named else glyph, style))
    return Content(" ").join(parts)


def progress(fraction: float) -> str:
    """How much of the night is over."""
    share = min(1.0, max(0.0, fraction))
    done = round(share * _BAR)
    return f"{'━' * done}{'╌' * (_BAR - done)} {share:.0%}"


def heading(night: NightRecord, mark: str, outcome: str, inks: Inks) -> Content:
    """`▸ 24 Nov 03:12 changed`"""
    began = time.strftime("%d %b %H:%M", time.localtime(night.began))
    hue = inks.added if night.outcome == "changed" else inks.muted
    return Content.assemble((f"{mark} {began} ", inks.ink), (safe_line(outcome), hue))


def folded(night: NightRecord, inks: Inks) -> Content:
    """One line: when, how it ended, and its first words."""
    first = safe_line(night.dreams[0] if night.dreams else night.summary)[:200]
    return Content.assemble(heading(night, "▸", night.outcome, inks), (f" · {first}", inks.muted))


def opened(night: NightRecord, inks: Inks) -> Content:
    """Everything of a night."""
    minutes = max(0.0, night.ended - night.began) / 60
    length = f"{minutes:.0f} minutes" if minutes >= 2 else f"{max(minutes * 60, 2):.0f} seconds"
    blocks = [
        heading(night, "▾", _OUTCOMES[night.outcome], inks),
        Content.styled(f"{safe_line(night.summary)} ({length})".strip(), inks.ink),
    ]
    blocks += [dream(depth, text, inks) for depth, text in enumerate(night.dreams, 1)]
    if night.diff:
        blocks.append(difference(night.diff, inks))
    return Content("\n").join(blocks)


def passing(line: str, inks: Inks) -> Content:
    """A memory that passes by while she falls asleep."""
    return Content.styled(f"  · {safe_line(line)}", f"{inks.muted} italic")


def dream(depth: int, text: str, inks: Inks) -> Content:
    return Content.assemble((f"☾{depth} ", f"{inks.dream} bold"), (safe_text(text).strip(), f"{inks.dream} italic"))


def difference(lines: Sequence[DiffLine], inks: Inks) -> Content:
    """What the night did to the self-model, told apart by sign and by colour."""
    return Content("\n").join(
        [Content.styled(f"{SIGNS[line.sign]} {safe_line(line.text)}", sign_ink(line.sign, inks)) for line in lines]
    )


def sign_ink(sign: str, inks: Inks) -> str:
    return {"+": inks.added, "-": inks.removed}.get(sign, inks.muted)
