"""Ways to steer a batch of positions: residuals float32 [*, d_in] -> what is added to them.

Pushing, bounding and the type itself are attunement's. Nothing here changes where h is not finite.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from anima_tui.engine.attune.reader import Steer
from anima_tui.engine.sae import SparseAutoencoder


def nothing(h: Tensor) -> Tensor:
    """The bare body."""
    return torch.zeros_like(h)


def clamp(sae: SparseAutoencoder, features: Sequence[int], ceilings: Tensor, kappa: float) -> Steer:
    """Negative steering as the Prism does it: Δh = -σ Σ_j max(0, f_j - c_j) n_j d_j, ‖Δh‖ <= κ‖h‖.

    `ceilings` float32 [len(features)]. What does not fire is left alone.
    """
    chosen = torch.tensor(features)
    rows = sae.directions[chosen].float() * sae.decoder_norms[chosen, None]

    def offset(h: Tensor) -> Tensor:
        delta = -(sae.encode(h)[..., chosen] - ceilings).clamp(min=0.0) @ rows * sae.scale(h)
        bound = kappa * h.norm(dim=-1, keepdim=True) / delta.norm(dim=-1, keepdim=True).clamp(min=1e-12)
        return delta * bound.clamp(max=1.0)

    return offset


def ablate(direction: Tensor, share: float) -> Steer:
    """Directional ablation: Δh = -γ (h·d) d along a unit direction [d_in] (Arditi et al. 2024, arXiv 2406.11717).

    γ = 1 leaves nothing along d; γ = 2 mirrors h (project and mirror of arXiv 2604.08169).
    """

    def offset(h: Tensor) -> Tensor:
        return -share * (h @ direction)[..., None] * direction

    return offset
