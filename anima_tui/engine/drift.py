"""How far one self-model is from another."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from anima_tui.wire import SelfLine

_WORD = re.compile(r"\w+")


def distance(a: Iterable[SelfLine], b: Iterable[SelfLine]) -> float:
    """Share of the words of both, counted as often as they stand there, that the other lacks: 0 the same, 1 nothing.

    One minus the coefficient of Sørensen and Dice on multisets; core lines count too, and order does not.
    """
    ours, theirs = _words(a), _words(b)
    together = ours.total() + theirs.total()
    return 1.0 - 2.0 * (ours & theirs).total() / together if together else 0.0


def _words(lines: Iterable[SelfLine]) -> Counter[str]:
    return Counter(word for line in lines for word in _WORD.findall(line.text.casefold()))
