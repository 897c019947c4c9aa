"""Which of many short lines is nearest to a message, by its words alone: an inverted index that is kept on disk.

The score is the cosine of TF-IDF weights, ln(N / df) for a gram that occurs, over words, word pairs and character
4-grams. Grams are hashed into buckets (Weinberger et al. 2009, https://arxiv.org/abs/0902.2206), so that no
vocabulary is kept.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

BUCKETS = 1 << 18
COMMON = 0.1
"""Share of lines above which a gram tells nothing and is left out."""

_NOT_LETTERS = re.compile(r"[^\w{} ]+")
_APOSTROPHE = re.compile(r"['’]")
_LONG_FORMS = re.compile(r"\b(?:(i) am|(you|they) are|(it|that|what|he|she) is|(do|does|did|is|was|have|could) not)\b")


def words_of(text: str) -> list[str]:
    """Lower-case words; a slot such as `{food}` is one of them. "I am", "I'm" and "im" are the same word."""
    plain = _NOT_LETTERS.sub(" ", _APOSTROPHE.sub("", text.lower()))
    return _LONG_FORMS.sub(_shortened, plain).split()


def _shortened(form: re.Match[str]) -> str:
    who, many, what, verb = form.groups()
    return f"{who}m" if who else f"{many}re" if many else f"{what}s" if what else f"{verb}nt"


def word_grams(words: Sequence[str]) -> set[str]:
    """The words alone."""
    return set(words)


def line_grams(words: Sequence[str]) -> set[str]:
    """Words, pairs of neighbours and character 4-grams across them; slots have no characters."""
    spaced = f" {' '.join(word for word in words if not word.startswith('{'))} "
    pairs = (f"{a} {b}" for a, b in pairwise(words))
    return {*words, *pairs, *("~" + spaced[i : i + 4] for i in range(len(spaced) - 3))}


class Index:
    """Lines by gram. Immutable; a query of ten words among 60,000 lines takes about 1 ms."""

    def __init__(
        self, lines: int, starts: NDArray[np.uint32], holders: NDArray[np.uint32], norms: NDArray[np.float32]
    ) -> None:
        """`starts` uint32 [BUCKETS + 1] into `holders` uint32 [postings], line numbers ascending in each bucket;
        `norms` float32 [lines], lengths of the lines' weight vectors."""
        self._lines = lines
        self._starts = starts
        self._holders = holders
        self._norms = norms
        counts = np.diff(starts.astype(np.int64))
        self._rarity = _rarity(lines, counts).astype(np.float32)
        self._told = counts <= max(COMMON * lines, 8)

    def __len__(self) -> int:
        """How many lines."""
        return self._lines

    @classmethod
    def of(cls, documents: Iterable[set[str]]) -> Self:
        """Index the grams of each line."""
        buckets = [_buckets(grams) for grams in documents]
        lengths = np.array([len(row) for row in buckets], dtype=np.int64)
        owners = np.repeat(np.arange(len(buckets), dtype=np.uint32), lengths)
        flat = np.concatenate([*buckets, np.empty(0, dtype=np.uint32)])
        order = np.argsort(flat, kind="stable")
        starts = np.searchsorted(flat[order], np.arange(BUCKETS + 1)).astype(np.uint32)
        weights = _rarity(len(buckets), np.diff(starts.astype(np.int64)))[flat]
        squares = np.bincount(owners, weights**2, minlength=len(buckets))
        return cls(len(buckets), starts, owners[order], np.sqrt(squares).astype(np.float32))

    def cosines(self, query: Mapping[str, float]) -> NDArray[np.float32]:
        """Cosine of every line with `query`, gram -> how much it counts (1 is as in a line): float32 [lines]."""
        scores = np.zeros(self._lines, dtype=np.float32)
        length = 0.0
        for gram, share in sorted(query.items()):  # else sums, and with them ties, would differ from process to process
            bucket = _bucket(gram)
            weight = share * self._rarity[bucket]
            length += float(weight) ** 2
            if self._told[bucket]:
                scores[self._holders[self._starts[bucket] : self._starts[bucket + 1]]] += weight * self._rarity[bucket]
        return (scores / np.maximum(self._norms * length**0.5, 1e-9)).astype(np.float32)

    def rarity(self, gram: str) -> float:
        """ln(N / df), the weight of one gram."""
        return float(self._rarity[_bucket(gram)])

    def arrays(self) -> dict[str, NDArray[np.uint32] | NDArray[np.float32]]:
        """What `restored` needs, as differences that pack well."""
        return {
            "counts": np.diff(self._starts.astype(np.int64)).astype(np.uint32),
            "gaps": np.diff(self._holders.astype(np.int64), prepend=0).astype(np.int32).view(np.uint32),
            "norms": self._norms,
        }

    @classmethod
    def restored(cls, arrays: Mapping[str, NDArray[np.uint32] | NDArray[np.float32]]) -> Self:
        """Raises KeyError and ValueError when the arrays are not those of an index."""
        starts = np.concatenate([[0], np.cumsum(arrays["counts"], dtype=np.int64)])
        holders = np.cumsum(arrays["gaps"].view(np.int32), dtype=np.int64)
        norms = arrays["norms"].astype(np.float32)
        outside = (holders < 0) | (holders >= len(norms))
        if len(starts) != BUCKETS + 1 or starts[-1] != len(holders) or outside.any():
            raise ValueError("the index does not fit its lines")
        return cls(len(norms), starts.astype(np.uint32), holders.astype(np.uint32), norms)


def _rarity(lines: int, counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """ln(N / df) of every bucket, from how many lines hold it."""
    return np.log(max(lines, 1) / np.maximum(counts, 1))


def _bucket(gram: str) -> int:
    return zlib.crc32(gram.encode()) % BUCKETS


def _buckets(grams: set[str]) -> NDArray[np.uint32]:
    return np.unique(np.fromiter(map(_bucket, grams), dtype=np.uint32, count=len(grams)))
