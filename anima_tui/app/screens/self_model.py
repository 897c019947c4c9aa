"""Her self-model in the user's hands: the core, and what she has learnt, a line each."""

from __future__ import annotations

from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Label, TextArea

from anima_tui import wire
from anima_tui.app.screens.question import Question
from anima_tui.app.session import Send, Session
from anima_tui.app.widgets.message import Plain
from anima_tui.text import safe_line, safe_text

CORE = "Core: yours, never changes in sleep"
LEARNT = "What she has learnt: each night may change it"
HINT = "One sentence to a line. A line that stays word for word keeps its evidence and its strength."
SAVING = "Saving: she answers when she is done with what she does now."
SAVED = "Saved."
CHANGED = "She has changed meanwhile: Ctrl+S saves your text, and what she has learnt since stays beside it."


class Lines(TextArea):
    """Lines of the self-model. What is pasted comes without control characters."""

    def __init__(self, lines: list[str], id: str) -> None:  # noqa: A002
        super().__init__("\n".join(safe_line(line) for line in lines), id=id, compact=True, tab_behavior="focus")
        self.cursor_blink = False

    @property
    def lines(self) -> list[str]:
        return [line for each in self.text.splitlines() if (line := safe_line(each))]

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default().stop()
        self.insert(safe_text(event.text))


class SelfScreen(ModalScreen[None]):
    """Ctrl+S saves; Esc leaves, after a question if something was written."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", id="self.save"),
        Binding("escape", "leave", "Leave", id="self.leave"),
    ]

    def __init__(self, session: Session, send: Send) -> None:
        super().__init__()
        self._session = session
        self._send = send
        self._shown = session.self_model
        lines = self._shown.lines if self._shown else []
        self._core = Lines([line.text for line in lines if line.core], "core")
        self._learnt = Lines([line.text for line in lines if not line.core], "learnt")
        self._hint = Plain(HINT if self._shown else "She is still waking up: nothing can be written yet.")
        self._before = self._written

    @property
    def _written(self) -> tuple[list[str], list[str]]:
        return self._core.lines, self._learnt.lines

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            yield Label(CORE)
            yield self._core
            yield Label(LEARNT)
            yield self._learnt
            yield self._hint
        box.border_title = "who she is"
        box.border_subtitle = "Ctrl+S saves · Tab to the other · Esc leaves"

    def on_mount(self) -> None:
        listeners = self._session.listeners
        listeners.join(self, wire.SelfChanged, self._changed)
        listeners.join(self, wire.NightDone, self._overtaken)
        listeners.join(self, wire.MemoryForgotten, self._overtaken)
        listeners.join(self, wire.Notice, self._refused)
        self._learnt.focus()

    def on_unmount(self) -> None:
        self._session.listeners.leave(self)

    async def action_save(self) -> None:
        core, lines = self._written
        if self._shown is None:
            return
        if (core, lines) == self._before:
            self.dismiss()
        elif not core:
            self._hint.say("She needs one line at her core, such as “I am Anima.”")
            self._core.focus()
        else:
            self._hint.say(SAVING)
            await self._send(wire.EditSelf(base=self._shown.id, core=core, lines=lines))

    @work
    async def action_leave(self) -> None:
        question = Question("leave", "What you wrote here is not saved.", "throws it away")
        if self._written == self._before or await self.app.push_screen_wait(question):
            self.dismiss()

    def _changed(self, event: wire.SelfChanged) -> None:
        if event.why == "edit":
            self._before = self._written
            self._hint.say(SAVED)
            if self.is_active:  # else the question above it is answered first
                self.dismiss()
        else:
            self._overtaken(event)

    def _overtaken(self, event: wire.SelfChanged | wire.NightDone | wire.MemoryForgotten) -> None:
        if self._shown is not None and event.self_model.id != self._shown.id:
            self._hint.say(CHANGED)

    def _refused(self, event: wire.Notice) -> None:
        if event.level == "error":
            self._hint.say(event.text)
