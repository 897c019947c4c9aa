"""Bars with eighths of a cell."""

from __future__ import annotations

from math import isnan

from textual.content import Content

_EIGHTHS = " ▏▎▍▌▋▊▉"


def bar(share: float, width: int) -> str:
    """Exactly `width` cells, of which `share` in [0, 1] is filled, rounded to an eighth of a cell."""
    whole, part = divmod(round(_within(share) * width * 8), 8)
    return ("█" * whole + (_EIGHTHS[part] if part else "")).ljust(width)


def gauge(share: float, width: int, hue: str, track: str) -> Content:
    """A solid bar on its track."""
    return Content.styled(bar(share, width), f"{hue} on {track}")


def line_gauge(share: float, width: int, hue: str, track: str) -> Content:
    """The same as a heavy line, in halves of a cell: quieter, for what is less urgent."""
    whole, half = divmod(round(_within(share) * width * 2), 2)
    filled = "━" * whole + "╸" * half
    return Content.assemble((filled, hue), ("━" * (width - len(filled)), track))


def _within(share: float) -> float:
    return 0.0 if isnan(share) else min(1.0, max(0.0, share))
