"""The mean of the weights with which several rounds of training ended.

Each round anneals its learning rate anew and so ends in another corner of the same valley; the middle answers new
questions better than any of them (stochastic weight averaging, https://arxiv.org/abs/1803.05407).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Average:
    """A running mean over the parameters of `modules`."""

    def __init__(self, modules: Sequence[nn.Module]) -> None:
        self._parameters = [parameter for module in modules for parameter in module.parameters()]
        self._means: list[Tensor] = [torch.zeros_like(parameter) for parameter in self._parameters]
        self.count = 0

    @torch.no_grad()
    def add(self) -> None:
        """Count the parameters as they are now."""
        self.count += 1
        for mean, parameter in zip(self._means, self._parameters, strict=True):
            mean.lerp_(parameter, 1 / self.count)

    @torch.no_grad()
    def settle(self) -> None:
        """Put the mean in the place of the parameters."""
        for mean, parameter in zip(self._means, self._parameters, strict=True):
            parameter.copy_(mean)
