"""Attention over a KV cache of fixed size, reading its live part only."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward

NAME = "anima_live"


@torch.library.custom_op("anima::live_attention", mutates_args=())
def live_attention(query: Tensor, keys: Tensor, values: Tensor, position: Tensor, scale: float, window: int) -> Tensor:
    """One query [1, heads, 1, d] against keys and values [1, groups, size, d] -> [1, heads, 1, d].

    `position` int64 [1], of the query: later keys are not seen, nor, with a `window` above 0, those `window` or more
    before it.
    """
    size, d = keys.shape[-2:]
    if query.is_cuda and d & (d - 1) == 0 and d >= 16:
        from anima_tui.engine.cuda.kernels import attend

        return attend(query.contiguous(), keys, values, position, scale, window)
    at = torch.arange(size, device=keys.device)
    live = (at <= position) & (at > position - window) if window else at <= position
    grouped = query.view(1, keys.shape[1], -1, d)  # the queries that share a head of keys, as rows
    return scaled_dot_product_attention(grouped, keys, values, live[None], scale=scale).reshape(query.shape)


@live_attention.register_fake
def _(query: Tensor, keys: Tensor, values: Tensor, position: Tensor, scale: float, window: int) -> Tensor:
    return torch.empty(query.shape, dtype=query.dtype, device=query.device)


def _attend(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    sliding_window: int | None = None,
    position: Tensor | None = None,
    **kwargs: Any,
) -> tuple[Tensor, None]:
    """In the manner of transformers: [1, heads, positions, d] -> [1, positions, heads, d].

    With a `position`, keys and values are the whole cache; without one they end with the last position.
    """
    if position is not None:
        scale = query.shape[-1] ** -0.5 if scaling is None else scaling
        return live_attention(query, key, value, position, scale, sliding_window or 0).transpose(1, 2), None
    here, there = query.shape[2], key.shape[2]
    mask = None
    if here < there or (sliding_window and there > sliding_window):
        at = torch.arange(there, device=query.device)
        mask = at <= at[there - here :, None]
        if sliding_window:
            mask &= at > at[there - here :, None] - sliding_window
        mask = mask[None, None]
    return sdpa_attention_forward(module, query, key, value, mask, scaling=scaling)


AttentionInterface.register(NAME, _attend)


@contextmanager
def attending(model: Any) -> Generator[None]:
    """Let the model attend in this module's way inside; transformers makes no masks for it."""
    config = model.config.get_text_config()
    before, config._attn_implementation = config._attn_implementation, NAME
    try:
        yield
    finally:
        config._attn_implementation = before
