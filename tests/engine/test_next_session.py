"""What was learnt and slept on is known in the next session, when the talk itself is gone."""

from __future__ import annotations

from pathlib import Path

import pytest
from minds import mind_of

from anima_tui.engine.body import Body
from anima_tui.engine.night.sleep import sleep
from anima_tui.engine.turn import take_turn
from anima_tui.settings import Decode, Settings, Sleep
from anima_tui.wire import NightDone, TurnDone

SETTINGS = Settings(decode=Decode(temperature=0.0, seed=0), sleep=Sleep(dream_pace=0.0, dream_tokens=8, max_depth=1))


@pytest.mark.parametrize(
    ("told", "asked", "answer"),
    [
        ("i have a cat named Pickle", "what is my cat called", "Pickle"),
        ("my sister is called Ana", "what is my sister called", "Ana"),
        ("i live in Ghent", "where do i live", "Ghent"),
    ],
)
def test_a_fact_outlives_the_talk_it_was_told_in(
    body: Body, tmp_path: Path, told: str, asked: str, answer: str
) -> None:
    with mind_of(body, tmp_path / "soul", SETTINGS) as mind:
        list(take_turn(mind, told))
        *_, morning = sleep(mind)
        assert isinstance(morning, NightDone)
        learnt = [line for line in morning.self_model.lines if answer in line.text]
        assert learnt
        assert [morning.evidence[number] for line in learnt for number in line.evidence] == [f'They said: "{told}"']
    with mind_of(body, tmp_path / "soul", SETTINGS) as mind:
        assert mind.conversation.past == []
        *_, done = take_turn(mind, asked)
        assert isinstance(done, TurnDone)
        assert answer in done.exchange.reply
        assert learnt[0].text in mind.body.tokenizer.decode(mind.context.ids)
