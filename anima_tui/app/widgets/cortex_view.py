"""The cortex: every feature of the SAE is a pixel, and it glows as the feature fires."""

from __future__ import annotations

import sys
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from math import ceil

from rich.cells import set_cell_size
from rich.segment import Segment
from textual import events
from textual.message import Message

from anima_tui.app.widgets.canvas import Canvas
from anima_tui.app.widgets.colormap import LEVELS, quantise
from anima_tui.app.widgets.stream_view import label_of
from anima_tui.wire import BodyCard, Fired


class Glow:
    """How bright each feature still is: a flash at the token that fired it, then an ember.

    Brightness is the level times `0.75 * 0.8**age + 0.25 * 0.96**age`, age in tokens.
    """

    GONE = 0.5 / (LEVELS - 1)  # less than half a step of brightness

    def __init__(self) -> None:
        self._token = 0
        self._lit: dict[int, tuple[float, int]] = {}  # feature -> level, and the token that fired it

    def hear(self, fired: Iterable[Fired]) -> None:
        """One token."""
        self._token += 1
        for one in fired:
            if one.level >= self.of(one.feature):
                self._lit[one.feature] = one.level, self._token

    def of(self, feature: int) -> float:
        """Brightness of a feature now, in [0, 1]."""
        level, token = self._lit.get(feature, (0.0, 0))
        return level * self._faded(self._token - token)

    def lit(self) -> list[tuple[float, int]]:
        """(brightness, feature) of all that can be seen; forgets the others."""
        self._lit = {feature: flash for feature, flash in self._lit.items() if self.of(feature) > self.GONE}
        return [(self.of(feature), feature) for feature in self._lit]

    @staticmethod
    def _faded(age: int) -> float:
        return _FADE[age] if age < len(_FADE) else 0.0


_FADE = [0.75 * 0.8**age + 0.25 * 0.96**age for age in range(80)]


