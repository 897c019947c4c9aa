"""Which voice a reply is in, told from its words alone: a multinomial naive Bayes with add-one smoothing."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable

_WORD = re.compile(r"[a-z']+|[^\sa-z]")


class VoiceEar:
    """Knows nothing of the body: an independent judge of what steering did to its words."""

    def __init__(self, examples: Iterable[tuple[str, str]]) -> None:
        """`examples`: (text, voice)."""
        self._counts: dict[str, Counter[str]] = {}
        self._texts: Counter[str] = Counter()
        for text, voice in examples:
            self._counts.setdefault(voice, Counter()).update(_words(text))
            self._texts[voice] += 1
        self._vocabulary = len(set[str]().union(*self._counts.values()))
        self._totals = {voice: counts.total() for voice, counts in self._counts.items()}

    def voice(self, text: str) -> str:
        return max(self._counts, key=lambda voice: self._log_joint(text, voice))

    def share(self, texts: Iterable[str], voice: str) -> float:
        """Share of `texts` that are in `voice`."""
        heard = [self.voice(text) == voice for text in texts]
        return sum(heard) / max(1, len(heard))

    def _log_joint(self, text: str, voice: str) -> float:
        counts, scale = self._counts[voice], self._totals[voice] + self._vocabulary
        likelihood = sum(math.log((counts[word] + 1) / scale) for word in _words(text))
        return math.log(self._texts[voice] / self._texts.total()) + likelihood


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
