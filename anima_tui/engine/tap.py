"""The tap: the one permanent hook on the residual stream. It reads, then learns, then steers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from contextlib import contextmanager
from enum import Enum, auto
from typing import Any

import torch
from torch import Tensor, nn

from anima_tui.engine.prism import Prism
from anima_tui.engine.reservoir import Reservoir
from anima_tui.engine.sae import SparseAutoencoder
from anima_tui.engine.valence import Valence


class Phase(Enum):
    """What the tap does with the next forward pass."""

    CLOSED = auto()
    """Nothing: the bare body."""
    READING = auto()
    """Keep the residuals of the prompt; change nothing."""
    SPEAKING = auto()
    """Read, learn, steer: one generated position at a time."""


class Moment:
    """What the tap saw at the last generated token, in preallocated device buffers; `read` copies them once."""

    def __init__(self, k: int, device: torch.device) -> None:
        self.values = torch.zeros(3 * k + 5, device=device)
        """float32: k indices, k activations, k levels, then valence, surprise, ‖Δh‖/‖h‖, baseline, ‖w‖.

        Indices travel as float32, exact up to 2^24 features, so that one copy brings everything.
        """
        self.k = k

    def write(self, indices: Tensor, activations: Tensor, levels: Tensor, *scalars: Tensor) -> None:
        self.values.copy_(torch.cat((indices.to(torch.float32), activations, levels, torch.stack(scalars))))


def alone(delta: Tensor) -> Tensor:
    """Nobody else holds a part of the body."""
    return delta


class Hook(ABC):
    """Registered once on the decoder layer whose output the SAE reads, and never removed.

    transformers 5 decoder layers return the residual as a bare tensor [batch, positions, d_in]. Nothing inside depends
    on a tensor's value, so the same code runs eagerly and inside a CUDA graph.
    """

    def __init__(self, layer: nn.Module) -> None:
        self.phase = Phase.CLOSED
        self.residuals = torch.empty(0)
        """float32 [positions, d_in]: what the last READING pass left."""
        layer.register_forward_hook(self._hook)

    def _hook(self, module: nn.Module, args: Any, output: Any) -> Any:
        if self.phase is Phase.CLOSED:
            return None
        residual: Tensor = output if torch.is_tensor(output) else output[0]
        if self.phase is Phase.READING:
            self.residuals = residual[0].float()
            return None
        steered = residual + self._speak(residual[0, -1].float()).to(residual.dtype)
        return steered if torch.is_tensor(output) else (steered, *output[1:])

    @abstractmethod
    def _speak(self, h: Tensor) -> Tensor:
        """One generated position: h float32 [d_in] -> Δh float32 [d_in]."""

    @contextmanager
    def rehearsal(self) -> Generator[None]:
        """What happens inside leaves no trace."""
        yield

    @contextmanager
    def during(self, phase: Phase) -> Generator[None]:
        """Use `phase` for the forward passes inside, and what it was before afterwards, whatever happens."""
        before, self.phase = self.phase, phase
        try:
            yield
        finally:
            self.phase = before


class Tap(Hook):
    """The hook with the organs on it.

    Order matters: the residual is read before our own offset, or the reservoir would learn from its own steering.
    """

    def __init__(
        self,
        layer: nn.Module,
        sae: SparseAutoencoder,
        p99: Tensor,
        *,
        valence: Valence,
        reservoir: Reservoir,
        prism: Prism,
        baseline_rate: float,
        active: int,
        share: Callable[[Tensor], Tensor] = alone,
    ) -> None:
        """`p99` float32 [d_sae]; `active`: how many of the strongest features of a token take part, >= L0; `share`:
        tells Δh to other processes that hold parts of the same body."""
        super().__init__(layer)
        self.fires = torch.zeros((), dtype=torch.int64, device=p99.device)
        """Generated positions seen since the start, int64 []."""
        self._sae = sae
        self._inverse_p99 = 1.0 / p99
        self._valence = valence
        self._reservoir = reservoir
        self._prism = prism
        self._baseline_rate = baseline_rate
        self.baseline = torch.zeros((), device=p99.device)
        """Moving average of valence, float32 []."""
        self._active = active
        self._share = share
        self.moment = Moment(sae.limit(active), p99.device)

    def _speak(self, h: Tensor) -> Tensor:
        indices, activations, levels, valence, surprise = self._feel(h)
        habit = self._reservoir.habit(indices, activations)
        delta, share = self._prism.offset(h, indices, activations, habit, self._sae.scale(h))
        norm = torch.linalg.vector_norm(self._reservoir.weights)
        self.moment.write(indices, activations, levels, valence, surprise, share, self.baseline, norm)
        self.fires.add_(1)
        return self._share(delta)

    def _feel(self, h: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Read one position and learn from it: indices, activations, levels [k], valence and surprise []."""
        activations, indices = self._sae.strongest(h, self._active)
        levels = (activations * self._inverse_p99[indices]).clamp_(0.0, 1.0)
        valence = self._valence.token(h)
        surprise = valence - self.baseline
        self.baseline.add_(torch.nan_to_num(surprise, 0.0, 0.0, 0.0), alpha=self._baseline_rate)
        self._reservoir.learn(indices, levels, surprise)
        return indices, activations, levels, valence, surprise

    def teach(self, on: bool) -> None:
        """Whether the following positions change the reservoir. Written to a buffer, so a graph sees it."""
        self._reservoir.plasticity.fill_(float(on))

    def learn_from(self, residuals: Tensor) -> None:
        """Let the user's words teach as her own do: residuals float32 [positions, d_in], in order."""
        self.teach(True)
        for h in residuals:
            self._feel(h)

    def levels(self, residuals: Tensor) -> Tensor:
        """float32 [d_sae]: mean feature levels over positions of the prompt, residuals [positions, d_in]."""
        if residuals.shape[0] == 0:
            return torch.zeros_like(self._inverse_p99)
        return (self._sae.encode(residuals) * self._inverse_p99).clamp_(0.0, 1.0).mean(0)

    @contextmanager
    def rehearsal(self) -> Generator[None]:
        state = (self._reservoir.weights, self.baseline, self.fires, self.moment.values)
        before = [tensor.clone() for tensor in state]
        try:
            yield
        finally:
            for tensor, value in zip(state, before, strict=True):
                tensor.copy_(value)
