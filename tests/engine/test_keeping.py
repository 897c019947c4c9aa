"""The soul in its owner's hands."""

from __future__ import annotations

from dataclasses import replace

import pytest
from souls import memory, night, turn

from anima_tui import wire
from anima_tui.engine.keeping import LONGEST, keep
from anima_tui.engine.mind import Mind
from anima_tui.engine.night.sleep import sleep
from anima_tui.engine.turn import take_turn
from anima_tui.errors import AnimaError


def told(mind: Mind, *texts: str) -> list[wire.MemoryCard]:
    """One exchange for each text; the memories, the oldest first."""
    for text in texts:
        mind.soul.save_turn(replace(turn(1, memories=[memory(text)]), reservoir=mind.weights(), evidence=None))
    return listed(mind)[::-1]


def listed(mind: Mind, search: str = "", before: int | None = None, limit: int = 100) -> list[wire.MemoryCard]:
    answer = keep(mind, wire.ListMemories(search=search, before=before, limit=limit))
    assert isinstance(answer, wire.Memories)
    return answer.memories


def test_memories_are_found_by_how_words_begin_and_come_in_pages(mind: Mind) -> None:
    told(mind, "my dog Biscuit", "the dogs next door", "a cat", "tea")
    assert [one.text for one in listed(mind, "DOG")] == ["the dogs next door", "my dog Biscuit"]
    assert [one.text for one in listed(mind, "dog bisc")] == ["my dog Biscuit"]
    assert listed(mind, '"; DROP TABLE memory') == []
    assert listed(mind, "???") == []
    first = listed(mind, limit=3)
    assert [one.text for one in listed(mind, limit=3, before=first[-1].id)] == ["my dog Biscuit"]
    answer = keep(mind, wire.ListMemories(limit=1))
    assert isinstance(answer, wire.Memories)
    assert answer.total == 4


def test_a_pinned_memory_always_comes_to_mind(mind: Mind) -> None:
    cards = told(mind, "the cellar key hangs behind the clock", *(f"a walk in the rain, number {k}" for k in range(9)))
    keep(mind, wire.PinMemory(memory=cards[0].id, on=True))
    list(take_turn(mind, "did it rain on my walk"))
    assert [one.line for one in mind.conversation.recalled if one.pinned] == [
        'They said: "the cellar key hangs behind the clock"'
    ]
    answer = keep(mind, wire.PinMemory(memory=cards[0].id, on=False))
    assert answer == wire.MemoryChanged(memory=cards[0])


def test_a_mended_memory_is_found_by_its_new_words_alone(mind: Mind) -> None:
    (card,) = told(mind, "my cat is called Pickel")
    keep(mind, wire.EditMemory(memory=card.id, text=" my cat is called Pickle "))
    assert [one.text for one in listed(mind, "pickle")] == ["my cat is called Pickle"]
    assert listed(mind, "pickel") == []


def test_a_forgotten_memory_is_erased_with_what_rests_on_it_alone(mind: Mind) -> None:
    cat, tea = told(mind, "i have a cat named Pickle", "i drink tea")
    core = mind.soul.self_model().lines
    lines = [
        wire.SelfLine(text="They have a cat named Pickle.", core=False, evidence=[cat.id]),
        wire.SelfLine(text="They drink tea with the cat.", core=False, evidence=[cat.id, tea.id]),
    ]
    mind.soul.rewrite_self([*core, *lines])
    answer = keep(mind, wire.ForgetMemory(memory=cat.id))
    assert isinstance(answer, wire.MemoryForgotten)
    assert [(line.text, line.evidence) for line in answer.self_model.lines[1:]] == [
        ("They drink tea with the cat.", [tea.id])
    ]
    assert [one.text for one in listed(mind)] == ["i drink tea"]
    assert b"Pickle" not in b"".join(
        bytes(row["text"], "utf-8") for row in mind.soul._connection.execute("SELECT text FROM memory")
    )
    assert mind.soul.forgotten() == {cat.exchange}
    with pytest.raises(AnimaError, match="no memory"):
        keep(mind, wire.ForgetMemory(memory=cat.id))


def test_a_number_never_comes_to_mean_another_memory(mind: Mind) -> None:
    (card,) = told(mind, "a secret")
    keep(mind, wire.ForgetMemory(memory=card.id))
    (other,) = told(mind, "something else")
    assert other.id != card.id


