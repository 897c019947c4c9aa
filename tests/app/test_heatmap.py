"""Promises of the heatmap: its colours, its rows, its pixels, and its calm."""

from __future__ import annotations

import asyncio
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.filter import ANSIToTruecolor
from textual.strip import Strip

from anima_tui.app.widgets.canvas import Canvas
from anima_tui.app.widgets.colormap import LEVELS, NAMES, Rgb, colour_map, glyph, luminance, quantise
from anima_tui.app.widgets.cortex_view import CortexView, Glow, Retina, cells_of
from anima_tui.app.widgets.heatmap import HeatmapPanel
from anima_tui.app.widgets.stream_view import Cast, StreamView, fit, label_of
from tests.app.panels import Stage, body, fired, screen_text

BYTE = st.integers(0, 255)
ROUNDING = 0.006  # of luminance, from channels being whole numbers


# --- colours


@given(st.sampled_from(NAMES), st.builds(Rgb, BYTE, BYTE, BYTE))
def test_a_colour_map_is_monotone_in_luminance_on_any_background(name: str, background: Rgb) -> None:
    lights = [luminance(colour) for colour in colour_map(name, background)]
    direction = 1 if lights[-1] >= lights[0] else -1
    assert all(direction * (b - a) >= -ROUNDING for a, b in pairwise(lights))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("background", [Rgb(18, 17, 26), Rgb(246, 243, 236)])
def test_the_strongest_level_stands_out_and_the_silent_one_is_the_background(name: str, background: Rgb) -> None:
    colours = colour_map(name, background)
    assert len(colours) == LEVELS
    assert colours[0] == background
    light, dark = sorted((luminance(colours[0]), luminance(colours[-1])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) > 7


def test_an_unknown_colour_map_is_viridis() -> None:
    assert colour_map("no such map", Rgb(0, 0, 0)) == colour_map("viridis", Rgb(0, 0, 0))


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_only_silence_has_step_zero(level: float) -> None:
    assert 0 <= quantise(level) < LEVELS
    assert (quantise(level) > 0) == (level > 0)


def test_without_colour_the_glyphs_grow_with_the_level() -> None:
    ramp = [glyph(step) for step in range(LEVELS)]
    assert ramp[0] == " "
    assert ramp[1] == "░"
    assert ramp[-1] == "█"
    assert ramp == sorted(ramp, key=" ░▒▓█".index)


# --- rows of the stream


def test_a_row_keeps_its_place_while_features_quarrel_over_it() -> None:
    cast = Cast(dict.fromkeys(range(40), "x"))
    noise = random.Random(1)
    for _ in range(60):
        cast.hear(fired(*((feature, 0.5 + 0.1 * noise.random()) for feature in range(20))))
    before = cast.seat(8)
    for _ in range(100):
        cast.hear(fired(*((feature, 0.5 + 0.1 * noise.random()) for feature in range(20))))
        assert cast.seat(8) == before


def test_a_clearly_stronger_feature_takes_one_row_and_moves_no_other() -> None:
    cast = Cast(dict.fromkeys(range(10), "x"))
    for _ in range(30):
        cast.hear(fired((0, 0.9), (1, 0.8), (2, 0.5)))
    before = cast.seat(3)
    for _ in range(60):
        cast.hear(fired((0, 0.9), (1, 0.8), (7, 1.0)))
        cast.seat(3)
    after = cast.seat(3)
    assert after == [7 if feature == 2 else feature for feature in before]


def test_a_token_replaces_at_most_one_row() -> None:
    cast = Cast(dict.fromkeys(range(20), "x"))
    for _ in range(30):
        cast.hear(fired(*((feature, 0.5) for feature in range(5))))
    before = cast.seat(5)
    for _ in range(200):
        cast.hear(fired(*((feature, 1.0) for feature in range(10, 15))))
        after = cast.seat(5)
        assert sum(a != b for a, b in zip(before, after, strict=True)) <= 1
        before = after
    assert set(before) == set(range(10, 15))


def test_a_feature_with_a_name_goes_before_a_stronger_one_without() -> None:
    cast = Cast({3: "the sea"})
    for _ in range(5):
        cast.hear(fired((3, 0.6), (4, 1.0)))
    assert cast.seat(1) == [3]


@given(st.lists(st.lists(st.tuples(st.integers(0, 30), st.floats(0, 1)), max_size=8), max_size=60), st.data())
def test_rows_are_distinct_and_never_too_many(tokens: list[list[tuple[int, float]]], data: st.DataObject) -> None:
    cast = Cast({1: "one"})
    for token in tokens:
        cast.hear(fired(*token))
        count = data.draw(st.integers(0, 12))
        seats = cast.seat(count)
        assert len(seats) == len(set(seats)) <= count


def test_a_long_talk_does_not_wear_the_scores_out() -> None:
    cast = Cast({1: "one", 2: "two"})
    for _ in range(20_000):
        cast.hear(fired((1, 0.5)))
    for _ in range(60):
        cast.hear(fired((2, 0.5)))
    assert cast.seat(1) == [2]


@given(st.text(max_size=40), st.integers(0, 30))
def test_a_label_fills_its_column_exactly(text: str, width: int) -> None:
    assert cell_len(fit(label_of(0, {0: text}), width)) == width


def test_a_label_says_nothing_a_terminal_would_obey() -> None:
    assert "\x1b" not in label_of(0, {0: "\x1b]52;c;aGk=\x07 words"})
    assert label_of(5, {5: " \n"}) == "#5"


# --- pixels of the cortex


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 60), st.integers(1, 60), st.data())
def test_each_feature_has_a_pixel_of_its_full_brightness_where_its_cell_says(
    cortex_width: int, cortex_height: int, width: int, height: int, data: st.DataObject
) -> None:
    cells = range(cortex_width * cortex_height)
    retina = Retina(cells, cortex_width, width, height)
    feature = data.draw(st.sampled_from(cells))
    picture = retina.picture([(1.0, feature)])
    line, column = divmod(feature, cortex_width)
    y, x = divmod(picture.index(LEVELS - 1), width)
    assert abs((x + 0.5) / width - (column + 0.5) / cortex_width) <= 1 / min(width, cortex_width)
    assert abs((y + 0.5) / height - (line + 0.5) / cortex_height) <= 1 / min(height, cortex_height)
    assert feature in retina.features_at(x, y)


