"""An app on an engine without a model, with a home of its own."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

import msgspec
import pytest
from textual.pilot import Pilot

from anima_tui import wire
from anima_tui.app.app import AnimaApp
from anima_tui.app.client import Engine, EngineLost
from anima_tui.app.widgets.message import AnimaMessage, Plain
from anima_tui.paths import Paths
from anima_tui.settings import Display, Settings
from tests.app import story
from tests.app.panels import screen_lines
from tests.app.replay import Reaction, ReplayEngine, companion


class Talk:
    """A running app and the hands of a user."""

    def __init__(self, app: AnimaApp, pilot: Pilot[None], engines: list[ReplayEngine]) -> None:
        self.app = app
        self.engines = engines
        self._pilot = pilot

    @property
    def heard(self) -> list[wire.Command]:
        """What the engine that serves now was told."""
        return self.engines[-1].heard

    async def engine_says(self, *events: wire.Event | EngineLost) -> None:
        self.engines[-1].say(*events)
        await self.settle()

    async def press(self, *keys: str) -> None:
        await self._pilot.press(*keys)
        await self.settle()

    async def say(self, text: str) -> None:
        self.app.main.prompt.text = text
        await self.press("enter")

    async def resize(self, width: int, height: int) -> None:
        await self._pilot.resize_terminal(width, height)
        await self.settle()

    async def until(self, happened: Callable[[], bool]) -> None:
        """Wait for something that takes its own time. The test's timeout ends a wait in vain."""
        while not happened():
            await self._pilot.pause(0.02)

    def seen(self) -> str:
        """Everything a person reads on the screen now."""
        return "\n".join(screen_lines(self.app))

    def toasts(self) -> list[str]:
        return [toast.message for toast in self.app._notifications]  # pyright: ignore[reportPrivateUsage]

    async def settle(self) -> None:
        for _ in range(3):
            await self._pilot.pause()

    def transcript(self) -> list[str]:
        """Everything said and noted, in the order of the screen."""
        lines: list[str] = []
        for widget in self.app.main.transcript.children:
            if isinstance(widget, AnimaMessage) and widget.display:
                lines.append(widget.text)
            elif isinstance(widget, Plain):
                lines.append(str(widget.content))
        return lines


class Stage(Protocol):
    """Opens the app on an engine that says `opening` and reacts as `react`."""

    def __call__(
        self,
        opening: Sequence[wire.Event | EngineLost] = ...,
        *,
        size: tuple[int, int] = ...,
        react: Reaction = ...,
        replay_pace: float = ...,
    ) -> AbstractAsyncContextManager[Talk]: ...


class AppMaker(Protocol):
    def __call__(self, make_engine: Callable[[], Engine], **settings: object) -> AnimaApp: ...


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "config", tmp_path / "data", tmp_path / "cache", tmp_path / "logs")


@pytest.fixture
def make_app(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> AppMaker:
    monkeypatch.delenv("NO_COLOR", raising=False)
    # After every key Textual looks whether the process has come to rest; by default it looks 50 times a second.
    monkeypatch.setattr("textual._wait.SLEEP_GRANULARITY", 0.01)
    monkeypatch.setattr("textual._wait.SLEEP_IDLE", 0.01 / 20)

    def make(make_engine: Callable[[], Engine], **settings: object) -> AnimaApp:
        return AnimaApp(msgspec.structs.replace(Settings(), **settings), paths, make_engine)

    return make


@pytest.fixture
def stage(make_app: AppMaker) -> Stage:
    @asynccontextmanager
    async def run(
        opening: Sequence[wire.Event | EngineLost] = (story.ready(),),
        *,
        size: tuple[int, int] = (120, 40),
        react: Reaction | None = None,
        replay_pace: float = 10.0,
    ) -> AsyncGenerator[Talk]:
        engines: list[ReplayEngine] = []

        def make_engine() -> ReplayEngine:
            engines.append(ReplayEngine(opening, react or companion()))
            return engines[-1]

        app = make_app(make_engine, display=Display(replay_pace=replay_pace))
        async with app.run_test(size=size) as pilot:
            talk = Talk(app, pilot, engines)
            await talk.settle()
            yield talk

    return run
