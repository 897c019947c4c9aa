"""Tells the app, before anything else, when the disk takes nothing any more and when it takes everything again."""

from __future__ import annotations

from typing import Protocol

from anima_tui import wire
from anima_tui.engine.soul import Soul


class Outlet(Protocol):
    """Where events go."""

    def send(self, event: wire.Event) -> None: ...


class Herald:
    """An outlet that looks at the soul first, so that no exchange is shown as done that is not where it should be."""

    def __init__(self, soul: Soul, outlet: Outlet) -> None:
        self._soul = soul
        self._outlet = outlet
        self._adrift = False
        """Whether the app was told that something is in memory alone."""

    def send(self, event: wire.Event) -> None:
        if self._adrift != bool(self._soul.unsaved):
            self._adrift = not self._adrift
            self._outlet.send(wire.Notice(text=self._news(), level="warning"))
        self._outlet.send(event)

    def _news(self) -> str:
        if not self._adrift:
            return "The disk takes everything again, and all that was kept in memory is saved."
        return f"What is said now is kept in memory, and saved once the disk takes it. {self._soul.refuge.trouble}"
