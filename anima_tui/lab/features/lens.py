"""What a feature's direction does, seen from the weights alone: the tokens it promotes, and its neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from anima_tui.lab.features.firing import safe_piece
from anima_tui.lab.subject import Subject

TOKENS, NEIGHBOURS = 8, 6
_CHUNK = 512


@dataclass(frozen=True)
class Lens:
    promoted: list[str]
    suppressed: list[str]
    neighbours: list[tuple[int, float]]
    """Features and the cosines of their decoder rows with this one's."""


def lenses(subject: Subject) -> list[Lens]:
    """For every feature. Tokens are ranked by the logit that its direction adds through the unembedding (the logit
    lens; the final norm is left out, as it only scales), against what other features add to the same token, in standard
    deviations: else every feature would promote the same few."""
    unembedding: Tensor = cast(nn.Linear, subject.body.model.get_output_embeddings()).weight.detach().float()
    directions = subject.body.sae.directions.float()
    spelling = [safe_piece(subject, token).strip() for token in range(len(unembedding))]
    known = torch.tensor(
        [i for i, piece in enumerate(spelling) if piece.isprintable() and any(map(str.isalnum, piece))]
    )
    vectors = unembedding[known]
    mean = vectors @ directions.mean(0)
    spread = (vectors @ torch.cov(directions.T) * vectors).sum(1).clamp(min=1e-12).sqrt()
    found: list[Lens] = []
    for first in range(0, len(directions), _CHUNK):
        rows = directions[first : first + _CHUNK]
        raised = (rows @ vectors.T - mean) / spread
        alike = rows @ directions.T
        alike[range(len(rows)), range(first, first + len(rows))] = -1.0
        near, which = alike.topk(min(NEIGHBOURS, len(directions) - 1))
        for up, down, cosines, features in zip(
            raised.topk(TOKENS).indices.tolist(), (-raised).topk(TOKENS).indices.tolist(), near.tolist(),
            which.tolist(), strict=True,
        ):  # fmt: skip
            found.append(
                Lens(
                    [spelling[known[i]] for i in up],
                    [spelling[known[i]] for i in down],
                    [(feature, round(c, 2)) for feature, c in zip(features, cosines, strict=True)],
                )
            )
    return found
