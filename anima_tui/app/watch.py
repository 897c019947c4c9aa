"""Whether engine and terminal are still there, and whether the user means it."""

from __future__ import annotations

import errno
import os
import signal
import termios
import threading
import time
from collections.abc import Callable

SILENCE = 30.0
"""Seconds without a word after which an engine may be taken to hang; a long prompt takes a large body that long."""
INTERVAL = 5.0
"""Seconds between two looks for such a silence."""
LOOK = 1.0
"""Seconds between two looks at the terminal."""
HUNG_UP = 128 + signal.SIGHUP
"""Exit status, as a shell reports it."""
INSISTENCE = 5.0
"""Seconds in which a key that does harm must be pressed twice."""


def hung_up() -> bool:
    """Whether there was a terminal, and nobody holds its other end any more."""
    try:
        termios.tcgetattr(0)
    except termios.error as error:
        return error.args[0] == errno.EIO
    return False


def on_hang_up(farewell: Callable[[], object], patience: float) -> None:
    """Once the terminal is gone, have `farewell` called, and end this process `patience` seconds later at the latest.

    Noticed in a thread: whoever writes to such a terminal may wait for ever, and an event loop with him.
    """

    def wait() -> None:
        while not hung_up():
            time.sleep(LOOK)
        farewell()
        time.sleep(patience)
        os._exit(HUNG_UP)

    if os.isatty(0):
        threading.Thread(target=wait, name="terminal", daemon=True).start()


class Insistence:
    """A question that is answered by asking once more."""

    def __init__(self) -> None:
        self._asked_at = -INSISTENCE

    def __call__(self) -> bool:
        """Whether this was asked a moment ago, too."""
        before, self._asked_at = self._asked_at, time.monotonic()
        return self._asked_at - before < INSISTENCE
