"""Who waits for which answer of the engine, besides the panes: the screens that are open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from anima_tui import wire

Heard = TypeVar("Heard", bound=wire.Message)


class Listeners:
    """Screens come with a callback for each kind of event, and leave when they close."""

    def __init__(self) -> None:
        self._waiting: list[tuple[object, type[wire.Message], Callable[[Any], None]]] = []

    def join(self, who: object, kind: type[Heard], hear: Callable[[Heard], None]) -> None:
        self._waiting.append((who, kind, hear))

    def leave(self, who: object) -> None:
        self._waiting = [each for each in self._waiting if each[0] is not who]

    def hear(self, event: wire.Message) -> None:
        """Tell everyone who waits for this kind."""
        for _, kind, hear in list(self._waiting):
            if isinstance(event, kind):
                hear(event)
