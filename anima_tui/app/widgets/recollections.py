"""What came to mind before she spoke, and why: each memory with its score and the three reasons for it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from anima_tui.app.widgets.night_text import Inks, inks_of
from anima_tui.app.widgets.self_text import meter
from anima_tui.app.widgets.themed import Themed
from anima_tui.text import safe_line
from anima_tui.wire import Recollection


class Recollections(Static, Themed):
    """`0.90 relevance ━━━╌╌ adrenaline ━╌╌╌╌ recency ━━━━╌ They said: "..."`, a line each."""

    DEFAULT_CSS = """
    Recollections { height: auto; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, recalled: Sequence[Recollection]) -> None:
        super().__init__(markup=False)
        self._recalled = recalled

    def on_mount(self) -> None:
        self._show()

    def _show(self) -> None:
        inks = inks_of(self.app)
        if not self._recalled:
            self.update(Content.styled("nothing came to mind", inks.muted))
            return
        self.update(Content("\n").join([_row(one, inks) for one in self._recalled]))


def _row(one: Recollection, inks: Inks) -> Content:
    parts: list[Content] = []
    for name, share in (("relevance", one.relevance), ("adrenaline", one.adrenaline), ("recency", one.recency)):
        parts += [Content.styled(f" {name} ", inks.muted), meter(share, inks, inks.dream)]
    mark = "◆" if one.pinned else " "
    line = Content.styled(f"  {safe_line(one.line)}", inks.ink)
    return Content("").join([Content.styled(f"{mark}{one.score:5.2f}", inks.ink), *parts, line])
