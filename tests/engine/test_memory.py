"""What comes to mind, and what does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from souls import Clock, awake, memory, night, signature, turn

from anima_tui.engine.memory import LINE, memory_line
from anima_tui.engine.signature import Signature, cosines, novelty
from anima_tui.engine.soul import NewMemory, Soul
from anima_tui.settings import Memory as Weights

HOUR = 3600.0
ONLY_RELEVANCE = Weights(relevance=1.0, adrenaline=0.0, recency=0.0)
NOTHING = signature()


def live(soul: Soul, *memories: NewMemory, at: float = 1_800_000_000.0) -> int:
    """One exchange that left these memories; its id."""
    return soul.save_turn(turn(1, at=at, memories=memories)).id


def texts(soul: Soul, cue: str, felt: Signature = NOTHING, weights: Weights = ONLY_RELEVANCE) -> list[str]:
    return [one.memory.text for one in soul.recall(cue, felt, weights, 48.0)]


def test_words_call_up_the_memory_that_shares_the_rarest_of_them(tmp_path: Path) -> None:
    with awake(tmp_path) as soul:
        for text in ("I walked in the park", "my dog Biscuit loves the park", "the tea was cold", "the sea"):
            live(soul, memory(text, NOTHING))
        assert texts(soul, "What is the name of my dog?")[0] == "my dog Biscuit loves the park"
        assert texts(soul, "dogs, walking")[:2] == ["I walked in the park", "my dog Biscuit loves the park"]


def test_features_call_up_a_memory_that_shares_no_word(tmp_path: Path) -> None:
    with awake(tmp_path) as soul:
        live(soul, memory("the funeral was quiet", signature(3, 9)))
        live(soul, memory("pancakes for breakfast", signature(20, 21)))
        assert texts(soul, "I feel so sad", signature(9, 3, 40))[0] == "the funeral was quiet"


def test_every_part_lies_between_nothing_and_one_and_the_score_is_their_weighted_sum(tmp_path: Path) -> None:
    weights = Weights(relevance=0.7, adrenaline=0.2, recency=0.5)
    with awake(tmp_path) as soul:
        live(soul, memory("rain rain rain", signature(1, 2), adrenaline=9.0))
        live(soul, memory("rain on the roof", signature(2, 3), adrenaline=0.0), at=1_700_000_000.0)
        live(soul, memory("", NOTHING), memory("a future rain"), at=1_900_000_000.0)
        recalled = soul.recall("rain", signature(2), weights, 48.0)
        assert len(recalled) == 3
        for one in recalled:
            parts = one.parts
            assert all(0.0 <= part <= 1.0 for part in (parts.relevance, parts.adrenaline, parts.recency))
            weighed = 0.7 * parts.relevance + 0.2 * parts.adrenaline + 0.5 * parts.recency
            assert one.score == pytest.approx(weighed)
        assert [one.score for one in recalled] == sorted((one.score for one in recalled), reverse=True)


def test_a_memory_that_says_all_that_was_said_is_wholly_relevant(tmp_path: Path) -> None:
    with awake(tmp_path) as soul:
        for text in ("green apples here", "red pears there", "blue plums everywhere"):
            live(soul, memory(text, NOTHING))
        best = soul.recall("red pears", NOTHING, ONLY_RELEVANCE, 48.0)[0]
        assert best.memory.text == "red pears there"
        assert best.parts.relevance == pytest.approx(1.0, abs=0.05)


def test_adrenaline_and_recency_fade_by_their_half_lives(tmp_path: Path) -> None:
    clock = Clock()
    with awake(tmp_path, clock=clock) as soul:
        live(soul, memory("a fright", adrenaline=0.8), at=clock.now)
        clock.now += 48 * HOUR
        (one,) = soul.recall("?", NOTHING, Weights(recency_half_life_hours=24.0), 48.0)
        assert one.parts.adrenaline == pytest.approx(0.4)
        assert one.parts.recency == pytest.approx(0.25)


def test_what_stands_in_the_context_is_not_recalled(tmp_path: Path) -> None:
    with awake(tmp_path) as soul:
        here = live(soul, memory("rain today"))
        live(soul, memory("rain yesterday"))
        recalled = soul.recall("rain", NOTHING, ONLY_RELEVANCE, 48.0, in_context={here})
        assert [one.memory.text for one in recalled] == ["rain yesterday"]


def test_the_same_words_come_to_mind_once_and_never_the_cue_itself(tmp_path: Path) -> None:
    with awake(tmp_path) as soul:
        for text in ("I like rain", "i like  RAIN", "Do you like rain?", "I like snow"):
            live(soul, memory(text))
        gists = [" ".join(text.casefold().split()) for text in texts(soul, "do you like rain?")]
        assert sorted(gists) == ["i like rain", "i like snow"]


def test_a_superseded_answer_does_not_come_to_mind(tmp_path: Path) -> None:
    with awake(tmp_path) as soul:
        old = live(soul, memory("rain is blue"))
        soul.save_turn(turn(2, memories=[memory("rain is wet")], supersedes=old))
        assert texts(soul, "rain") == ["rain is wet"]


def test_no_more_come_to_mind_than_asked_for(tmp_path: Path) -> None:
    with awake(tmp_path) as soul:
        for k in range(9):
            live(soul, memory(f"rain number {k}"))
        assert len(texts(soul, "rain", weights=Weights(recall_count=3))) == 3
        assert texts(soul, "rain", weights=Weights(recall_count=0)) == []


@pytest.fixture(scope="module")
def listener(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("listener")
    with awake(folder) as soul:
        live(soul, memory("rain AND snow OR fog NOT sun NEAR me"), memory("été à Zürich, 東京, straße"))
    return folder


_FTS = st.sampled_from(['"', "'", "*", "^", ":", "-", "(", ")", "{", "}", "NEAR", "AND", "OR", "NOT", "text", "\0"])


def test_anything_may_be_said_without_being_obeyed_as_a_query(listener: Path) -> None:
    with awake(listener) as soul:

        @settings(max_examples=200, deadline=None)
        @given(st.one_of(st.text(), st.lists(st.one_of(_FTS, st.text(max_size=4))).map(" ".join)))
        def check(said: str) -> None:
            for one in soul.recall(said, NOTHING, ONLY_RELEVANCE, 48.0):
                assert 0.0 <= one.parts.relevance <= 1.0

        check()
        assert soul.recall("zurich", NOTHING, ONLY_RELEVANCE, 48.0)[0].memory.text.startswith("été")
        assert soul.recall('"' + "x" * 100_000 + '" fog', NOTHING, ONLY_RELEVANCE, 48.0)[0].parts.relevance > 0


def test_a_needle_among_twenty_thousand_memories_is_found(tmp_path: Path) -> None:
    chance = np.random.default_rng(3)
    words = np.array([f"word{n}" for n in range(3000)])
    with awake(tmp_path) as soul:
        for start in range(0, 20_000, 500):
            crowd = [
                memory("they said the " + " ".join(chance.choice(words, 8)), signature(*chance.choice(64, 8, False)))
                for _ in range(500)
            ]
            needle = [memory("my sister is called Ottilie", signature(5, 6))] if start == 4_000 else []
            live(soul, *crowd, *needle)
        found = soul.recall("what is my sister called? they said the", NOTHING, Weights(), 48.0)
        assert found[0].memory.text == "my sister is called Ottilie"
        assert len(found) == Weights().recall_count


def test_tonight_begins_with_what_moved_her_most_and_was_not_yet_dreamt(tmp_path: Path) -> None:
    clock = Clock()
    with awake(tmp_path, clock=clock) as soul:
        live(soul, memory("old fright", adrenaline=1.0), at=clock.now - 480 * HOUR)
        live(soul, memory("calm", adrenaline=0.1), memory("joy", adrenaline=0.6), at=clock.now)
        before = soul.memories_for_tonight(9, 48.0)
        assert [m.text for m in before] == ["joy", "calm", "old fright"]
        soul.save_night(night(1, consumed=[before[0].id]))
        after = soul.memories_for_tonight(9, 48.0)
        assert [m.text for m in after] == ["calm", "old fright", "joy"]
        assert after[-1].adrenaline == 0.0
        assert [m.text for m in soul.memories_for_tonight(1, 48.0)] == ["calm"]


def test_what_was_dreamt_has_spent_its_adrenaline_but_is_still_remembered(tmp_path: Path) -> None:
    with awake(tmp_path) as soul:
        live(soul, memory("a storm at sea", adrenaline=1.0))
        soul.save_night(night(1, consumed=[1]))
        (one,) = soul.recall("storm", NOTHING, Weights(), 48.0)
        assert one.parts.adrenaline == 0.0
        assert one.parts.relevance > 0.0


def test_a_memory_is_one_quoted_line_cut_at_a_word() -> None:
    assert memory_line("user", "I like\n  rain") == 'They said: "I like rain"'
    assert memory_line("anima", 'he said "go"\x1b') == "I said: \"he said 'go'␛\""
    long = memory_line("user", "word " * 100)
    assert long.endswith('word…"')
    assert len(long) <= LINE + len('They said: ""')
    assert len(memory_line("user", "x" * 500)) == LINE + len('They said: ""')


_sparse = st.dictionaries(st.integers(0, 30), st.floats(0, 1, width=32), max_size=8).map(
    lambda levels: signature(*levels, levels=list(levels.values()))
)


@settings(deadline=None)
@given(_sparse, st.lists(_sparse, max_size=5))
def test_cosines_of_sparse_signatures_are_those_of_the_dense_vectors(cue: Signature, others: list[Signature]) -> None:
    def dense(one: Signature) -> np.ndarray:
        vector = np.zeros(31)
        vector[one.features] = one.levels
        return vector

    for other, found in zip(others, cosines(cue, others), strict=True):
        lengths = np.linalg.norm(dense(cue)) * np.linalg.norm(dense(other))
        assert found == pytest.approx(dense(cue) @ dense(other) / lengths if lengths > 1e-150 else found, abs=1e-6)
        assert 0.0 <= found <= 1.0


def test_novelty_is_the_distance_from_the_nearest_of_the_recent_past() -> None:
    assert novelty(signature(1), []) == 1.0
    assert novelty(signature(1), [signature(2), signature(3)]) == 1.0
    assert novelty(signature(1), [signature(2), signature(1)]) == pytest.approx(0.0)
    assert 0.0 < novelty(signature(1, 2), [signature(2, 3)]) < 1.0
