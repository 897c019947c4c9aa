"""What was said: the user's words, Anima's, and quiet notes between them."""

from __future__ import annotations

import asyncio

from markdown_it import MarkdownIt
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Collapsible, Markdown, Static

from anima_tui import wire
from anima_tui.text import safe_line, safe_text

PROSE_ONLY = (
    "entity",
    "link",
    "image",
    "autolink",
    "reference",
    "html_inline",
    "html_block",
    "code",
    "lheading",
)
"""Markdown that a model does not get: entities could spell characters that `safe_text` took away, links could
be clicked, and four spaces or a row of dashes would turn ordinary speech into code or a title."""


def prose_parser() -> MarkdownIt:
    """Emphasis, lists, quotes, headings, fences and tables; nothing that can be clicked."""
    parser = MarkdownIt("commonmark", {"html": False})
    return parser.enable(["table", "strikethrough"]).disable(list(PROSE_ONLY))


class Plain(Static):
    """Text of strangers: control characters disarmed, markup not obeyed."""

    def __init__(self, text: str, *, classes: str = "") -> None:
        super().__init__(safe_text(text), markup=False, classes=classes)

    def say(self, text: str) -> None:
        self.update(safe_text(text))


class Note(Plain):
    """A quiet line of the app itself."""

    def __init__(self, text: str, level: str = "info") -> None:
        super().__init__(text, classes=f"-{level}")


class UserMessage(Plain):
    """The user's words. `waiting` while they have not been sent."""

    def __init__(self, text: str, *, waiting: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.set_class(waiting, "-waiting")
        self.border_subtitle = "waiting"

    def sent(self) -> None:
        self.remove_class("-waiting")


class AnimaMessage(Vertical):
    """One reply. Streamed pieces are gathered and laid out at most `hz` times a second, never per token."""

    def __init__(self, hz: float) -> None:
        super().__init__()
        self._hz = hz
        self._laid_out = 0
        self._turn = asyncio.Lock()
        self.text = ""
        self.thought = ""
        self._recalled = Plain("", classes="aside")
        self._leaning = Plain("", classes="aside")
        self._thought = Plain("", classes="thought")
        self._thinking = Collapsible(self._thought, title="thought", collapsed=True)
        self._body = Markdown(parser_factory=prose_parser, open_links=False)
        self._footer = Plain("", classes="footer")

    def compose(self) -> ComposeResult:
        yield self._recalled
        yield self._leaning
        yield self._thinking
        yield self._body
        yield self._footer

    def on_mount(self) -> None:
        self._clock = self.set_interval(1 / self._hz, self._beat)

    def recall(self, lines: list[str]) -> None:
        """Memories that came to mind before she spoke."""
        self._recalled.say("remembers " + " · ".join(safe_line(line) for line in lines))
        self._recalled.display = bool(lines)

    def lean(self, examples: list[str]) -> None:
        """Lines of the phrasebook that stand before the user's words, the nearest last."""
        self._leaning.say(leaning(examples))
        self._leaning.display = bool(examples)

    def hear(self, piece: str, *, thought: bool) -> None:
        """A decoded piece; shown at the next beat."""
        if thought:
            self.thought += safe_text(piece)
        else:
            self.text += safe_text(piece)

    async def finish(self, exchange: wire.Exchange, rate: float | None) -> None:
        """The reply as it stands on disk; `rate` in tokens per second where it is known."""
        self._clock.stop()
        reply, self.thought = safe_text(exchange.reply), safe_text(exchange.thought)
        grown = reply.startswith(self.text)
        self.text = reply
        await (self._lay_out() if grown else self._lay_out_anew())
        self._footer.say(_footer(exchange, rate))
        self.add_class("-done")

    async def give_up(self) -> None:
        """No more will come. What was said stays."""
        self._clock.stop()
        await self._lay_out()
        self.add_class("-done", "-broken")

    def _beat(self) -> None:
        """Not laid out here: a timer that is stopped takes what it waits for along, half-mounted blocks too."""
        self.call_later(self._lay_out)

    async def _lay_out(self) -> None:
        """Append what came since the last beat; more may come while this waits."""
        async with self._turn:
            fresh, self._laid_out = self.text[self._laid_out :], len(self.text)
            if fresh:
                await self._body.append(fresh)
            if self.thought:
                self._thinking.add_class("-any")
                self._thought.say(self.thought)

    async def _lay_out_anew(self) -> None:
        async with self._turn:
            self._laid_out = len(self.text)
            await self._body.update(self.text)


def _footer(exchange: wire.Exchange, rate: float | None) -> str:
    parts = [safe_line(exchange.mode), signed(exchange.valence)]
    if rate is not None:
        parts.append(f"{rate:.0f} tok/s")
    match exchange.finish:
        case "stopped":
            parts.append("stopped")
        case "length":
            parts.append("cut at the limit")
        case "loop":
            parts.append("ended: she was repeating herself")
        case "failed":
            parts.append("broken off")
        case "end":
            pass
    return " · ".join(parts)


def leaning(examples: list[str]) -> str:
    """`leaning on "do you like the sea"`: each line once, the nearest first."""
    lines = dict.fromkeys(safe_line(line) for line in reversed(examples))
    return "leaning on " + " · ".join(f'"{line}"' for line in lines)


def signed(valence: float) -> str:
    """`▲ +0.31`: the sign as a shape too, so that colour is never needed."""
    shape = "▲" if valence > 0.005 else "▼" if valence < -0.005 else "·"
    return f"{shape} {valence:+.2f}"
