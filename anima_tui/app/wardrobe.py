"""Which theme the app wears: the settings' one, or the one chosen last in the app itself."""

from __future__ import annotations

import os

from textual.app import App
from textual.theme import Theme

from anima_tui.app.memento import Memento
from anima_tui.app.themes import bundled_folder, load_themes
from anima_tui.paths import Paths
from anima_tui.settings import Settings

DEFAULT = Settings().theme
COLOURLESS = "plain"


class Wardrobe:
    """Puts a theme on the app, and remembers another one that the user picks."""

    def __init__(self, app: App[None], configured: str, paths: Paths) -> None:
        self._app = app
        self._configured = configured
        self._own = paths.themes
        self._memento = Memento(paths.data / "app.toml")
        self._worn = ""

    def dress(self) -> list[str]:
        """Register every theme and put one on; sentences about those that cannot be worn."""
        app, loaded = self._app, load_themes(bundled_folder(), self._own)
        for theme in loaded.themes:
            app.register_theme(theme)
        failures = list(loaded.failures)
        chosen = self._memento.theme(self._configured)
        if os.environ.get("NO_COLOR") and chosen == DEFAULT:
            chosen = COLOURLESS
        if chosen not in app.available_themes:
            failures.append(f"there is no theme “{chosen}”")
            chosen = DEFAULT
        if chosen in app.available_themes:
            app.theme = chosen
        self._worn = app.theme
        app.theme_changed_signal.subscribe(app, self._remember)
        return failures

    def _remember(self, theme: Theme) -> None:
        if theme.name != self._worn:
            self._worn = theme.name
            self._memento.remember_theme(theme.name, self._configured)
