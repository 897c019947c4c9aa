"""What she remembers, in its owner's hands."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widgets import DataTable, Input

from anima_tui import wire
from anima_tui.app.screens.memories import PAGE, MemoriesScreen
from anima_tui.app.screens.question import Question
from tests.app import story
from tests.app.conftest import Stage, Talk
from tests.app.replay import companion


def many(command: wire.Command) -> Iterable[wire.Event]:
    """250 memories, a page at a time."""
    if isinstance(command, wire.ListMemories):
        return [story.memories(command.search, count=250, before=command.before, limit=command.limit)]
    return companion()(command)


def table(talk: Talk) -> DataTable[object]:
    return talk.app.screen.query_one(DataTable)


def asked(talk: Talk) -> list[tuple[str, int | None]]:
    return [(each.search, each.before) for each in talk.heard if isinstance(each, wire.ListMemories)]


async def test_the_list_shows_when_who_what_and_how_it_felt(stage: Stage) -> None:
    async with stage() as talk:
        await talk.say("/memories")
        seen = talk.seen()
        for words in ("09 Oct 25", "you", "she", "☾", "▲ +0.60", "0.25", "does a sea remember its rain"):
            assert words in seen
        assert "1 of 6 · novelty 0.50 · Anima · dreamt" in seen


async def test_a_search_follows_what_is_typed_and_asks_once_for_it(stage: Stage) -> None:
    async with stage() as talk:
        await talk.say("/memories")
        await talk.press("slash", *"sea")
        await talk.until(lambda: asked(talk)[-1][0] == "sea")
        await talk.settle()
        assert asked(talk) == [("", None), ("sea", None)]
        assert table(talk).row_count == 2
        await talk.press("enter", "down")
        assert "2 of 2" in talk.seen()


async def test_an_answer_to_other_words_comes_too_late(stage: Stage) -> None:
    async with stage(react=lambda command: ()) as talk:
        await talk.say("/memories rain")
        await talk.engine_says(story.memories("sea"))
        assert table(talk).row_count == 0
        await talk.engine_says(story.memories("rain"))
        assert table(talk).row_count == 1


async def test_words_that_nothing_holds_and_an_empty_memory_say_so(stage: Stage) -> None:
    async with stage(react=lambda command: ()) as talk:
        await talk.say("/memories")
        assert "she answers when she is done" in talk.seen()
        await talk.engine_says(story.memories(count=0))
        assert "Nothing is remembered yet" in talk.seen()
        await talk.press("p", "e", "d", "escape")
        await talk.say("/memories dragon")
        await talk.engine_says(story.memories("dragon"))
        assert "No memory holds these words." in talk.seen()


async def test_older_memories_come_as_one_scrolls(stage: Stage) -> None:
    async with stage(react=many) as talk:
        await talk.say("/memories")
        assert table(talk).row_count == PAGE
        for expected in (2 * PAGE, 250, 250):
            await talk.press("ctrl+end")
            assert table(talk).row_count == expected
        assert asked(talk) == [("", None), ("", 151), ("", 51)]
        assert "250 of 250" in talk.seen()


async def test_the_wheel_alone_brings_older_memories_too(stage: Stage) -> None:
    async with stage(react=many) as talk:
        await talk.say("/memories")
        table(talk).scroll_end(animate=False)
        await talk.until(lambda: table(talk).row_count == 2 * PAGE)
        assert table(talk).cursor_row == 0


async def test_p_pins_and_lets_go(stage: Stage) -> None:
    async with stage() as talk:
        await talk.say("/memories")
        await talk.press("down", "p")
        assert talk.heard[-1] == wire.PinMemory(memory=5, on=True)
        assert "· pinned" in talk.seen()
        await talk.press("p")
        assert talk.heard[-1] == wire.PinMemory(memory=5, on=False)
        assert "· pinned" not in talk.seen()


async def test_e_edits_in_place(stage: Stage) -> None:
    async with stage() as talk:
        await talk.say("/memories")
        await talk.press("down", "e")
        assert talk.app.screen.query_one("#edit", Input).value == "i like the sea"
        await talk.press(*" a lot", "enter")
        assert talk.heard[-1] == wire.EditMemory(memory=5, text="i like the sea a lot")
        assert "i like the sea a lot" in talk.seen()
        assert table(talk).has_focus


async def test_an_edit_can_be_left_and_an_unchanged_one_is_not_sent(stage: Stage) -> None:
    async with stage() as talk:
        await talk.say("/memories")
        before = len(talk.heard)
        await talk.press("e", "x", "escape", "e", "enter")
        assert len(talk.heard) == before
        assert isinstance(talk.app.screen, MemoriesScreen)


async def test_d_names_what_goes_with_a_memory_and_forgets_it(stage: Stage) -> None:
    async with stage([story.ready(self_model=story.MORNING_SELF)]) as talk:
        await talk.say("/memories")
        await talk.press("down", "down", "d")
        assert isinstance(talk.app.screen, Question)
        assert "“it does, i think”" in talk.seen()
        assert "− They like rain." in talk.seen(), "it rests on memory 4 alone"
        assert "I like the sea, because" not in talk.app.screen.query_one("Plain").render().__str__()
        await talk.press("escape")
        assert not any(isinstance(each, wire.ForgetMemory) for each in talk.heard)
        await talk.press("d", "enter")
        assert talk.heard[-1] == wire.ForgetMemory(memory=4)
        assert "it does, i think" not in talk.seen()
        assert "of 5" in talk.seen()


async def test_what_the_engine_refuses_is_seen_above_the_list(stage: Stage) -> None:
    async with stage() as talk:
        await talk.say("/memories")
        await talk.engine_says(wire.Notice(text="There is no memory 9.", level="error"))
        assert talk.toasts() == ["There is no memory 9."]


async def test_escape_leaves_the_search_first(stage: Stage) -> None:
    async with stage() as talk:
        await talk.say("/memories")
        await talk.press("slash", "escape")
        assert table(talk).has_focus
        await talk.press("escape")
        assert talk.app.screen is talk.app.main
