"""Where Anima keeps things: platformdirs' folders, or everything under `ANIMA_HOME`."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from platformdirs import PlatformDirs

from anima_tui.errors import BadSettings

# Word characters, dots and dashes survive every file system and the shell at the far end of an ssh engine.
_SOUL_NAME = re.compile(r"\w[\w.-]{0,63}")


@dataclass(frozen=True)
class Paths:
    """The folders of one user. Nothing is created by reading them; `prepared()` creates them."""

    config: Path
    data: Path
    cache: Path
    logs: Path

    @property
    def settings_file(self) -> Path:
        return self.config / "settings.toml"

    @property
    def last_settings(self) -> Path:
        """A copy of the settings file as it was at the last start that could read it."""
        return self.data / "settings.last.toml"

    @property
    def themes(self) -> Path:
        return self.config / "themes"

    @property
    def modes(self) -> Path:
        return self.config / "modes"

    @property
    def bodies(self) -> Path:
        return self.data / "bodies"

    @property
    def catalogue(self) -> Path:
        """Presets of the user's own, in the form of `bodies/catalog.toml`."""
        return self.config / "bodies.toml"

    @property
    def souls(self) -> Path:
        return self.data / "souls"

    @property
    def lab(self) -> Path:
        """Results of `anima-tui lab`."""
        return self.data / "lab"

    @property
    def engine_log(self) -> Path:
        return self.logs / "engine.log"

    @property
    def trash(self) -> Path:
        return self.data / "trash"

    @property
    def app_log(self) -> Path:
        return self.logs / "app.log"

    def soul(self, name: str) -> Path:
        """The folder of a soul. Raises BadSettings for a name that is no folder of its own."""
        if not _SOUL_NAME.fullmatch(name):
            raise BadSettings(
                f"{name!r} cannot name a soul; use letters, digits, dots, dashes and underscores, "
                "at most 64 of them, not beginning with a dot or a dash."
            )
        return self.souls / name

    def prepared(self) -> Paths:
        """Create the folders, readable by their owner alone, and return self. Raises OSError."""
        for folder in (self.config, self.data, self.cache, self.logs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self


def user_paths() -> Paths:
    """The folders in force: under `ANIMA_HOME` when it is set, else where the system keeps such things."""
    if home := os.environ.get("ANIMA_HOME"):
        root = Path(home).expanduser().absolute()
        return Paths(root / "config", root / "data", root / "cache", root / "logs")
    system = PlatformDirs("anima-tui", appauthor=False)
    return Paths(system.user_config_path, system.user_data_path, system.user_cache_path, system.user_log_path)
