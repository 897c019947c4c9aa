"""The residual stream of a Llama under training, layer by layer."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from transformers import LlamaForCausalLM

HOOKED = 4
"""The decoder layer after which valence and voices are taught, and the hook will most likely go."""


def residual_after(model: LlamaForCausalLM, ids: Tensor, layer: int) -> Tensor:
    """What decoder layer `layer` (from 0) leaves: ids int64 [b, n] -> [b, n, d]."""
    return _climb(model, ids, 0, layer + 1, model.model.embed_tokens(ids))


def logits_above(model: LlamaForCausalLM, ids: Tensor, layer: int, h: Tensor) -> Tensor:
    """Logits [b, n, vocabulary] from the residual `h` [b, n, d] that decoder layer `layer` left."""
    h = _climb(model, ids, layer + 1, len(model.model.layers), h)
    return torch.nn.functional.linear(model.model.norm(h), model.lm_head.weight)


def _climb(model: LlamaForCausalLM, ids: Tensor, bottom: int, top: int, h: Tensor) -> Tensor:
    positions = torch.arange(ids.shape[1], device=ids.device)[None]
    rotary: Any = model.model.rotary_emb
    turned = rotary(h, positions)
    for block in list(model.model.layers)[bottom:top]:
        out: Any = block(h, attention_mask=None, position_ids=positions, position_embeddings=turned)
        h = out if isinstance(out, Tensor) else out[0]
    return h
