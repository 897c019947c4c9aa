"""Where a soul lives on while her disk takes nothing: a copy in memory, and the changes to be made up for."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from anima_tui.engine.soul.database import Bond, duplicate, open_in_memory
from anima_tui.engine.soul.faults import reading
from anima_tui.errors import AnimaError, SoulMismatch, SoulUnwritable

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S", bound="Kept")


Reach = Callable[[], sqlite3.Connection]
"""Connects to the disk. Raises AnimaError where that cannot be."""


class Kept(Protocol):
    """Whoever changes what a Refuge connects to."""

    refuge: Refuge
    clock: Callable[[], float]


class Refuge:
    """Lends the connection that holds the newest state: the disk's, or that of a copy in memory.

    A change that the disk refuses is made in the copy and waits. Once the disk takes it, all that waits is made there
    in its order, and the copy goes. A soul may begin in the copy, and the disk be reached later; one without a disk
    has nothing but the copy, and nothing waits.
    """

    def __init__(self, connection: sqlite3.Connection, disk: sqlite3.Connection | None, reach: Reach | None) -> None:
        self.connection = connection
        self._disk = disk
        self._reach = reach
        self._waiting: deque[Callable[[], object]] = deque()
        self.trouble = ""
        """The sentence of the last refusal, while anything waits."""

    @property
    def waiting(self) -> int:
        """Changes that are in memory alone and shall be on the disk."""
        return len(self._waiting)

    def make(self, change: Callable[[], T]) -> T:
        """Make a change, on the disk if that can be. Raises what `change` raises, but for SoulUnwritable."""
        self.catch_up()
        if self._disk is None and self._reach is None:
            return change()
        if self.connection is self._disk:
            try:
                return change()
            except SoulUnwritable as refusal:
                self._retreat(refusal)
        try:
            result = change()
        except BaseException:
            self._return()  # it could not be made at all, so there is nothing to make up for
            raise
        self._waiting.append(change)
        return result

    def catch_up(self) -> None:
        """Offer the disk all that waits. What it still refuses goes on waiting."""
        if not self._waiting:
            return
        memory = self.connection
        try:
            self.connection = self._disk = self._disk or self._reached()
            while self._waiting:
                self._waiting[0]()
                self._waiting.popleft()
        except AnimaError as refusal:
            self.trouble = str(refusal)
        finally:
            self.connection = memory
            self._return()

    def close(self) -> None:
        self.catch_up()
        self.connection.close()
        if self._disk is not None:
            self._disk.close()

    def _reached(self) -> sqlite3.Connection:
        assert self._reach is not None, "what waits, waits for a disk"
        return self._reach()

    def _return(self) -> None:
        """To the disk, once nothing waits any more."""
        if self._disk is not None and not self._waiting:
            self.connection.close()
            self.connection = self._disk
            self.trouble = ""

    def _retreat(self, refusal: SoulUnwritable) -> None:
        """Raises the refusal itself where not even a copy can be had."""
        copy = None
        with suppress(sqlite3.Error):
            copy = duplicate(self.connection)
        if copy is None:
            raise refusal
        self.connection = copy
        self.trouble = str(refusal)


def refuge_of(folder: Path, bond: Bond, now: float, reach: Reach) -> Refuge:
    """On the disk where `reach` can, else in memory until it can. Raises AnimaError where she is not to be woken."""
    try:
        disk = reach()
    except SoulUnwritable as refusal:
        memory = open_in_memory(folder, bond, now)
        refuge = Refuge(memory, None, _to_the_same(folder, _sessions(memory), reach))
        refuge.trouble = str(refusal)
        return refuge
    return Refuge(disk, disk, reach)


def _to_the_same(folder: Path, sessions: int, reach: Reach) -> Reach:
    """Nobody held the lock meanwhile: what was made in memory may follow only on what it was made from."""

    def to_the_same() -> sqlite3.Connection:
        disk = reach()
        with reading(folder):
            lived = _sessions(disk)
        if lived != sessions:
            disk.close()
            raise SoulMismatch(
                f"The soul “{folder.name}” has lived on elsewhere, and this talk cannot follow; copy what you need"
                " of it."
            )
        return disk

    return to_the_same


def _sessions(connection: sqlite3.Connection) -> int:
    return connection.execute("SELECT count(*) FROM session").fetchone()[0]


def kept(method: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
    """A method that is one transaction on `refuge.connection`: it is made, and made up for, through the refuge."""

    @wraps(method)
    def made(self: S, /, *arguments: P.args, **named: P.kwargs) -> T:
        moment = self.clock()

        def change() -> T:
            clock, self.clock = self.clock, lambda: moment  # made up for hours later, it happened now all the same
            try:
                return method(self, *arguments, **named)
            finally:
                self.clock = clock

        return self.refuge.make(change)

    return made
