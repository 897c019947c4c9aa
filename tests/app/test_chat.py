from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest
from textual.widgets import Markdown, Static

from anima_tui import wire
from anima_tui.app.client import EngineLost
from anima_tui.app.widgets.message import AnimaMessage, Plain
from anima_tui.paths import Paths
from tests.app import story
from tests.app.conftest import Stage
from tests.app.replay import companion

LOADING = wire.Loading(stage="reading the weights", fraction=0.4)


async def test_a_message_sent_while_the_engine_loads_is_answered_later(stage: Stage) -> None:
    async with stage([LOADING], react=companion("Good to hear.")) as talk:
        await talk.say("hello")
        await talk.say("and another thing")
        assert talk.heard == []
        assert talk.transcript() == ["hello", "and another thing"]
        await talk.engine_says(story.ready(history=[]))
        assert [command.text for command in talk.heard if isinstance(command, wire.Say)] == [
            "hello",
            "and another thing",
        ]
        said = talk.transcript()
        assert said.count("Good to hear.") == 2
        assert said.index("hello") < said.index("Good to hear.") < said.index("and another thing")


async def test_what_was_said_before_can_be_read_while_she_wakes_and_stands_once(stage: Stage) -> None:
    past = wire.Past(exchanges=story.HISTORY)
    said = [words for exchange in story.HISTORY for words in (exchange.user, exchange.reply)]
    async with stage([LOADING, past]) as talk:
        assert talk.transcript() == said
        await talk.engine_says(story.ready())
        await talk.engine_says(past)
        assert [line for line in talk.transcript() if line in said] == said


async def test_the_reply_on_screen_is_the_joined_tokens(stage: Stage) -> None:
    reply = "# Tide\n\nOne *two*\n\n- a\n- b\n\n```python\nx = 1\n```\nthe end\n"
    async with stage(react=companion(reply)) as talk:
        await talk.say("hello")
        message = talk.app.main.transcript.reply
        assert message is not None
        assert message.text == message.query_one(Markdown).source == reply


async def test_nothing_is_lost_or_doubled_when_tokens_come_while_text_is_laid_out(stage: Stage) -> None:
    reply = "One *two* three.\n\n- four\n- five\n\n> six\n\n" + " ".join(map(str, range(60)))
    async with stage(react=lambda command: ()) as talk:
        await talk.say("hello")
        for event in story.turn(3, "hello", reply):
            talk.engines[-1].say(event)
            await asyncio.sleep(0.01)
        await talk.settle()
        message = talk.app.main.transcript.reply
        assert message is not None
        assert message.query_one(Markdown).source == reply


async def test_a_reply_that_was_trimmed_on_disk_is_shown_as_it_stands_there(stage: Stage) -> None:
    async with stage(react=lambda command: ()) as talk:
        await talk.say("hello")
        await talk.engine_says(*story.started("hello"), story.token(0, "Yes, the sea \n"))
        await talk.engine_says(story.done(3, "hello", "Yes, the sea"))
        message = talk.app.main.transcript.reply
        assert message is not None
        assert message.query_one(Markdown).source == "Yes, the sea"


async def test_thoughts_are_folded_and_no_part_of_the_reply(stage: Stage) -> None:
    async with stage(react=lambda command: ()) as talk:
        await talk.say("hello")
        tokens = [story.token(0, "hm, a greeting", thought=True), story.token(1, "Hello.")]
        await talk.engine_says(*story.started("hello"), *tokens)
        await talk.engine_says(story.done(3, "hello", "Hello.", thought="hm, a greeting"))
        message = talk.app.main.transcript.reply
        assert message is not None
        assert (message.thought, message.text) == ("hm, a greeting", "Hello.")


async def test_escape_stops_a_reply_and_the_next_message_waits_until_it_ended(stage: Stage) -> None:
    def mute(command: wire.Command) -> Iterable[wire.Event]:
        return story.started(command.text) if isinstance(command, wire.Say) else ()

    async with stage(react=mute) as talk:
        await talk.say("first")
        await talk.say("second")
        await talk.press("escape")
        assert talk.heard == [wire.Say(text="first"), wire.Stop()]
        await talk.engine_says(story.done(3, "first", "I", finish="stopped"))
        assert talk.heard[-1] == wire.Say(text="second")


async def test_regenerating_replaces_the_reply(stage: Stage) -> None:
    async with stage(react=companion("Once.")) as talk:
        await talk.say("hello")
        await talk.press("ctrl+g")
        assert talk.heard[-1] == wire.Regenerate()
        assert talk.transcript()[-2:] == ["hello", "Once. Again."]


async def test_a_regeneration_that_fails_leaves_the_old_reply(stage: Stage) -> None:
    def fails(command: wire.Command) -> Iterable[wire.Event]:
        if isinstance(command, wire.Regenerate):
            return [*story.started("hello"), wire.TurnFailed(user="hello", reason="no room on disk")]
        return companion("Once.")(command)

    async with stage(react=fails) as talk:
        await talk.say("hello")
        await talk.press("ctrl+g")
        assert talk.transcript()[-3:] == ["hello", "Once.", "no room on disk"]
        assert talk.app.main.prompt.text == ""


