"""Where the user writes."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea

from anima_tui.text import safe_text

OURS = frozenset({"f6", "f7", "ctrl+y,super+y", "pageup", "pagedown"})
"""Keys of TextArea that mean something else in this app."""


class Prompt(TextArea, inherit_bindings=False):
    """Enter sends, Ctrl+J begins a line, ↑ in an empty prompt recalls what was sent last."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(each for each in TextArea.BINDINGS if isinstance(each, Binding) and each.key not in OURS),
        Binding("ctrl+j", "newline", "New line", show=False, id="prompt.newline"),
        Binding("pageup", "app.scroll_chat(-1)", "Scroll up", show=False, id="chat.page_up"),
        Binding("pagedown", "app.scroll_chat(1)", "Scroll down", show=False, id="chat.page_down"),
    ]

    class Sent(Message):
        """The user pressed Enter on something."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self) -> None:
        super().__init__(
            id="prompt",
            compact=True,
            show_line_numbers=False,
            tab_behavior="focus",
            highlight_cursor_line=False,
            placeholder="Say something, or / for a command",
        )
        self.cursor_blink = False  # a blinking cursor would be the only thing that costs power when idle
        self._last = ""

    async def _on_key(self, event: events.Key) -> None:
        """Enter, in its place among the keys typed before it: a binding would overtake them."""
        if event.key == "enter":
            event.prevent_default().stop()
            if text := safe_text(self.text).rstrip():
                self.post_message(self.Sent(text))
        else:
            await super()._on_key(event)

    def action_newline(self) -> None:
        self.insert("\n")

    def accepted(self, text: str) -> None:
        """The text went on its way: clear the prompt, and keep the text for ↑."""
        self._last = text
        self.clear()

    def restore(self, text: str) -> None:
        """Put something back that could not be answered, before whatever is being typed."""
        text = safe_text(text)  # it came back through the engine
        self.text = f"{text}\n{self.text}" if self.text else text
        self.move_cursor(self.document.end)

    def action_cursor_up(self, select: bool = False) -> None:
        if not self.text and self._last:
            self.text = self._last
            self.move_cursor(self.document.end)
        else:
            super().action_cursor_up(select)

    def action_undo(self) -> None:
        """In an empty prompt the key means the night, which is the app's business."""
        if not self.text:
            raise SkipAction
        super().action_undo()

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default().stop()
        self.insert(safe_text(event.text))
