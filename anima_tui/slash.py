"""Commands typed into the prompt: `/mode Dream`, `/sleep`, `/memories rain`."""

from __future__ import annotations

from collections.abc import Sequence

from anima_tui import wire
from anima_tui.errors import AnimaError


class NotUnderstood(AnimaError):
    """The line is no command of ours."""


ALONE: dict[str, wire.Command | str] = {
    "sleep": wire.GoToSleep(),
    "undo": wire.UndoNight(),
    "debug": wire.Debug(),
    "save": wire.Save(),
    "history": wire.ShowHistory(limit=12),
    "wake": "wake",
    "status": "status",
    "self": "self",
    "help": "help",
    "quit": "quit",
}
"""Commands without an argument: what the engine is told, or what is done on this side."""


def interpret(line: str, modes: Sequence[str]) -> wire.Command | str:
    """A line that begins with a slash, as a command for the engine or the name of an action of whoever shows the talk.

    `modes` are the names that `/mode` accepts, in any case. Raises NotUnderstood.
    """
    word, _, rest = line.removeprefix("/").partition(" ")
    word, rest = word.lower(), rest.strip()
    if word == "mode":
        return wire.SetMode(mode=None if rest == "auto" else _mode(rest, modes))
    if word == "memories":
        return wire.ListMemories(search=rest, limit=30)
    if word in ALONE and not rest:
        return ALONE[word]
    raise NotUnderstood(
        f"There is no command /{line.removeprefix('/').strip()}: /help lists them, "
        "and a space before the slash sends it as a message."
    )


def _mode(name: str, modes: Sequence[str]) -> str:
    for mode in modes:
        if mode.casefold() == name.casefold():
            return mode
    raise NotUnderstood(f"There is no mode “{name}”: choose {', '.join(modes)} or auto.")
