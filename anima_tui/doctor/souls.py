"""Every soul: whether her file is whole, whose she is, who is awake in her, and how old her last backup is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from anima_tui.doctor.finding import Finding
from anima_tui.engine.soul.backups import made_at, newest_first
from anima_tui.engine.soul.database import examine
from anima_tui.engine.soul.faults import reading
from anima_tui.errors import AnimaError
from anima_tui.paths import Paths
from anima_tui.settings import Settings


def look_at_souls(settings: Settings, paths: Paths) -> Iterator[Finding]:
    folders = sorted(folder for folder in paths.souls.glob("*") if folder.is_dir())
    for folder in folders:
        if folder.name.startswith("."):
            yield Finding("soul", f"{folder} is left over from an import that was broken off", remedy="remove it")
        else:
            yield _soul(folder)
    if paths.soul(settings.soul) not in folders:
        yield Finding("soul", f"“{settings.soul}” is not born yet; she will be at the first start")


def _soul(folder: Path) -> Finding:
    backups = newest_first(folder / "backups")
    try:
        with reading(folder):
            bond = examine(folder / "soul.db")
    except AnimaError as error:
        remedy = (
            f"anima-tui soul restore {folder.name}"
            if backups
            else "there is no backup; keep the folder and report this"
        )
        return Finding("soul", str(error), well=False, remedy=remedy)
    age = f"last backup {_days(made_at(backups[0]))}" if backups else "no backup yet: one is made at her next start"
    return Finding("soul", f"“{folder.name}” is whole, in {bond.body} ({bond.fingerprint[:12]}); {age}")


def _days(then: float) -> str:
    days = int((time.time() - then) // (24 * 3600))
    made = f"{datetime.fromtimestamp(then, UTC).astimezone():%Y-%m-%d %H:%M}"
    return made if days < 1 else f"{made}, {days} days ago"
