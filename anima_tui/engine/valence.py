"""Valence: how pleasant a moment is, in [-1, 1]."""

from __future__ import annotations

from functools import cache
from typing import Literal, Protocol

import torch
from torch import Tensor
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer


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


class Readout:
    """v = tanh(a (h·d - b)) along a calibrated direction d; a turn's is the tokens' mean.

    The mean over all tokens, punctuation included, because a sentence's sentiment is summarised there
    (Tigges et al. 2023, arXiv 2310.15154).
    """

    source: Literal["readout", "lexicon"] = "readout"

    def __init__(self, direction: Tensor, bias: float, scale: float) -> None:
        """`direction` float32 [d_in]; `bias` in units of the residual stream; `scale` its inverse."""
        self._direction = direction * scale
        self._offset = -bias * scale

    def token(self, h: Tensor) -> Tensor:
        z = h @ self._direction + self._offset
        return torch.tanh(z) + 0.0 * z  # an infinite z becomes NaN, which teaches nothing

    def turn(self, residuals: Tensor, text: str) -> float:
        if residuals.shape[0] == 0:
            return 0.0
        return float(torch.nan_to_num(self.token(residuals)).mean())

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
