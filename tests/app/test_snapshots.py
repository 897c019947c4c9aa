"""The whole app as pictures. `pytest --snapshot-update` accepts what is drawn now."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

import pytest
from textual.pilot import Pilot

from anima_tui.app.app import AnimaApp
from tests.app import story
from tests.app.conftest import AppMaker
from tests.app.fake_child import REPLY
from tests.app.replay import ReplayEngine, companion


class Compare(Protocol):
    def __call__(
        self, app: AnimaApp, *, terminal_size: tuple[int, int], run_before: Callable[[Pilot[None]], object]
    ) -> bool: ...


@pytest.fixture(autouse=True)
def one_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nights are dated in local time."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def scene(*keys: str, written: str = "") -> Callable[[Pilot[None]], object]:
    async def play(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, AnimaApp)
        await pilot.pause()
        app.main.prompt.text = "does the sea remember?"  # at once: Textual waits for every key that is pressed
        await pilot.press("enter")
        while app.session.exchange is None:
            await pilot.pause(0.05)
        app.main.prompt.text = written
        await pilot.press(*keys)
        await pilot.pause(0.5)  # the panels paint a few times a second

    return play


def replay() -> ReplayEngine:
    return ReplayEngine([story.ready()], companion(REPLY))


@pytest.mark.parametrize("theme", ["anima-night", "anima-day", "ember", "plain"])
def test_a_talk(snap_compare: Compare, make_app: AppMaker, theme: str) -> None:
    assert snap_compare(make_app(replay, theme=theme), terminal_size=(120, 40), run_before=scene())


@pytest.mark.parametrize("size", [(80, 24), (200, 55)])
def test_a_talk_on_other_terminals(snap_compare: Compare, make_app: AppMaker, size: tuple[int, int]) -> None:
    assert snap_compare(make_app(replay), terminal_size=size, run_before=scene())


def test_a_night(snap_compare: Compare, make_app: AppMaker) -> None:
    assert snap_compare(make_app(replay), terminal_size=(120, 40), run_before=scene("f8"))


def test_the_inspector(snap_compare: Compare, make_app: AppMaker) -> None:
    assert snap_compare(make_app(replay), terminal_size=(120, 40), run_before=scene("f7", "down", "enter"))


def test_the_help(snap_compare: Compare, make_app: AppMaker) -> None:
    assert snap_compare(make_app(replay), terminal_size=(120, 40), run_before=scene("f1"))


def test_a_morning(snap_compare: Compare, make_app: AppMaker) -> None:
    assert snap_compare(make_app(replay), terminal_size=(80, 24), run_before=scene("f8", "escape"))


def test_the_history(snap_compare: Compare, make_app: AppMaker) -> None:
    assert snap_compare(make_app(replay), terminal_size=(100, 24), run_before=scene("ctrl+o"))


def test_the_memories(snap_compare: Compare, make_app: AppMaker) -> None:
    assert snap_compare(make_app(replay), terminal_size=(80, 24), run_before=scene("enter", written="/memories"))
