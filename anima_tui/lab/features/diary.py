"""The user's own conversations, read from a soul's database that is opened for reading only."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np

from anima_tui.errors import SoulUnreadable
from anima_tui.lab.features.firing import Said
from anima_tui.lab.statistics import correlation

PERIODS = 6
ENOUGH = 4
"""Memories of a period in which a feature must stand out to be correlated with valence there."""


def said_in(folder: Path, most: int) -> list[Said]:
    """The newest exchanges in force, both speakers. Raises SoulUnreadable."""
    rows = _read(folder, "SELECT user, reply FROM exchange WHERE superseded_by IS NULL ORDER BY id DESC LIMIT ?", most)
    return [said for user, reply in rows for said in (Said(str(user)), Said(str(reply), str(user)))]


def valence_over_time(folder: Path) -> dict[int, list[float | None]]:
    """Feature -> its correlation with valence in each of some equal parts of the soul's life; None: too little to say.

    From the signatures of the memories: a feature that is not in one has level 0. Raises SoulUnreadable.
    """
    rows = _read(folder, "SELECT valence, features, levels FROM memory WHERE superseded = 0 ORDER BY at LIMIT ?", -1)
    found: dict[int, list[float | None]] = {}
    for period, part in enumerate(np.array_split(np.arange(len(rows)), PERIODS)):
        valences = [float(rows[i][0]) for i in part]
        levels: dict[int, list[float]] = {}
        for place, i in enumerate(part):
            features, strengths = (np.frombuffer(rows[i][at], kind) for at, kind in ((1, "<i4"), (2, "<f4")))
            for feature, level in zip(features.tolist(), strengths.tolist(), strict=True):
                levels.setdefault(feature, [0.0] * len(part))[place] = level
        for feature, series in levels.items():
            if sum(level > 0 for level in series) >= ENOUGH:
                r = correlation(series, valences)
                found.setdefault(feature, [None] * PERIODS)[period] = None if np.isnan(r) else round(r, 2)
    return found


def _read(folder: Path, statement: str, most: int) -> list[tuple[bytes, ...]]:
    try:
        with closing(sqlite3.connect(f"{(folder / 'soul.db').absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(statement, (most,)).fetchall()
    except sqlite3.Error as error:
        raise SoulUnreadable(f"the soul in {folder} cannot be read ({error}); it was left as it is.") from None
