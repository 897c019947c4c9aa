"""F7: what came to mind before the last reply, what fired at each of its tokens, and what else might stand there."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import DataTable, Static

from anima_tui import wire
from anima_tui.app.session import Send, Session
from anima_tui.app.widgets.message import Plain, leaning, signed
from anima_tui.app.widgets.recollections import Recollections
from anima_tui.text import safe_line, safe_text

BAR = 8  # cells
SHOWN = 6  # features, and alternatives
NOTHING = "Nothing to inspect yet: the tokens of a reply are kept from the moment she speaks it."


class InspectorScreen(ModalScreen[None]):
    """A row for each token; Enter asks the engine for the alternatives."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "atlas", "Its feature in the atlas", id="inspector.atlas"),
        Binding("escape,q", "dismiss", "Close", id="inspector.close"),
    ]

    def __init__(self, session: Session, send: Send) -> None:
        super().__init__()
        self._tokens = tuple(session.tokens)
        self._exchange = session.exchange
        self._recalled = session.recalled
        self._examples = session.examples
        self._labels = session.body.labels if session.body else {}
        self._session = session
        self._send = send
        self._features = Plain("")
        self._alternatives = Plain("")

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            if not self._tokens:
                yield Static(NOTHING, markup=False)
            else:
                with VerticalScroll(id="recalled"):
                    yield Recollections(self._recalled)
                if self._examples:
                    yield Plain(leaning(self._examples), classes="aside")
                yield DataTable[Text](cursor_type="row", zebra_stripes=False)
                with Horizontal(id="details"):
                    yield self._features
                    yield self._alternatives
        box.border_title = "Inspector"
        box.border_subtitle = "Enter asks what else she might have said · f its feature in the atlas · Esc closes"

    def on_mount(self) -> None:
        self._session.listeners.join(self, wire.Inspected, self.inspected)
        if not self._tokens:
            return
        table = self.query_one(DataTable[Text])
        table.add_column("token", width=16)
        table.add_column("valence", width=8)
        table.add_column("push", width=6)
        table.add_column("what fired")
        for token in self._tokens:
            table.add_row(*self._row(token))
        table.focus()

    def on_unmount(self) -> None:
        self._session.listeners.leave(self)

    def _row(self, token: wire.Token) -> tuple[Text, Text, Text, Text]:
        fired = " · ".join(self._label(fired.feature) for fired in token.features[:3])
        style = "italic dim" if token.thought else ""
        return (
            Text(visible(token.text), style=style, no_wrap=True),
            Text(signed(token.valence)),
            Text(f"{token.push:.0%}", justify="right"),
            Text(fired, style="dim", no_wrap=True),
        )

    def _label(self, feature: int) -> str:
        return safe_line(self._labels.get(feature, "")) or f"feature {feature}"

    @on(DataTable.RowHighlighted)
    def _show_features(self, event: DataTable.RowHighlighted) -> None:
        token = self._tokens[event.cursor_row]
        rows = [
            f"{_bar(fired.level)} {fired.level:4.0%}  {self._label(fired.feature)}" for fired in token.features[:SHOWN]
        ]
        self._features.say("\n".join(rows) or "nothing fired")
        self._alternatives.say(
            "" if self._exchange is not None else "The alternatives can be asked for when she is done."
        )

    def action_atlas(self) -> None:
        """What fired most at the token under the cursor."""
        from anima_tui.app.screens.atlas import AtlasScreen

        if self._tokens and (fired := self._tokens[self.query_one(DataTable[Text]).cursor_row].features):
            self.app.push_screen(AtlasScreen(self._session, self._send, str(fired[0].feature)))

    @on(DataTable.RowSelected)
    async def _ask(self, event: DataTable.RowSelected) -> None:
        if self._exchange is not None:
            self._alternatives.say("asking the body …")
            token = self._tokens[event.cursor_row]
            await self._send(wire.Inspect(exchange=self._exchange, token=token.index))

    def inspected(self, answer: wire.Inspected) -> None:
        """The engine's answer to Enter."""
        rows = [f"{'steered':<20}bare"]
        for index in range(min(SHOWN, max(len(answer.steered), len(answer.bare)))):
            rows.append(f"{_alternative(answer.steered, index):<20}{_alternative(answer.bare, index)}")
        self._alternatives.say("\n".join([*rows, f"apart by {answer.kl:.2f} nats"]))


def _alternative(choices: list[wire.Alternative], index: int) -> str:
    if index >= len(choices):
        return ""
    return f"{choices[index].probability:4.0%} {visible(choices[index].text)[:12]}"


def _bar(level: float) -> str:
    done = round(min(1.0, max(0.0, level)) * BAR)
    return "━" * done + "╌" * (BAR - done)


def visible(text: str) -> str:
    """A token with its spaces and line ends to be seen."""
    return safe_text(text).replace("\n", "↵").replace("\t", "→").replace(" ", "·")