async def test_a_failed_turn_gives_the_message_back(stage: Stage) -> None:
    def fails(command: wire.Command) -> Iterable[wire.Event]:
        return [wire.TurnFailed(user="hello", reason="no room on disk")]

    async with stage(react=fails) as talk:
        await talk.say("hello")
        assert talk.app.main.prompt.text == "hello"
        assert talk.transcript()[-1] == "no room on disk"


async def test_a_dead_engine_is_told_in_a_sentence_keeps_the_talk_and_comes_back(stage: Stage) -> None:
    def dies(command: wire.Command) -> Iterable[wire.Event | EngineLost]:
        return [*story.started("unheard"), story.token(0, "I was"), EngineLost("The engine stopped.")]

    async with stage(react=dies) as talk:
        await talk.say("unheard")
        assert "The engine stopped. Ctrl+R starts it again." in talk.transcript()
        assert story.HISTORY[0].reply in talk.transcript()
        assert "I was" in talk.transcript()
        assert talk.app.main.prompt.text == "unheard"
        before = len(talk.transcript())
        await talk.press("ctrl+r")
        assert len(talk.engines) == 2
        assert len(talk.transcript()) == before + 1
        await talk.press("enter")
        assert talk.heard == [wire.Say(text="unheard")]


async def test_what_waited_for_a_dead_engine_returns_to_the_prompt_in_order(stage: Stage) -> None:
    async with stage([LOADING]) as talk:
        await talk.say("one")
        await talk.say("two")
        await talk.engine_says(EngineLost("The engine stopped."))
        assert talk.app.main.prompt.text == "one\ntwo"


async def test_a_fault_is_the_last_word(stage: Stage) -> None:
    async with stage([wire.Fault(text="This soul is in use."), EngineLost("The engine stopped.")]) as talk:
        assert talk.transcript() == ["This soul is in use. Ctrl+R starts it again."]


async def test_the_view_stays_where_the_user_scrolled_it(stage: Stage) -> None:
    long = "\n\n".join(f"paragraph {number}" for number in range(60))
    async with stage(react=companion(long)) as talk:
        await talk.say("tell me")
        transcript = talk.app.main.transcript
        assert transcript.scroll_y == transcript.max_scroll_y
        await talk.press("pageup")
        held = transcript.scroll_y
        await talk.engine_says(*story.turn(9, "x", long))
        assert transcript.scroll_y == held


def asides(reply: AnimaMessage) -> list[str]:
    return [str(aside.content) for aside in reply.query(".aside").results(Plain) if aside.display]


async def test_a_reply_tells_what_it_leans_on_and_another_that_it_leans_on_nothing(stage: Stage) -> None:
    async with stage(react=lambda command: ()) as talk:
        for examples in (["far\u202e", "near", "near"], []):
            started = wire.TurnStarted(user="hello", mode="Anima", recalled=[], examples=examples)
            await talk.engine_says(started, story.token(0, "Hi."), story.done(3, "hello", "Hi."))
        first, second = list(talk.app.main.query(AnimaMessage))[-2:]
        assert asides(first) == ['leaning on "near" · "far"']
        assert asides(second) == []


async def test_up_in_an_empty_prompt_recalls_what_was_said_last(stage: Stage) -> None:
    async with stage() as talk:
        await talk.say("hello\nyou")
        await talk.press("up")
        assert talk.app.main.prompt.text == "hello\nyou"


async def test_control_j_begins_a_line(stage: Stage) -> None:
    async with stage() as talk:
        await talk.press("a", "ctrl+j", "b")
        assert talk.app.main.prompt.text == "a\nb"


async def test_only_the_tail_of_a_long_history_is_mounted(stage: Stage) -> None:
    history = [story.exchange(number, f"q{number}", f"a{number}") for number in range(50)]
    async with stage([story.ready(history=history, exchanges=50)]) as talk:
        assert len(talk.app.main.query(AnimaMessage)) == 20
        assert talk.transcript()[0] == "q30"


async def test_a_bug_of_ours_is_written_to_a_file_and_not_onto_the_terminal(stage: Stage, paths: Paths) -> None:
    def bug(command: wire.Command) -> Iterable[wire.Event]:
        raise ZeroDivisionError(str(command))

    with pytest.raises(ZeroDivisionError):
        async with stage(react=bug) as talk:
            await talk.say("hello")
    assert "ZeroDivisionError" in (paths.logs / "app.log").read_text()


class Lingering(Static):
    """Takes its time to leave."""

    async def on_unmount(self) -> None:
        await asyncio.sleep(0.3)


async def test_a_reply_that_ends_while_it_is_laid_out_does_not_take_the_app_along(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is cancelled while a widget leaves would cancel the widget, and with it the app that waits for it."""
    async with stage() as talk:
        await talk.engine_says(*story.started("hello"))
        reply = talk.app.main.transcript.reply
        assert reply is not None
        markdown, leaving = reply.query_one(Markdown), Lingering()
        await markdown.mount(leaving)
        began = asyncio.Event()

        async def lay_out(_: str) -> None:
            began.set()
            await leaving.remove()

        monkeypatch.setattr(markdown, "append", lay_out)
        talk.engines[-1].say(story.token(0, "half"))
        await asyncio.wait_for(began.wait(), 10)
        await talk.engine_says(story.done(9, "hello", "half a reply"))
        await talk.until(lambda: reply.has_class("-done"))
        monkeypatch.undo()
        await talk.say("and now?")
        assert talk.transcript()[-2:] == ["and now?", "The sea *remembers*, I think."]
