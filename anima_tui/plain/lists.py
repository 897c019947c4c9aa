"""What she remembers and who she was, as rows of two columns."""

from __future__ import annotations

import time
from collections.abc import Iterator

from anima_tui import wire

Row = tuple[str, str]


def self_model(model: wire.Generation) -> Iterator[Row]:
    """The core, then what was learnt with its strength."""
    for line in model.lines:
        yield ("core" if line.core else f"{line.strength:.0%}"), line.text


def history(history: wire.History) -> Iterator[Row]:
    """Each self-model with what it changed, oldest first."""
    for chapter in history.chapters:
        made = chapter.generation
        mark = ", in force" if made.id == history.present else ""
        yield f"self {made.id}", f"{_date(made.at)}, {made.reason}, {chapter.from_first:.0%} from the first{mark}"
        for line in chapter.diff:
            if line.sign != " ":
                yield "", f"{line.sign} {line.text}"


def memories(found: wire.Memories) -> Iterator[Row]:
    """Each memory by number, the newest last, next to the prompt."""
    for card in reversed(found.memories):
        marks = "".join(f", {name}" for name, on in (("pinned", card.pinned), ("dreamt", card.dreamt)) if on)
        who = "you" if card.speaker == "user" else "she"
        yield f"#{card.id} {who}", f"{card.text} ({_date(card.at)}, {card.valence:+.2f}{marks})"
    yield "memories", f"{len(found.memories)} of {found.total}"


def _date(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))
