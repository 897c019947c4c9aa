"""The reservoir: one learned weight for each SAE feature, moved by a leaky reward-modulated Hebbian rule."""

from __future__ import annotations

import torch
from torch import Tensor


class Reservoir:
    """Learned gains on what is already firing.

    For a token with feature levels x ∈ [0, 1]^d_sae and surprise s = v - EMA(v), |s| <= 2:

        w <- (1 - λ) w + η s x,      then      w <- w · min(1, B / ‖w‖)

    By induction |w_i| <= 2η/λ for every input: (1 - λ)·2η/λ + 2η = 2η/λ. The fixed point of the mean is
    E[w_i] = (η/λ) Cov(x_i, v), so a feature that has nothing to do with valence returns to zero. A habit
    that nothing renews is forgotten with a half-life of ln 2 / λ tokens. (Three-factor Hebbian learning
    with a reward baseline: Frémaux & Gerstner 2016, doi:10.3389/fncir.2015.00085.)

    All state lives in tensors that are written in place, so that a captured graph sees every change.
    """

    def __init__(self, d_sae: int, *, rate: float, decay: float, budget: float, device: torch.device) -> None:
        self.weights = torch.zeros(d_sae, device=device)
        """float32 [d_sae]"""
        self.plasticity = torch.ones((), device=device)
        """1 while she learns, 0 while the loop guard, a template token or a dream forbids it."""
        self.rate = rate
        self.decay = decay
        self.budget = budget

    @property
    def bound(self) -> float:
        """The largest |w_i| that any input can lead to."""
        return 2 * self.rate / self.decay

    def learn(self, indices: Tensor, levels: Tensor, surprise: Tensor) -> None:
        """One token's step, in place.

        `indices` int64 [k], distinct: the features that fired. `levels` float32 [k]: their activation over
        p99, clipped here to [0, 1]; NaN counts as not fired. `surprise` float32 []: one beyond [-2, 2], NaN and
        infinity among them, cannot be, and so teaches nothing and forgets nothing.
        """
        taught = self.plasticity * (surprise.abs() <= 2.0)
        step = torch.nan_to_num(levels.clamp(0.0, 1.0) * (taught * surprise), 0.0, 0.0, 0.0)
        self.weights.mul_(torch.rsub(taught, 1.0, alpha=self.decay))
        self.weights.index_add_(0, indices, step, alpha=self.rate)
        self.weights[None].renorm_(p=2, dim=0, maxnorm=self.budget)

    def habit(self, indices: Tensor, activations: Tensor) -> Tensor:
        """w_i f_i for the features that fired: float32 [k], in units of the activations float32 [k]."""
        return self.weights[indices] * activations

    def restore(self, weights: Tensor) -> None:
        """Take over weights from disk. Raises ValueError on another size; non-finite entries become zero."""
        if weights.shape != self.weights.shape:
            raise ValueError(f"a reservoir of {tuple(weights.shape)} does not fit {tuple(self.weights.shape)}")
        self.weights.copy_(torch.nan_to_num(weights, 0.0, 0.0, 0.0).clamp_(-self.bound, self.bound))

    def downscaled(self, keep: Tensor, factor: float) -> Tensor:
        """Sleep's renormalisation: w <- ρ w, sparing the features in `keep` (bool [d_sae]).

        Returned as new weights, float32 [d_sae]: they become hers in the morning, or not at all.

        After the synaptic homeostasis hypothesis (Tononi & Cirelli 2014, doi:10.1016/j.neuron.2013.12.025).
        """
        return self.weights * torch.where(keep, 1.0, factor)
