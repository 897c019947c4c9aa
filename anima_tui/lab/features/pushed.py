"""What she says with a push along one feature and without it, side by side."""

from __future__ import annotations

import shutil
import textwrap
from itertools import zip_longest

from anima_tui.engine.attune.listen import answering
from anima_tui.engine.attune.strengths import push, speak
from anima_tui.errors import AnimaError
from anima_tui.lab.features.lens import lenses
from anima_tui.lab.offsets import nothing
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
PUSHES = (-0.3, 0.3)
"""Shares of ‖h‖."""
TOKENS = 48


def show(body: str, feature: int) -> int:
    """Print both for some messages, and what the feature is. Raises AnimaError for one that does not exist."""
    subject = subject_of(body)
    d_sae = subject.body.sae.d_sae
    if not 0 <= feature < d_sae:
        raise AnimaError(f"there is no feature {feature}; this body's are 0 to {d_sae - 1}.")
    for line in lines(subject, feature, shutil.get_terminal_size((120, 24)).columns):
        print(line)
    return 0


def lines(subject: Subject, feature: int, width: int) -> list[str]:
    """Three columns: pushed away, left alone, pushed towards, with equal draws."""
    lens = lenses(subject)[feature]
    prompts = [answering(subject.body, subject.scribe, message).ids for message in MESSAGES]
    direction = subject.body.sae.directions[feature].float()
    away, towards = (speak(subject.body, prompts, push(direction, alpha), TOKENS).replies for alpha in PUSHES)
    alone = speak(subject.body, prompts, nothing, TOKENS).replies
    column = max(20, (width - 6) // 3)
    told = [
        f"#{feature} {subject.body.card.labels.get(feature, '')}".rstrip(),
        f"promotes: {', '.join(lens.promoted)}",
        f"suppresses: {', '.join(lens.suppressed)}",
        "",
        _row([f"push {PUSHES[0]:+g}", "without", f"push {PUSHES[1]:+g}"], column),
    ]
    for message, *replies in zip(MESSAGES, away, alone, towards, strict=True):
        told += ["", f"> {message}"]
        wrapped = [textwrap.wrap(safe_line(reply), column) or [""] for reply in replies]
        told += [_row([cell or "" for cell in row], column) for row in zip_longest(*wrapped)]
    return told


def _row(cells: list[str], column: int) -> str:
    return "   ".join(cell.ljust(column) for cell in cells).rstrip()
