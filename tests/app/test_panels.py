"""Promises of the metabolism panel and the dream log."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from anima_tui.app.widgets import words
from anima_tui.app.widgets.dream_log import Diary, DreamLog, Night
from anima_tui.app.widgets.gauge import bar, line_gauge
from anima_tui.app.widgets.hues import contrast, legible
from anima_tui.app.widgets.metabolism import MetabolismPanel
from anima_tui.app.widgets.night_text import STAGES, Inks, stage_line
from anima_tui.app.widgets.portrait import Hues, Portrait
from anima_tui.app.widgets.sparkline import diverging
from anima_tui.wire import (
    DiffLine,
    DreamToken,
    Generation,
    ModeCard,
    NightDone,
    NightRecord,
    NightStage,
    Replayed,
    Vitals,
)
from tests.app.panels import VITALS, Stage, body, screen_text, vitals

GREY = "#888888"
HUES = Hues(*[GREY] * len(Hues._fields))
INKS = Inks(*[GREY] * len(Inks._fields))
HEX = st.integers(0, 0xFFFFFF).map("#{:06x}".format)

# --- bars and traces


@given(st.floats(allow_nan=True), st.integers(0, 60))
def test_a_bar_is_exactly_as_wide_as_asked(share: float, width: int) -> None:
    assert len(bar(share, width)) == width
    assert line_gauge(share, width, GREY, GREY).cell_length == width


@given(st.floats(0, 1), st.integers(1, 60))
def test_a_bar_is_true_to_an_eighth_of_a_cell(share: float, width: int) -> None:
    eighths = sum(8 - " ▏▎▍▌▋▊▉█"[::-1].index(cell) for cell in bar(share, width))
    assert abs(eighths / 8 - share * width) <= 1 / 16 + 1e-9


@given(st.lists(st.floats(-1, 1), max_size=50), st.integers(0, 40), st.sampled_from([2, 4, 6]))
def test_a_trace_has_its_size_and_tells_the_sign_by_its_side(values: list[float], width: int, height: int) -> None:
    rows = diverging(values, width, height)
    assert [len(row) for row in rows] == [width] * height
    for row in rows[: height // 2]:
        assert all(sign in (0, 1) for _, sign in row)
    for row in rows[height // 2 :]:
        assert all(sign in (0, -1) for _, sign in row)


def test_the_newest_valence_is_the_rightmost() -> None:
    above, below = diverging([1.0, -1.0], 5, 2)
    assert [glyph for glyph, _ in above] == [" ", " ", " ", "█", " "]
    assert [sign for _, sign in below] == [0, 0, 0, 0, -1]


@given(HEX, st.sampled_from([("#12111a", "#dcd8e8"), ("#f6f3ec", "#272433")]))
def test_a_hue_can_be_read_on_its_ground(hue: str, pair: tuple[str, str]) -> None:
    ground, ink = pair
    assert contrast(legible(hue, ground, ink), ground) >= 3.5


# --- the organs as lines


ORGANS = (
    "Anima",
    "auto",
    "steered",
    "speaking",
    "tok/s",
    "fatigue",
    "adrenal",
    "habits",
    "loop",
    "valence",
    "+0.42",
    "base",
)


@pytest.mark.parametrize(("width", "height"), [(28, 10), (30, 12), (46, 12), (80, 30)])
def test_every_organ_has_its_place(width: int, height: int) -> None:
    lines = Portrait(width, height, HUES).lines(body(), VITALS, [0.2] * 30)
    text = Content("\n").join(lines).plain
    assert len(lines) <= height
    assert max(line.cell_length for line in lines) <= width
    for word in (*ORGANS, "256", "blocks.4"):
        assert word in text


def test_a_high_panel_gives_the_trace_more_room() -> None:
    low = Portrait(40, 12, HUES).lines(body(), VITALS, [1.0])
    high = Portrait(40, 24, HUES).lines(body(), VITALS, [1.0])
    full = [sum("█" in line.plain[-1:] for line in lines) for lines in (low, high)]
    assert full[1] > full[0]


@given(
    st.builds(
        vitals,
        mode=st.text(max_size=30),
        fatigue=st.floats(0, 1e6),
        threshold=st.floats(0, 1e5),
        valence=st.floats(-1, 1),
        adrenaline=st.floats(0, 9),
        reservoir_norm=st.floats(0, 50),
        loop_guard=st.booleans(),
        phase=st.sampled_from(list(words.PHASES)),
        wants_sleep=st.booleans(),
    ),
    st.integers(28, 90),
    st.integers(1, 40),
)
def test_no_line_is_ever_too_wide(state: Vitals, width: int, height: int) -> None:
    lines = Portrait(width, height, HUES).lines(body(), state, [0.5, -0.5])
    assert len(lines) <= height
    assert all(line.cell_length <= width and "\n" not in line.plain for line in lines)


def test_each_state_has_its_plain_word() -> None:
    assert [words.fatigue(share) for share in (0, 0.5, 0.9, 1.0, 3.0)] == [
        "fresh",
        "steady",
        "tired",
        "exhausted",
        "exhausted",
    ]
    assert words.phase(vitals(phase="awake", wants_sleep=True)) == "asks to sleep"
    trusted = body()
    assert words.valence_source(trusted) == "valence r 0.78, held out"
    distrusted = msgspec.structs.replace(trusted, valence_source="lexicon", valence_r=0.41)
    assert words.valence_source(distrusted) == "valence by lexicon (readout r 0.41)"
    assert words.valence_source(msgspec.structs.replace(distrusted, valence_r=None)) == "valence by lexicon"


async def test_the_panel_fits_thirty_columns_and_twelve_rows() -> None:
    panel = MetabolismPanel()
    app = Stage(panel)
    async with app.run_test(size=(60, 16)) as pilot:
        panel.styles.width, panel.styles.height = 30, 12
        assert "still waking" in screen_text(app)
        panel.ready(body(), VITALS)
        await pilot.pause(0.2)
        text = screen_text(app)
    for word in (*ORGANS, "54%", "steady", "valence r 0.78, held out", "seedling"):
        assert word in text


async def test_a_mode_with_a_broken_hue_or_hostile_name_is_shown_safely() -> None:
    panel = MetabolismPanel()
    app = Stage(panel)
    async with app.run_test(size=(60, 16)) as pilot:
        name = "[b]\x1b[2JEvil"
        panel.ready(body(), vitals(mode=name), [ModeCard(name=name, description="", hue="no colour")])
        await pilot.pause(0.2)
        text = screen_text(app)
    assert "[b]␛[2JEvil" in text


async def test_an_idle_panel_is_not_rendered_again(monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[int] = []
    original = MetabolismPanel.render

    def counted(self: MetabolismPanel) -> Content:
        rendered.append(1)
        return original(self)

    monkeypatch.setattr(MetabolismPanel, "render", counted)
    panel = MetabolismPanel()
    app = Stage(panel)
    async with app.run_test(size=(60, 16)) as pilot:
        panel.ready(body(), VITALS)
        for _ in range(20):
            panel.show(VITALS)
        await pilot.pause(0.3)
        assert rendered
        rendered.clear()
        await pilot.pause(0.4)
        assert rendered == []


# --- the dream log

DIFF = [
    DiffLine(sign=" ", text="I am Anima."),
    DiffLine(sign="-", text="I like quiet."),
    DiffLine(sign="+", text="I like [b]rain[/b]."),
]


def night(number: int, outcome: str = "changed", **changes: object) -> NightRecord:
    fields: dict[str, object] = {
        "id": number,
        "began": 1_760_000_000.0 + 86_400 * number,
        "ended": 1_760_000_300.0 + 86_400 * number,
        "outcome": outcome,
        "summary": f"Summary {number}.",
        "dreams": [f"Dream number {number} of a shore."],
        "diff": DIFF,
    }
    return NightRecord(**(fields | changes))  # pyright: ignore[reportArgumentType]


SELF = Generation(id=2, parent=1, at=0.0, lines=[], reason="dream")


def dreamt(depth: int, text: str) -> DreamToken:
    return DreamToken(depth=depth, text=text, features=[], vitals=VITALS)


def staged(stage: str, text: str) -> NightStage:
    return NightStage(stage=stage, text=text, fraction=0.5, vitals=VITALS)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("width", [26, 60])
def test_done_present_and_coming_stages_differ_by_glyph(stage: str, width: int) -> None:
    line = stage_line(stage, width, INKS).plain
    at = STAGES.index(stage)
    assert [line.count(glyph) for glyph in "✓◉○"] == [at, 1, 5 - at]
    assert f"◉ {stage}" in line
    assert len(line) <= width


async def test_an_empty_log_says_how_a_night_begins() -> None:
    app = Stage(DreamLog())
    async with app.run_test(size=(60, 16)) as pilot:
        await pilot.pause()
        assert "No nights yet. F8 sends her to bed." in screen_text(app)


async def test_past_nights_are_folded_newest_last_and_open_by_click_and_enter() -> None:
    log = DreamLog()
    app = Stage(log)
    async with app.run_test(size=(60, 16)) as pilot:
        log.load([night(2), night(1, "restful")])
        await pilot.pause()
        text = screen_text(app)
        assert text.index("number 1") < text.index("number 2")
        assert "No nights yet" not in text
        assert "Summary" not in text
        older, newer = log.query(Night)
        await pilot.click(older)
        await pilot.pause()
        assert "Summary 1." in screen_text(app)
        newer.focus()
        await pilot.press("enter")
        await pilot.pause()
        text = screen_text(app)
        assert "Summary 2. (5 minutes)" in text
        assert "− I like quiet." in text
        assert "+ I like [b]rain[/b]." in text
        await pilot.press("enter")
        await pilot.pause()
        assert "Summary 2." not in screen_text(app)


async def test_a_night_streams_by_depth_and_ends_with_its_difference() -> None:
    log = DreamLog()
    app = Stage(log)
    async with app.run_test(size=(60, 16)) as pilot:
        log.stage(staged("drowsy", "Six memories."))
        log.remember(Replayed(line='They said: "[b]rain"\x07', features=[], vitals=VITALS))
        log.stage(staged("dream", "She dreams."))
        for depth, piece in ((0, "a har"), (0, "bour \x1b[2J"), (1, "and a [u]door")):
            log.dream(dreamt(depth, piece))
        await pilot.pause(0.3)
        text = screen_text(app)
        assert "✓ drowsy ✓ deep ◉ dream ○ consolidate ○ gate ○ wake" in text
        assert "Six memories." in text
        assert '· They said: "[b]rain"' in text
        assert "━━━━━━━━╌╌╌╌╌╌╌╌ 50%" in text
        assert "☾1 a harbour ␛[2J" in text
        assert "☾2 and a [u]door" in text
        log.done(NightDone(night=night(3), self_model=SELF, evidence={}, vitals=VITALS))
        await pilot.pause(0.3)
        text = screen_text(app)
    assert "◉" not in text
    assert "50%" not in text
    assert "she woke changed" in text
    assert "− I like quiet." in text
    assert "ctrl+z undoes it" in text
    assert "a harbour" not in text


async def test_only_the_newest_night_that_changed_her_can_be_undone() -> None:
    log = DreamLog()
    app = Stage(log)
    async with app.run_test(size=(60, 30)) as pilot:
        log.load([night(1)])
        await pilot.pause()
        log.done(NightDone(night=night(2, "restful"), self_model=SELF, evidence={}, vitals=VITALS))
        await pilot.pause(0.2)
        for each in log.query(Night):
            each.open = True
        await pilot.pause()
        assert "ctrl+z" not in screen_text(app)


async def test_an_undone_night_says_so() -> None:
    log = DreamLog()
    app = Stage(log)
    async with app.run_test(size=(60, 16)) as pilot:
        log.done(NightDone(night=night(1), self_model=SELF, evidence={}, vitals=VITALS))
        await pilot.pause(0.2)
        log.load([night(1, "undone")])
        await pilot.pause(0.2)
        text = screen_text(app)
        assert len(log.query(Night)) == 1
    assert "undone" in text
    assert "ctrl+z" not in text


async def test_a_growing_dream_is_followed_unless_the_reader_scrolled_away() -> None:
    log = DreamLog()
    app = Stage(log)
    async with app.run_test(size=(60, 16)) as pilot:
        log.load([night(number) for number in range(30, 0, -1)])
        log.dream(dreamt(1, "line\n" * 10))
        await pilot.pause(0.3)
        diary = log.query_one(Diary)
        assert diary.scroll_offset.y == diary.max_scroll_y > 0
        log.dream(dreamt(1, "line\n" * 10 + "the end"))
        await pilot.pause(0.3)
        assert "the end" in screen_text(app)
        diary.scroll_to(y=3, animate=False)
        await pilot.pause()
        log.dream(dreamt(1, " more\n" * 10))
        await pilot.pause(0.3)
        assert diary.scroll_offset.y == 3
