"""How the engine is started: the same for the app and for the plain mode."""

from __future__ import annotations

import shlex
import sys
from urllib.parse import unquote, urlsplit

from anima_tui.errors import BadSettings
from anima_tui.settings import Settings

_SSH = ["ssh", "-T", "-o", "BatchMode=yes", "-o", "ServerAliveInterval=15"]
"""Without a terminal of its own, ssh cannot ask for a password: it must fail at once, and tell the log why. A
connection that answers nothing three times in a row is given up."""


def engine_command(settings: Settings, *flags: str) -> list[str]:
    """This Python's own engine, or the user's command for one, told which soul and body to load, and how.

    Raises BadSettings.
    """
    look_in = ["--read-only"] if settings.read_only else []
    what = ["--soul", settings.soul, "--body", settings.body, *look_in, *flags]
    if settings.engine.startswith("ssh://"):
        return _over_ssh(settings.engine, what)
    try:
        start = shlex.split(settings.engine) or [sys.executable, "-m", "anima_tui", "engine"]
    except ValueError as error:
        raise BadSettings(f"the setting `engine` is not a command ({error}); mend its quotes.") from None
    return [*start, *what]


def _over_ssh(url: str, what: list[str]) -> list[str]:
    """`ssh://[user@]host[:port][/path/of/anima-tui]` as a command; the path is for a host whose PATH has none."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if not host or parts.password is not None or parts.query or parts.fragment:
        raise BadSettings(f"{url} is no place for an engine; write ssh://[user@]host[:port].")
    at = parts.netloc.lower().rindex(host)  # urlsplit lowers what may be a name in the user's own ssh_config
    user = ["-l", parts.username] if parts.username else []
    numbered = ["-p", str(port)] if port else []
    program = unquote(parts.path).rstrip("/") or "anima-tui"
    # ssh joins its arguments with spaces for the shell at the far end, which takes them apart again.
    return [*_SSH, *user, *numbered, "--", parts.netloc[at : at + len(host)], shlex.join([program, "engine", *what])]
