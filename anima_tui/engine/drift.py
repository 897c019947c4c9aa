"""How far one text is from another."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_WORD = re.compile(r"\w+")


def distance(a: Iterable[str], b: Iterable[str]) -> float:
    """Share of the words of both, counted as often as they stand there, that the other lacks: 0 the same, 1 nothing.

    One minus the coefficient of Sørensen and Dice on multisets; order does not count.
    """
    ours, theirs = _words(a), _words(b)
    together = ours.total() + theirs.total()
    return 1.0 - 2.0 * (ours & theirs).total() / together if together else 0.0


def _words(lines: Iterable[str]) -> Counter[str]:
    return Counter(word for line in lines for word in _WORD.findall(line.casefold()))
