"""`anima-tui soul memories`: what she remembers, as lines, and the user's hand on it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

from anima_tui.engine.soul import album
from anima_tui.engine.soul.database import copy_in_memory, examine
from anima_tui.engine.soul.faults import reading, require_soul
from anima_tui.engine.soul.store import Soul
from anima_tui.errors import AnimaError
from anima_tui.settings import Metabolism
from anima_tui.text import safe_line
from anima_tui.wire import MemoryCard


def memories(folder: Path, options: argparse.Namespace, metabolism: Metabolism, now: float) -> Iterator[str]:
    """Change one memory if that is asked for, then list those that hold the words; the newest last.

    Listing works while she is awake. Raises AnimaError, SoulLocked for a change while she is.
    """
    require_soul(folder)
    yield from _change(folder, options)
    with reading(folder):
        bond = examine(folder / "soul.db")
        with closing(copy_in_memory(folder, bond)) as connection:
            found = album.find(
                connection,
                " ".join(options.words),
                None,
                options.limit,
                now=now,
                adrenaline_half_life_hours=metabolism.adrenaline_half_life_hours,
            )
    yield from map(_line, reversed(found.memories))
    if found.total > len(found.memories):
        yield f"{found.total - len(found.memories)} older ones are not shown; --limit shows more."


def _change(folder: Path, options: argparse.Namespace) -> Iterator[str]:
    asked = {name: getattr(options, name) for name in ("pin", "unpin", "edit", "forget") if getattr(options, name)}
    if not asked:
        return
    with reading(folder):
        bond = examine(folder / "soul.db")
    with Soul.open(folder, body=bond.body, fingerprint=bond.fingerprint, d_sae=bond.d_sae) as soul:
        for name, value in asked.items():
            match name:
                case "edit":
                    soul.edit_memory(_number(value[0]), value[1])
                case "forget":
                    soul.forget_memory(value)
                case _:
                    soul.pin_memory(value, name == "pin")
            yield "It is done."


def _number(text: str) -> int:
    if not text.isdecimal():
        raise AnimaError(f"{safe_line(text)} is not the number of a memory; list them to see their numbers.")
    return int(text)


def _line(card: MemoryCard) -> str:
    when = datetime.fromtimestamp(card.at)
    who = "they" if card.speaker == "user" else "she"
    mark = "*" if card.pinned else " "
    return f"{card.id:>7}{mark} {when:%Y-%m-%d %H:%M}  {who:<4}  {safe_line(card.text)}"
