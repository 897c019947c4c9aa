"""The four panes: side by side where there is room, behind tabs where there is not."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.color import Color, ColorParseError
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Static, Tab, Tabs

from anima_tui import wire
from anima_tui.app.session import Session
from anima_tui.app.widgets.banner import Banner, banner_line
from anima_tui.app.widgets.chat import Transcript
from anima_tui.app.widgets.dream_log import DreamLog
from anima_tui.app.widgets.heatmap import HeatmapPanel
from anima_tui.app.widgets.key_line import KeyLine
from anima_tui.app.widgets.metabolism import MetabolismPanel
from anima_tui.app.widgets.prompt import Prompt
from anima_tui.app.widgets.status import Status, vitals_line
from anima_tui.app.widgets.waking_card import WakingCard
from anima_tui.settings import Display
from anima_tui.text import safe_text

ROOMY = (100, 28)  # cells: below either, tabs
LEAST = (40, 10)  # below either, nothing but a plea
TOO_SMALL = "Anima needs at least 40x10"


class MainScreen(Screen[None]):
    """Arranges the panes and tints them. The same widgets serve both layouts."""

    PANES: ClassVar[dict[str, str]] = {
        "chat": "Chat",
        "heatmap": "Heatmap",
        "metabolism": "Body",
        "dreams": "Dreams",
    }

    def __init__(self, display: Display) -> None:
        super().__init__(id="main")
        self.transcript = Transcript(display.chat_hz)
        self.banner = Banner()
        self.status = Status()
        self.prompt = Prompt()
        self.heatmap = HeatmapPanel(display.heatmap_hz, display.colormap, id="heatmap")
        self.metabolism = MetabolismPanel(id="metabolism")
        self.dreams = DreamLog(id="dreams")
        self._tabs = Tabs(*(Tab(title, id=f"to-{pane}") for pane, title in self.PANES.items()), id="tabs")
        self._mode = ""

    def compose(self) -> ComposeResult:
        yield Static(TOO_SMALL, id="too-small", markup=False)
        yield self._tabs
        with Horizontal(id="panes"):
            with Vertical(id="chat") as chat:
                chat.border_title = "chat"
                yield self.transcript
                yield self.banner
                yield self.status
                yield self.prompt
            with Vertical(id="side"):
                yield self.heatmap
                yield self.metabolism
                yield self.dreams
        yield KeyLine(compact=True, show_command_palette=True)

    def on_mount(self) -> None:
        self.prompt.focus()

    def on_resize(self, event: events.Resize) -> None:
        width, height = event.size
        self.set_class(width < ROOMY[0] or height < ROOMY[1], "-tabbed")
        self.set_class(width < LEAST[0] or height < LEAST[1], "-tiny")

    @on(WakingCard.Left)
    def _write_on(self, event: WakingCard.Left) -> None:
        self.prompt.focus()
        if event.typed is not None:
            self.prompt.post_message(event.typed)

    @on(Tabs.TabActivated)
    def _show_pane(self, event: Tabs.TabActivated) -> None:
        for pane in self.PANES:
            self.set_class(event.tab.id == f"to-{pane}", f"-on-{pane}")
        if self.has_class("-on-chat"):
            self.prompt.focus()

    def turn_tab(self, step: int) -> None:
        """To the next pane, or the one before; it only shows on a small terminal."""
        tabs = [f"to-{pane}" for pane in self.PANES]
        self._tabs.active = tabs[(tabs.index(self._tabs.active) + step) % len(tabs)]

    def bring_forward(self, pane: str) -> None:
        """Behind tabs, the one that is seen; elsewhere all of them are."""
        if self.has_class("-tabbed"):
            self._tabs.active = f"to-{pane}"

    def show_status(self, session: Session) -> None:
        self.banner.say(banner_line(session.unsaved, read_only=session.read_only))
        if session.vitals is not None:
            self.status.say(
                vitals_line(
                    session.vitals,
                    len(session.outbox),
                    postponed=session.postponed,
                    hurried=session.hurried,
                    watching=session.watching,
                )
            )

    async def tell(self, text: str, level: wire.Level = "info") -> None:
        """A sentence in the talk, and above whatever hides the talk."""
        await self.transcript.note(text, level)
        if not self.is_active:
            severity = "information" if level == "info" else level
            self.notify(safe_text(text), severity=severity, markup=False)

    def feel(self, vitals: wire.Vitals, modes: list[wire.ModeCard]) -> None:
        """A mode lends its hue to the chat's frame."""
        if vitals.mode != self._mode:
            self._mode = vitals.mode
            hue = next((card.hue for card in modes if card.name == vitals.mode), "")
            self._tint(hue)

    def _tint(self, hue: str) -> None:
        chat = self.query_one("#chat")
        try:
            chat.styles.border = ("round", Color.parse(hue))
        except ColorParseError:
            chat.styles.border = None