@pytest.mark.parametrize(
    "command",
    [
        wire.PinMemory(memory=99, on=True),
        wire.EditMemory(memory=99, text="x"),
        wire.EditMemory(memory=1, text="  "),
        wire.EditMemory(memory=1, text="x" * 5000),
        wire.Revert(generation=99),
        wire.ReplayNight(night=99),
        wire.EditSelf(base=1, core=[" "], lines=["They like tea."]),
        wire.EditSelf(base=1, core=["I am Anima."], lines=["x" * (LONGEST + 1)]),
        wire.EditSelf(base=99, core=["I am Anima."], lines=[]),
        wire.UndoNight(),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_changes_nothing(
    mind: Mind, command: wire.PinMemory | wire.EditMemory | wire.Revert | wire.ReplayNight | wire.EditSelf
) -> None:
    told(mind, "a walk")
    before = (mind.soul.generations(), listed(mind))
    with pytest.raises(AnimaError, match=r"^[^\n]+$"):
        keep(mind, command)
    assert (mind.soul.generations(), listed(mind)) == before


def test_the_users_own_words_replace_the_self_model_and_keep_what_stays(mind: Mind) -> None:
    kept = wire.SelfLine(text="They drink tea.", core=False, evidence=[7], strength=0.4, since=3.0)
    present = mind.soul.rewrite_self([*mind.soul.self_model().lines, kept])
    core, lines = ["I am Anima.", "I am kind."], ["They drink  tea.", "", "They row."]
    answer = keep(mind, wire.EditSelf(base=present.id, core=core, lines=lines))
    assert isinstance(answer, wire.SelfChanged)
    assert answer.self_model.lines[2] == kept
    assert [(line.text, line.core) for line in answer.self_model.lines] == [
        ("I am Anima.", True),
        ("I am kind.", True),
        ("They drink tea.", False),
        ("They row.", False),
    ]
    list(take_turn(mind, "hello"))
    assert "I am kind." in mind.body.tokenizer.decode(mind.context.ids)


def test_what_a_night_brought_and_dropped_meanwhile_is_not_overwritten(mind: Mind) -> None:
    core = mind.soul.self_model().lines

    def learnt(*texts: str) -> wire.Generation:
        lines = [wire.SelfLine(text=text, core=False, evidence=[]) for text in texts]
        return mind.soul.rewrite_self([*core, *lines])

    before = learnt("They drink tea.", "They row.", "They are sad.")
    learnt("They drink tea.", "They are sad.", "They have a cat.")  # rowing went, a cat came
    written = ["They drink tea, and coffee.", "They row.", "They are sad."]
    answer = keep(mind, wire.EditSelf(base=before.id, core=["I am Anima."], lines=written))
    assert isinstance(answer, wire.SelfChanged)
    found = [line.text for line in answer.self_model.lines if not line.core]
    assert found == ["They drink tea, and coffee.", "They are sad.", "They have a cat."]


def test_history_walks_all_generations_and_any_can_be_put_in_force(mind: Mind) -> None:
    for k, line in enumerate(("I like rain.", "I like snow.")):
        mind.soul.save_night(replace(night(k, lines=[line]), reservoir=mind.weights()))
    history = keep(mind, wire.ShowHistory())
    assert isinstance(history, wire.History)
    assert [chapter.generation.id for chapter in history.chapters] == [1, 2, 3]
    assert [chapter.from_parent > 0 for chapter in history.chapters] == [False, True, True]
    assert history.chapters[2].diff[-1] == wire.DiffLine(sign="+", text="I like snow.")
    answer = keep(mind, wire.Revert(generation=1))
    assert isinstance(answer, wire.SelfChanged)
    assert [one.outcome for one in answer.nights] == ["undone", "undone"]
    answer = keep(mind, wire.Revert(generation=3))
    assert isinstance(answer, wire.SelfChanged)
    assert [one.outcome for one in answer.nights] == ["changed", "changed"]
    older = keep(mind, wire.ShowHistory(before=3, limit=1))
    assert isinstance(older, wire.History)
    assert [chapter.generation.id for chapter in older.chapters] == [2]


def test_a_night_can_be_watched_once_more(mind: Mind) -> None:
    told(mind, "i have a cat named Pickle")
    seen = list(sleep(mind))
    done = seen[-1]
    assert isinstance(done, wire.NightDone)
    assert done.night.reel
    reel = keep(mind, wire.ReplayNight(night=done.night.id))
    assert isinstance(reel, wire.Reel)
    texts = [one.text for one in seen if isinstance(one, wire.DreamToken)]
    assert [one.text for one in reel.events if isinstance(one, wire.DreamToken)] == texts
    assert [one.stage for one in reel.events if isinstance(one, wire.NightStage)] == [
        one.stage for one in seen if isinstance(one, wire.NightStage)
    ]
    mind.soul._connection.execute("UPDATE reel SET events = x'00'")
    with pytest.raises(AnimaError, match="cannot be watched"):
        keep(mind, wire.ReplayNight(night=done.night.id))
