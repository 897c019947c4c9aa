"""Who she was: every self-model there ever was, how far it had come, and the way back to it."""

from __future__ import annotations

import time
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import DataTable, Static

from anima_tui import wire
from anima_tui.app.screens.question import Question
from anima_tui.app.screens.self_model import SelfScreen
from anima_tui.app.session import Send, Session
from anima_tui.app.widgets import words
from anima_tui.app.widgets.drift_chart import DriftChart
from anima_tui.app.widgets.night_text import difference, inks_of
from anima_tui.app.widgets.self_text import altered, counted, portrait
from anima_tui.text import safe_line

PAGE = 100
"""Generations that are asked for at once."""
AHEAD = 10
"""Rows before the end of the list at which older ones are asked for."""
REASONS = {"first": "born", "dream": "a night", "edit": "your edit", "forget": "you forgot"}
WAITING = "Asking her: she answers when she is done with what she does now."
KEYS = "r goes back to it · p replays its night · e edits her · Esc closes"


class HistoryScreen(ModalScreen[None]):
    """The newest generation on top; at the right what it changed, and what it was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "revert", "Go back to it", id="history.revert"),
        Binding("p", "replay", "Replay its night", id="history.replay"),
        Binding("e", "edit", "Edit", id="history.edit"),
        Binding("escape,q", "dismiss", "Close", id="history.close"),
    ]

    def __init__(self, session: Session, send: Send) -> None:
        super().__init__()
        self._session = session
        self._send = send
        self._chapters: list[wire.Chapter] = []
        """Newest first, as the list shows them."""
        self._evidence: dict[int, str] = {}
        self._present = 0
        self._asked: int | None = None
        """The generation before which a page was asked for last."""
        self._first_drift = DriftChart("from the first")
        self._step_drift = DriftChart("from the one before")
        self._table = DataTable[Text](cursor_type="row", zebra_stripes=False)
        self._detail = Static(WAITING, markup=False)

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            with Horizontal(id="drift"):
                yield self._first_drift
                yield self._step_drift
            with Horizontal(id="chapters"):
                yield self._table
                with VerticalScroll(can_focus=True):
                    yield self._detail
        box.border_title = "history"
        box.border_subtitle = KEYS

    async def on_mount(self) -> None:
        for title in ("self", "when", "by", "lines", "drift"):
            self._table.add_column(title)
        listeners = self._session.listeners
        listeners.join(self, wire.History, self._told)
        listeners.join(self, wire.SelfChanged, self._begin_anew)
        listeners.join(self, wire.NightDone, self._begin_anew)
        listeners.join(self, wire.MemoryForgotten, self._begin_anew)
        self.app.theme_changed_signal.subscribe(self, lambda _: self._show())
        self.watch(self._table, "scroll_y", self._scroll, init=False)
        self._table.focus()
        await self._send(wire.ShowHistory(limit=PAGE))

    def on_unmount(self) -> None:
        self.app.theme_changed_signal.unsubscribe(self)
        self._session.listeners.leave(self)

    @property
    def _chosen(self) -> wire.Chapter | None:
        row = self._table.cursor_row
        return self._chapters[row] if row < len(self._chapters) else None

    # --- what the engine says --------------------------------------------------------------------------

    def _told(self, page: wire.History) -> None:
        """The newest generations, or older ones when the end of the list was reached."""
        self._present = page.present
        chapters = page.chapters[::-1]
        if self._chapters and chapters and chapters[0].generation.id < self._chapters[-1].generation.id:
            self._chapters += chapters
            self._evidence |= page.evidence
            for chapter in chapters:
                self._table.add_row(*self._row(chapter))
        elif chapters and self._asked is None:
            chosen = self._chosen
            self._chapters, self._evidence = chapters, page.evidence
            self._table.clear()
            for chapter in chapters:
                self._table.add_row(*self._row(chapter))
            same = (row for row, each in enumerate(chapters) if chosen and each.generation.id == chosen.generation.id)
            self._table.move_cursor(row=next(same, 0))
        self._show()

    def _begin_anew(self, _event: wire.Message) -> None:
        self._asked = None
        self.call_later(self._send, wire.ShowHistory(limit=PAGE))

    # --- what is seen ----------------------------------------------------------------------------------

    def _row(self, chapter: wire.Chapter) -> tuple[Text, ...]:
        made = chapter.generation
        here = made.id == self._present
        return (
            Text(f"{'●' if here else ' '} {made.id}", style="bold" if here else ""),
            Text(time.strftime("%d %b %y %H:%M", time.localtime(made.at)), no_wrap=True),
            Text(REASONS.get(made.reason, safe_line(made.reason)), no_wrap=True),
            Text(counted(chapter.diff), no_wrap=True),
            Text(f"{chapter.from_first:.0%}", justify="right"),
        )

    def _show(self) -> None:
        """The generation under the cursor, and where it lies on the way."""
        chapter, inks = self._chosen, inks_of(self.app)
        if chapter is None:
            return
        oldest_first = self._chapters[::-1]
        place = len(self._chapters) - 1 - self._table.cursor_row
        self._first_drift.show([each.from_first for each in oldest_first], place)
        self._step_drift.show([each.from_parent for each in oldest_first], place)
        made = chapter.generation
        by = REASONS.get(made.reason, safe_line(made.reason))
        head = f"{time.strftime('%d %B %Y, %H:%M', time.localtime(made.at))} · {by}"
        blocks = [Content.assemble((f"self {made.id}", f"{inks.dream} bold"), (f" · {head}", inks.muted))]
        if made.id == self._present:
            blocks.append(Content.styled("in force now", inks.added))
        if made.parent is not None:
            title = f"against self {made.parent}: {words.apart(chapter.from_parent)}, {chapter.from_parent:.0%} apart"
            blocks += [Content(""), Content.styled(title, inks.muted), difference(altered(chapter.diff), inks)]
        blocks += [
            Content(""),
            Content.styled("who she was then", inks.muted),
            portrait(made.lines, self._evidence, inks),
        ]
        self._detail.update(Content("\n").join(blocks))

    @on(DataTable.RowHighlighted)
    async def _walk(self, event: DataTable.RowHighlighted) -> None:
        self._show()
        await self._reach(event.cursor_row)

    def _scroll(self) -> None:
        self.call_later(self._reach, self._table.scroll_offset.y + self._table.size.height)

    async def _reach(self, row: int) -> None:
        """Older generations are asked for before the end of the list is seen."""
        if not self._chapters or row < len(self._chapters) - AHEAD:
            return
        oldest = self._chapters[-1].generation
        if oldest.parent is not None and self._asked != oldest.id:
            self._asked = oldest.id
            await self._send(wire.ShowHistory(before=oldest.id, limit=PAGE))

    # --- keys ------------------------------------------------------------------------------------------

    @work
    async def action_revert(self) -> None:
        if (chapter := self._chosen) is None or chapter.generation.id == self._present:
            return
        number = chapter.generation.id
        text = f"Put self {number} in force again? The one she has now stays in this list."
        if await self.app.push_screen_wait(Question("go back", text, "puts it in force")):
            await self._send(wire.Revert(generation=number))

    async def action_replay(self) -> None:
        if (chapter := self._chosen) is None:
            return
        if chapter.night is None:
            self.notify(f"No night made self {chapter.generation.id}.", timeout=3, markup=False)
            return
        await self._send(wire.ReplayNight(night=chapter.night))
        self.dismiss()

    def action_edit(self) -> None:
        self.app.push_screen(SelfScreen(self._session, self._send))
