"""Which theme the app wears: the settings' one, or the one chosen last in the app itself; at night it is dimmed."""

from __future__ import annotations

import os

from textual.app import App
from textual.theme import Theme

from anima_tui.app.dusk import dusk
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
        self._day: Theme | None = None
        """The worn theme in its own colours, while it is dimmed."""
        self._depth = 0.0

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

    def dim(self, depth: float) -> None:
        """How deep the night is, from 0 (day) to 1."""
        if depth != self._depth:
            self._depth = depth
            self._fall()

    def _fall(self) -> None:
        self._rise()
        if self._depth:
            self._day = self._app.current_theme
            self._app.register_theme(dusk(self._day, self._depth))
        self._app.mutate_reactive(App.theme)

    def _rise(self) -> None:
        if self._day is not None:
            self._app.register_theme(self._day)
            self._day = None

    def _remember(self, theme: Theme) -> None:
        if theme.name != self._worn:
            self._worn = theme.name
            self._memento.remember_theme(theme.name, self._configured)
            if self._depth:
                self._fall()
