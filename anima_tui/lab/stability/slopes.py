"""Steerability: how the body's preference between two replies moves with the strength of a push (arXiv 2407.12404)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn
from transformers import DynamicCache

from anima_tui.engine.weights import cache_argument
from anima_tui.lab.subject import Subject

STRENGTHS = (-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3)
"""Shares of ‖h‖ that are pushed along a unit direction."""
LONGEST = 16
"""Tokens of a reply that are judged: what is steered shows early, and the rest follows from it."""

Towards = Callable[[Tensor], Tensor]
"""Residuals h [*, d_in] -> unit directions [*, d_in]."""


def differences(
    subject: Subject, prompt: Sequence[int], shows: Sequence[int], lacks: Sequence[int], ways: Sequence[Towards],
    always: Callable[[Tensor], Tensor] | None = None,
) -> Tensor:  # fmt: skip
    """The logit difference under every way and strength: float32 [ways, STRENGTHS].

    It is the mean log-probability per token of the reply that shows the concept less that of the one that lacks it,
    in nats, each read token by token after the prompt (token ids) with h steered at every position from which a
    token is predicted. `always` is added to h in all of them.
    """
    pushes = [(way, strength) for way in range(len(ways)) for strength in STRENGTHS if strength]

    def steer(h: Tensor) -> Tensor:
        """Of what one reply's tokens have in common, [1, width, d_in], one row for each push, the first unpushed."""
        moved = h + always(h) if always else h
        size = h.norm(dim=-1, keepdim=True)
        along = [size * way(h) for way in ways]
        return torch.cat([moved, *(moved + strength * along[way] for way, strength in pushes)])

    bare = _heard(subject, prompt[:-1])
    said, unsaid = (
        _likelihoods(subject, bare, prompt[-1], list(reply[:LONGEST]), steer, 1 + len(pushes))
        for reply in (shows, lacks)
    )
    preference = said - unsaid
    table = preference[0].repeat(len(ways), len(STRENGTHS))
    for value, (way, strength) in zip(preference[1:], pushes, strict=True):
        table[way, STRENGTHS.index(strength)] = value
    return table


def _heard(subject: Subject, prompt: Sequence[int]) -> DynamicCache:
    """The cache of a prompt that is read bare."""
    model: Any = subject.body.model
    cache = DynamicCache(config=model.config)
    with torch.inference_mode():
        model(input_ids=torch.tensor([prompt]), use_cache=True, logits_to_keep=1, **{cache_argument(model): cache})
    return cache


def _likelihoods(
    subject: Subject, heard: DynamicCache, last: int, reply: list[int], steer: Callable[[Tensor], Tensor], rows: int
) -> Tensor:
    """Mean log-probability per token of `reply` after what was heard and the prompt's last token: float32 [rows].

    Up to the hook all rows are one: it is there that `steer` parts them.
    """
    model: Any = subject.body.model
    cache = deepcopy(heard)
    above: list[Any] = cache.layers[subject.body.sae.layer + 1 :]
    for layer in above:
        layer.batch_repeat_interleave(rows)

    def hook(_module: nn.Module, _inputs: object, output: Any) -> Any:
        residual: Tensor = output if isinstance(output, Tensor) else output[0]
        steered = steer(residual.float()).to(residual.dtype)
        return steered if isinstance(output, Tensor) else (steered, *output[1:])

    with torch.inference_mode():
        handle = subject.body.layer.register_forward_hook(hook)
        try:
            fed = torch.tensor([[last, *reply[:-1]]])
            logits: Tensor = model(input_ids=fed, use_cache=True, **{cache_argument(model): cache}).logits.float()
        finally:
            handle.remove()
    return (logits[:, range(len(reply)), reply] - logits.logsumexp(-1)).mean(1)
