"""The plain mode: a conversation in a bare terminal or through pipes, with the same engine as the app."""

from __future__ import annotations

import signal
import sys

from anima_tui.child import engine_command
from anima_tui.paths import Paths
from anima_tui.plain.lines import Lines
from anima_tui.plain.link import EngineStopped, Link
from anima_tui.plain.narrator import Narrator
from anima_tui.plain.pen import Pen
from anima_tui.plain.talk import Talk
from anima_tui.settings import Settings


def run(settings: Settings, paths: Paths, *, stream: bool, cot: bool) -> int:
    """Talk until the user leaves; the exit code. Raises AnimaError, KeyboardInterrupt, BrokenPipeError."""
    pen = Pen(sys.stdout, sys.stderr)
    lines = Lines(pen.warn)
    if lines.at_keyboard:  # whoever started us may ignore Ctrl-C; who sits here means it
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with Link(engine_command(settings), paths.engine_log) as link:
            Talk(link, lines, pen, Narrator(pen, stream=stream, cot=cot)).run(think=cot)
    except EngineStopped as stopped:
        pen.warn(str(stopped))
        return 1
    return 0
