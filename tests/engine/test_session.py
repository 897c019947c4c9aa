"""The message loop: one thing at a time, switches at once, and a sentence for everything that cannot be done."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from anima_tui import wire
from anima_tui.engine.mind import Mind
from anima_tui.engine.night.sleep import sleep
from anima_tui.engine.session import IDLE_SECONDS, Session


class Script:
    """Commands in order, None for a while of silence; some only once the engine has said something."""

    def __init__(self, *commands: wire.Command | None, during: dict[int, wire.Command] | None = None) -> None:
        self._commands = deque(commands)
        self._during = during or {}
        self.events: list[wire.Event] = []

    def next(self, timeout: float) -> wire.Command | None:
        return self._commands.popleft() if self._commands else wire.Quit()

    def arrived(self) -> Iterable[wire.Command]:
        spoken = max((e.index for e in self.events if isinstance(e, wire.Token)), default=-1)
        due = [index for index in self._during if index <= spoken]
        return [self._during.pop(index) for index in due]

    def send(self, event: wire.Event) -> None:
        self.events.append(wire.decode_event(wire.encode(event)))


def run(mind: Mind, *commands: wire.Command | None, during: dict[int, wire.Command] | None = None) -> list[wire.Event]:
    script = Script(*commands, during=during)
    session = Session(mind, script, script)
    session.begin([])
    session.run()
    return script.events


def test_ready_tells_who_woke_up(mind: Mind) -> None:
    ready = run(mind)[0]
    assert isinstance(ready, wire.Ready)
    assert ready.body.d_sae == mind.body.sae.d_sae
    assert [mode.name for mode in ready.modes] == ["Anima", "System", "Dream"]
    assert [line.text for line in ready.self_model.lines] == ["I am Anima."]


def test_a_mode_switched_while_she_speaks_acts_before_the_reply_is_over(mind: Mind) -> None:
    events = run(mind, wire.Say(text="hello"), during={3: wire.SetMode(mode="System")})
    tokens = [e for e in events if isinstance(e, wire.Token)]
    assert {e.vitals.mode for e in tokens if e.index <= 3} == {"Anima"}
    assert {e.vitals.mode for e in tokens if e.index > 4} == {"System"}
    assert any(isinstance(e, wire.ModeChanged) and e.why == "you" for e in events)


def test_stop_ends_the_reply_within_one_token(mind: Mind) -> None:
    events = run(mind, wire.Say(text="hello"), during={3: wire.Stop()})
    assert max(e.index for e in events if isinstance(e, wire.Token)) == 3
    done = next(e for e in events if isinstance(e, wire.TurnDone))
    assert done.exchange.finish == "stopped"


def test_what_is_said_while_she_speaks_is_answered_afterwards(mind: Mind) -> None:
    events = run(mind, wire.Say(text="hello"), during={2: wire.Say(text="how are you?")})
    assert [e.exchange.user for e in events if isinstance(e, wire.TurnDone)] == ["hello", "how are you?"]


def test_quitting_while_she_speaks_keeps_what_was_said(mind: Mind) -> None:
    events = run(mind, wire.Say(text="hello"), during={2: wire.Quit()})
    assert isinstance(events[-1], wire.TurnDone)
    assert len(mind.soul.exchanges(5)) == 1


def test_once_more_replaces_the_last_reply(mind: Mind) -> None:
    events = run(mind, wire.Say(text="hello"), wire.Regenerate())
    first, second = (e.exchange for e in events if isinstance(e, wire.TurnDone))
    assert mind.soul.exchanges(5) == [second]
    assert mind.conversation.past == [second]
    assert second.user == first.user


def test_a_token_can_be_looked_into(mind: Mind) -> None:
    said = next(e for e in run(mind, wire.Say(text="hello")) if isinstance(e, wire.TurnDone))
    weights, cached = mind.weights().tobytes(), list(mind.context.ids)
    seen = [e for e in run(mind, wire.Inspect(exchange=said.exchange.id, token=2)) if isinstance(e, wire.Inspected)]
    assert seen[0].features
    assert sum(alternative.probability for alternative in seen[0].bare) <= 1 + 1e-5
    assert seen[0].kl >= -1e-6
    assert mind.weights().tobytes() == weights
    assert mind.context.ids == cached


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (wire.Regenerate(), "no reply in this conversation"),
        (wire.SetMode(mode="Architect"), 'no mode "Architect"'),
        (wire.UndoNight(), ""),
        (wire.Inspect(exchange=99, token=0), "has 0 tokens"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(mind: Mind, command: wire.Command, sentence: str) -> None:
    events = run(mind, command, wire.Say(text="hello"))
    notices = [e for e in events if isinstance(e, wire.Notice)]
    assert len(notices) == 1
    assert sentence in notices[0].text
    assert any(isinstance(e, wire.TurnDone) for e in events)  # and the session goes on


def test_a_message_that_cannot_be_answered_comes_back(mind: Mind) -> None:
    events = run(mind, wire.Say(text="word " * 5000), wire.Say(text="hello"))
    failed = next(e for e in events if isinstance(e, wire.TurnFailed))
    assert failed.user.startswith("word word")
    assert "shorten it" in failed.reason
    assert any(isinstance(e, wire.TurnDone) for e in events)


def test_habits_and_checkpoints_can_be_asked_for(mind: Mind) -> None:
    events = run(mind, wire.Say(text="i am so happy"), wire.Debug(), wire.Save())
    habits = next(e for e in events if isinstance(e, wire.Habits))
    assert habits.norm > 0
    assert list((mind.soul.folder / "checkpoints").glob("*.pt"))


def test_a_push_is_answered_beside_none_and_leaves_no_trace(mind: Mind) -> None:
    before = mind.weights().tobytes()
    events = run(mind, wire.Push(feature=3333, user="how are you?"), wire.Push(feature=10**6, user="how are you?"))
    (heard,) = (e for e in events if isinstance(e, wire.Pushed))
    assert (heard.feature, heard.user) == (3333, "how are you?")
    assert heard.along and heard.along != heard.without
    assert mind.weights().tobytes() == before and not mind.conversation.past
    assert any(isinstance(e, wire.Notice) and "no feature 1000000" in e.text for e in events)


class Silence(Script):
    """Nobody says anything for a while."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self._times = times

    def next(self, timeout: float) -> wire.Command | None:
        self._times -= 1
        return None if self._times >= 0 else wire.Quit()