@given(st.lists(st.tuples(st.floats(0.02, 1), st.integers(0, 255)), min_size=1, max_size=40))
def test_the_brightest_of_those_that_share_a_pixel_is_seen(lit: list[tuple[float, int]]) -> None:
    retina = Retina(range(256), 16, 4, 4)
    picture = retina.picture(lit)
    for y in range(4):
        for x in range(4):
            here = set(retina.features_at(x, y))
            strongest = max((brightness for brightness, feature in lit if feature in here), default=0.0)
            assert picture[y * 4 + x] == quantise(strongest)


def test_cells_come_little_endian_from_the_card() -> None:
    card = body(width=20, height=20)
    assert list(cells_of(card)) == list(range(400))


def test_a_feature_flashes_glows_and_goes_out() -> None:
    glow = Glow()
    glow.hear(fired((1, 0.8)))
    assert glow.of(1) == pytest.approx(0.8)
    fading = [glow.of(1)]
    for _ in range(100):
        glow.hear([])
        fading.append(glow.of(1))
    assert fading == sorted(fading, reverse=True)
    assert fading[-1] == 0
    assert glow.lit() == []


def test_a_faint_firing_does_not_darken_a_glow() -> None:
    glow = Glow()
    glow.hear(fired((1, 1.0)))
    glow.hear(fired((1, 0.1)))
    assert glow.of(1) > 0.8


# --- the panel


