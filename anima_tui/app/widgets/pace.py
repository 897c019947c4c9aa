"""Keeping pace with a person's eye instead of with the tokens."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from textual.message_pump import MessagePump


class Pace:
    """Runs `act` soon after `ask`, at most `hz` times a second; what was asked in between is one run.

    No timer exists unless something was asked, so an idle panel costs nothing.
    """

    def __init__(self, host: MessagePump, hz: float, act: Callable[[], object]) -> None:
        self._host = host
        self._interval = 1 / hz
        self._act = act
        self._waiting = False
        self._ran = float("-inf")

    def ask(self) -> None:
        if self._waiting:
            return
        wait = self._ran + self._interval - monotonic()
        if wait > 0:
            self._waiting = True
            self._host.set_timer(wait, self._run)
        else:
            self._run()

    def _run(self) -> None:
        self._waiting = False
        self._ran = monotonic()
        self._act()
