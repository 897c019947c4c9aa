"""What Ctrl+P offers: every action by name, so that no key has to be remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Protocol

from textual.app import SystemCommand
from textual.markup import escape

from anima_tui import wire
from anima_tui.text import safe_line


class Actor(Protocol):
    """Runs one of the app's actions by name."""

    def act(self, action: str) -> None: ...

    def pin(self, mode: str) -> None: ...


COMMANDS = (
    ("Mode: by my words", "Let the meaning of what I say choose the mode", "auto"),
    ("Steering", "Switch steering on or off", "steering"),
    ("Think before speaking", "Switch thinking on or off", "thinking"),
    ("Sleep or wake", "Begin a night, or end it", "sleep"),
    ("Skip the rest of the night", "She dreams as fast as she can", "hurry"),
    ("Undo the last night", "Go back to who she was the evening before", "undo_night"),
    ("Her self-model: read and edit", "What is yours in her, and what she has learnt", "open('self')"),
    ("History", "Who she was after every night, and the way back", "open('history')"),
    ("Memories", "Search them, pin, edit and forget", "open('memories')"),
    ("Regenerate", "Let her answer once more", "regenerate"),
    ("Copy the last reply", "Her words, as Markdown", "copy_reply"),
    ("Inspector", "What fired at each token of the last reply", "open('inspector')"),
    ("Lab", "What the studies found about this body", "open('lab')"),
    ("Atlas of features", "Every feature in the cortex, and what is known of each", "open('atlas')"),
    ("Heatmap: stream or cortex", "Switch between the two views", "heatmap_view"),
    ("Status", "What the organs say", "status"),
    ("Habits", "The strongest habits of the reservoir", "habits"),
    ("Save", "Write a portable checkpoint", "save"),
    ("Restart the engine", "After it was lost", "restart"),
    ("Theme", "Change the colours", "change_theme"),
    ("Help", "Keys, commands, words", "open('help')"),
    ("Quit", "All of her is on disk", "quit"),
)


def palette(modes: Iterable[wire.ModeCard], actor: Actor) -> Iterable[SystemCommand]:
    """The commands; a mode's name and words are a stranger's, so nothing in them is obeyed."""
    for card in modes:
        callback: Callable[[], None] = partial(actor.pin, card.name)
        yield SystemCommand(f"Mode: {escape(safe_line(card.name))}", escape(safe_line(card.description)), callback)
    for title, words, action in COMMANDS:
        yield SystemCommand(title, words, partial(actor.act, action))
