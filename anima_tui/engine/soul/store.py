"""The soul, awake: what she was is read here, and what she becomes is kept here."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from anima_tui import wire
from anima_tui.engine import memory
from anima_tui.engine.signature import Signature
from anima_tui.engine.soul import album, nights, selves, state, turns
from anima_tui.engine.soul.database import Bond, copy_in_memory, open_database, transaction
from anima_tui.engine.soul.faults import reading, require_soul, writing
from anima_tui.engine.soul.lock import Lock
from anima_tui.engine.soul.records import NightOutcome, OrganState, TurnRecord
from anima_tui.engine.soul.refuge import Refuge, kept, refuge_of
from anima_tui.settings import Memory as Weights


class Soul:
    """Everything that is learned and must survive. Use it from the thread that opened it, and close it.

    Every method that changes her is one transaction, on the disk when it returns. Where there is no room or no
    permission the change is kept in memory instead, `unsaved` counts it, and each later change, `catch_up` and
    `close` try to write it. Reading raises SoulUnreadable where the file turns out to be damaged.
    """

    def __init__(self, folder: Path, lock: Lock | None, refuge: Refuge, clock: Callable[[], float]) -> None:
        self.folder = folder
        self.refuge = refuge
        self._lock = lock
        self.clock = clock
        """Seconds since the epoch."""
        with reading(folder):
            self.born, self._d_sae = self._connection.execute("SELECT born, d_sae FROM soul").fetchone()
        self.session = self._begin_session()

    @classmethod
    def open(
        cls, folder: Path, *, body: str, fingerprint: str, d_sae: int, clock: Callable[[], float] = time.time
    ) -> Soul:
        """Wake the soul in `folder`, made on first use, and begin a session.

        Where nothing can be written she wakes in memory. `clock` gives seconds since the epoch. Raises SoulLocked,
        SoulUnreadable or SoulMismatch (another body, or a newer Anima); `soul.db` is then byte for byte what it was.
        """
        folder, bond, now = folder.absolute(), Bond(body, fingerprint, d_sae), clock()
        lock = Lock(folder)

        def reach() -> sqlite3.Connection:
            with writing(folder):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                lock.take()
            return open_database(folder, bond, now)

        try:
            refuge = refuge_of(folder, bond, now, reach)
            try:
                return cls(folder, lock, refuge, clock)
            except BaseException:
                refuge.close()
                raise
        except BaseException:
            lock.release()
            raise

    @classmethod
    def open_read_only(
        cls, folder: Path, *, body: str, fingerprint: str, d_sae: int, clock: Callable[[], float] = time.time
    ) -> Soul:
        """A copy in memory of the soul in `folder`, whoever may be awake in her. Nothing of it is ever saved.

        Raises SoulUnreadable or SoulMismatch.
        """
        folder = folder.absolute()
        require_soul(folder)
        copy = copy_in_memory(folder, Bond(body, fingerprint, d_sae))
        return cls(folder, None, Refuge(copy, None, None), clock)

    @property
    def read_only(self) -> bool:
        return self._lock is None

    @property
    def unsaved(self) -> int:
        """Changes that wait in memory for the disk to take them."""
        return self.refuge.waiting

    def catch_up(self) -> None:
        """Write what waits in memory, as far as the disk takes it."""
        self.refuge.catch_up()

    def close(self) -> None:
        self.refuge.close()
        if self._lock is not None:
            self._lock.release()

    @property
    def _connection(self) -> sqlite3.Connection:
        """The one that holds the newest state."""
        return self.refuge.connection

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- what she was ----------------------------------------------------------------------------------

    def reservoir(self) -> NDArray[np.float32]:
        """[d_sae], zeros on the first day."""
        with reading(self.folder):
            return state.reservoir(self._connection, self._d_sae)

    def evidence(self) -> NDArray[np.float64] | None:
        """The day's sums as last saved; None where nothing was saved since the last night."""
        with reading(self.folder):
            return state.evidence(self._connection)

    def organs(self) -> OrganState:
        with reading(self.folder):
            return state.organs(self._connection)

    @property
    def exchange_count(self) -> int:
        """Exchanges in force, of all sessions."""
        with reading(self.folder):
            return turns.count(self._connection)

    def exchanges(self, limit: int, before: int | None = None) -> list[wire.Exchange]:
        """The newest ones in force, or those before the exchange `before`; oldest first."""
        with reading(self.folder):
            return turns.newest(self._connection, limit, before)

    def exchanges_of(self, session: int) -> list[wire.Exchange]:
        """Those in force of one session, oldest first."""
        with reading(self.folder):
            return turns.of_session(self._connection, session)

    def tokens(self, exchange: int) -> list[int]:
        """Ids of its decoded tokens. Raises KeyError where there is no such exchange."""
        with reading(self.folder):
            return turns.tokens(self._connection, exchange)

    def self_model(self) -> wire.Generation:
        """The generation in force."""
        with reading(self.folder):
            return selves.present(self._connection)

    def generation(self, number: int) -> wire.Generation:
        """Raises KeyError where there is no such generation."""
        with reading(self.folder):
            return selves.generation(self._connection, number)

    def generations(self) -> list[wire.Generation]:
        """All there ever were, oldest first."""
        with reading(self.folder):
            return selves.generations(self._connection)

    def nights(self, limit: int) -> list[wire.NightRecord]:
        """Newest first."""
        with reading(self.folder):
            return nights.newest(self._connection, limit)

    def history(self, limit: int, before: int | None = None) -> list[wire.Chapter]:
        """The newest generations, older than `before`, each with what it changed; oldest first."""
        with reading(self.folder):
            return selves.chapters(self._connection, limit, before)

    def reel(self, night: int) -> bytes:
        """Raises KeyError where nothing was kept of that night."""
        with reading(self.folder):
            return nights.reel(self._connection, night)

    def find_memories(
        self, search: str, before: int | None, limit: int, adrenaline_half_life_hours: float
    ) -> wire.Memories:
        """See `album.find`."""
        with reading(self.folder):
            return album.find(
                self._connection,
                search,
                before,
                limit,
                now=self.clock(),
                adrenaline_half_life_hours=adrenaline_half_life_hours,
            )

    def memory_card(self, memory: int, adrenaline_half_life_hours: float) -> wire.MemoryCard:
        """Raises AnimaError where there is no such memory."""
        with reading(self.folder):
            return album.card(
                self._connection, memory, now=self.clock(), adrenaline_half_life_hours=adrenaline_half_life_hours
            )

    def memory_lines(self, memories: Collection[int]) -> dict[int, str]:
        """Those of these memories that are not forgotten, quoted."""
        with reading(self.folder):
            return album.lines(self._connection, memories)

    def forgotten(self) -> set[int]:
        """Exchanges of which something was forgotten: they do not come back into the context."""
        with reading(self.folder):
            return album.forgotten(self._connection)

    # --- what comes to mind ----------------------------------------------------------------------------

    def recall(
        self,
        text: str,
        signature: Signature,
        weights: Weights,
        adrenaline_half_life_hours: float,
        in_context: Collection[int] = (),
        among: Callable[[memory.Memory], bool] = lambda one: True,
    ) -> list[memory.Recalled]:
        """See `memory.recall`; `in_context` are exchanges that already stand in the prompt."""
        with reading(self.folder):
            return memory.recall(
                self._connection,
                text,
                signature,
                now=self.clock(),
                weights=weights,
                adrenaline_half_life_hours=adrenaline_half_life_hours,
                in_context=in_context,
                among=among,
            )

    def memories_for_tonight(self, limit: int, adrenaline_half_life_hours: float) -> list[memory.Memory]:
        """See `memory.tonight`."""
        with reading(self.folder):
            return memory.tonight(
                self._connection,
                limit,
                now=self.clock(),
                adrenaline_half_life_hours=adrenaline_half_life_hours,
            )

    def heard_today(self, limit: int, adrenaline_half_life_hours: float) -> list[memory.Memory]:
        """See `memory.heard`."""
        with reading(self.folder):
            return memory.heard(
                self._connection, limit, now=self.clock(), adrenaline_half_life_hours=adrenaline_half_life_hours
            )

    def recent_signatures(self, count: int) -> list[Signature]:
        """Of the newest memories, newest first; novelty is measured against them."""
        with reading(self.folder):
            return memory.recent_signatures(self._connection, count)

    # --- what she becomes ------------------------------------------------------------------------------

    @kept
    def _begin_session(self) -> int:
        with writing(self.folder), transaction(self._connection) as connection:
            return connection.execute("INSERT INTO session (began) VALUES (?)", (self.clock(),)).lastrowid or 0

    @kept
    def save_turn(self, turn: TurnRecord) -> wire.Exchange:
        """Raises ValueError for a turn that cannot be, such as a reservoir that is not finite."""
        with writing(self.folder), transaction(self._connection) as connection:
            exchange = turns.insert(connection, self.session, turn)
            state.save_reservoir(connection, turn.reservoir, self._d_sae)
            state.save_organs(connection, turn.organs)
            if turn.evidence is not None:
                state.save_evidence(connection, turn.evidence)
        return exchange

    @kept
    def save_organs(self, organs: OrganState) -> None:
        with writing(self.folder), transaction(self._connection) as connection:
            state.save_organs(connection, organs)

    @kept
    def save_night(self, outcome: NightOutcome) -> wire.NightRecord:
        """A finished night; the day's evidence begins anew. Raises ValueError where the core would change."""
        with writing(self.folder), transaction(self._connection) as connection:
            night = nights.insert_outcome(connection, self.session, outcome)
            state.save_reservoir(connection, outcome.reservoir, self._d_sae)
            state.save_organs(connection, outcome.organs)
            state.forget_evidence(connection)
            return nights.night(connection, night)

    @kept
    def save_interrupted_night(
        self, began: float, summary: str, dreams: Sequence[str] = (), reel: bytes = b""
    ) -> wire.NightRecord:
        """A night that was broken off: what was dreamt is kept, and nothing else changes."""
        with writing(self.folder), transaction(self._connection) as connection:
            night = nights.insert(
                connection,
                self.session,
                began=began,
                ended=self.clock(),
                outcome="interrupted",
                summary=summary,
                verdict="",
                dreams=dreams,
                reel=reel,
            )
            return nights.night(connection, night)

    # --- what the user changes -------------------------------------------------------------------------

    @kept
    def undo_night(self) -> wire.Generation:
        """Put the parent of the present generation in force. Raises AnimaError where there is none."""
        with writing(self.folder), transaction(self._connection) as connection:
            return selves.undo(connection)

    @kept
    def revert(self, generation: int) -> wire.Generation:
        """Put any generation in force. Raises AnimaError where there is no such one."""
        with writing(self.folder), transaction(self._connection) as connection:
            return selves.revert(connection, generation)

    @kept
    def rewrite_self(self, lines: Sequence[wire.SelfLine]) -> wire.Generation:
        """A self-model in the user's own words, core and all."""
        with writing(self.folder), transaction(self._connection) as connection:
            return selves.write(connection, self.clock(), lines, "edit")

    @kept
    def pin_memory(self, memory: int, on: bool) -> None:
        """Raises AnimaError where there is no such memory, as do the next two."""
        with writing(self.folder), transaction(self._connection) as connection:
            album.pin(connection, memory, on)

    @kept
    def edit_memory(self, memory: int, text: str) -> None:
        """See `album.mend`."""
        with writing(self.folder), transaction(self._connection) as connection:
            album.mend(connection, memory, text)

    @kept
    def forget_memory(self, memory: int) -> wire.Generation:
        """Erase it, and the mutable lines of the self-model that rest on it alone; the generation then in force."""
        with writing(self.folder), transaction(self._connection) as connection:
            album.forget(connection, memory)
            present = selves.present(connection)
            left = album.resting_on(present.lines, memory)
            return present if left == present.lines else selves.write(connection, self.clock(), left, "forget")
