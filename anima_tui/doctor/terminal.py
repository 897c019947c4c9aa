"""`anima-tui doctor --reset-terminal`: gives a terminal back that a killed app left in its own state."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress

from anima_tui.errors import AnimaError

RESET = "".join(
    (
        "\x1b[?2026l",  # no more drawing held back
        "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l",  # the mouse
        "\x1b[?1004l",  # focus
        "\x1b[?2004l",  # bracketed paste
        "\x1b[?2048l",  # sizes told in band
        "\x1b[<u",  # kitty's keyboard
        "\x1b[?1l\x1b>",  # cursor keys and keypad
        "\x1b[?1049l",  # the other screen
        "\x1b[?7h\x1b[?25h\x1b[0m\x1b(B",  # wrapping, the cursor, plain letters
        "\r\n",
    )
)
"""What undoes everything that Textual and a terminal program may have set."""


def reset_terminal() -> None:
    """Raises AnimaError where there is no terminal to reset."""
    if not sys.stdout.isatty():
        raise AnimaError("there is no terminal to reset here; run this in the one that is broken.")
    sys.stdout.write(RESET)
    sys.stdout.flush()
    with suppress(OSError):
        subprocess.run(["stty", "sane"], stdin=sys.stdout, check=False)
