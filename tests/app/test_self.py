"""Her self-model in the user's hands."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from anima_tui import wire
from anima_tui.app.screens.question import Question
from anima_tui.app.screens.self_model import Lines, SelfScreen
from tests.app import story
from tests.app.conftest import Stage, Talk
from tests.app.replay import companion

READY = story.ready(self_model=story.MORNING_SELF)
LEARNT = [story.RAIN.text, story.SEA.text]


def learnt(talk: Talk) -> Lines:
    return talk.app.screen.query_one("#learnt", Lines)


async def test_control_s_saves_both_parts(stage: Stage) -> None:
    async with stage([READY]) as talk:
        await talk.say("/self")
        learnt(talk).text += "\n\n  They have   a cat.\x07 \n"
        await talk.press("shift+tab")
        await talk.press("end", "enter", *"Be kind.", "ctrl+s")
        core, lines = ["I am Anima.", "Be kind."], [*LEARNT, "They have a cat."]
        edited = wire.EditSelf(base=story.MORNING_SELF.id, core=core, lines=lines)
        assert talk.heard == [edited]
        assert talk.app.screen is talk.app.main
        assert talk.transcript()[-1] == "her self-model is as you wrote it"


async def test_escape_asks_only_when_something_was_written(stage: Stage) -> None:
    async with stage([READY]) as talk:
        await talk.say("/self")
        await talk.press("escape")
        assert talk.app.screen is talk.app.main
        await talk.say("/self")
        await talk.press("x", "escape")
        assert isinstance(talk.app.screen, Question)
        await talk.press("n")
        assert isinstance(talk.app.screen, SelfScreen)
        assert learnt(talk).text.startswith("x")
        await talk.press("escape", "y")
        assert talk.app.screen is talk.app.main
        assert talk.heard == []


async def test_nothing_written_is_nothing_sent(stage: Stage) -> None:
    async with stage([READY]) as talk:
        await talk.say("/self")
        await talk.press("ctrl+s")
        assert talk.app.screen is talk.app.main
        assert talk.heard == []


async def test_a_self_without_a_core_is_not_saved(stage: Stage) -> None:
    async with stage([READY]) as talk:
        await talk.say("/self")
        talk.app.screen.query_one("#core", Lines).text = " \n"
        await talk.press("ctrl+s")
        assert "She needs one line at her core" in talk.seen()
        assert talk.heard == []


async def test_what_the_engine_refuses_stays_on_the_screen(stage: Stage) -> None:
    def refuses(command: wire.Command) -> Iterable[wire.Event]:
        return [wire.Notice(text="A self-model has at most 64 lines.", level="error")]

    async with stage([READY], react=refuses) as talk:
        await talk.say("/self")
        await talk.press("x", "ctrl+s")
        assert "A self-model has at most 64 lines." in talk.seen()
        assert learnt(talk).text.startswith("x")


async def test_a_save_that_must_wait_says_so(stage: Stage) -> None:
    async with stage([READY], react=lambda command: ()) as talk:
        await talk.say("/self")
        await talk.press("x", "ctrl+s")
        assert "she answers when she is done" in talk.seen()


async def test_an_answer_that_comes_below_the_question_leaves_the_question(stage: Stage) -> None:
    async with stage([READY], react=lambda command: ()) as talk:
        await talk.say("/self")
        await talk.press("x", "ctrl+s", "escape")
        await talk.engine_says(wire.SelfChanged(self_model=story.SELF, nights=[], why="edit"))
        assert isinstance(talk.app.screen, Question)
        await talk.press("n", "escape")
        assert talk.app.screen is talk.app.main, "it is saved: nothing is asked any more"


async def test_a_night_that_passes_meanwhile_is_told(stage: Stage) -> None:
    async with stage() as talk:
        await talk.say("/self")
        await talk.press("x")
        await talk.engine_says(story.dawn())
        assert "She has changed meanwhile" in talk.seen()
        assert learnt(talk).text == "x"
        await talk.press("ctrl+s")
        assert talk.heard == [wire.EditSelf(base=story.SELF.id, core=["I am Anima."], lines=["x"])]


@pytest.mark.parametrize("size", [(40, 10), (80, 24)])
async def test_both_parts_can_be_written_on_small_terminals(stage: Stage, size: tuple[int, int]) -> None:
    async with stage([READY], size=size) as talk:
        await talk.say("/self")
        assert all(lines.size.height >= 1 for lines in talk.app.screen.query(Lines))
        assert "I am Anima." in talk.seen()
        assert story.RAIN.text in talk.seen()


async def test_it_opens_before_she_is_awake(stage: Stage) -> None:
    async with stage([], react=companion()) as talk:
        await talk.say("/self")
        assert "still waking up" in talk.seen()
        await talk.press("x", "ctrl+s", "escape", "y")
        assert talk.app.screen is talk.app.main
        assert talk.heard == []
