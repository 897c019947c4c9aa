"""A direction of the residual stream that tells pleasant from painful, calibrated."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Axis:
    """A calibrated direction of the residual stream from painful to pleasant."""

    direction: Tensor
    """float32 [d_in], unit length."""
    bias: float
    """Where on it zero lies, in units of what is read."""
    scale: float

    def to(self, device: torch.device) -> Axis:
        return Axis(self.direction.to(device), self.bias, self.scale)

    def read(self, h: Tensor) -> Tensor:
        """tanh(scale (h·direction - bias)), float32 [...] for `h` float32 [..., d_in]. NaN where h is not finite."""
        z = (h @ self.direction - self.bias) * self.scale
        return torch.tanh(z) + 0.0 * z  # an infinite z becomes NaN