class Retina:
    """Which pixels of a `width` x `height` picture belong to which feature.

    In a picture smaller than the cortex, features share a pixel and the brightest is seen. In a larger
    one a feature covers several pixels, those at its edge as far as it reaches into them. Every feature has
    at least one pixel of its full brightness.
    """

    def __init__(self, cells: Sequence[int], cortex_width: int, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._cells = cells
        self._cortex_width = cortex_width
        cortex_height = max(cells, default=0) // cortex_width + 1
        self._columns = [_cover(column, cortex_width, width) for column in range(cortex_width)]
        self._lines = [_cover(line, cortex_height, height) for line in range(cortex_height)]

    def picture(self, lit: Iterable[tuple[float, int]]) -> bytearray:
        """Steps of brightness, row by row, of (brightness, feature) pairs."""
        picture = bytearray(self.width * self.height)
        for brightness, feature in lit:
            if feature >= len(self._cells):
                continue
            line, column = divmod(self._cells[feature], self._cortex_width)
            for y, tall in self._lines[line]:
                for x, wide in self._columns[column]:
                    pixel = y * self.width + x
                    picture[pixel] = max(picture[pixel], quantise(brightness * tall * wide))
        return picture

    def features_at(self, x: int, y: int) -> list[int]:
        """The features that share a pixel."""
        columns = [column for column, covered in enumerate(self._columns) if x in dict(covered)]
        lines = [line for line, covered in enumerate(self._lines) if y in dict(covered)]
        cells = (line * self._cortex_width + column for line in lines for column in columns)
        return [feature for cell in cells for feature in self._features.get(cell, ())]

    @cached_property
    def _features(self) -> Mapping[int, list[int]]:
        features: defaultdict[int, list[int]] = defaultdict(list)
        for feature, cell in enumerate(self._cells):
            features[cell].append(feature)
        return features


def _cover(index: int, count: int, pixels: int) -> list[tuple[int, float]]:
    """The pixels that cell `index` of `count` reaches into, with how far, the farthest being 1."""
    if pixels <= count:
        return [(index * pixels // count, 1.0)]
    left, right = index * pixels / count, (index + 1) * pixels / count
    reach = [(x, min(x + 1, right) - max(x, left)) for x in range(int(left), min(pixels, ceil(right)))]
    farthest = max(share for _, share in reach)
    return [(x, share / farthest) for x, share in reach if share > 0.05]


def cells_of(body: BodyCard) -> array[int]:
    """The cell of each feature, from the card's little-endian int32."""
    cells = array("i")
    cells.frombytes(body.cortex)
    if sys.byteorder == "big":
        cells.byteswap()
    return cells


Row = bytes | str  # two rows of pixels, one after the other, or the caption


class CortexView(Canvas[Row]):
    """Half-block cells: each text row holds two rows of pixels. The last row names what is brightest."""

    class Chosen(Message):
        """A feature was clicked."""

        def __init__(self, feature: int) -> None:
            super().__init__()
            self.feature = feature

    def __init__(self, colormap: str = "theme", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(colormap, id=id)
        self._glow = Glow()
        self._labels: Mapping[int, str] = {}
        self._cells: Sequence[int] = ()
        self._cortex_width = 1
        self._retina = Retina((), 1, 1, 1)
        self._pointer: tuple[int, int] | None = None

    def adopt(self, body: BodyCard) -> None:
        """A body begins."""
        self._labels = body.labels
        self._cells = cells_of(body)
        self._cortex_width = max(1, body.cortex_width)
        self._glow = Glow()
        self._retina = Retina((), 1, 1, 1)
        self.start_over()

    def hear(self, fired: Sequence[Fired]) -> None:
        """One token. Draws nothing: that is `paint`."""
        self._glow.hear(fired)

    def rows(self, width: int, height: int) -> Sequence[Row]:
        if not self._cells or height < 2:
            return [" Nothing fires yet.", *[""] * (height - 1)]
        if (self._retina.width, self._retina.height) != (width, 2 * height - 2):
            self._retina = Retina(self._cells, self._cortex_width, width, 2 * height - 2)
        lit = self._glow.lit()
        picture = bytes(self._retina.picture(lit))
        rows: list[Row] = [picture[start : start + 2 * width] for start in range(0, len(picture), 2 * width)]
        rows.append(self._caption(lit))
        return rows

    def draw(self, row: Row, width: int) -> list[Segment]:
        if isinstance(row, str):
            return [self.ink.text(set_cell_size(row, width), loud=True)]
        return self.ink.half_blocks(row[:width], row[width:])

    def _caption(self, lit: Sequence[tuple[float, int]]) -> str:
        """The pointer's features, or the brightest that has a name, or the brightest."""
        if self._pointer is not None:
            return self._under(*self._pointer)
        if not lit:
            return f" {len(self._cells)} features, all silent"
        named = [each for each in lit if each[1] in self._labels]
        return " " + self._named(max(named or lit)[1])

    def _under(self, x: int, y: int) -> str:
        """The features of a cell: those with a name before those with a number, the brightest first."""
        features = self._features_under(x, y)
        if not features:
            return " no feature here"
        *others, first = features
        more = f"   and {len(others)} more" if others else ""
        return f" {self._named(first)}{more}"

    def _features_under(self, x: int, y: int) -> list[int]:
        """The dimmest first, of equals those without a name."""
        both = self._retina.features_at(x, 2 * y) + self._retina.features_at(x, 2 * y + 1)
        return sorted(dict.fromkeys(both), key=lambda each: (self._glow.of(each), each in self._labels))

    def _named(self, feature: int) -> str:
        number = "" if feature not in self._labels else f"   #{feature}"
        return f"{label_of(feature, self._labels)}   {self._glow.of(feature):.0%}{number}"

    def on_mouse_move(self, event: events.MouseMove) -> None:
        inside = 0 <= event.x < self.size.width and 0 <= event.y < self.size.height - 1
        self._point((event.x, event.y) if inside else None)

    def on_click(self, event: events.Click) -> None:
        if features := self._features_under(event.x, event.y):
            self.post_message(self.Chosen(features[-1]))

    def on_leave(self) -> None:
        self._point(None)

    def _point(self, pointer: tuple[int, int] | None) -> None:
        if pointer != self._pointer:
            self._pointer = pointer
            self.paint()
