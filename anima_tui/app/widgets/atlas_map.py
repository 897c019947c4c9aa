"""The cortex as a map: what is known of every feature in brightness, and the chosen one with its neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from anima_tui.app.widgets.cortex_view import CortexView, Glow
from anima_tui.app.widgets.stream_view import label_of
from anima_tui.atlas import Atlas
from anima_tui.wire import BodyCard, Fired

DIM = 0.45
"""Brightness of what is not chosen, at most."""
NEAR = 0.8


class AtlasMap(CortexView, can_focus=True):
    """Click a feature to choose it."""

    _levels: Mapping[int, float] = {}
    _measure = ""
    _chosen = 0

    def survey(self, body: BodyCard, levels: Mapping[int, float], measure: str) -> None:
        """A body, how bright each of its features is, in [0, 1], and what that means."""
        self._levels, self._measure = levels, measure
        self.adopt(body)

    def choose(self, feature: int, neighbours: Iterable[int]) -> None:
        self._glow = Still({number: DIM * level for number, level in self._levels.items()})
        self._glow.light(neighbours, NEAR)
        self._glow.light([feature], 1.0)
        self._chosen = feature
        self.paint()

    def _caption(self, lit: object) -> str:
        """What the pointer is on, or what brightness means."""
        return self._under(*self._pointer) if self._pointer is not None else f" brighter: {self._measure}"

    def _named(self, feature: int) -> str:
        return f"#{feature} {label_of(feature, self._labels)}"


class Still(Glow):
    """Brightness that stays."""

    def __init__(self, levels: dict[int, float]) -> None:
        super().__init__()
        self._levels = levels

    def light(self, features: Iterable[int], level: float) -> None:
        self._levels |= dict.fromkeys(features, level)

    def hear(self, fired: Iterable[Fired]) -> None:
        """Nothing fires on a map."""

    def of(self, feature: int) -> float:
        return self._levels.get(feature, 0.0)

    def lit(self) -> list[tuple[float, int]]:
        return [(level, feature) for feature, level in self._levels.items() if level > 0]


def how_often(atlas: Atlas) -> dict[int, float]:
    """Each feature's place between the rarest and the most frequent that fire."""
    order = sorted((feature.fired, number) for number, feature in enumerate(atlas.features) if feature.fired)
    return {number: (place + 1) / len(order) for place, (_, number) in enumerate(order)}


def how_pleasant(atlas: Atlas) -> dict[int, float]:
    """How far each feature goes with valence, for better or worse, against the one that goes farthest."""
    most = max((abs(feature.valence) for feature in atlas.features), default=0.0) or 1.0
    return {number: abs(feature.valence) / most for number, feature in enumerate(atlas.features)}
