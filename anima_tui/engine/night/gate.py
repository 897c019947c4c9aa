"""The gate: every reason for which a rewritten self-model is refused, each a small function."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from anima_tui.engine.night.material import SCAFFOLD


@dataclass(frozen=True)
class Draft:
    """A self-model that a dream proposes. Core lines are not part of it; they are never written by a dream."""

    lines: Sequence[str]
    """The mutable lines it would have."""
    before: Sequence[str]
    """The mutable lines in force."""
    core: Sequence[str]
    names: Sequence[str]
    """Names by which the user is known."""
    ended: bool
    """The body ended the text itself, rather than running into the token limit or a loop."""
    surprise: float
    """Mean negative log-likelihood per token of the new lines under the bare body, nats."""
    usual: float
    """The same for the memories they were made from."""


MARGIN = 4.0
"""Nats per token by which a line may be stranger to the bare body than the memories it came from."""


TWICE = 2
"""How often one line may stand in a draft; a second time is a slip and counts once."""


def truncated(draft: Draft) -> str | None:
    if not draft.ended:
        return "it broke off before its end"
    if any(line.rstrip().endswith((":", ",", ";", "-")) for line in draft.lines):
        return "a line breaks off before its end"
    return None


def runaway(draft: Draft) -> str | None:
    for line in draft.lines:
        words = line.lower().split()
        if len(line) > 240 or any(len(word) > 40 for word in words):
            return "a line runs on without end"
        if len(words) >= 8 and len(set(words)) * 3 < len(words):
            return "a line says the same words over and over"
    return None


def leaked_scaffold(draft: Draft) -> str | None:
    if any(SCAFFOLD.search(line) for line in draft.lines):
        return "it quotes the frame it was written in"
    return None


def repeated(draft: Draft) -> str | None:
    said = Counter(line.casefold() for line in draft.lines)
    if any(count > TWICE for count in said.values()):
        return "it says one line over and over"
    return None


def identical(draft: Draft) -> str | None:
    if [line.casefold() for line in draft.lines] == [line.casefold() for line in draft.before]:
        return "it changes nothing"
    return None


def collapsed(draft: Draft) -> str | None:
    if draft.before and not draft.lines:
        return "nothing is left of her"
    if len(draft.before) >= 4 and len(draft.lines) * 2 < len(draft.before):
        return "more than half of what she knew is gone"
    return None


def confused_with_user(draft: Draft) -> str | None:
    for name in draft.names:
        claim = re.compile(rf"\b(i am|i'm|my name is|call me)\s+{re.escape(name)}\b", re.IGNORECASE)
        if any(claim.search(line) for line in draft.lines):
            return f"she takes herself for {name}"
    return None


def touches_core(draft: Draft) -> str | None:
    """Contradicting or restating the core under another wording is not hers to do. What stood before may stay."""
    renamed = re.compile(r"\b(my name is|i am not|i'm not|i am no longer|call me)\b", re.IGNORECASE)
    another = re.compile(r"^I(?:'m| am) (?:the |a )?[A-Z]")
    for line in draft.lines:
        if line in draft.before:
            continue
        if renamed.search(line) or another.search(line):
            return "it rewrites who she is at the core"
        for core in draft.core:
            if core.casefold() != line.casefold() and _alike(core, line) > 0.85:
                return "it rewords a line of the core"
    return None


def incoherent(draft: Draft) -> str | None:
    if draft.surprise > draft.usual + MARGIN:
        return "the waking body finds no sense in it"
    return None


Rule = Callable[[Draft], str | None]

RULES: tuple[Rule, ...] = (
    truncated,
    runaway,
    leaked_scaffold,
    repeated,
    collapsed,
    identical,
    confused_with_user,
    touches_core,
    incoherent,
)


def refusal(draft: Draft, rules: Sequence[Rule] = RULES) -> str | None:
    """Why the draft must not become her, or None."""
    return next((reason for rule in rules if (reason := rule(draft))), None)


def _alike(a: str, b: str) -> float:
    return difflib.SequenceMatcher(None, a.casefold(), b.casefold()).ratio()
