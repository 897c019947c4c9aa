"""What a soul keeps, and gives back."""

from __future__ import annotations

import sqlite3
import stat
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from souls import CORE, D_SAE, Clock, awake, contents, memory, night, signature, turn

from anima_tui import wire
from anima_tui.engine.soul import OrganState, diff
from anima_tui.engine.soul.turns import glimpsed
from anima_tui.errors import AnimaError


def test_a_first_soul_is_blank_but_for_who_she_is(tmp_path: Path) -> None:
    with awake(tmp_path / "souls" / "anima") as soul:
        assert soul.self_model().lines == [CORE]
        assert soul.self_model().parent is None
        assert not soul.reservoir().any()
        assert soul.reservoir().dtype == np.float32
        assert soul.organs() == OrganState(saved_at=soul.born)
        assert soul.evidence() is None
        assert (soul.exchange_count, soul.exchanges(9), soul.nights(9)) == (0, [], [])


def test_only_her_owner_may_look_into_her_folder(tmp_path: Path) -> None:
    folder = tmp_path / "anima"
    with awake(folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_second_start_finds_everything(tmp_path: Path) -> None:
    with awake(tmp_path) as soul:
        first, born = soul.session, soul.born
        kept = soul.save_turn(turn(1))
        soul.save_night(night(2, consumed=[1]))
        soul.save_turn(turn(3))
        before = contents(soul)
    with awake(tmp_path, clock=Clock(1_900_000_000.0)) as soul:
        assert (soul.born, soul.session) == (born, first + 1)
    with awake(tmp_path) as soul:
        assert contents(soul) == before
        assert soul.exchanges(9)[0] == kept
        assert soul.tokens(kept.id) == [1, 2]
        assert soul.exchanges_of(first) == soul.exchanges(9)
        assert soul.exchanges_of(soul.session) == []


_text = st.text(max_size=40)
_unit = st.floats(-1, 1)


@settings(max_examples=30, deadline=None)
@given(
    user=_text,
    thought=_text,
    reply=_text,
    mode=_text,
    valence=_unit,
    tokens=st.lists(st.integers(0, 2**31)),
    weights=st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=D_SAE, max_size=D_SAE),
    sums=st.lists(st.floats(allow_nan=False), max_size=9),
    organs=st.builds(
        OrganState,
        fatigue=st.floats(0, 1e6),
        baseline=_unit,
        mode=_text,
        pinned=st.booleans(),
        thinking=st.booleans(),
    ),
)
def test_what_is_saved_is_what_is_found(
    tmp_path_factory: pytest.TempPathFactory,
    *,
    user: str,
    thought: str,
    reply: str,
    mode: str,
    valence: float,
    tokens: list[int],
    weights: list[float],
    sums: list[float],
    organs: OrganState,
) -> None:
    folder = tmp_path_factory.mktemp("soul")
    reservoir, evidence = np.array(weights, np.float32), np.array(sums, np.float64)
    record = replace(
        turn(1),
        user=user,
        thought=thought,
        reply=reply,
        mode=mode,
        valence=valence,
        tokens=tokens,
        reservoir=reservoir,
        evidence=evidence,
        organs=organs,
        memories=[memory(user), memory(reply, speaker="anima")],
    )
    with awake(folder) as soul:
        saved = soul.save_turn(record)
    with awake(folder) as soul:
        (found,) = soul.exchanges(9)
        assert found == saved
        assert (found.user, found.thought, found.reply, found.mode) == (user, thought, reply, mode)
        assert found.valence == valence
        assert soul.tokens(found.id) == tokens
        assert soul.reservoir().tobytes() == reservoir.tobytes()
        assert soul.organs() == organs
        stored = soul.evidence()
        assert stored is not None
        assert stored.tobytes() == evidence.tobytes()
        assert {m.text for m in soul.memories_for_tonight(9, 48.0)} == {user, reply}


