"""The dream log: past nights folded above, tonight live below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from anima_tui.app.widgets import night_text
from anima_tui.app.widgets.night_text import Inks, inks_of
from anima_tui.app.widgets.pace import Pace
from anima_tui.app.widgets.themed import Themed
from anima_tui.text import safe_line
from anima_tui.wire import DreamToken, NightDone, NightRecord, NightStage, Replayed

_HZ = 10.0
_SHOWN = 100  # nights; older ones stay on disk
_SENTENCE, _MEMORY = -1, -2  # beside the depths of dreams


class Night(Static, Themed, can_focus=True):
    """A finished night: one line, or all of it after Enter or a click; Enter then lets it be seen once more."""

    DEFAULT_CSS = """
    Night { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    Night.-open { height: auto; text-wrap: wrap; margin-bottom: 1; }
    Night:focus { background: $boost; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "enter", "Open, then replay", id="night.replay", show=False),
        Binding("space", "unfold", "Open or fold", id="night.unfold", show=False),
    ]

    class Replay(Message):
        """This night is to be seen once more."""

        def __init__(self, night: int) -> None:
            super().__init__()
            self.night = night

    open: reactive[bool] = reactive(False, toggle_class="-open")
    undoable: reactive[bool] = reactive(False)

    def __init__(self, night: NightRecord, *, undoable: bool = False) -> None:
        super().__init__(markup=False)
        self.night = night
        self.set_reactive(Night.undoable, undoable and night.outcome == "changed")

    def on_mount(self) -> None:
        self._show()

    def watch_open(self) -> None:
        self._show()

    def watch_undoable(self) -> None:
        self._show()

    def action_enter(self) -> None:
        if self.open and self.night.reel:
            self.post_message(self.Replay(self.night.id))
        else:
            self.action_unfold()

    def action_unfold(self) -> None:
        self.open = not self.open

    def on_click(self) -> None:
        self.action_unfold()

    def _show(self) -> None:
        colours = inks_of(self.app)
        text = (night_text.opened if self.open else night_text.folded)(self.night, colours)
        keys = ["enter shows it once more · space folds it"] * self.night.reel + ["ctrl+z undoes it"] * self.undoable
        if self.open and keys:
            text = Content("\n").join([text, Content.styled(" · ".join(keys), colours.muted)])
        self.update(text)


class Tonight(Static, Themed):
    """A night as it passes: what each stage said, the memories that came along, and the dreams as they come."""

    DEFAULT_CSS = """
    Tonight { height: auto; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._told: list[tuple[int, str]] = []  # depth of a dream or one of the two above, and the text
        self._pace = Pace(self, _HZ, self._show)

    def say(self, sentence: str) -> None:
        self._told.append((_SENTENCE, sentence))
        self._pace.ask()

    def remember(self, line: str) -> None:
        self._told.append((_MEMORY, line))
        self._pace.ask()

    def dream(self, depth: int, text: str) -> None:
        if self._told and self._told[-1][0] == depth:
            text = self._told.pop()[1] + text
        self._told.append((depth, text))
        self._pace.ask()

    def _show(self) -> None:
        colours = inks_of(self.app)
        self.update(Content("\n").join([self._block(kind, text, colours) for kind, text in self._told]))

    def _block(self, kind: int, text: str, colours: Inks) -> Content:
        if kind == _SENTENCE:
            return Content.styled(safe_line(text), colours.ink)
        return night_text.passing(text, colours) if kind == _MEMORY else night_text.dream(kind + 1, text, colours)


class Diary(VerticalScroll):
    """Follows its end as it grows, unless the reader has scrolled away from it."""

    def watch_virtual_size(self, before: Size, after: Size) -> None:
        if after.height > before.height and self.scroll_offset.y + self.size.height >= before.height:
            self.scroll_end(animate=False)


class DreamLog(Vertical, Themed):
    """Chronological, like a diary: the newest night is the last, and the view follows it."""

    DEFAULT_CSS = """
    DreamLog {
        border: round $foreground 25%;
        border-title-color: $text-muted;
        border-subtitle-color: $text-muted;
        height: 1fr;
        min-height: 4;
    }
    DreamLog > #stages { height: 1; padding: 0 1; display: none; }
    DreamLog > #stages.-asleep { display: block; }
    DreamLog > Diary { scrollbar-size-vertical: 1; }
    DreamLog .quiet { height: auto; padding: 0 1; color: $text-muted; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.border_title = "dreams"
        self._stages = Static(id="stages", markup=False)
        self._diary = Diary()
        self._tonight: Tonight | None = None
        self._stage: NightStage | None = None

    def compose(self) -> ComposeResult:
        yield self._stages
        yield self._diary

    def on_mount(self) -> None:
        self._write([])

    def load(self, nights: Sequence[NightRecord]) -> None:
        """The nights on disk, newest first."""
        self._write([Night(night, undoable=not index) for index, night in enumerate(nights[:_SHOWN])][::-1])

    def stage(self, stage: NightStage) -> None:
        self._stage = stage
        self._show()
        self._asleep().say(stage.text)

    def remember(self, memory: Replayed) -> None:
        self._asleep().remember(memory.line)

    def dream(self, token: DreamToken) -> None:
        self._asleep().dream(token.depth, token.text)

    def replay(self, night: int) -> None:
        """A past night begins once more; it ends with `wake`."""
        self.wake()
        self.border_title = f"dreams · replay of night {night}"
        self._asleep()

    def done(self, morning: NightDone) -> None:
        """The night becomes the newest of the diary, open to show its difference; those before it are folded."""
        self.wake()
        nights = list(self._diary.query(Night))
        for older in nights:
            older.undoable = older.open = False
        for oldest in nights[: 1 - _SHOWN]:
            oldest.remove()
        night = Night(morning.night, undoable=True)
        night.open = True
        self._diary.query(".quiet").remove()
        self._diary.mount(night)
        self._diary.scroll_end(animate=False)

    def _asleep(self) -> Tonight:
        if self._tonight is None:
            self._tonight = Tonight()
            self._diary.query(".quiet").remove()
            self._diary.mount(self._tonight)
            self._diary.scroll_end(animate=False)
        return self._tonight

    def wake(self) -> None:
        """No night is seen any more, neither tonight's nor a past one."""
        self._stage = None
        self.border_title = "dreams"
        self._show()
        if self._tonight is not None:
            self._tonight.remove()
            self._tonight = None

    def _write(self, nights: Sequence[Night]) -> None:
        self.wake()
        self._diary.remove_children()
        quiet = Static("No nights yet. F8 sends her to bed.", classes="quiet", markup=False)
        self._diary.mount_all(nights or [quiet])

    def on_resize(self) -> None:
        self._show()

    def _show(self) -> None:
        self._stages.set_class(self._stage is not None, "-asleep")
        self.border_subtitle = night_text.progress(self._stage.fraction) if self._stage else ""
        if self._stage is not None:
            width = self.content_size.width - 2
            self._stages.update(night_text.stage_line(self._stage.stage, width, inks_of(self.app)))
