"""Whether engine and terminal are still there, and whether the user means it."""

from __future__ import annotations

import errno
import termios
import time

SILENCE = 30.0
"""Seconds without a word after which an engine may be taken to hang; a long prompt takes a large body that long."""
INTERVAL = 5.0
"""Seconds between two looks for such a silence."""
INSISTENCE = 5.0
"""Seconds in which a key that does harm must be pressed twice."""


def hung_up() -> bool:
    """Whether there was a terminal, and nobody holds its other end any more."""
    try:
        termios.tcgetattr(0)
    except termios.error as error:
        return error.args[0] == errno.EIO
    return False


class Insistence:
    """A question that is answered by asking once more."""

    def __init__(self) -> None:
        self._asked_at = -INSISTENCE

    def __call__(self) -> bool:
        """Whether this was asked a moment ago, too."""
        before, self._asked_at = self._asked_at, time.monotonic()
        return self._asked_at - before < INSISTENCE
