from __future__ import annotations

from textual.widgets import Tabs

from anima_tui.app.screens.main import TOO_SMALL
from tests.app.conftest import Stage, Talk


def seen(talk: Talk) -> set[str]:
    panes = ("#chat", "#heatmap", "#metabolism", "#dreams", "#tabs", "#too-small")
    return {pane for pane in panes if talk.app.main.query_one(pane).region.area}


ALL = {"#chat", "#heatmap", "#metabolism", "#dreams"}


async def test_a_wide_terminal_shows_all_four_panes(stage: Stage) -> None:
    async with stage(size=(100, 28)) as talk:
        assert seen(talk) == ALL


async def test_a_narrow_terminal_has_tabs(stage: Stage) -> None:
    async with stage(size=(80, 24)) as talk:
        assert seen(talk) == {"#tabs", "#chat"}
        for pane in ("#heatmap", "#metabolism", "#dreams", "#chat"):
            await talk.press("f9")
            assert seen(talk) == {"#tabs", pane}
        await talk.press("shift+f9")
        assert seen(talk) == {"#tabs", "#dreams"}


async def test_a_terminal_that_grows_shows_all_panes_again(stage: Stage) -> None:
    async with stage(size=(80, 24)) as talk:
        await talk.press("f9")
        await talk.resize(140, 40)
        assert seen(talk) == ALL
        assert talk.app.main.query_one(Tabs).active == "to-heatmap"


async def test_a_tiny_terminal_gets_one_line_and_recovers(stage: Stage) -> None:
    async with stage(size=(20, 5)) as talk:
        assert seen(talk) == {"#too-small"}
        assert TOO_SMALL == "Anima needs at least 40x10"
        await talk.resize(40, 10)
        assert seen(talk) == {"#tabs", "#chat"}
        await talk.say("hello")
        await talk.resize(20, 5)
        await talk.resize(120, 40)
        assert seen(talk) == ALL
        assert "hello" in talk.transcript()
