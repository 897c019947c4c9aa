"""The metabolism panel: mode, tiredness, feeling and habits, each as a number and a plain word."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from textual.content import Content
from textual.widget import Widget

from anima_tui.app.widgets import words
from anima_tui.app.widgets.hues import between, hue, legible, plain
from anima_tui.app.widgets.pace import Pace
from anima_tui.app.widgets.portrait import Hues, Portrait
from anima_tui.text import safe_line
from anima_tui.wire import BodyCard, ModeCard, Vitals

_HZ = 8.0
_REMEMBERED = 400  # tokens of the valence trace
_TALKING = ("thinking", "speaking", "dream")


class MetabolismPanel(Widget):
    """The organs at this moment, repainted at most eight times a second and never without news."""

    DEFAULT_CSS = """
    MetabolismPanel {
        border: round $foreground 25%;
        border-title-color: $text-muted;
        border-subtitle-color: $text-muted;
        height: 14;
        min-height: 5;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.border_title = "metabolism"
        self._body: BodyCard | None = None
        self._vitals: Vitals | None = None
        self._modes: dict[str, str] = {}
        self._valence: deque[float] = deque(maxlen=_REMEMBERED)
        self._pace = Pace(self, _HZ, self._paint)

    def ready(self, body: BodyCard, vitals: Vitals, modes: Iterable[ModeCard] = ()) -> None:
        """A body begins. `modes` give their hues."""
        self._body, self._vitals = body, vitals
        self._modes = {mode.name: mode.hue for mode in modes}
        self._valence.clear()
        self.border_title = f"metabolism · {safe_line(body.name)}"
        self.border_subtitle = words.valence_source(body)
        self._pace.ask()

    def show(self, vitals: Vitals) -> None:
        """The organs now. Called for every token, and when the user changed something."""
        self._vitals = vitals
        if vitals.phase in _TALKING:
            self._valence.append(vitals.valence)
        self._pace.ask()

    def render(self) -> Content:
        width, height = self.size
        if self._vitals is None:
            return Content.styled("She is still waking up.", self._hues("").muted)
        portrait = Portrait(width, height, self._hues(self._vitals.mode))
        return Content("\n").join(portrait.lines(self._body, self._vitals, self._valence))

    def _hues(self, mode: str) -> Hues:
        ink, ground = hue(self.app, "foreground"), self.background_colors[1].hex6

        def voice(name: str) -> str:
            return legible(hue(self.app, name), ground, ink)

        return Hues(
            ink=ink,
            muted=between(ground, ink, 0.6),
            track=between(ground, ink, 0.16),
            mode=legible(plain(self._modes.get(mode, ""), hue(self.app, "primary")), ground, ink),
            fatigue=voice("fatigue"),
            adrenaline=voice("adrenaline"),
            reservoir=voice("reservoir"),
            positive=voice("valence-pos"),
            negative=voice("valence-neg"),
            warning=voice("warning"),
        )

    def _paint(self) -> None:
        if self.is_on_screen:
            self.refresh()
