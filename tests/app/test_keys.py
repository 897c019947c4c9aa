from __future__ import annotations

import msgspec
import pytest
from textual.containers import Vertical

from anima_tui import wire
from anima_tui.app.doors import DOORS
from anima_tui.app.palette import COMMANDS
from anima_tui.app.screens.help import HelpScreen
from anima_tui.app.screens.inspector import InspectorScreen
from anima_tui.app.widgets.message import Plain
from anima_tui.app.widgets.prompt import Prompt
from tests.app import story
from tests.app.conftest import Stage


@pytest.mark.parametrize(
    ("key", "command"),
    [
        ("f2", wire.SetMode(mode="Anima")),
        ("f3", wire.SetMode(mode="System")),
        ("f4", wire.SetMode(mode="Dream")),
        ("f5", wire.SetMode(mode=None)),
        ("f6", wire.SetSteering(on=False)),
        ("f8", wire.GoToSleep()),
        ("ctrl+t", wire.SetThinking(on=True)),
        ("ctrl+z", wire.UndoNight()),
    ],
)
async def test_a_key_sends_its_command_from_within_the_prompt(stage: Stage, key: str, command: wire.Command) -> None:
    async with stage() as talk:
        assert isinstance(talk.app.focused, Prompt)
        await talk.press(key)
        assert talk.heard == [command]


async def test_control_z_undoes_typing_first(stage: Stage) -> None:
    async with stage() as talk:
        await talk.press("a", "ctrl+z")
        assert talk.heard == []


async def test_f8_wakes_her_at_night(stage: Stage) -> None:
    async with stage() as talk:
        await talk.press("f8", "f8")
        assert talk.heard == [wire.GoToSleep(), wire.Stop()]


async def test_slash_wake_wakes_her_at_night_and_does_nothing_by_day(stage: Stage) -> None:
    async with stage() as talk:
        await talk.say("/wake")
        assert talk.heard == []
        await talk.press("f8")
        await talk.say("/wake")
        assert talk.heard == [wire.GoToSleep(), wire.Stop()]


async def test_a_message_said_at_night_waits_for_the_morning(stage: Stage) -> None:
    async with stage() as talk:
        await talk.press("f8")
        await talk.say("good morning")
        assert talk.heard == [wire.GoToSleep()]
        await talk.press("escape")
        assert talk.heard[-1] == wire.Say(text="good morning")


async def test_sleep_is_offered_when_she_is_tired_and_can_be_put_off(stage: Stage) -> None:
    async with stage([story.ready(vitals=story.vitals(wants_sleep=True))]) as talk:
        assert "F8 lets her sleep" in str(talk.app.main.status.content)
        await talk.press("escape")
        assert talk.heard == [wire.PostponeSleep()]
        assert "F8 lets her sleep" not in str(talk.app.main.status.content)


async def test_a_mode_lends_its_hue_to_the_chat(stage: Stage) -> None:
    async with stage() as talk:
        await talk.press("f4")
        assert talk.app.main.query_one("#chat").styles.border_top[1].hex.lower() == story.MODES[2].hue


async def test_f1_opens_help_and_closes_it(stage: Stage) -> None:
    async with stage() as talk:
        await talk.press("f1")
        assert isinstance(talk.app.screen, HelpScreen)
        await talk.press("f1")
        assert talk.app.screen is talk.app.main


async def test_the_inspector_asks_the_body_on_enter(stage: Stage) -> None:
    async with stage() as talk:
        await talk.say("hello")
        await talk.press("f7", "down", "enter")
        assert isinstance(talk.app.screen, InspectorScreen)
        assert talk.heard[-1] == wire.Inspect(exchange=3, token=1)
        await talk.press("escape")
        assert talk.app.screen is talk.app.main


async def test_the_inspector_tells_what_the_reply_leaned_on_and_keeps_room_for_the_answer(stage: Stage) -> None:
    async with stage(size=(80, 24)) as talk:
        await talk.say("hello")
        await talk.press("f7", "enter")
        screen = talk.app.screen
        assert str(screen.query_one(".aside", Plain).content) == (
            'leaning on "does the sea ever sleep" · "do trees remember"'
        )
        details, box = screen.query_one("#details"), screen.query_one(Vertical)
        assert details.region.bottom < box.region.bottom


