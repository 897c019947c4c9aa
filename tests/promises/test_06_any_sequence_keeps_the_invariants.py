"""Any sequence of events leaves her as a plain model of a soul says: a hypothesis state machine."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from anima_tui.engine.soul import OrganState, archive, custody
from anima_tui.errors import AnimaError
from anima_tui.wire import SelfLine
from tests.engine.souls import CORE, Clock, awake, night, turn
from tests.promises.conftest import NIGHTLY

DREAMT = ["I like rain.", "I like snow.", "I am calm."]
"""Lines that a night may write; they rest on the memory 1."""


@dataclass
class Generation:
    parent: int | None
    lines: list[str]


@dataclass
class Model:
    """A soul as one would write it down on paper."""

    exchanges: dict[int, str] = field(default_factory=dict[int, str])
    """Those in force, by id."""
    said: int = 0
    """Exchanges there ever were."""
    memories: set[int] = field(default_factory=set[int])
    """Those neither superseded nor forgotten, by id: exchange n has 2n - 1 and 2n."""
    reservoir: float = 0.0
    evidence: float | None = None
    organs: OrganState = field(default_factory=lambda: OrganState(saved_at=Clock().now))
    nights: list[str] = field(default_factory=list[str])
    """Outcomes."""
    generations: list[Generation] = field(default_factory=lambda: [Generation(None, [CORE.text])])
    made_by: dict[int, int] = field(default_factory=dict[int, int])
    """The night of a generation, both counted from 0."""
    present: int = 0

    def put_in_force(self, generation: int) -> None:
        """Nights that do not lead to it count as undone."""
        self.present = generation
        line: set[int] = set()
        while True:
            line.add(generation)
            parent = self.generations[generation].parent
            if parent is None:
                break
            generation = parent
        for made, which in self.made_by.items():
            self.nights[which] = "changed" if made in line else "undone"

    def add(self, lines: list[str]) -> None:
        self.generations.append(Generation(self.present, lines))
        self.present = len(self.generations) - 1


class Life(RuleBasedStateMachine):
    """One soul, moved about, killed, and refused by her disk, beside her model."""

    def __init__(self) -> None:
        super().__init__()
        self._home = Path(tempfile.mkdtemp())
        self._places = 0
        self._k = 0
        self._refused = False
        self.model = Model()
        self.soul = awake(self._place())

    def _place(self) -> Path:
        self._places += 1
        return self._home / f"soul-{self._places}"

    def _next(self) -> int:
        self._k += 1
        return self._k

    def teardown(self) -> None:
        self._allow()
        self.soul.close()
        shutil.rmtree(self._home)

    # --- what she lives through --------------------------------------------------------------------------

    @rule()
    def chat(self) -> None:
        k = self._next()
        exchange = self.soul.save_turn(turn(k))
        self._said(k, exchange.id)

    @precondition(lambda self: self.model.exchanges)
    @rule(data=st.data())
    def answer_anew(self, data: st.DataObject) -> None:
        k, old = self._next(), data.draw(st.sampled_from(sorted(self.model.exchanges)))
        exchange = self.soul.save_turn(turn(k, supersedes=old))
        del self.model.exchanges[old]
        self.model.memories -= {2 * old - 1, 2 * old}
        self._said(k, exchange.id)

    def _said(self, k: int, number: int) -> None:
        model = self.model
        model.said += 1
        assert number == model.said
        model.exchanges[number] = f"question {k}"
        model.memories |= {2 * number - 1, 2 * number}
        model.reservoir, model.evidence, model.organs = float(k), float(k), turn(k).organs

    @rule(mode=st.sampled_from(["Anima", "System", "Dream"]), pinned=st.booleans(), steering=st.booleans())
    def switch(self, mode: str, pinned: bool, steering: bool) -> None:
        organs = OrganState(fatigue=self.model.organs.fatigue, mode=mode, pinned=pinned, steering=steering)
        self.soul.save_organs(organs)
        self.model.organs = organs

    @rule(lines=st.none() | st.lists(st.sampled_from(DREAMT), max_size=3))
    def sleep(self, lines: list[str] | None) -> None:
        k, model = self._next(), self.model
        self.soul.save_night(night(k, lines=lines, consumed=range(1, 2 * model.said)))
        model.nights.append("restful" if lines is None else "changed")
        if lines is not None:
            model.add([CORE.text, *lines])
            model.made_by[model.present] = len(model.nights) - 1
        model.reservoir, model.evidence, model.organs = float(k), None, night(k).organs

    @rule()
    def wake_her(self) -> None:
        self.soul.save_interrupted_night(1.0, "You woke her.", ["half a dream"])
        self.model.nights.append("interrupted")

    @rule()
    def undo(self) -> None:
        model = self.model
        parent = model.generations[model.present].parent
        try:
            self.soul.undo_night()
        except AnimaError:
            assert parent is None
            return
        assert parent is not None
        model.put_in_force(parent)

    @rule(data=st.data())
    def revert(self, data: st.DataObject) -> None:
        generation = data.draw(st.integers(0, len(self.model.generations) - 1))
        self.soul.revert(generation + 1)
        self.model.put_in_force(generation)

    @rule(text=st.sampled_from(["I am mine.", "I keep bees."]))
    def rewrite(self, text: str) -> None:
        self.soul.rewrite_self([CORE, SelfLine(text=text, core=False, evidence=[])])
        self.model.add([CORE.text, text])

    @precondition(lambda self: self.model.memories)
    @rule(data=st.data(), what=st.sampled_from(["pin", "mend", "forget"]))
    def tend_a_memory(self, data: st.DataObject, what: str) -> None:
        model, chosen = self.model, data.draw(st.sampled_from(sorted(self.model.memories)))
        match what:
            case "pin":
                self.soul.pin_memory(chosen, True)
            case "mend":
                self.soul.edit_memory(chosen, "mended words")
            case _:
                resting = chosen == 1 and [line for line in model.generations[model.present].lines if line in DREAMT]
                self.soul.forget_memory(chosen)
                model.memories.discard(chosen)
                if resting:
                    model.add([line for line in model.generations[model.present].lines if line not in DREAMT])

    # --- what happens to her -----------------------------------------------------------------------------

    @precondition(lambda self: not self._refused)
    @rule()
    def refuse(self) -> None:
        """The disk takes nothing from now on."""
        self._disk = self.soul.refuge.connection
        self._disk.execute("PRAGMA query_only = ON")
        self._refused = True

    @precondition(lambda self: self._refused)
    @rule()
    def allow(self) -> None:
        self._allow()
        self.soul.catch_up()
        assert self.soul.unsaved == 0

    def _allow(self) -> None:
        if self._refused:
            self._disk.execute("PRAGMA query_only = OFF")
            self._refused = False

    @precondition(lambda self: not self._refused)
    @rule()
    def kill(self) -> None:
        """What a process leaves that was killed: its files, the WAL among them, and no farewell."""
        place = self._place()
        shutil.copytree(self.soul.folder, place)
        self.soul.close()
        self.soul = awake(place)

    @precondition(lambda self: not self._refused)
    @rule()
    def reopen(self) -> None:
        self.soul.close()
        self.soul = awake(self.soul.folder)

    @precondition(lambda self: not self._refused)
    @rule(sleeping=st.booleans())
    def export_and_import(self, sleeping: bool) -> None:
        parcel, place = self._place().with_suffix(".anima"), self._place()
        if sleeping:
            self.soul.close()
        archive.pack(self.soul.folder, parcel, 0.0)
        archive.unpack(parcel, place)
        self.soul.close()
        self.soul = awake(place)

    @precondition(lambda self: not self._refused)
    @rule()
    def rename(self) -> None:
        folder, place = self.soul.folder, self._place()
        self.soul.close()
        custody.rename(folder, place)
        self.soul = awake(place)

    @precondition(lambda self: not self._refused)
    @rule()
    def lose_and_restore(self) -> None:
        custody.back_up_now(self.soul.folder, 4e9)
        folder = self.soul.folder
        self.soul.close()
        (folder / "soul.db").write_bytes(b"damaged")
        custody.restore(folder, 0.0)
        shutil.rmtree(folder / "backups")  # or a later restoring would find a newer one, of the same moment
        self.soul = awake(folder)

    # --- what holds at any time --------------------------------------------------------------------------

    @invariant()
    def she_is_as_the_model_says(self) -> None:
        soul, model = self.soul, self.model
        assert {exchange.id: exchange.user for exchange in soul.exchanges(1000)} == model.exchanges
        assert soul.exchange_count == len(model.exchanges)
        assert {memory.id for memory in soul.memories_for_tonight(1000, 48.0)} <= model.memories
        assert len(soul.recent_signatures(1000)) == len(model.memories)
        assert (soul.reservoir() == model.reservoir).all()
        evidence = soul.evidence()
        assert (None if evidence is None else evidence[0]) == model.evidence
        assert soul.organs() == model.organs
        assert [found.outcome for found in reversed(soul.nights(1000))] == model.nights

    @invariant()
    def every_self_there_was_is_kept_and_has_one_core(self) -> None:
        found = self.soul.generations()
        assert [[line.text for line in each.lines] for each in found] == [each.lines for each in self.model.generations]
        assert [each.id for each in found] == list(range(1, len(found) + 1))
        assert self.soul.self_model().id == self.model.present + 1
        assert all([line.text for line in each.lines if line.core] == [CORE.text] for each in found)


Life.TestCase.settings = settings(
    max_examples=400 if NIGHTLY else 10,
    stateful_step_count=60 if NIGHTLY else 20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestLife = pytest.mark.timeout(3600)(Life.TestCase)
