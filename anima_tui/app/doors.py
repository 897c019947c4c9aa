"""The screens that lie above the talk, by name; each is imported when it is first opened, to paint sooner."""

from __future__ import annotations

from collections.abc import Callable

from textual.screen import ModalScreen

from anima_tui.app.session import Send, Session

Window = ModalScreen[None]


def help_page(_session: Session, _send: Send) -> Window:
    from anima_tui.app.screens.help import HelpScreen

    return HelpScreen()


def inspector(session: Session, send: Send) -> Window:
    from anima_tui.app.screens.inspector import InspectorScreen

    return InspectorScreen(session, send)


def history(session: Session, send: Send) -> Window:
    from anima_tui.app.screens.history import HistoryScreen

    return HistoryScreen(session, send)


def memories(session: Session, send: Send, search: str = "") -> Window:
    from anima_tui.app.screens.memories import MemoriesScreen

    return MemoriesScreen(session, send, search)


def self_model(session: Session, send: Send) -> Window:
    from anima_tui.app.screens.self_model import SelfScreen

    return SelfScreen(session, send)


def lab(session: Session, send: Send) -> Window:
    from anima_tui.app.screens.lab import LabScreen

    return LabScreen(session, send)


def atlas(session: Session, send: Send, feature: str = "") -> Window:
    from anima_tui.app.screens.atlas import AtlasScreen

    return AtlasScreen(session, send, feature)


DOORS: dict[str, Callable[..., Window]] = {
    "help": help_page,
    "inspector": inspector,
    "history": history,
    "memories": memories,
    "self": self_model,
    "lab": lab,
    "atlas": atlas,
}
