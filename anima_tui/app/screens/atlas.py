"""The atlas: every feature of her autoencoder where it lies in the cortex, and what is known of the chosen one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from anima_tui import wire
from anima_tui.app.session import Send, Session
from anima_tui.app.widgets.atlas_map import AtlasMap, how_often, how_pleasant
from anima_tui.app.widgets.cortex_view import cells_of
from anima_tui.app.widgets.feature_text import feature_text
from anima_tui.app.widgets.message import Plain
from anima_tui.app.widgets.night_text import inks_of
from anima_tui.atlas import Atlas, Feature, read_atlas
from anima_tui.errors import AnimaError
from anima_tui.text import safe_line

KEYS = "arrows walk · 1-6 neighbours · / searches, n next · p pushes · m how often or valence · Esc closes"
MESSAGE = "how are you today?"
"""What she is asked with a push and without, while the user said nothing in this run."""
MEASURES: Mapping[str, Callable[[Atlas], dict[int, float]]] = {
    "fires oftener": how_often,
    "goes farther with valence, for better or worse": how_pleasant,
}
WAKING = "She is still waking up: an atlas belongs to a body."


class AtlasScreen(ModalScreen[None]):
    """The map at the left, the chosen feature at the right."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, f"walk({x}, {y})", show=False) for key, x, y in
          (("left", -1, 0), ("right", 1, 0), ("up", 0, -1), ("down", 0, 1))),
        *(Binding(str(n), f"neighbour({n})", show=False) for n in range(1, 7)),
        Binding("slash", "search", "Search", id="atlas.search"),
        Binding("n", "next", "Next found", id="atlas.next"),
        Binding("p", "push", "Push", id="atlas.push"),
        Binding("m", "measure", "Measure", id="atlas.measure"),
        Binding("escape", "leave", "Close", id="atlas.close"),
        Binding("q", "dismiss", "Close", show=False, id="atlas.quit"),
    ]  # fmt: skip

    def __init__(self, session: Session, send: Send, feature: str = "") -> None:
        super().__init__()
        self._session = session
        self._send = send
        self._chosen = int(feature) if feature else -1
        self._atlas: Atlas | None = None
        self._at: dict[int, int] = {}
        """Feature by cell."""
        self._found: list[int] = []
        self._pushed: dict[int, wire.Pushed] = {}
        self._measure = next(iter(MEASURES))
        self._map = AtlasMap()
        self._search = Input(placeholder="a word of a label, or a number", id="search", compact=True)
        self._detail = Static("", markup=False)
        self._hint = Plain("")

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            yield self._search
            with Horizontal():
                yield self._map
                with VerticalScroll(can_focus=True):
                    yield self._detail
            yield self._hint
        box.border_title = "atlas"
        box.border_subtitle = KEYS

    def on_mount(self) -> None:
        self._search.display = False
        self._map.focus()
        self._session.listeners.join(self, wire.Ready, lambda _: self._read())
        self._session.listeners.join(self, wire.Pushed, self._hear)
        self.app.theme_changed_signal.subscribe(self, lambda _: self._show())
        self._read()

    def on_unmount(self) -> None:
        self.app.theme_changed_signal.unsubscribe(self)
        self._session.listeners.leave(self)

    def _read(self) -> None:
        if (body := self._session.body) is None:
            self._hint.say(WAKING)
            return
        self._hint.say("")
        try:
            self._atlas = self._drawn(body) or _bare(body)
        except AnimaError as error:
            self._hint.say(str(error))
            self._atlas = _bare(body)
        self._at = {feature.cell: number for number, feature in enumerate(self._atlas.features)}
        if not 0 <= self._chosen < len(self._atlas.features):
            self._chosen = min(body.labels, default=0)
        self._survey()

    def _drawn(self, body: wire.BodyCard) -> Atlas | None:
        """What the lab drew of this body: in full or, failing that, by a quick run."""
        folder = self._session.lab_of_body
        drawn = (read_atlas(folder / size / "features") for size in ("full", "quick")) if folder else ()
        return next((atlas for atlas in drawn if atlas and len(atlas.features) == body.d_sae), None)

    def _survey(self) -> None:
        if self._atlas is None or self._session.body is None:
            return
        known = self._atlas.tokens > 0
        levels = MEASURES[self._measure](self._atlas) if known else dict.fromkeys(self._session.body.labels, 1.0)
        self._map.survey(self._session.body, levels, self._measure if known else "has a label")
        self._show()

    def _show(self) -> None:
        if self._atlas is None:
            return
        feature = self._atlas.features[self._chosen]
        self._map.choose(self._chosen, [number for number, _ in feature.neighbours])
        self._detail.update(feature_text(self._atlas, self._chosen, inks_of(self.app), self._pushed.get(self._chosen)))

    def _go(self, feature: int) -> None:
        self._chosen = feature
        self.query_one(VerticalScroll).scroll_home(animate=False)
        self._show()

    @on(AtlasMap.Chosen)
    def _clicked(self, event: AtlasMap.Chosen) -> None:
        event.stop()
        self._go(event.feature)

    def action_walk(self, x: int, y: int) -> None:
        """To the next feature in a direction, over cells that hold none."""
        if self._atlas is None:
            return
        wide = self._atlas.width
        line, column = divmod(self._atlas.features[self._chosen].cell, wide)
        for _ in range(max(self._at) + 1):
            line, column = line + y, column + x
            if not (0 <= column < wide and 0 <= line * wide + column <= max(self._at)):
                return
            if (feature := self._at.get(line * wide + column)) is not None:
                self._go(feature)
                return

    def action_neighbour(self, key: int) -> None:
        if self._atlas and key <= len(neighbours := self._atlas.features[self._chosen].neighbours):
            self._go(neighbours[key - 1][0])

    async def action_push(self) -> None:
        """Hear the last message answered with a push along the chosen feature, without, and against it."""
        if not self._session.ready or self._session.replying or self._session.asleep:
            self._hint.say("She can be pushed when she is awake and listening.")
            return
        self._hint.say("She answers three times …")
        await self._send(wire.Push(feature=self._chosen, user=self._session.said or MESSAGE))

    def _hear(self, answer: wire.Pushed) -> None:
        self._pushed[answer.feature] = answer
        self._hint.say("")
        self._show()

    def action_measure(self) -> None:
        names = list(MEASURES)
        self._measure = names[(names.index(self._measure) + 1) % len(names)]
        self._survey()

    # --- the search ------------------------------------------------------------------------------------

    def action_search(self) -> None:
        self._search.display = True
        self._search.focus()

    @on(Input.Submitted)
    def _look(self, event: Input.Submitted) -> None:
        words = event.value.strip().casefold()
        features = self._atlas.features if self._atlas else []
        self._found = [
            number for number, feature in enumerate(features)
            if words and (words in feature.label.casefold() or words.removeprefix("#") == str(number))
        ]  # fmt: skip
        self._close_search()
        self._hint.say("" if self._found else f"No label holds “{safe_line(event.value)}”.")
        self.action_next()

    def action_next(self) -> None:
        if self._found:
            self._hint.say(f"{len(self._found)} found; n goes to the next." if len(self._found) > 1 else "")
            self._found = self._found[1:] + self._found[:1]
            self._go(self._found[-1])

    def _close_search(self) -> None:
        self._search.display = False
        self._map.focus()

    def action_leave(self) -> None:
        if self._search.display:
            self._close_search()
        else:
            self.dismiss()


def _bare(body: wire.BodyCard) -> Atlas:
    """Where features lie and what they are called: all that is known before the lab looked."""
    features = [Feature(cell=cell, label=body.labels.get(number, "")) for number, cell in enumerate(cells_of(body))]
    return Atlas(width=max(1, body.cortex_width), tokens=0, features=features)
