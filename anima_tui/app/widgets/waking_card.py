"""The morning after a night that changed her: what came, what went and why, to be kept, undone or rewritten."""

from __future__ import annotations

import time
from typing import ClassVar

from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from anima_tui.app.widgets.night_text import inks_of
from anima_tui.app.widgets.self_text import changes, counted
from anima_tui.app.widgets.themed import Themed
from anima_tui.text import safe_line
from anima_tui.wire import NightDone

KEPT = 6
"""Lines that stayed and are shown with what became of their strength."""
KEYS = "Enter keeps it · u undoes it · e edits her"


class WakingCard(Static, Themed, can_focus=True):
    """Open until something is decided, then one line. Words typed at it go to the prompt."""

    DEFAULT_CSS = """
    WakingCard {
        height: auto;
        margin: 1 0 0 0;
        padding: 0 1;
        border: round $accent 50%;
        border-title-color: $accent;
        border-subtitle-color: $text-muted;
    }
    WakingCard:focus { border: round $accent; background: $boost; border-subtitle-color: $foreground; }
    WakingCard.-folded { border: none; padding: 0 1 0 2; color: $text-muted; background: transparent; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "keep", "Keep", id="waking.keep"),
        Binding("u", "app.undo_night", "Undo", id="waking.undo"),
        Binding("e", "app.open('self')", "Edit", id="waking.edit"),
        Binding("escape", "leave", "Back to the prompt", show=False, id="waking.leave"),
    ]

    decided: reactive[str] = reactive("")
    """A word for what became of it; empty while it is open."""

    class Left(Message):
        """The prompt takes over, with what was typed or pasted at the card."""

        def __init__(self, typed: events.Key | events.Paste | None = None) -> None:
            super().__init__()
            self.typed = typed

    def __init__(self, morning: NightDone) -> None:
        super().__init__(markup=False)
        self._morning = morning
        self._left = False
        """The prompt has taken over: a key that still arrives was typed after one of its own."""
        self.border_title = "she woke changed"
        self.border_subtitle = KEYS

    def on_mount(self) -> None:
        self._show()

    def watch_decided(self) -> None:
        if self.decided:
            had_focus = self.has_focus
            self.add_class("-folded")
            self.can_focus = False
            if had_focus:
                self.post_message(self.Left())
        self._show()

    def action_keep(self) -> None:
        self.decided = "kept"

    def action_leave(self) -> None:
        """Back to the prompt; beyond that, the key means what it always means."""
        self.post_message(self.Left())
        raise SkipAction

    def on_focus(self) -> None:
        self._left = False

    def on_key(self, event: events.Key) -> None:
        if self._left or (event.is_printable and event.key not in ("u", "e")):
            event.stop()
            self._left = True
            self.post_message(self.Left(events.Key(event.key, event.character)))

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self._left = True
        self.post_message(self.Left(events.Paste(event.text)))

    def _show(self) -> None:
        night, ink = self._morning.night, inks_of(self.app)
        if self.decided:
            self.update(f"☾ she woke changed ({counted(night.diff)}), {self.decided}")
            return
        diff = changes(night.diff, self._morning.self_model.lines, self._morning.evidence, ink, KEPT)
        when = time.strftime("%d %b %H:%M", time.localtime(night.began))
        head = Content.styled(f"☾ {when} · {safe_line(night.summary)}", ink.muted)
        self.update(Content("\n").join([head, diff]))
