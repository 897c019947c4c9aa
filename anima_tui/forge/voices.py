"""Lessons in voices: to be pushed along a direction of the residual stream, and to speak in the voice that it means.

The direction of a voice is what her own residuals show where the prompt names it: a difference in means, kept as a
moving average. Where no prompt names the voice she is pushed along that direction, as the Prism will push her, and
learns to follow it. Attunement finds the same directions again from the finished body.
"""

from __future__ import annotations

import torch
from torch import Tensor

from anima_tui.engine.phrasebook import VOICES
from anima_tui.forge.tokens import MARKS

WEAKEST, STRONGEST = 0.08, 0.3
"""Share of ‖h‖ by which a row is pushed, drawn evenly between."""
LEFT_ALONE = 0.2
"""Share of rows that are not pushed."""
_MEMORY = 0.02
_SETTLED = 300
"""Steps after which the directions are worth their full strength."""


class Voices:
    """Directions of the voices, in the order of `VOICES`, and how hard to push."""

    def __init__(self, width: int, device: torch.device) -> None:
        self._means = torch.zeros(len(VOICES), width, device=device)
        self._steps = 0

    @property
    def directions(self) -> Tensor:
        """Unit rows, float32 [voices, d]."""
        return torch.nn.functional.normalize(self._means - self._means.mean(0), dim=1)

    def push(self, rows: int) -> Tensor:
        """How hard each row is pushed, float32 [rows]."""
        strength = torch.empty(rows, device=self._means.device).uniform_(WEAKEST, STRONGEST)
        strength[torch.rand_like(strength) < LEFT_ALONE] = 0.0
        return strength * min(1.0, self._steps / _SETTLED)

    def hear(self, heard: Tensor) -> None:
        """Learn from what `voices_heard` gave: float32 [voices, d + 1]."""
        count = heard[:, -1:]
        mean = heard[:, :-1] / count.clamp(min=1)
        self._means += _MEMORY * (count > 0) * (mean - self._means)
        self._steps += 1


def voices_heard(h: Tensor, said: Tensor) -> Tensor:
    """Sums of unit residuals `h` [b, n, d] where a named voice speaks, and how many: float32 [voices, d + 1].

    `said` int64 [b, n]: marks of the tokens that follow.
    """
    unit = torch.nn.functional.normalize(h.detach().float(), dim=-1)
    rows: list[Tensor] = []
    for voice in VOICES:
        speaks = (said == MARKS[f"named {voice}"]).float()
        rows.append(torch.cat([torch.einsum("bnd,bn->d", unit, speaks), speaks.sum()[None]]))
    return torch.stack(rows)


def pushed(h: Tensor, said: Tensor, push: Tensor, directions: Tensor) -> Tensor:
    """The offset [b, n, d] where an unnamed voice speaks; `push` [b], `directions` [voices, d]; 0 elsewhere."""
    offset = torch.zeros_like(h)
    for voice, direction in zip(VOICES, directions, strict=True):
        speaks = (said == MARKS[voice]).to(h.dtype) * push[:, None].to(h.dtype)
        offset = offset + speaks[..., None] * direction.to(h.dtype)
    return offset * h.norm(dim=-1, keepdim=True)
