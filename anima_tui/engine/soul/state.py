"""The three values that every turn rewrites, each beside its SHA-256: reservoir, evidence, organs."""

from __future__ import annotations

import sqlite3
from hashlib import sha256
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from anima_tui.engine.soul.faults import Damaged
from anima_tui.engine.soul.records import OrganState

Name = Literal["reservoir", "evidence", "organs"]


def save_reservoir(connection: sqlite3.Connection, weights: NDArray[np.float32], d_sae: int) -> None:
    """Raises ValueError for anything but a finite vector of d_sae."""
    if weights.shape != (d_sae,) or not np.isfinite(weights).all():
        raise ValueError(f"a reservoir is a finite vector of {d_sae}, not one of shape {weights.shape}")
    _save(connection, "reservoir", np.ascontiguousarray(weights, "<f4").tobytes())


def reservoir(connection: sqlite3.Connection, d_sae: int) -> NDArray[np.float32]:
    """[d_sae]. Raises Damaged."""
    data = _load(connection, "reservoir")
    if data is None or len(data) != 4 * d_sae:
        raise Damaged("its reservoir is missing or of the wrong size")
    return np.frombuffer(data, "<f4").astype(np.float32)


def save_evidence(connection: sqlite3.Connection, sums: NDArray[np.float64]) -> None:
    """Any vector of float64."""
    if sums.ndim != 1:
        raise ValueError(f"evidence is one vector, not an array of shape {sums.shape}")
    _save(connection, "evidence", np.ascontiguousarray(sums, "<f8").tobytes())


def evidence(connection: sqlite3.Connection) -> NDArray[np.float64] | None:
    """The vector last saved, None since a night. Raises Damaged."""
    data = _load(connection, "evidence")
    if data is not None and len(data) % 8:
        raise Damaged("its evidence is of the wrong size")
    return None if data is None else np.frombuffer(data, "<f8").astype(np.float64)


def forget_evidence(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM state WHERE name = 'evidence'")


def save_organs(connection: sqlite3.Connection, organs: OrganState) -> None:
    _save(connection, "organs", msgspec.json.encode(organs))


def organs(connection: sqlite3.Connection) -> OrganState:
    """Raises Damaged or msgspec.MsgspecError."""
    data = _load(connection, "organs")
    if data is None:
        raise Damaged("its organs are missing")
    return msgspec.json.decode(data, type=OrganState)


def check(connection: sqlite3.Connection, d_sae: int) -> None:
    """Read all three. Raises Damaged or msgspec.MsgspecError."""
    reservoir(connection, d_sae)
    evidence(connection)
    organs(connection)


def _save(connection: sqlite3.Connection, name: Name, data: bytes) -> None:
    connection.execute(
        "INSERT INTO state (name, data, sha256) VALUES (?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET data = excluded.data, sha256 = excluded.sha256",
        (name, data, sha256(data).digest()),
    )


def _load(connection: sqlite3.Connection, name: Name) -> bytes | None:
    row = connection.execute("SELECT data, sha256 FROM state WHERE name = ?", (name,)).fetchone()
    if row is None:
        return None
    data, digest = row
    if not isinstance(data, bytes) or sha256(data).digest() != digest:
        raise Damaged(f"its {name} does not match its hash")
    return data
