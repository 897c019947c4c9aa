"""Which settings are in force while `settings.toml` is damaged: those of the last start that could read it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from anima_tui.errors import BadSettings
from anima_tui.paths import Paths
from anima_tui.settings import Settings, load_settings


def settings_in_force(paths: Paths, flags: Mapping[str, object]) -> tuple[Settings, str]:
    """The settings and, where the file is damaged, a sentence that says so and what stands in for it.

    The file is never touched. Raises BadSettings for a variable or a flag that cannot be used.
    """
    try:
        return require_settings(paths, paths.settings_file, flags), ""
    except BadSettings as damage:
        defaults = require_settings(paths, Path(os.devnull), flags)
        with suppress(BadSettings):
            if paths.last_settings.exists():
                last = require_settings(paths, paths.last_settings, flags)
                return last, f"{damage} Until then those of the last start are in force, kept as {paths.last_settings}."
        return defaults, f"{damage} Until then the defaults are in force."


def require_settings(paths: Paths, file: Path, flags: Mapping[str, object]) -> Settings:
    """Raises BadSettings for anything that cannot be used, the name of a soul included."""
    settings = load_settings(file, flags=flags)
    paths.soul(settings.soul)
    return settings


def remember_settings(paths: Paths) -> None:
    """Keep a copy of a file that could be read. Best effort: a full disk must not keep anyone from talking."""
    last = paths.last_settings
    with suppress(OSError):
        good = paths.settings_file.read_bytes()
        if not last.exists() or last.read_bytes() != good:
            last.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            part = last.with_suffix(".part")
            part.write_bytes(good)
            os.replace(part, last)
