"""A night as it is watched: the screen, the keys, the morning's card, and the night seen once more."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from textual import events
from textual.color import Color

from anima_tui import wire
from anima_tui.app.dusk import dusk
from anima_tui.app.screens.help import HelpScreen
from anima_tui.app.screens.self_model import SelfScreen
from anima_tui.app.themes import bundled_folder, load_themes
from anima_tui.app.widgets.dream_log import Night
from anima_tui.app.widgets.hues import contrast
from anima_tui.app.widgets.status import NIGHT
from anima_tui.app.widgets.waking_card import WakingCard
from tests.app import story
from tests.app.conftest import Stage, Talk
from tests.app.replay import companion

THEMES = load_themes(bundled_folder()).themes


def brightness(code: str | None) -> float:
    assert code is not None
    return Color.parse(code).brightness


# --- the screen


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_theme_grows_darker_and_stays_legible(theme: object) -> None:
    day = next(each for each in THEMES if each is theme)
    evening, night = dusk(day, 0.5), dusk(day, 1.0)
    ground = [brightness(each.background) for each in (day, evening, night)]
    assert ground == sorted(ground, reverse=True)
    assert day.dark or ground[2] < ground[1] < ground[0]
    assert night.name == day.name
    assert night.variables["heat-map"] == day.variables["heat-map"]
    for name in ("foreground", "primary", "accent", "error", "success"):
        assert contrast(getattr(night, name), night.background or "") >= 3


async def test_the_whole_screen_dims_at_night_and_is_itself_again_in_the_morning(stage: Stage) -> None:
    async with stage() as talk:
        grounds = [talk.app.main.styles.background.hex]
        for phase in ("drowsy", "deep", "wake", "awake"):
            await talk.engine_says(wire.State(vitals=story.vitals(phase=phase)))
            grounds.append(talk.app.main.styles.background.hex)
        day, drowsy, deep, wake, morning = grounds
        assert brightness(day) > brightness(drowsy) > brightness(deep)
        assert (wake, morning) == (drowsy, day)


async def test_a_theme_chosen_at_night_is_dimmed_too_and_the_old_one_keeps_its_own_colours(stage: Stage) -> None:
    async with stage() as talk:
        day = {name: theme.background for name, theme in talk.app.available_themes.items()}
        await talk.press("f8")
        talk.app.theme = "anima-day"
        await talk.settle()
        assert talk.app.current_theme.background != day["anima-day"]
        await talk.press("escape")
        assert {name: theme.background for name, theme in talk.app.available_themes.items()} == day


async def test_an_engine_lost_at_night_leaves_the_day(stage: Stage) -> None:
    async with stage() as talk:
        day = talk.app.current_theme.background
        await talk.press("f8")
        await talk.engine_says(wire.Fault(text="no space is left"))
        assert talk.app.current_theme.background == day
        assert "dream" not in str(talk.app.main.dreams.query_one("#stages").display)


# --- keys


async def test_the_status_names_the_keys_of_the_night_and_control_n_skips_it(stage: Stage) -> None:
    async with stage() as talk:
        await talk.press("ctrl+n")
        assert talk.heard == []
        await talk.press("f8")
        assert "Esc wakes her · Ctrl+N skips the rest" in str(talk.app.main.status.content)
        await talk.press("ctrl+n")
        assert talk.heard == [wire.GoToSleep(), wire.HurryNight()]
        assert "as fast as she can" in str(talk.app.main.status.content)
        await talk.press("escape")
        assert talk.heard[-1] == wire.Stop()
        assert not talk.app.session.hurried


async def test_a_nap_is_calm_and_she_can_be_spoken_to(stage: Stage) -> None:
    async with stage() as talk:
        day = talk.app.current_theme.background
        await talk.engine_says(wire.State(vitals=story.vitals(phase="nap")))
        assert str(talk.app.main.status.content).startswith("☾ napping · Anima")
        assert "napping" in talk.seen()
        assert talk.app.current_theme.background == day
        await talk.say("hello")
        assert talk.heard == [wire.Say(text="hello")]


async def test_a_memory_that_passes_by_lights_the_heatmap(stage: Stage) -> None:
    async with stage() as talk:
        lit = [wire.Fired(feature=42, activation=1.0, level=0.9)]
        await talk.engine_says(wire.Replayed(line="we spoke", features=lit, vitals=story.vitals(phase="drowsy")))
        await talk.until(lambda: "· we spoke" in talk.seen() and "90%" in talk.seen())


# --- the card


async def woken(talk: Talk) -> WakingCard:
    await talk.press("f8", "escape")
    card = talk.app.main.transcript.card
    assert card is not None
    return card


async def test_the_card_shows_signs_strength_and_evidence(stage: Stage) -> None:
    async with stage(size=(140, 44)) as talk:
        await woken(talk)
        seen = talk.seen()
        for row in (
            "− I like quiet evenings.",
            "+ ━━━╌╌ I like the sea, because we talked about it. (held)",
            '↳ They said: "does a sea remember its rain"',
            "↳ a memory that was forgotten",
            "  ━━━━╸ They like rain. (firm)",
            "Enter keeps it · u undoes it · e edits her",
        ):
            assert row in seen


async def test_enter_keeps_what_the_night_brought(stage: Stage) -> None:
    async with stage() as talk:
        card = await woken(talk)
        assert card.has_focus
        await talk.press("enter")
        assert talk.heard == [wire.GoToSleep(), wire.Stop()]
        assert card.size.height == 1
        assert "she woke changed (+1 −1), kept" in talk.seen()
        assert talk.app.main.prompt.has_focus


async def test_u_undoes_it(stage: Stage) -> None:
    async with stage() as talk:
        card = await woken(talk)
        await talk.press("u")
        assert talk.heard[-1] == wire.UndoNight()
        assert card.decided == "undone"
        assert talk.app.main.prompt.has_focus


async def test_control_z_undoes_it_from_the_prompt(stage: Stage) -> None:
    async with stage() as talk:
        card = await woken(talk)
        talk.app.main.prompt.focus()
        await talk.press("ctrl+z")
        assert talk.heard[-1] == wire.UndoNight()
        assert card.decided == "undone"


async def test_e_edits_her(stage: Stage) -> None:
    async with stage() as talk:
        card = await woken(talk)
        await talk.press("e")
        assert isinstance(talk.app.screen, SelfScreen)
        await talk.press("x", "ctrl+s")
        assert talk.app.screen is talk.app.main
        assert card.decided == "rewritten by you"


async def test_words_typed_at_the_card_go_to_the_prompt_and_who_talks_on_has_kept_it(stage: Stage) -> None:
    async with stage() as talk:
        card = await woken(talk)
        for character in "hue\r":  # faster than any focus can follow
            talk.app.post_message(events.Key("enter" if character == "\r" else character, character))
        await talk.settle()
        assert talk.heard[-1] == wire.Say(text="hue")
        assert card.decided == "kept"


async def test_what_is_pasted_at_the_card_goes_to_the_prompt(stage: Stage) -> None:
    async with stage() as talk:
        await woken(talk)
        talk.app.post_message(events.Paste("you\x1b[2J"))
        await talk.settle()
        assert talk.app.main.prompt.text == "you␛[2J"


async def test_a_card_taller_than_the_screen_leaves_the_talk_at_its_end(stage: Stage) -> None:
    async with stage(size=(60, 16)) as talk:
        await talk.engine_says(*(wire.Notice(text=f"a long evening, part {number}") for number in range(40)))
        news = [wire.Notice(text=f"a new day, part {number}") for number in range(8)]
        await talk.engine_says(story.dawn(), *news)
        transcript = talk.app.main.transcript
        assert transcript.card is not None
        assert transcript.card.has_focus
        assert transcript.scroll_y == transcript.max_scroll_y


async def test_escape_leaves_the_card_open(stage: Stage) -> None:
    async with stage() as talk:
        card = await woken(talk)
        await talk.press("escape")
        assert talk.app.main.prompt.has_focus
        assert card.decided == ""


async def test_the_card_takes_no_key_from_someone_who_writes(stage: Stage) -> None:
    async with stage() as talk:
        await talk.press("f8", "a")
        await talk.engine_says(story.dawn())
        assert talk.app.main.prompt.has_focus
        await talk.press("u", "e")
        assert talk.app.main.prompt.text == "aue"


async def test_the_card_stays_below_a_screen_that_is_open(stage: Stage) -> None:
    async with stage() as talk:
        await talk.press("f8", "f1")
        await talk.engine_says(story.dawn())
        assert isinstance(talk.app.screen, HelpScreen)
        await talk.press("escape")
        assert talk.app.main.prompt.has_focus


async def test_a_restful_night_says_why_in_a_line(stage: Stage) -> None:
    async with stage() as talk:
        await talk.engine_says(story.dawn(story.RESTFUL))
        assert talk.transcript()[-1] == "a restful night · Nothing changed: refused: it says one line twice."
        assert talk.app.main.transcript.card is None
        assert talk.app.main.prompt.has_focus


# --- once more


async def test_enter_opens_a_night_and_then_shows_it_once_more(stage: Stage) -> None:
    async with stage(replay_pace=0.01) as talk:
        talk.app.main.dreams.query_one(Night).focus()
        await talk.press("enter")
        assert "enter shows it once more" in talk.seen()
        await talk.press("enter")
        assert talk.heard == [wire.ReplayNight(night=1)]
        assert "dreams · replay of night 1" in talk.seen()
        assert str(talk.app.main.status.content).startswith("▷ night 1 once more · Esc ends it")
        await talk.press("space")
        assert "enter shows" not in talk.seen()


async def test_a_night_without_a_reel_only_folds(stage: Stage) -> None:
    bare = wire.NightRecord(id=4, began=0, ended=60, outcome="restful", summary="Quiet.", dreams=[], diff=[])
    async with stage([story.ready(nights=[bare])]) as talk:
        night = talk.app.main.dreams.query_one(Night)
        night.focus()
        await talk.press("enter", "enter")
        assert not night.open
        assert talk.heard == []


async def test_a_replay_runs_at_its_pace_and_ends_by_itself(stage: Stage) -> None:
    async with stage(replay_pace=60) as talk:
        await talk.engine_says(story.reel(1))
        await talk.until(lambda: "The sea folded itself" in talk.seen())
        await talk.until(lambda: talk.app.session.watching is None)
        await talk.settle()
        assert "replay" not in talk.seen()
        assert "The sea folded itself" not in talk.seen()
        assert talk.heard == []
        assert NIGHT.isdisjoint({talk.app.session.vitals.phase} if talk.app.session.vitals else ())


async def test_escape_ends_a_replay_and_tells_the_engine_nothing(stage: Stage) -> None:
    async with stage(replay_pace=0.01) as talk:
        await talk.engine_says(story.reel(1))
        assert "I gather the day." in talk.seen()
        await talk.press("escape")
        assert "I gather the day." not in talk.seen()
        assert "replay" not in talk.seen()
        assert talk.heard == []


async def test_one_can_talk_while_a_night_is_seen_once_more(stage: Stage) -> None:
    async with stage(replay_pace=0.01) as talk:
        await talk.engine_says(story.reel(1))
        await talk.say("hello")
        assert talk.transcript()[-1] == "The sea *remembers*, I think."
        assert "replay of night 1" in talk.seen()


async def test_a_real_night_ends_a_replay(stage: Stage) -> None:
    async with stage(replay_pace=0.01) as talk:
        await talk.engine_says(story.reel(7))
        await talk.press("f8")
        assert talk.app.session.watching is None
        assert "replay" not in talk.seen()
        assert "☾ dreaming" in str(talk.app.main.status.content)


async def test_a_night_that_was_not_kept_is_told(stage: Stage) -> None:
    def lost(command: wire.Command) -> Iterable[wire.Event]:
        if isinstance(command, wire.ReplayNight):
            return [wire.Notice(text="Nothing was kept of night 1 that could be watched.", level="error")]
        return companion()(command)

    async with stage(react=lost) as talk:
        talk.app.main.dreams.query_one(Night).focus()
        await talk.press("enter", "enter")
        assert talk.transcript()[-1].startswith("Nothing was kept")
        assert talk.app.session.watching is None
