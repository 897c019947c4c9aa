"""The heatmap panel: what fires in her, as a stream or as a cortex."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.reactive import reactive

from anima_tui.app.widgets.cortex_view import CortexView
from anima_tui.app.widgets.pace import Pace
from anima_tui.app.widgets.stream_view import StreamView
from anima_tui.wire import BodyCard, Fired


class HeatmapPanel(Container, can_focus=True):
    """Two views of the same tokens, of which one is seen. Click the title, or press v, for the other."""

    DEFAULT_CSS = """
    HeatmapPanel {
        border: round $foreground 25%;
        border-title-color: $text-muted;
        border-subtitle-color: $text-muted;
        height: 1fr;
        min-height: 5;
    }
    HeatmapPanel:focus { border: round $border; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v,enter", "toggle_view", "Stream or cortex", id="heatmap.view"),
    ]

    view: reactive[Literal["stream", "cortex"]] = reactive("stream")

    def __init__(self, hz: float = 12.0, colormap: str = "theme", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._stream = StreamView(colormap)
        self._cortex = CortexView(colormap)
        self._pace = Pace(self, hz, self._paint)

    def compose(self) -> ComposeResult:
        yield self._stream
        yield self._cortex

    def ready(self, body: BodyCard) -> None:
        """A body begins: its labels, and where its features lie."""
        self._stream.adopt(body.labels)
        self._cortex.adopt(body)
        self.border_subtitle = f"{body.d_sae} features"

    def show(self, features: Sequence[Fired]) -> None:
        """One token. May be called faster than anything is painted: only the latest picture is."""
        self._stream.hear(features)
        self._cortex.hear(features)
        self._pace.ask()

    def toggle_view(self) -> None:
        self.view = "cortex" if self.view == "stream" else "stream"

    def action_toggle_view(self) -> None:
        self.toggle_view()

    def watch_view(self) -> None:
        self._stream.display = self.view == "stream"
        self._cortex.display = self.view == "cortex"
        marks = [
            Content.styled(f"◆ {each}", "bold") if each == self.view else Content(f"◇ {each}")
            for each in ("stream", "cortex")
        ]
        self.border_title = Content("  ").join(marks)

    def on_click(self, event: events.Click) -> None:
        if event.widget is self and event.y == 0:
            self.toggle_view()

    def _paint(self) -> None:
        (self._stream if self.view == "stream" else self._cortex).paint()