def test_an_exchange_answered_anew_is_kept_but_no_longer_in_force(tmp_path: Path) -> None:
    with awake(tmp_path) as soul:
        old = soul.save_turn(turn(1))
        new = soul.save_turn(turn(2, supersedes=old.id))
        assert soul.exchanges(9) == [new]
        assert soul.exchange_count == 1
        assert {m.exchange for m in soul.memories_for_tonight(9, 48.0)} == {new.id}
        assert soul.tokens(old.id) == [1, 2]


@pytest.mark.parametrize("supersedes", [7, 2])
def test_only_an_exchange_that_is_there_can_be_answered_anew(tmp_path: Path, supersedes: int) -> None:
    with awake(tmp_path) as soul:
        soul.save_turn(turn(1))
        before = contents(soul)
        with pytest.raises(ValueError, match="no exchange"):
            soul.save_turn(turn(2, supersedes=supersedes))
        assert contents(soul) == before


def test_what_was_said_last_can_be_read_without_waking_her(tmp_path: Path) -> None:
    with awake(tmp_path) as soul:
        for k in range(1, 6):
            soul.save_turn(turn(k))
        said = soul.exchanges(3)
        assert glimpsed(tmp_path / "soul.db", 3) == said
    assert glimpsed(tmp_path / "soul.db", 3) == said
    (tmp_path / "soul.db").write_bytes(b"noise" * 1000)
    assert glimpsed(tmp_path / "soul.db", 3) == glimpsed(tmp_path / "nothing.db", 3) == []


def test_older_exchanges_are_reached_page_by_page(tmp_path: Path) -> None:
    with awake(tmp_path) as soul:
        saved = [soul.save_turn(turn(k)) for k in range(7)]
        page = soul.exchanges(3)
        assert page == saved[4:]
        assert soul.exchanges(3, before=page[0].id) == saved[1:4]
        assert soul.exchanges(3, before=saved[0].id) == []


@pytest.mark.parametrize(
    "weights",
    [
        np.full(D_SAE, np.nan, np.float32),
        np.full(D_SAE, np.inf, np.float32),
        np.zeros(D_SAE - 1, np.float32),
        np.zeros((1, D_SAE), np.float32),
    ],
)
def test_a_reservoir_that_is_not_sane_never_reaches_the_disk(tmp_path: Path, weights: np.ndarray) -> None:
    with awake(tmp_path) as soul:
        soul.save_turn(turn(1))
        before = contents(soul)
        with pytest.raises(ValueError, match="reservoir"):
            soul.save_turn(replace(turn(2), reservoir=weights))
        assert contents(soul) == before


def test_a_soul_belongs_to_the_thread_that_woke_her(tmp_path: Path) -> None:
    errors: list[BaseException] = []

    def meddle() -> None:
        try:
            soul.save_organs(OrganState())
        except sqlite3.ProgrammingError as error:
            errors.append(error)

    with awake(tmp_path) as soul:
        thread = threading.Thread(target=meddle)
        thread.start()
        thread.join()
    assert len(errors) == 1


def test_a_night_changes_all_that_it_should_and_forgets_the_day(tmp_path: Path) -> None:
    with awake(tmp_path) as soul:
        soul.save_turn(turn(1))
        record = soul.save_night(night(2, consumed=[1]))
        assert record.outcome == "changed"
        assert record.dreams == ["dream 2.0", "dream 2.1"]
        assert record.diff == [
            wire.DiffLine(sign=" ", text="I am Anima."),
            wire.DiffLine(sign="+", text="I like rain."),
        ]
        assert soul.nights(9) == [record]
        assert [line.text for line in soul.self_model().lines] == ["I am Anima.", "I like rain."]
        assert soul.self_model().reason == "dream"
        assert soul.evidence() is None
        assert soul.organs().fatigue == 2.0
        assert (soul.reservoir() == 2.0).all()


