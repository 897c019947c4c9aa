"""The app's own keys: those that act wherever the focus is, and a few that a widget may take first."""

from __future__ import annotations

from textual.binding import Binding, BindingType


def _key(keys: str, action: str, title: str, name: str, *, footer: bool = False) -> Binding:
    """A key that acts wherever the focus is; `name` is what a keymap calls it."""
    return Binding(keys, action, title, id=name, show=footer, priority=True)


KEYS: list[BindingType] = [
    _key("f1", "open('help')", "Help", "app.help", footer=True),
    _key("f2", "pin('Anima')", "Anima", "mode.anima", footer=True),
    _key("f3", "pin('System')", "System", "mode.system", footer=True),
    _key("f4", "pin('Dream')", "Dream", "mode.dream", footer=True),
    _key("f5", "auto", "Auto", "mode.auto", footer=True),
    _key("f6", "steering", "Steer", "mode.steering", footer=True),
    _key("f7", "open('inspector')", "Inspect", "app.inspector", footer=True),
    _key("f8", "sleep", "Sleep", "night.sleep", footer=True),
    _key("ctrl+n", "hurry", "Skip the night", "night.hurry"),
    _key("ctrl+o", "open('history')", "History", "app.history"),
    _key("f10", "open('lab')", "Lab", "app.lab"),
    _key("f12", "open('atlas')", "Atlas", "app.atlas"),
    _key("f9", "tab(1)", "Next pane", "pane.next"),
    _key("shift+f9", "tab(-1)", "Previous pane", "pane.previous"),
    _key("ctrl+g", "regenerate", "Again", "chat.regenerate"),
    _key("ctrl+y", "copy_reply", "Copy", "chat.copy"),
    _key("ctrl+t", "thinking", "Think", "mode.thinking"),
    _key("ctrl+r", "restart", "Restart", "engine.restart"),
    _key("ctrl+l", "remedy", "Look in, or bring back", "engine.remedy"),
    Binding("escape", "stop", "Stop", show=False, id="chat.stop"),
    Binding("ctrl+z", "undo_night", "Undo night", show=False, id="night.undo"),
    Binding("ctrl+q", "quit", "Quit", show=False, id="app.quit", priority=True),
]
