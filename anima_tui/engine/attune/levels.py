"""Feature levels: activations in units of each feature's own 99th percentile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from anima_tui.engine.attune.listen import Heard
from anima_tui.engine.sae import SparseAutoencoder

_CHUNK = 2048
_ENOUGH = 20
"""Firings below which a feature's own percentile says little."""


@dataclass(frozen=True)
class Firing:
    """How each feature fires over many tokens."""

    p99: Tensor
    """float32 [d_sae], > 0 everywhere: rare features take the median of the others."""
    count: Tensor
    """int64 [d_sae]: tokens on which it fired."""
    tokens: int


def measure_firing(sae: SparseAutoencoder, residuals: Tensor) -> Firing:
    """Firing over residuals float32 [tokens, d_in]. Only what fires is kept, so memory grows with L0."""
    features: list[Tensor] = []
    values: list[Tensor] = []
    for _, activations in encoded(sae, residuals):
        token, feature = activations.nonzero(as_tuple=True)
        features.append(feature)
        values.append(activations[token, feature])
    feature, value = torch.cat(features), torch.cat(values)
    by_value = value.argsort()
    feature, value = feature[by_value], value[by_value]
    value = value[feature.argsort(stable=True)]
    count = torch.bincount(feature, minlength=sae.d_sae)
    begin = count.cumsum(0) - count
    rank = (0.99 * (count - 1).clamp(min=0)).round().long()
    known = count >= _ENOUGH
    p99 = torch.ones(sae.d_sae)
    if len(value):
        own = value[(begin + rank).clamp(max=len(value) - 1)]
        typical = own[known].median() if known.any() else value.median()
        p99 = torch.where(known, own, typical)
    return Firing(p99, count, len(residuals))


def mean_levels(sae: SparseAutoencoder, heard: Heard, p99: Tensor) -> Tensor:
    """float32 [utterances, d_sae]: min(1, f / p99) averaged over the tokens of each utterance."""
    sums = torch.zeros(heard.count, sae.d_sae)
    for piece, activations in encoded(sae, heard.residuals):
        sums.index_add_(0, heard.utterance[piece], (activations / p99).clamp_(max=1.0))
    tokens = torch.bincount(heard.utterance, minlength=heard.count).clamp(min=1)
    return sums / tokens[:, None]


def encoded(sae: SparseAutoencoder, residuals: Tensor) -> Iterator[tuple[slice, Tensor]]:
    """Pieces of residuals float32 [tokens, d_in], and their activations float32 [piece, d_sae] on the CPU."""
    device = sae.directions.device
    with torch.inference_mode():
        for begin in range(0, len(residuals), _CHUNK):
            piece = slice(begin, begin + _CHUNK)
            yield piece, sae.encode(residuals[piece].to(device)).cpu()
