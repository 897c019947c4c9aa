"""F1: the keys, and what the words mean."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

KEYS = (
    ("Enter", "send"),
    ("Ctrl+J", "new line"),
    ("↑", "in an empty prompt: what you said last"),
    ("Esc", "stop her reply, wake her, or “not now” to sleep"),
    ("Ctrl+G", "let her answer once more"),
    ("Ctrl+Y", "copy her last reply"),
    ("Ctrl+T", "think before speaking, on or off"),
    ("F2 F3 F4", "pin a mode: Anima, System, Dream"),
    ("F5", "let the meaning of your words choose the mode"),
    ("F6", "steering on or off"),
    ("F7", "inspector: what fired at each word"),
    ("F8", "sleep, or wake"),
    ("Ctrl+N", "while she sleeps: skip the rest of the night"),
    ("Enter, u, e", "at the card of a morning: keep it, undo it, edit her"),
    ("Ctrl+Z", "in an empty prompt: undo the last night"),
    ("Ctrl+O", "history: who she was, and the way back"),
    ("F9 / Shift+F9", "next and previous pane on a small terminal"),
    ("F10", "lab: what the studies found about this body"),
    ("F12", "atlas: every feature of her autoencoder"),
    ("PgUp PgDn", "scroll the talk"),
    ("Ctrl+P", "everything else, by name"),
    ("Ctrl+R", "start the engine again after it was lost"),
    ("Ctrl+C", "copy what is selected with the mouse"),
    ("Ctrl+Q", "quit; all of her is on disk"),
)
SLASHES = (
    ("/mode NAME", "pin a mode; /mode auto lets go"),
    ("/sleep /wake", "begin or end a night"),
    ("/self", "who she is, to read and to edit"),
    ("/history", "who she was after every night"),
    ("/memories WORDS", "what she remembers, or what holds these words"),
    ("/status", "what the organs say"),
    ("/debug", "the strongest habits of the reservoir"),
    ("/save", "write a portable checkpoint"),
    ("/help /quit", ""),
)
WORDS = (
    ("feature", "one direction of the sparse autoencoder; the heatmap shows which fire"),
    ("mode", "a Prism setting that pushes some features and holds others down"),
    ("valence", "how pleasant the words are, from -1 to 1"),
    ("reservoir", "habits: features whose firing went with pleasant or unpleasant words"),
    ("fatigue", "talking costs; past the threshold she asks to sleep"),
    ("night", "she dreams of the day and rewrites a few lines about herself"),
)


class HelpScreen(ModalScreen[None]):
    """Closes on Esc, or on F1 again."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss", "Close", id="help.close")]

    def compose(self) -> ComposeResult:
        with Vertical() as box, VerticalScroll():
            yield Static(_page())
        box.border_title = "Help"
        box.border_subtitle = "Esc closes"


def _page() -> Content:
    lines: list[Content] = []
    for title, rows in (("Keys", KEYS), ("Commands in the prompt", SLASHES), ("Words", WORDS)):
        lines += [Content.styled(title, "bold $accent"), Content("")]
        lines += [Content.assemble((f"  {name:<16}", "$text-primary"), (words, "$foreground")) for name, words in rows]
        lines.append(Content(""))
    return Content("\n").join(lines[:-1])
