"""The history: who she was, and the way back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.widgets import DataTable

from anima_tui import wire
from anima_tui.app.screens.history import PAGE, HistoryScreen
from anima_tui.app.screens.question import Question
from anima_tui.app.screens.self_model import SelfScreen
from anima_tui.app.widgets.sparkline import rising
from tests.app import story
from tests.app.conftest import Stage, Talk
from tests.app.replay import companion


def long_life(command: wire.Command) -> Iterable[wire.Event]:
    """250 generations, a page at a time."""
    if isinstance(command, wire.ShowHistory):
        newest = (command.before or 251) - 1
        return [story.history(newest, newest - command.limit + 1, present=250)]
    return companion()(command)


def rows(talk: Talk) -> int:
    return talk.app.screen.query_one(DataTable).row_count


@given(st.lists(st.floats(0, 1), min_size=1, max_size=80), st.data(), st.integers(1, 30), st.integers(1, 3))
def test_a_chart_keeps_its_size_and_points_at_the_value(
    shares: Sequence[float], data: st.DataObject, width: int, height: int
) -> None:
    place = data.draw(st.integers(0, len(shares) - 1))
    drawn, cell = rising(shares, place, width, height)
    assert len(drawn) == height
    assert {len(row) for row in drawn} == {min(width, len(shares))}
    assert 0 <= cell < min(width, len(shares))
    levels = [sum(" ▁▂▃▄▅▆▇█".index(row[column]) for row in drawn) for column in range(len(drawn[0]))]
    assert levels[cell] >= max(1, round(shares[place] * height * 8)) - 1
    assert max(levels) == max(1, round(max(shares) * height * 8))


async def test_control_o_opens_the_history_with_difference_evidence_strength_and_drift(stage: Stage) -> None:
    async with stage(size=(150, 44)) as talk:
        await talk.press("ctrl+o")
        seen = talk.seen()
        for words in (
            "● 3", "a night", "your edit", "born", "from the first 30% some way", "from the one before 10% close",
            "in force now", "against self 2: close, 10% apart", "+ I like the sea, because we talked about it.",
            "◆ I am Anima.", "━━━━╸ They like rain. (firm, since 10 Oct 2025)", '↳ They said: "i like rain"',
        ):  # fmt: skip
            assert words in seen
        await talk.press("down")
        assert "self 2 ·" in talk.seen()
        assert "from the first 20%" in talk.seen()
        await talk.press("ctrl+o")
        assert talk.app.screen is talk.app.main


async def test_older_generations_come_as_the_end_is_reached(stage: Stage) -> None:
    async with stage(react=long_life) as talk:
        await talk.press("ctrl+o")
        assert rows(talk) == PAGE
        for expected in (2 * PAGE, 250, 250):
            await talk.press("ctrl+end")
            assert rows(talk) == expected
        asked = [command.before for command in talk.heard if isinstance(command, wire.ShowHistory)]
        assert asked == [None, 151, 51]
        assert "self 1 ·" in talk.seen()


async def test_r_asks_once_and_puts_a_generation_in_force(stage: Stage) -> None:
    async with stage() as talk:
        await talk.press("ctrl+o", "r")
        assert isinstance(talk.app.screen, HistoryScreen), "the one in force is in force already"
        await talk.press("down", "r")
        assert isinstance(talk.app.screen, Question)
        await talk.press("escape", "r", "enter")
        assert talk.heard.count(wire.Revert(generation=2)) == 1
        assert isinstance(talk.app.screen, HistoryScreen)
        assert talk.heard[-1] == wire.ShowHistory(limit=PAGE)
        assert talk.transcript()[-1] == "another self-model of hers is in force"


async def test_the_cursor_stays_where_it_is_when_the_list_changes(stage: Stage) -> None:
    async with stage() as talk:
        await talk.press("ctrl+o", "down", "r", "enter")
        assert "self 2 ·" in talk.seen()


async def test_p_replays_the_night_that_made_it(stage: Stage) -> None:
    async with stage(replay_pace=0.01) as talk:
        await talk.press("ctrl+o", "p")
        assert talk.app.screen is talk.app.main
        assert talk.heard[-1] == wire.ReplayNight(night=1)
        assert "replay of night 1" in talk.seen()


async def test_behind_tabs_a_replay_brings_the_dreams_forward(stage: Stage) -> None:
    async with stage(size=(80, 24), replay_pace=0.01) as talk:
        await talk.press("ctrl+o", "p")
        assert "replay of night 1" in talk.seen()
        await talk.press("escape")
        assert "replay" not in talk.seen()


async def test_p_says_so_when_no_night_made_it(stage: Stage) -> None:
    async with stage() as talk:
        await talk.press("ctrl+o", "down", "p")
        assert isinstance(talk.app.screen, HistoryScreen)
        assert talk.toasts() == ["No night made self 2."]


async def test_e_edits_her_and_comes_back(stage: Stage) -> None:
    async with stage() as talk:
        await talk.press("ctrl+o", "e")
        assert isinstance(talk.app.screen, SelfScreen)
        await talk.press("escape")
        assert isinstance(talk.app.screen, HistoryScreen)


async def test_a_history_that_is_late_says_what_it_waits_for(stage: Stage) -> None:
    async with stage(react=lambda command: ()) as talk:
        await talk.press("ctrl+o")
        assert "she answers when she is done" in talk.seen()
        await talk.press("r", "p", "escape")
        assert talk.app.screen is talk.app.main


@pytest.mark.parametrize("size", [(40, 10), (80, 24)])
@pytest.mark.parametrize(("door", "words"), [("/history", "self 3"), ("/memories", "memory number 6")])
async def test_it_can_be_read_on_small_terminals(stage: Stage, size: tuple[int, int], door: str, words: str) -> None:
    async with stage(size=size) as talk:
        await talk.say(door)
        assert words in talk.seen()
        assert talk.app.screen.query_one(DataTable).size.height >= 2
