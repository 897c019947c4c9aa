"""How every feature fires over many texts: how often, how strongly, where most, and with what valence."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from anima_tui.engine.attune.levels import encoded
from anima_tui.engine.attune.listen import Heard, listen_to
from anima_tui.engine.valence import Lexicon, Readout
from anima_tui.lab.study import Row
from anima_tui.lab.subject import IDENTITY, Subject
from anima_tui.text import safe_line

BINS = 10
"""Of the histogram of levels, from just above 0 to the 99th percentile; what is above it is in the last."""
CONTEXTS = 5
"""Texts kept for each feature."""
_CANDIDATES = 40
"""Tokens kept until each text shows its strongest one only."""
AROUND = 10
"""Tokens shown on each side."""


@dataclass(frozen=True)
class Said:
    """One text, and what it answers, if it is hers."""

    text: str
    after: str | None = None


@dataclass
class Firing:
    """One feature over all tokens."""

    fired: int = 0
    level: float = 0.0
    """Sum of its levels."""
    squared: float = 0.0
    with_valence: float = 0.0
    """Sum of level times valence."""
    histogram: NDArray[np.int64] = field(default_factory=lambda: np.zeros(BINS, dtype=np.int64))
    contexts: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    """Level and text, the strongest first; the token stands in ‹›."""

    def row(self) -> Row:
        return {
            "fired": self.fired,
            "level": self.level,
            "squared": self.squared,
            "with valence": self.with_valence,
            "histogram": json.dumps(self.histogram.tolist()),
            "contexts": json.dumps(self.contexts, ensure_ascii=False),
        }

    def add(self, row: Row) -> None:
        """What another part of the texts says."""
        self.fired += int(row["fired"] or 0)
        self.level += float(row["level"] or 0)
        self.squared += float(row["squared"] or 0)
        self.with_valence += float(row["with valence"] or 0)
        self.histogram += np.array(json.loads(str(row["histogram"])), dtype=np.int64)
        more: list[tuple[float, str]] = [(level, text) for level, text in json.loads(str(row["contexts"]))]
        self.contexts = _distinct([*self.contexts, *more])


@dataclass
class Tokens:
    """All tokens together."""

    count: int = 0
    valence: float = 0.0
    squared: float = 0.0

    def correlation(self, firing: Firing) -> float:
        """Pearson's, of a feature's level with valence over all tokens; 0 where either never varies."""
        n = max(1, self.count)
        covariance = firing.with_valence / n - firing.level / n * self.valence / n
        spread = (firing.squared / n - (firing.level / n) ** 2) * (self.squared / n - (self.valence / n) ** 2)
        return covariance / spread**0.5 if spread > 1e-12 else 0.0


def measure_firing(subject: Subject, texts: Sequence[Said]) -> tuple[dict[int, Firing], Tokens]:
    """Feature -> how it fires on these texts, each read in a chat of its own; those that never fire are absent."""
    heard = listen_to(subject.body, [_prepared(subject, said) for said in texts])
    valence = _valence(subject, heard, texts)
    found: dict[int, Firing] = {}
    tops: dict[int, list[tuple[float, int]]] = {}
    for part, activations in encoded(subject.body.sae, heard.residuals):
        levels = (activations / subject.p99).clamp(0.0, 1.0)
        token, feature = levels.nonzero(as_tuple=True)
        _gather(found, tops, feature, levels[token, feature], valence[part][token], token + part.start)
    pieces = [safe_piece(subject, token) for token in heard.ids.tolist()]
    for feature, firing in found.items():
        strongest = {int(heard.utterance[-at]): (level, -at) for level, at in reversed(tops[feature])}
        firing.contexts = _distinct((level, _context(heard, pieces, at)) for level, at in strongest.values())
    return found, Tokens(len(valence), float(valence.sum()), float((valence**2).sum()))


def _gather(
    found: dict[int, Firing],
    tops: dict[int, list[tuple[float, int]]],
    feature: Tensor,
    level: Tensor,
    valence: Tensor,
    at: Tensor,
) -> None:
    """Add the firings of one stretch of tokens, one entry for each; `tops`: the strongest levels of each feature, and
    their tokens' numbers below 0, so that of equals the first stays."""
    order = feature.argsort(stable=True)
    feature, level, valence, at = feature[order], level[order], valence[order], at[order]
    which, counts = feature.unique_consecutive(return_counts=True)
    bins = (level * BINS).long().clamp(max=BINS - 1)
    begin = 0
    for number, count in zip(which.tolist(), counts.tolist(), strict=True):
        mine = slice(begin, begin + count)
        begin += count
        firing = found.setdefault(number, Firing())
        firing.fired += count
        firing.level += float(level[mine].sum())
        firing.squared += float((level[mine] ** 2).sum())
        firing.with_valence += float((level[mine] * valence[mine]).sum())
        firing.histogram += np.bincount(bins[mine].numpy(), minlength=BINS)
        strongest = zip(level[mine].tolist(), (-at[mine]).tolist(), strict=True)
        tops[number] = heapq.nlargest(_CANDIDATES, [*tops.get(number, ()), *strongest])


def _distinct(contexts: Iterable[tuple[float, str]]) -> list[tuple[float, str]]:
    """The strongest, each text once."""
    best: dict[str, float] = {}
    for level, text in contexts:
        best[text] = max(level, best.get(text, 0.0))
    return heapq.nlargest(CONTEXTS, ((round(level, 3), text) for text, level in best.items()))


def _context(heard: Heard, pieces: Sequence[str], at: int) -> str:
    utterance = heard.utterance[at]
    near = range(max(0, at - AROUND), min(len(pieces), at + AROUND + 1))
    return "".join(f"‹{pieces[i]}›" if i == at else pieces[i] for i in near if heard.utterance[i] == utterance).strip()


def safe_piece(subject: Subject, token: int) -> str:
    """A token as text that may be shown, its leading space kept."""
    text = str(subject.body.tokenizer.decode([token]))
    return (" " if text[:1].isspace() else "") + safe_line(text)


def _prepared(subject: Subject, said: Said) -> tuple[list[int], slice]:
    system = subject.scribe.style.system([IDENTITY], [], thinking=False)
    if said.after is None:
        prompt = subject.scribe.chat(system, [], said.text.strip())
        return prompt.ids[: prompt.words.stop], prompt.words
    before = subject.scribe.chat(system, [], said.after).ids
    spoken = subject.body.tokenizer(subject.scribe.disarm(said.text.strip()), add_special_tokens=False)["input_ids"]
    most = subject.body.context_tokens - len(before)
    return [*before, *spoken[:most]], slice(len(before), len(before) + min(most, len(spoken)))


def _valence(subject: Subject, heard: Heard, texts: Sequence[Said]) -> Tensor:
    """float32 [tokens], as the body is calibrated to read it; by the words of the whole text where it is not."""
    attuned = subject.body.attunement
    if attuned and subject.body.card.valence_source == "readout":
        readout = Readout(attuned.valence)
        return torch.nan_to_num(readout.token(heard.residuals))
    lexicon = Lexicon(torch.device("cpu"))
    scores = torch.tensor([lexicon.turn(torch.empty(0), said.text) for said in texts])
    return scores[heard.utterance]
