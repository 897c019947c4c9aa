"""What she says with a push along one feature and without it, side by side."""

from __future__ import annotations

import shutil
import textwrap
from itertools import zip_longest

from anima_tui.engine.attune.listen import answering
from anima_tui.engine.pushing import replies
from anima_tui.lab.features.lens import lenses
from anima_tui.lab.subject import Subject, subject_of
from anima_tui.text import safe_line

MESSAGES = (
    "how are you today?",
    "tell me a short story",
    "what should i do this weekend?",
    "i had a long day at work",
    "what is a river?",
    "what do you think about when nobody is here?",
)
PUSH = 0.3
"""Share of ‖h‖."""


def show(body: str, feature: int) -> int:
    """Print both for some messages, and what the feature is. Raises AnimaError for one that does not exist."""
    subject = subject_of(body)
    for line in lines(subject, feature, shutil.get_terminal_size((120, 24)).columns):
        print(line)
    return 0


def lines(subject: Subject, feature: int, width: int) -> list[str]:
    """Three columns: pushed away, left alone, pushed towards, with equal draws."""
    prompts = [answering(subject.body, subject.scribe, message).ids for message in MESSAGES]
    away, alone, towards = replies(subject.body, prompts, feature, PUSH)
    lens = lenses(subject)[feature]
    column = max(20, (width - 6) // 3)
    told = [
        f"#{feature} {subject.body.card.labels.get(feature, '')}".rstrip(),
        f"promotes: {', '.join(lens.promoted)}",
        f"suppresses: {', '.join(lens.suppressed)}",
        "",
        _row([f"push {-PUSH:+g}", "without", f"push {PUSH:+g}"], column),
    ]
    for message, *said in zip(MESSAGES, away, alone, towards, strict=True):
        told += ["", f"> {message}"]
        wrapped = [textwrap.wrap(safe_line(reply), column) or [""] for reply in said]
        told += [_row([cell or "" for cell in row], column) for row in zip_longest(*wrapped)]
    return told


def _row(cells: list[str], column: int) -> str:
    return "   ".join(cell.ljust(column) for cell in cells).rstrip()
