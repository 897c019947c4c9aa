"""A question before something goes that cannot be brought back by a key."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen

from anima_tui.app.widgets.message import Plain


class Question(ModalScreen[bool]):
    """Answers True for yes. Nothing else that is pressed does anything."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "dismiss(True)", "Yes", id="question.yes"),
        Binding("n,escape", "dismiss(False)", "No", id="question.no"),
    ]

    def __init__(self, title: str, text: str, yes: str) -> None:
        super().__init__()
        self._title = title
        self._text = text
        self._yes = yes

    def compose(self) -> ComposeResult:
        with Vertical() as box, VerticalScroll(can_focus=False):
            yield Plain(self._text)
        box.border_title = self._title
        box.border_subtitle = f"Enter {self._yes} · Esc does not"
