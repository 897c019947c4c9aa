"""The ground both views of the heatmap are drawn on."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from itertools import groupby
from typing import ClassVar, Generic, TypeVar

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.filter import ANSIToTruecolor, LineFilter
from textual.geometry import Region
from textual.strip import Strip

from anima_tui.app.widgets.colormap import Rgb, colour_map, glyph, luminance
from anima_tui.app.widgets.hues import heat_map
from anima_tui.app.widgets.themed import Themed

Row = TypeVar("Row", bound=Hashable)


class Ink:
    """Segments for levels, made once each; runs of equal neighbours share one segment.

    Without `colours` a ramp of glyphs stands for the levels, all in the style `plain`.
    """

    def __init__(self, colours: Sequence[Rgb], plain: Style) -> None:
        self._plain = plain
        self._colours = [RichColor.from_rgb(*colour) for colour in colours]
        self._segments: dict[tuple[str, int, int, int], Segment] = {}
        self._quiet = _over(colours[0], 0.45) if colours else plain
        self._loud = _over(colours[0], 0.9) if colours else plain

    def half_blocks(self, top: Iterable[int], bottom: Iterable[int]) -> list[Segment]:
        """One text row of two pixel rows."""
        if not self._colours:
            return [Segment("".join(map(glyph, map(max, top, bottom))), self._plain)]
        return [
            self._run("▄" if upper != lower else " ", lower, upper, sum(1 for _ in run))
            for (upper, lower), run in groupby(zip(top, bottom, strict=True))
        ]

    def bars(self, levels: Iterable[int]) -> list[Segment]:
        """One text row of one pixel row, with a thin gap above it, so that neighbours can be told apart."""
        if not self._colours:
            return [Segment("".join(map(glyph, levels)), self._plain)]
        return [self._run("▆" if level else " ", level, 0, sum(1 for _ in run)) for level, run in groupby(levels)]

    def text(self, text: str, loud: bool = False) -> Segment:
        return Segment(text, self._loud if loud else self._quiet)

    def _run(self, character: str, level: int, ground: int, length: int) -> Segment:
        key = character, level, ground, length
        if (segment := self._segments.get(key)) is None:
            style = Style(color=self._colours[level], bgcolor=self._colours[ground])
            segment = self._segments[key] = Segment(character * length, style)
        return segment


def _over(ground: Rgb, strength: float) -> Style:
    """A style for text that stands out from the ground by `strength` of black or white."""
    ink = 255 if luminance(ground) < 0.4 else 0
    mixed = (round(channel + (ink - channel) * strength) for channel in ground)
    return Style(color=RichColor.from_rgb(*mixed), bgcolor=RichColor.from_rgb(*ground))


class Canvas(Themed, Generic[Row]):
    """A Line API widget that redraws only the rows that changed, and nothing while it cannot be seen."""

    ALLOW_SELECT: ClassVar[bool] = False

    DEFAULT_CSS = """
    Canvas { width: 1fr; height: 1fr; }
    """

    def __init__(self, colormap: str = "theme", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._colormap = colormap
        self._ink: Ink | None = None
        self._strips: list[Strip] = []
        self._rows: list[Row] = []

    @property
    def ink(self) -> Ink:
        """For the colours of this moment's theme."""
        if self._ink is None:
            self._ink = self._mix()
        return self._ink

    def _mix(self) -> Ink:
        if self.app.no_color:
            return Ink([], self.rich_style)
        ground = Rgb(*self.background_colors[1].rgb)
        return Ink(colour_map(heat_map(self.app, self._colormap), ground), self.rich_style)

    def paint(self) -> None:
        """Bring the picture up to date with what was shown since."""
        if not self.is_on_screen or not self.size:
            return
        width, height = self.size
        rows = list(self.rows(width, height))
        stale = [y for y, row in enumerate(rows) if y >= len(self._rows) or row != self._rows[y]]
        self._strips = self._strips[:height] + [Strip.blank(width)] * (height - len(self._strips))
        for y in stale:
            self._strips[y] = Strip(self.draw(rows[y], width), width)
        self._rows = rows
        if stale:
            self.refresh(*(Region(0, y, width, 1) for y in stale))

    def rows(self, width: int, height: int) -> Iterable[Row]:
        """What each row shows, cheap to compare: a row is drawn again only when this differs."""
        raise NotImplementedError

    def draw(self, row: Row, width: int) -> list[Segment]:
        """The segments of a row, `width` cells in all."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width, self.rich_style)

    def get_line_filters(self) -> list[LineFilter]:
        """Without the conversion of ANSI colours, of which there are none here: half of a frame's cost."""
        return [each for each in super().get_line_filters() if not isinstance(each, ANSIToTruecolor)]

    def start_over(self) -> None:
        """Forget every drawn row: the size, the colours or the body changed."""
        self._ink = None
        self._rows = []
        self._strips = []
        self.paint()

    def _show(self) -> None:
        self.call_after_refresh(self.start_over)

    def on_show(self) -> None:
        self.start_over()

    def on_resize(self) -> None:
        self.start_over()
