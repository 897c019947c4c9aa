"""How the engine is started: the same for the app and for the plain mode."""

from __future__ import annotations

import shlex
import sys

from anima_tui.errors import BadSettings
from anima_tui.settings import Settings


def engine_command(settings: Settings) -> list[str]:
    """This Python's own engine, or the user's command for one, told which soul and body to load.

    Raises BadSettings.
    """
    try:
        start = shlex.split(settings.engine) or [sys.executable, "-m", "anima_tui", "engine"]
    except ValueError as error:
        raise BadSettings(f"the setting `engine` is not a command ({error}); mend its quotes.") from None
    return [*start, "--soul", settings.soul, "--body", settings.body]
