"""What she remembers, in its owner's hands: searched, pinned, mended, forgotten."""

from __future__ import annotations

import time
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import DataTable, Input

from anima_tui import wire
from anima_tui.app.screens.question import Question
from anima_tui.app.session import Send, Session
from anima_tui.app.widgets.message import Plain, signed
from anima_tui.text import safe_line

PAGE = 100
"""Memories that are asked for at once."""
AHEAD = 20
"""Rows before the end of the list at which older ones are asked for."""
PATIENCE = 0.25
"""Seconds without a key after which a search begins."""
KEYS = "p pins · e edits · d forgets · / searches · Esc closes"
WAITING = "Asking her: she answers when she is done with what she does now."
NOTHING = "Nothing is remembered yet: every exchange leaves a memory of both sides."
NOT_FOUND = "No memory holds these words."
SPEAKERS = {"user": "you", "anima": "she"}


class MemoriesScreen(ModalScreen[None]):
    """The newest on top. The search follows what is typed; an edit replaces the search field until Enter or Esc."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "pin", "Pin", id="memories.pin"),
        Binding("e", "edit", "Edit", id="memories.edit"),
        Binding("d,delete", "forget", "Forget", id="memories.forget"),
        Binding("slash", "search", "Search", id="memories.search"),
        Binding("escape", "leave", "Close", id="memories.close"),
        Binding("q", "dismiss", "Close", show=False, id="memories.quit"),
    ]

    def __init__(self, session: Session, send: Send, search: str = "") -> None:
        super().__init__()
        self._session = session
        self._send = send
        self._wanted = search
        """The words that are searched; answers to other words come too late."""
        self._cards: list[wire.MemoryCard] = []
        self._total = 0
        self._asked: int | None = None
        """The memory before which a page was asked for last."""
        self._editing: wire.MemoryCard | None = None
        self._pause: Timer | None = None
        self._search = Input(search, placeholder="words to search for", id="search", compact=True)
        self._edit = Input(id="edit", compact=True, select_on_focus=False)
        self._table = DataTable[Text](cursor_type="row", zebra_stripes=False)
        self._said = Plain(WAITING)

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            yield self._search
            yield self._edit
            yield self._table
            yield self._said
        box.border_title = "memories"
        box.border_subtitle = KEYS

    async def on_mount(self) -> None:
        self._edit.display = False
        for title in ("when", "who", "", "valence", "adren.", "words"):
            self._table.add_column(title)
        listeners = self._session.listeners
        listeners.join(self, wire.Memories, self._found)
        listeners.join(self, wire.MemoryChanged, self._changed)
        listeners.join(self, wire.MemoryForgotten, self._forgotten)
        self.watch(self._table, "scroll_y", self._scroll, init=False)
        self._table.focus()
        await self._look()

    def on_unmount(self) -> None:
        self._session.listeners.leave(self)

    @property
    def _chosen(self) -> wire.MemoryCard | None:
        row = self._table.cursor_row
        return self._cards[row] if 0 <= row < len(self._cards) else None

    # --- the search ------------------------------------------------------------------------------------

    async def _look(self, before: int | None = None) -> None:
        self._asked = before
        await self._send(wire.ListMemories(search=self._wanted, before=before, limit=PAGE))

    @on(Input.Changed, "#search")
    def _typed(self, event: Input.Changed) -> None:
        if event.value == self._wanted:
            return
        if self._pause is not None:
            self._pause.stop()
        self._wanted = event.value
        self._pause = self.set_timer(PATIENCE, self._look)

    @on(Input.Submitted, "#search")
    def _to_the_list(self) -> None:
        self._table.focus()

    @on(DataTable.RowHighlighted)
    async def _walk(self, event: DataTable.RowHighlighted) -> None:
        self._say()
        await self._reach(event.cursor_row)

    def _scroll(self) -> None:
        self.call_later(self._reach, self._table.scroll_offset.y + self._table.size.height)

    async def _reach(self, row: int) -> None:
        """Older memories are asked for before the end of the list is seen."""
        if self._cards and row >= len(self._cards) - AHEAD and len(self._cards) < self._total:
            oldest = self._cards[-1].id
            if self._asked != oldest:
                await self._look(before=oldest)

    # --- what the engine says --------------------------------------------------------------------------

    def _found(self, page: wire.Memories) -> None:
        """The newest that match, or older ones when the end of the list was reached."""
        if page.search != self._wanted:
            return
        self._total = page.total
        if self._cards and page.memories and page.memories[0].id < self._cards[-1].id and self._asked is not None:
            self._cards += page.memories
        elif self._asked is None:
            self._cards = list(page.memories)
            self._table.clear()
        else:
            return
        for card in page.memories:
            self._table.add_row(*_row(card), key=str(card.id))
        self._say()

    def _changed(self, event: wire.MemoryChanged) -> None:
        changed = event.memory
        for row, card in enumerate(self._cards):
            if card.id == changed.id:
                self._cards[row] = changed
                for column, cell in zip(self._table.ordered_columns, _row(changed), strict=True):
                    self._table.update_cell(str(changed.id), column.key, cell, update_width=True)
        self._say()

    def _forgotten(self, event: wire.MemoryForgotten) -> None:
        if any(card.id == event.memory for card in self._cards):
            self._cards = [card for card in self._cards if card.id != event.memory]
            self._total -= 1
            self._table.remove_row(str(event.memory))
        self._say()

    def _say(self) -> None:
        """What is chosen in full, and how many there are."""
        if (card := self._chosen) is None:
            self._said.say(NOT_FOUND if self._wanted.strip() else NOTHING)
            return
        marks = [name for name, on in (("pinned", card.pinned), ("dreamt", card.dreamt)) if on]
        place = f"{self._table.cursor_row + 1} of {self._total}"
        facts = " · ".join([place, f"novelty {card.novelty:.2f}", safe_line(card.mode), *marks])
        self._said.say(f"{safe_line(card.text)}\n{facts}")

    # --- keys ------------------------------------------------------------------------------------------

    def action_search(self) -> None:
        self._search.focus()

    async def action_pin(self) -> None:
        if (card := self._chosen) is not None:
            await self._send(wire.PinMemory(memory=card.id, on=not card.pinned))

    def action_edit(self) -> None:
        if (card := self._chosen) is not None:
            self._editing = card
            self._edit.value = safe_line(card.text)
            self._edit.display, self._search.display = True, False
            self._edit.focus()

    @on(Input.Submitted, "#edit")
    async def _edited(self, event: Input.Submitted) -> None:
        card, text = self._editing, event.value.strip()
        self._put_away()
        if card is not None and text and text != safe_line(card.text):
            await self._send(wire.EditMemory(memory=card.id, text=text))

    @work
    async def action_forget(self) -> None:
        if (card := self._chosen) is None:
            return
        if await self.app.push_screen_wait(Question("forget", self._what_goes(card), "forgets it")):
            await self._send(wire.ForgetMemory(memory=card.id))

    def _what_goes(self, card: wire.MemoryCard) -> str:
        """The memory, and the lines about herself that rest on nothing else."""
        text = f"“{safe_line(card.text)}”\n\nShe forgets this for good. The transcript of the talk keeps it."
        lines = self._session.self_model.lines if self._session.self_model else []
        alone = [line.text for line in lines if not line.core and line.evidence == [card.id]]
        if alone:
            text += "\n\nWith it goes what she has learnt from it alone:\n"
            text += "\n".join(f"− {safe_line(line)}" for line in alone)
        return text

    def action_leave(self) -> None:
        if self._editing is not None:
            self._put_away()
        elif self._search.has_focus:
            self._table.focus()
        else:
            self.dismiss()

    def _put_away(self) -> None:
        self._editing = None
        self._edit.display, self._search.display = False, True
        self._table.focus()


def _row(card: wire.MemoryCard) -> tuple[Text, ...]:
    marks = ("◆" if card.pinned else " ") + ("☾" if card.dreamt else " ")
    return (
        Text(time.strftime("%d %b %y %H:%M", time.localtime(card.at)), no_wrap=True),
        Text(SPEAKERS[card.speaker]),
        Text(marks, no_wrap=True),
        Text(signed(card.valence), no_wrap=True),
        Text(f"{card.adrenaline:.2f}", justify="right"),
        Text(safe_line(card.text), no_wrap=True),
    )
