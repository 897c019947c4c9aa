"""How far she has drifted, self after self: a chart of shares from the oldest at the left to the newest."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widget import Widget

from anima_tui.app.widgets import words
from anima_tui.app.widgets.night_text import inks_of
from anima_tui.app.widgets.sparkline import rising


class DriftChart(Widget):
    """Columns of eighths of a cell; the self under the cursor stands out by colour and by its number."""

    DEFAULT_CSS = """
    DriftChart { height: 1fr; width: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self._shares: Sequence[float] = ()
        self._place = 0

    def show(self, shares: Sequence[float], place: int) -> None:
        """Distances in [0, 1], oldest first, and which of them is looked at."""
        self._shares, self._place = shares, place
        self.refresh()

    def render(self) -> Content:
        width, height = self.size
        inks = inks_of(self.app)
        if not self._shares:
            return Content.styled(self._title, inks.muted)
        rows, column = rising(self._shares, self._place, width, height - 1)
        now = self._shares[self._place]
        lines = [Content.assemble((f"{self._title} ", inks.muted), (f"{now:.0%} {words.apart(now)}", inks.ink))]
        for row in rows:
            before, here, after = row[:column], row[column : column + 1], row[column + 1 :]
            lines.append(Content.assemble((before, inks.dream), (here, f"{inks.ink} bold"), (after, inks.dream)))
        return Content("\n").join(lines)