async def test_the_inspector_tells_what_came_to_mind_and_why(stage: Stage) -> None:
    async with stage(size=(160, 40)) as talk:
        await talk.say("hello")
        await talk.press("f7")
        (row,) = [line for line in talk.seen().splitlines() if "we spoke of the sea" in line and "relevance" in line]
        assert "0.90 relevance ━━━╌╌ adrenaline ━╸╌╌╌ recency ━━━━╌  we spoke of the sea" in row


async def test_the_inspector_says_when_nothing_came_to_mind(stage: Stage) -> None:
    async with stage(react=lambda command: ()) as talk:
        await talk.say("hello")
        started = wire.TurnStarted(user="hello", mode="Anima", recalled=[], examples=[])
        await talk.engine_says(started, story.token(0, "Hi."), story.done(3, "hello", "Hi."))
        await talk.press("f7")
        assert "nothing came to mind" in talk.seen()


async def test_the_inspector_keeps_room_for_its_answer_below_many_memories(stage: Stage) -> None:
    async with stage(size=(80, 24), react=lambda command: ()) as talk:
        await talk.say("hello")
        recalled = [msgspec.structs.replace(story.RECALLED, memory=number) for number in range(8)]
        started = wire.TurnStarted(user="hello", mode="Anima", recalled=recalled, examples=story.EXAMPLES)
        await talk.engine_says(started, *[story.token(index, " word") for index in range(30)])
        await talk.engine_says(story.done(3, "hello", "Hi."))
        await talk.press("f7")
        screen = talk.app.screen
        assert screen.query_one("#details").region.bottom < screen.query_one(Vertical).region.bottom


async def test_the_inspector_opens_before_anything_was_said(stage: Stage) -> None:
    async with stage() as talk:
        await talk.press("f7", "escape")
        assert talk.app.screen is talk.app.main


async def test_control_y_copies_her_last_reply(stage: Stage) -> None:
    async with stage() as talk:
        await talk.say("hello")
        await talk.press("ctrl+y")
        assert talk.app.clipboard == "The sea *remembers*, I think."


async def test_control_q_asks_the_engine_to_close_its_soul(stage: Stage) -> None:
    async with stage() as talk:
        await talk.press("ctrl+q")
        assert talk.heard == [wire.Quit()]
        assert talk.engines[0].closed


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("/mode dream", wire.SetMode(mode="Dream")),
        ("/mode auto", wire.SetMode(mode=None)),
        ("/sleep", wire.GoToSleep()),
        ("/undo", wire.UndoNight()),
        ("/debug", wire.Debug()),
        ("/save", wire.Save()),
        ("/history", wire.ShowHistory(limit=100)),
        ("/memories", wire.ListMemories()),
        ("/memories the  sea", wire.ListMemories(search="the  sea")),
    ],
)
async def test_a_slash_command_is_obeyed_and_not_said(stage: Stage, line: str, command: wire.Command) -> None:
    async with stage() as talk:
        await talk.say(line)
        assert talk.heard == [command]
        assert talk.app.main.prompt.text == ""


async def test_status_tells_of_the_organs(stage: Stage) -> None:
    async with stage() as talk:
        await talk.say("/status")
        assert "420 of 1500" in talk.transcript()[-1]


@pytest.mark.parametrize("line", ["/dance", "/mode Nightmare", "/sleep now"])
async def test_a_slash_command_that_is_none_stays_in_the_prompt(stage: Stage, line: str) -> None:
    async with stage() as talk:
        await talk.say(line)
        assert talk.heard == []
        assert talk.app.main.prompt.text == line
        assert talk.transcript()[-1].startswith("There is no")


async def test_the_palette_opens_and_lists_the_modes(stage: Stage) -> None:
    async with stage() as talk:
        titles = [command.title for command in talk.app.get_system_commands(talk.app.screen)]
        assert titles[:3] == ["Mode: Anima", "Mode: System", "Mode: Dream"]
        await talk.press("ctrl+p", "escape")
        assert talk.app.screen is talk.app.main


async def test_every_command_of_the_palette_is_an_action_of_the_app(stage: Stage) -> None:
    async with stage() as talk:
        for _, _, action in COMMANDS:
            name, _, door = action.partition("(")
            assert callable(getattr(talk.app, f"action_{name}"))
            assert not door or door.strip("')") in DOORS


async def test_every_key_can_be_rebound(stage: Stage) -> None:
    async with stage() as talk:
        assert all(binding.id for binding in talk.app.BINDINGS)  # type: ignore[union-attr]
        talk.app.set_keymap({"mode.dream": "f12"})
        await talk.press("f12")
        assert talk.heard == [wire.SetMode(mode="Dream")]
