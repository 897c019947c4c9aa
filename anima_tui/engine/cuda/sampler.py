"""The choice of the next token as a CUDA graph of its own, replayed after the step's."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import torch
from torch import Tensor

from anima_tui.engine.cuda.graph import Replay, Upload, captured
from anima_tui.engine.decode import CANDIDATES, Sampler, nucleus, weakened
from anima_tui.settings import Decode


class CapturedSampler(Sampler):
    """As `Sampler`; what changes from token to token is written to buffers, and nothing waits for the device."""

    def __init__(self, settings: Decode, device: torch.device, *, compiled: bool) -> None:
        super().__init__(settings, device)
        self._device = device
        self._said = torch.zeros(settings.repetition_window, dtype=torch.int64, device=device)
        self._write_said = Upload(self._said)
        self._penalty = torch.ones((), device=device)
        self._warmth = torch.ones((), device=device)
        self._barred: frozenset[int] = frozenset()
        self._draw = torch.compile(self._drawn, dynamic=False) if compiled else self._drawn
        self._replay: Replay | None = None

    def choose(
        self,
        logits: Tensor,
        said: Sequence[int],
        temperature: float | None = None,
        barred: Collection[int] = (),
        penalty: float | None = None,
    ) -> Tensor:
        with torch.inference_mode():
            if self._replay is None:
                self._logits = logits.clone()
                self._bar = torch.zeros_like(logits)
                self._replay = captured(self._run, self._device, self._random)
            self._logits.copy_(logits)
            self._warmth.fill_(self.settings.temperature if temperature is None else temperature)
            self._forbid(frozenset(barred))
            window = said[-self._said.numel() :]
            penalty = self.settings.repetition_penalty if penalty is None else penalty
            self._penalty.fill_(penalty if window else 1.0)
            # A window that is not full repeats its first token: the penalty does not add up.
            self._write_said(*window, *[window[0] if window else 0] * (self._said.numel() - len(window)))
            return self._replay()

    def _forbid(self, barred: frozenset[int]) -> None:
        if barred != self._barred:
            self._bar.zero_()
            self._bar[torch.tensor(sorted(barred), dtype=torch.int64, device=self._device)] = -torch.inf
            self._barred = barred

    def _run(self) -> Tensor:
        # Drawn outside of what torch.compile sees: it does not know generators.
        noise = torch.empty_like(self._logits[:CANDIDATES]).exponential_(generator=self._random)
        return self._draw(noise)

    def _drawn(self, noise: Tensor) -> Tensor:
        logits = weakened(self._logits + self._bar, self._said, self._penalty)
        greedy = self._warmth <= 0
        probabilities, order = nucleus(
            logits / torch.where(greedy, 1.0, self._warmth), self.settings.top_p, self.settings.min_p
        )
        return order.gather(0, torch.where(greedy, 0, (probabilities / noise).argmax())[None])[0]
