"""A trace around zero, and one that rises from it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from textual.content import Content

_RISING = " ▁▂▃▄▅▆▇█"
_QUIET = 0.02
"""Below this nothing but the zero line is drawn."""


def diverging(values: Sequence[float], width: int, height: int) -> list[list[tuple[str, int]]]:
    """Rows from the top, each `width` cells of (glyph, sign); the newest value is the rightmost cell.

    `values` lie in [-1, 1]. Half of the rows (`height` is even) lie above zero: a step is `2 / (8 * height)`.
    Above zero blocks stand on the line. Below, no block can hang, so the glyph is the empty rest of the cell
    and the sign -1 asks for it to be drawn in reverse. Sign 0 is the zero line and empty space.
    """
    half = height // 2
    recent = list(values)[-width:] if width > 0 else []
    padded = [0.0] * (width - len(recent)) + recent
    rows = [[_above(value, half, half - 1 - row) for value in padded] for row in range(half)]
    rows += [[_below(value, half, row) for value in padded] for row in range(half)]
    return rows


def trace(values: Sequence[float], width: int, height: int, positive: str, negative: str, line: str) -> list[Content]:
    """`diverging` in two colours and a muted zero line."""
    style = {1: positive, -1: f"{negative} reverse", 0: line}
    return [
        Content.assemble(
            *(("".join(glyph for glyph, _ in run), style[sign]) for sign, run in groupby(row, key=lambda c: c[1]))
        )
        for row in diverging(values, width, height)
    ]


def rising(shares: Sequence[float], place: int, width: int, height: int) -> tuple[list[str], int]:
    """Rows from the top, at most `width` cells each, and the cell in which `shares[place]` lies.

    `shares` lie in [0, 1]; where there are more than cells, the greatest of those that share a cell is seen. Every
    value has at least an eighth, so that the cell of an unchanged self is seen, too.
    """
    count, cells = len(shares), min(len(shares), max(1, width))
    peaks = [max(shares[cell * count // cells : (cell + 1) * count // cells]) for cell in range(cells)]
    eighths = [max(1, round(min(1.0, max(0.0, peak)) * height * 8)) for peak in peaks]
    rows = ["".join(_RISING[min(8, max(0, top - 8 * floor))] for top in eighths) for floor in reversed(range(height))]
    return rows, ((place + 1) * cells - 1) // count


def _steps(size: float, half: int) -> int:
    return max(1, round(min(1.0, size) * half * 8)) if size > _QUIET else 0


def _above(value: float, half: int, distance: int) -> tuple[str, int]:
    filled = min(8, max(0, _steps(value, half) - 8 * distance))
    return (_RISING[filled], 1) if filled else (" ", 0)


def _below(value: float, half: int, distance: int) -> tuple[str, int]:
    filled = min(8, max(0, _steps(-value, half) - 8 * distance))
    if filled:
        return _RISING[8 - filled], -1
    return ("▔" if distance == 0 else " "), 0
