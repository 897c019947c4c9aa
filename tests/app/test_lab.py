"""The lab in the app: what was found is told, what was not is told how to find, and every feature can be walked to."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from anima_tui.app.screens.atlas import AtlasScreen
from anima_tui.app.screens.lab import LabScreen
from anima_tui.app.widgets.night_text import Inks
from anima_tui.app.widgets.study_text import figure_lines
from anima_tui.atlas import FILE, Atlas, Feature
from anima_tui.bodies.catalog import BODIES
from anima_tui.findings import Figure, Findings, read_findings
from tests.app import story
from tests.app.conftest import Stage, Talk

BODY = story.body()
INKS = Inks("#ffffff", "#888888", "#aa88ff", "#88ff88", "#ff8888")
BARS = {
    "data": [
        {"type": "bar", "name": "leak", "x": ["ban", "clamp"], "y": [0.3, 0.1],
         "error_y": {"array": [0.05, 0.02], "arrayminus": [0.04, 0.01]}},
    ]
}  # fmt: skip
CURVES = {"data": [{"type": "scatter", "name": "gate", "x": [0, 1], "y": [0.1, 0.9]}]}
MATRIX = {"data": [{"type": "heatmap", "x": ["sea", "dogs"], "y": ["means"], "z": [[0.5, -0.25]]}]}


def drawn(plotly: Mapping[str, object], width: int = 80) -> str:
    return "\n".join(
        line.plain for line in figure_lines(Figure(title="", caption="", plotly=dict(plotly)), width, INKS)
    )


def results_of(talk: Talk) -> Path:
    """Where the lab would write about the body of the story."""
    assert talk.app.session.lab is not None
    return talk.app.session.lab / BODY.name / "full"


def write_findings(folder: Path, study: str, *answer: str) -> None:
    (folder / study).mkdir(parents=True)
    found = Findings(
        study=study, title=study, question="Does it hold?", method=["By measuring."], answer=list(answer), tables=[],
        figures=[Figure(title="Leak rate", caption="", plotly=BARS)],
    )  # fmt: skip
    (folder / study / "findings.json").write_bytes(msgspec.json.encode(found))


def write_atlas(folder: Path) -> None:
    cells = array("i")
    cells.frombytes(BODY.cortex)
    features = [
        Feature(cell=cell, label=f"word{number}", fired=number + 1, histogram=[number + 1, 0], promoted=[f"up{number}"],
                suppressed=["down"], neighbours=[((number + 5) % len(cells), 0.5)], contexts=[(1.0, "so ‹glad›")])
        for number, cell in enumerate(cells)
    ]  # fmt: skip
    (folder / "features").mkdir(parents=True)
    atlas = Atlas(width=BODY.cortex_width, tokens=1000, features=features)
    (folder / "features" / FILE).write_bytes(msgspec.json.encode(atlas))


def test_figures_say_their_numbers_and_intervals() -> None:
    assert "0.30 [0.26, 0.35]" in drawn(BARS) and "0.10 [0.09, 0.12]" in drawn(BARS)
    assert "gate 0.9 at the end" in drawn(CURVES) and "from 0.1 to 0.9" in drawn(CURVES)
    assert "0.50 -0.25" in drawn(MATRIX)
    assert "on the page only" in drawn({"data": [{"type": "violin"}]})
    assert "on the page only" in drawn({"data": [{"type": "bar", "x": 3}]})


@given(st.integers(24, 200))
def test_no_figure_is_wider_than_its_room(width: int) -> None:
    for figure in (CURVES, MATRIX):
        assert all(len(line) <= width for line in drawn(figure, width).splitlines())


async def test_the_lab_says_what_to_run_where_nothing_was_found(stage: Stage) -> None:
    async with stage(size=(150, 44)) as talk:
        await talk.press("f10", "end")
        assert isinstance(talk.app.screen, LabScreen)
        assert f"anima-tui lab features --body {BODY.name}" in talk.seen()


async def test_answers_about_the_embedded_body_come_with_it(stage: Stage) -> None:
    shipped = read_findings(BODIES / BODY.name / "lab")
    assert {findings.study for findings in shipped} == {"stability", "suppression", "drift", "year"}
    assert not any(findings.quick for findings in shipped)
    async with stage(size=(150, 44)) as talk:
        await talk.press("f10")
        for words in (
            "● Vector stability",
            "● Negative steering",
            "● Identity drift",
            "● A year of her life",
            "Steerability at home",
        ):
            assert words in talk.seen()


async def test_the_lab_tells_what_was_found(stage: Stage) -> None:
    async with stage(size=(150, 44)) as talk:
        write_findings(results_of(talk), "drift", "She wanders, and stays whole.")
        await talk.press("f10", "down", "down")
        for words in ("● Identity drift", "She wanders, and stays whole.", "Leak rate", "0.30 [0.26, 0.35]"):
            assert words in talk.seen()
        await talk.press("f10")
        assert talk.app.screen is talk.app.main


async def test_a_damaged_result_is_one_sentence(stage: Stage) -> None:
    async with stage(size=(150, 44)) as talk:
        write_findings(results_of(talk), "drift", "x")
        (results_of(talk) / "drift" / "findings.json").write_text("{", encoding="utf-8")
        await talk.press("f10")
        assert "cannot be read" in talk.seen()


async def test_the_atlas_walks_from_feature_to_feature(stage: Stage) -> None:
    async with stage(size=(150, 44)) as talk:
        write_atlas(results_of(talk))
        await talk.press("f12")
        assert isinstance(talk.app.screen, AtlasScreen)
        await talk.press("slash", *"#3", "enter")
        for words in ("#3 word3", "up3", "glad", "1 #8 word8"):
            assert words in talk.seen()
        await talk.press("1")
        assert "#8 word8" in talk.seen()
        await talk.press("right")
        assert "#8 word8" not in talk.seen()
        await talk.press("slash", *"nowhere", "enter")
        assert "No label holds “nowhere”." in talk.seen()


async def test_a_push_along_a_feature_is_heard_beside_none(stage: Stage) -> None:
    async with stage(size=(150, 44)) as talk:
        await talk.press("f12", "slash", *"#3", "enter", "p")
        await talk.until(lambda: "The sea, the sea." in talk.seen())
        for words in ("▌ how are you today?", "without  Fine.", "pushed against it  Dry land."):
            assert words in talk.seen()
        await talk.press("right")
        assert "Dry land." not in talk.seen()


async def test_the_atlas_knows_labels_before_the_lab_has_looked(stage: Stage) -> None:
    async with stage(size=(150, 44)) as talk:
        await talk.press("f12")
        assert "anima-tui lab features" in talk.seen()


async def test_from_a_token_of_the_inspector_to_its_feature(stage: Stage) -> None:
    async with stage(size=(150, 44)) as talk:
        write_atlas(results_of(talk))
        await talk.say("hello")
        await talk.press("f7")
        token = talk.app.session.tokens[0]
        await talk.press("f")
        assert isinstance(talk.app.screen, AtlasScreen)
        assert f"#{token.features[0].feature} word{token.features[0].feature}" in talk.seen()
        await talk.press("escape", "escape")
        assert talk.app.screen is talk.app.main
