"""What the app remembers between two starts: the theme. The user's own settings file is never written."""

from __future__ import annotations

import json
import os
import tomllib
from contextlib import suppress
from pathlib import Path


class Memento:
    """A small TOML file, replaced atomically. One that cannot be read counts as empty, and is kept aside as `*.bad`.

    A choice made in the app stands until the settings themselves name another theme: the latest word wins.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def theme(self, configured: str) -> str:
        """The theme to start with, when the settings say `configured`."""
        try:
            table = tomllib.loads(self._file.read_text(encoding="utf-8"))
        except (UnicodeDecodeError, tomllib.TOMLDecodeError):
            with suppress(OSError):
                os.replace(self._file, self._file.with_suffix(".toml.bad"))
            return configured
        except OSError:
            return configured
        chosen = table.get("theme")
        return chosen if isinstance(chosen, str) and table.get("instead_of") == configured else configured

    def remember_theme(self, chosen: str, configured: str) -> None:
        """Best effort: a full or read-only disk must not end a conversation."""
        text = f"theme = {json.dumps(chosen)}\ninstead_of = {json.dumps(configured)}\n"
        with suppress(OSError):
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            part = self._file.with_suffix(".part")
            part.write_text(text, encoding="utf-8")
            os.replace(part, self._file)
