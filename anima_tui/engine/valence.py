"""Valence: how pleasant a moment is, in [-1, 1]."""

from __future__ import annotations

from functools import cache
from typing import Literal, Protocol

import torch
from torch import Tensor
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from anima_tui.engine.axis import Axis


class Valence(Protocol):
    """A source of valence: for each generated token on the device, and for a whole turn."""

    source: Literal["readout", "lexicon"]

    def token(self, h: Tensor) -> Tensor:
        """float32 [] for the residual float32 [d_in] of one token. NaN where h is not finite."""
        ...

    def turn(self, residuals: Tensor, text: str) -> float:
        """For the residuals float32 [tokens, d_in] of one speaker's words and the words themselves."""
        ...

    def hear(self, text: str) -> None:
        """The reply so far, told between two tokens."""
        ...


LEXICAL = 0.1
"""How much a lexicon's score of a turn's words counts beside the body's own reading of them."""


class Readout:
    """Valence as the body itself has it: one axis for tokens, and one for turns, which are read better as a whole.

    A turn is its mean residual brought to unit length, punctuation included, because a sentence's sentiment is
    summarised there (Tigges et al. 2023, arXiv 2310.15154), and a little of a lexicon. Without an axis of its own it
    is the mean over its tokens.
    """

    source: Literal["readout", "lexicon"] = "readout"

    def __init__(self, tokens: Axis, turns: Axis | None = None) -> None:
        self._tokens = tokens
        self._turns = turns

    def token(self, h: Tensor) -> Tensor:
        return self._tokens.read(h)

    def turn(self, residuals: Tensor, text: str) -> float:
        if residuals.shape[0] == 0:
            return 0.0
        if self._turns is None:
            return float(torch.nan_to_num(self.token(residuals)).mean())
        whole = torch.nn.functional.normalize(residuals.mean(0), dim=0)
        read = float(torch.nan_to_num(self._turns.read(whole)))
        return min(max(read + LEXICAL * lexical_valence(text), -1.0), 1.0)

    def hear(self, text: str) -> None:
        """The readout needs no words."""


class Lexicon:
    """VADER's compound score (Hutto & Gilbert 2014), for a body that was never calibrated."""

    source: Literal["readout", "lexicon"] = "lexicon"

    def __init__(self, device: torch.device) -> None:
        self._present = torch.zeros((), device=device)

    def token(self, h: Tensor) -> Tensor:
        return self._present

    def turn(self, residuals: Tensor, text: str) -> float:
        return lexical_valence(text)

    def hear(self, text: str) -> None:
        self._present.fill_(lexical_valence(text))


def lexical_valence(text: str) -> float:
    """VADER's compound score of `text`, in [-1, 1]."""
    return float(_analyzer().polarity_scores(text)["compound"])


@cache  # it reads its lexicon from a file
def _analyzer() -> SentimentIntensityAnalyzer:
    return SentimentIntensityAnalyzer()