@pytest.mark.parametrize("tired", [True, False])
def test_left_alone_she_falls_asleep_once_she_is_tired(mind: Mind, tired: bool) -> None:
    mind.metabolism.fatigue = mind.metabolism.threshold * (1.01 if tired else 0.5)
    script = Silence(times=40)
    session = Session(mind, script, script)
    session.begin([])
    session.run()
    assert any(isinstance(event, wire.NightDone) for event in script.events) is tired


def test_in_a_long_silence_she_naps_which_rests_her_and_a_word_wakes_her(mind: Mind) -> None:
    mind.settings = replace(mind.settings, sleep=replace(mind.settings.sleep, nap_seconds=2 * IDLE_SECONDS))
    events = run(mind, None, None, None, wire.SetSteering(on=True))
    phases = [event.vitals.phase for event in events if isinstance(event, wire.State)]
    assert phases == ["awake", "nap", "nap", "awake"]


def test_a_night_that_is_not_watched_any_more_goes_on_in_a_hurry(mind: Mind) -> None:
    run(mind, wire.Say(text="i have a cat named Pickle"))
    mind.settings = replace(mind.settings, sleep=replace(mind.settings.sleep, dream_pace=0.01))
    mind.attend = lambda: setattr(mind, "hurried", True)
    *_, morning = sleep(mind)  # at this pace it would take an hour
    assert isinstance(morning, wire.NightDone)
    assert morning.night.dreams
