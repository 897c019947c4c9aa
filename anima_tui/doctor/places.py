"""The folders: whether they can be written, whether others can read them, and whether there is room."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from anima_tui.doctor.finding import Finding
from anima_tui.paths import Paths

ROOM = 200 * 2**20
"""Free bytes below which a long conversation may not fit."""


def look_at_places(paths: Paths) -> Iterator[Finding]:
    folders = {"config": paths.config, "data": paths.data, "cache": paths.cache, "logs": paths.logs}
    for name, folder in folders.items():
        yield _folder(name, folder)
    free = shutil.disk_usage(_existing(paths.data)).free
    enough = free >= ROOM
    yield Finding(
        "room",
        f"{free / 2**30:.1f} GiB free for the data",
        well=enough,
        remedy="" if enough else f"make room where {paths.data} is; until then talk stays in memory",
    )


def _folder(name: str, folder: Path) -> Finding:
    there = _existing(folder)
    effective = os.access in os.supports_effective_ids
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK, effective_ids=effective):
        return Finding(name, f"{there} cannot be written", well=False, remedy=f"make it yours: chmod u+rwx '{there}'")
    if folder.is_dir() and os.name == "posix" and stat.S_IMODE(folder.stat().st_mode) & 0o077:
        others = f"{folder}; other users of this machine may look into it"
        return Finding(name, others, remedy=f"to keep them out: chmod 700 '{folder}'")
    return Finding(name, f"{folder}{'' if folder.is_dir() else ', made on first use'}")


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next(place for place in (folder, *folder.parents) if place.exists())