def test_a_night_never_deletes_what_was_lived_through(tmp_path: Path) -> None:
    with awake(tmp_path) as soul:
        soul.save_turn(turn(1))
        episodes = soul.exchanges(9), soul.recent_signatures(9)
        soul.save_night(night(2, consumed=[1, 2]))
        assert [len(kind) for kind in (soul.exchanges(9), soul.recent_signatures(9))] == [len(e) for e in episodes]
        assert soul.exchanges(9) == episodes[0]


def test_a_restful_night_leaves_the_self_model_alone(tmp_path: Path) -> None:
    with awake(tmp_path) as soul:
        before = soul.generations()
        record = soul.save_night(night(1, lines=None))
        assert (record.outcome, record.diff) == ("restful", [])
        assert soul.generations() == before


def test_an_interrupted_night_changes_nothing_else(tmp_path: Path) -> None:
    with awake(tmp_path) as soul:
        soul.save_turn(turn(1))
        before = contents(soul)
        record = soul.save_interrupted_night(1_800_000_000.0, "You woke her.", ["half a dream"])
        assert (record.outcome, record.dreams, record.diff) == ("interrupted", ["half a dream"], [])
        assert soul.nights(9) == [record]
        after = list(contents(soul))
        after[6] = []
        assert tuple(after) == before


def test_undo_walks_back_to_the_first_day_and_loses_no_generation(tmp_path: Path) -> None:
    with awake(tmp_path) as soul:
        soul.save_night(night(1, lines=["I like rain."]))
        soul.save_night(night(2, lines=["I like snow."]))
        every = soul.generations()
        assert soul.undo_night() == every[1]
        assert [n.outcome for n in soul.nights(9)] == ["undone", "changed"]
        assert soul.undo_night() == every[0]
        with pytest.raises(AnimaError, match="nothing to undo"):
            soul.undo_night()
        assert soul.generations() == every
        soul.save_night(night(3, lines=["I like fog."]))
        assert soul.self_model().parent == every[0].id
        assert soul.nights(1)[0].diff[-1] == wire.DiffLine(sign="+", text="I like fog.")


def test_a_night_cannot_touch_the_core(tmp_path: Path) -> None:
    with awake(tmp_path) as soul:
        before = contents(soul)
        stolen = wire.SelfLine(text="I am James.", core=True, evidence=[])
        for lines in ([], [stolen], [CORE, stolen]):
            with pytest.raises(ValueError, match="core"):
                soul.save_night(replace(night(1), lines=lines))
        assert contents(soul) == before


def test_the_file_itself_refuses_to_change_or_lose_a_generation(tmp_path: Path) -> None:
    with awake(tmp_path) as soul:
        soul.save_night(night(1))
    outsider = sqlite3.connect(tmp_path / "soul.db")
    for statement in ("UPDATE generation SET lines = '[]'", "DELETE FROM generation WHERE id = 2"):
        with pytest.raises(sqlite3.IntegrityError, match="generation"):
            outsider.execute(statement)
    outsider.close()


def test_a_difference_holds_every_line_of_both() -> None:
    def lines(*texts: str) -> list[wire.SelfLine]:
        return [wire.SelfLine(text=text, core=False, evidence=[]) for text in texts]

    change = diff(lines("a", "b", "c"), lines("a", "x", "c", "d"))
    assert [(line.sign, line.text) for line in change] == [
        (" ", "a"),
        ("-", "b"),
        ("+", "x"),
        (" ", "c"),
        ("+", "d"),
    ]
    assert diff(lines("a"), lines("a")) == [wire.DiffLine(sign=" ", text="a")]


def test_a_memory_keeps_its_signature(tmp_path: Path) -> None:
    felt = signature(5, 63, levels=[0.25, 0.5])
    with awake(tmp_path) as soul:
        soul.save_turn(turn(1, memories=[memory("rain", felt)]))
        (found,) = soul.recent_signatures(9)
        assert found.features.tolist() == [5, 63]
        assert found.levels.tolist() == [0.25, 0.5]