def lines_drawn(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by each line that a canvas really draws."""
    drawn: list[int] = []
    original = Canvas.render_line

    def counted(self: Canvas[object], y: int) -> Strip:
        drawn.append(y)
        return original(self, y)

    monkeypatch.setattr(Canvas, "render_line", counted)
    return drawn


async def test_the_stream_shows_label_levels_and_number() -> None:
    panel = HeatmapPanel(60)
    app = Stage(panel)
    async with app.run_test(size=(60, 16)) as pilot:
        await pilot.pause()
        assert "Nothing fires yet." in screen_text(app)
        panel.ready(body({5: "the sea at night", 6: "[red]markup[/red]"}))
        for _ in range(4):
            panel.show(fired((5, 0.87), (6, 0.5)))
        await pilot.pause(0.1)
        text = screen_text(app)
    assert "the sea at night" in text
    assert "▆▆▆▆" in text
    assert "87%" in text
    assert "[red]markup[/…" in text or "[red]markup[/red]" in text


async def test_the_cortex_shows_half_blocks_and_names_the_brightest() -> None:
    panel = HeatmapPanel(60)
    app = Stage(panel)
    async with app.run_test(size=(60, 16)) as pilot:
        panel.ready(body({5: "the sea at night"}))
        panel.toggle_view()
        await pilot.pause()
        assert "256 features, all silent" in screen_text(app)
        panel.show(fired((5, 0.9), (200, 1.0)))
        await pilot.pause(0.1)
        text = screen_text(app)
    assert "▄" in text
    assert "the sea at night   90%   #5" in text


async def test_the_pointer_names_the_feature_under_it() -> None:
    panel = HeatmapPanel(60)
    app = Stage(panel)
    async with app.run_test(size=(60, 16)) as pilot:
        panel.ready(body({0: "the very first"}))
        panel.toggle_view()
        await pilot.pause()
        await pilot.hover(CortexView, offset=(0, 0))
        await pilot.pause()
        assert "the very first" in screen_text(app)
        await pilot.hover(HeatmapPanel, offset=(0, 0))
        await pilot.pause()
        assert "the very first" not in screen_text(app)


async def test_a_click_on_the_title_turns_to_the_other_view() -> None:
    panel = HeatmapPanel()
    app = Stage(panel)
    async with app.run_test(size=(60, 16)) as pilot:
        await pilot.click(HeatmapPanel, offset=(5, 0))
        assert panel.view == "cortex"
        await pilot.click(CortexView, offset=(5, 5))
        assert panel.view == "cortex"
        await pilot.click(HeatmapPanel, offset=(5, 0))
        assert panel.view == "stream"


async def test_a_burst_of_tokens_is_painted_once_with_the_latest() -> None:
    panel = HeatmapPanel(2)
    app = Stage(panel)
    async with app.run_test(size=(60, 16)) as pilot:
        panel.ready(body({5: "the sea"}))
        await pilot.pause()
        panel.show(fired((5, 0.61)))
        await pilot.pause()
        for level in (0.72, 0.83, 0.99):
            panel.show(fired((5, level)))
        await pilot.pause()
        assert "61%" in screen_text(app)
        await asyncio.sleep(0.6)
        await pilot.pause()
        assert "99%" in screen_text(app)


async def test_an_idle_heatmap_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    panel = HeatmapPanel(60)
    drawn = lines_drawn(monkeypatch)
    app = Stage(panel)
    async with app.run_test(size=(60, 16)) as pilot:
        panel.ready(body({5: "the sea"}))
        panel.show(fired((5, 0.5)))
        await pilot.pause(0.2)
        assert drawn
        drawn.clear()
        await pilot.pause(0.4)
        assert drawn == []


async def test_only_rows_that_changed_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    panel = HeatmapPanel(60)
    drawn = lines_drawn(monkeypatch)
    app = Stage(panel)
    async with app.run_test(size=(60, 16)) as pilot:
        panel.ready(body())
        panel.toggle_view()
        await pilot.pause(0.1)
        drawn.clear()
        panel.show(fired((0, 1.0)))
        await pilot.pause(0.1)
        height = panel.query_one(CortexView).size.height
        assert set(drawn) == {0, height - 1}  # the corner of feature 0, and the caption


async def test_a_hidden_heatmap_paints_nothing_and_is_up_to_date_when_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    panel = HeatmapPanel(60)
    drawn = lines_drawn(monkeypatch)
    app = Stage(panel)
    async with app.run_test(size=(60, 16)) as pilot:
        panel.ready(body({5: "the sea at night"}))
        panel.display = False
        await pilot.pause(0.1)
        drawn.clear()
        panel.show(fired((5, 0.5)))
        await pilot.pause(0.1)
        assert drawn == []
        panel.display = True
        await pilot.pause(0.1)
        assert "the sea at night" in screen_text(app)


async def test_a_new_theme_recolours_what_stands() -> None:
    panel = HeatmapPanel(60)
    app = Stage(panel)
    async with app.run_test(size=(60, 16)) as pilot:
        panel.ready(body({5: "the sea"}))
        panel.show(fired((5, 0.5)))
        await pilot.pause(0.1)
        stream = panel.query_one(StreamView)
        dark = stream.render_line(0)
        app.theme = "textual-light"
        await pilot.pause(0.2)
        light = stream.render_line(0)
    assert dark.text == light.text
    assert dark != light


async def test_a_canvas_is_spared_the_conversion_of_ansi_colours() -> None:
    panel = HeatmapPanel()
    app = Stage(panel)
    async with app.run_test(size=(60, 16)):
        filters = panel.query_one(StreamView).get_line_filters()
        assert not any(isinstance(each, ANSIToTruecolor) for each in filters)


@pytest.mark.parametrize("view", ["stream", "cortex"])
async def test_no_color_draws_a_ramp_of_glyphs(view: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    panel = HeatmapPanel(60)
    app = Stage(panel)
    async with app.run_test(size=(60, 16)) as pilot:
        if view == "cortex":
            panel.toggle_view()
        panel.ready(body({5: "the sea", 100: "fire"}))
        for _ in range(2):
            panel.show(fired((5, 1.0), (100, 0.3)))
        await pilot.pause(0.1)
        text = screen_text(app)
    assert "█" in text
    assert "▒" in text
    assert "▄" not in text


@pytest.mark.parametrize("view", ["stream", "cortex"])
@pytest.mark.parametrize("size", [(4, 3), (9, 4), (20, 5), (33, 9), (60, 16)])
async def test_each_drawn_line_is_as_wide_as_its_canvas(view: str, size: tuple[int, int]) -> None:
    panel = HeatmapPanel(60)
    app = Stage(panel)
    async with app.run_test(size=(60, 16)) as pilot:
        panel.ready(body({5: "静けさ, the sea", 100: "fire"}))
        if view == "cortex":
            panel.toggle_view()
        panel.styles.min_height = 0
        panel.styles.width, panel.styles.height = size
        await pilot.pause()
        for _ in range(3):
            panel.show(fired((5, 1.0), (100, 0.5)))
        await pilot.pause(0.1)
        canvas = panel.query_one(CortexView if view == "cortex" else StreamView)
        width, height = canvas.size
        assert [cell_len(canvas.render_line(y).text) for y in range(height)] == [width] * height
