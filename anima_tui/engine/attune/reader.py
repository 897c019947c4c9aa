"""A batch of prompts that is read once and answered many times, steered or bare."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

from anima_tui.engine.body import Body
from anima_tui.engine.weights import cache_argument

ROOM = 64
"""Tokens that a cache can take in before it is copied to a larger place."""

Steer = Callable[[Tensor], Tensor]
"""Residuals float32 [*, d_in] -> the offset added to them, of the same shape."""


class Reader:
    """A KV cache over a batch of prompts, padded on the left; what is read after them is steered."""

    def __init__(self, body: Body, last: Tensor, seen: Tensor, cache: DynamicCache, steer: Steer | None) -> None:
        self.body = body
        self.last = last
        """int64 [batch, 1]: the last token of each prompt, still to be read."""
        self._seen = seen
        self._cache = cache
        self._steer = steer

    @classmethod
    def of(cls, body: Body, prompts: Sequence[list[int]]) -> Reader:
        """The bare body has read each prompt (token ids) but for its last token."""
        width = max(map(len, prompts))
        ids = torch.zeros(len(prompts), width, dtype=torch.int64)
        seen = torch.zeros(len(prompts), width, dtype=torch.int64)
        for row, prompt in enumerate(prompts):
            ids[row, width - len(prompt) :] = torch.tensor(prompt)
            seen[row, width - len(prompt) :] = 1
        reader = cls(body, ids[:, -1:], seen[:, :-1], roomy(body), None)
        reader._forward(ids[:, :-1], (reader._seen.cumsum(1) - 1).clamp(min=0), keep=1)
        return reader

    def steered_by(self, steer: Steer | None) -> Reader:
        """Another one that has read the same."""
        return Reader(self.body, self.last, self._seen, deepcopy(self._cache), steer)

    def step(self, ids: Tensor) -> Tensor:
        """Logits float32 [batch, vocabulary] after one more token per row, [batch, 1]."""
        return self.follow(ids, torch.ones_like(ids))[:, -1]

    def follow(self, ids: Tensor, seen: Tensor) -> Tensor:
        """Logits float32 [batch, width, vocabulary] after each token of ids [batch, width]; 0 in `seen` is padding."""
        self._seen = torch.cat((self._seen, seen), dim=1)
        positions = (self._seen.cumsum(1) - 1)[:, -ids.shape[1] :]
        handle = self.body.layer.register_forward_hook(self._hook) if self._steer else None
        try:
            return self._forward(ids, positions, keep=0)
        finally:
            if handle:
                handle.remove()

    def _hook(self, _module: nn.Module, _inputs: object, output: Any) -> Any:
        assert self._steer is not None
        residual: Tensor = output if isinstance(output, Tensor) else output[0]
        h = residual.float()
        steered = (h + self._steer(h)).to(residual.dtype)
        return steered if isinstance(output, Tensor) else (steered, *output[1:])

    def _forward(self, ids: Tensor, positions: Tensor, keep: int) -> Tensor:
        """Logits of the last `keep` tokens; 0: of all."""
        device = self.body.model.device
        with torch.inference_mode():
            out = self.body.model(
                input_ids=ids.to(device),
                attention_mask=self._seen.to(device),
                position_ids=positions.to(device),
                use_cache=True,
                logits_to_keep=keep,
                **{cache_argument(self.body.model): self._cache},
            )
        return out.logits.float().cpu()


def roomy(body: Body) -> DynamicCache:
    """An empty cache that grows in place."""
    cache = DynamicCache(config=body.model.config)
    cache.layers = [_Roomy() if type(layer) is DynamicLayer else layer for layer in cache.layers]
    return cache


class _Roomy(DynamicLayer):
    """What is read goes to a place kept for it: a step copies one token, where its parent copies all."""

    _kept: tuple[Tensor, Tensor] | None = None
    _count = 0

    def update(self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
        begin, end = self._count, self._count + key_states.shape[-2]
        if self._kept is None:
            self.lazy_initialization(key_states, value_states)
        if self._kept is None or end > self._kept[0].shape[-2]:
            keys, values = (x.new_empty(*x.shape[:-2], end + ROOM, x.shape[-1]) for x in (key_states, value_states))
            if self._kept is not None:
                keys[..., :begin, :], values[..., :begin, :] = (kept[..., :begin, :] for kept in self._kept)
            self._kept = keys, values
        for kept, new in zip(self._kept, (key_states, value_states), strict=True):
            kept[..., begin:end, :] = new
        self._count = end
        self.keys, self.values = keys, values = self._kept[0][..., :end, :], self._kept[1][..., :end, :]
        return keys, values
