"""Steerability: how the body's preference between two replies moves with the strength of a push (arXiv 2407.12404)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers import DynamicCache

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
    replies = [list(reply[:LONGEST]) for reply in (shows, lacks)]
    width = max(map(len, replies))
    fed = torch.tensor([[prompt[-1], *reply, *[0] * (width - len(reply))][:width] for reply in replies])
    pushes = [(way, strength) for way in range(len(ways)) for strength in STRENGTHS if strength]
    rows = 1 + len(pushes)  # the first is not pushed

    def steer(h: Tensor) -> Tensor:
        """[2 · rows, width, d_in]; all rows of one reply hold the same h, for the hook is where they part."""
        each = h.view(2, rows, *h.shape[1:])[:, 0]
        moved = each + always(each) if always else each
        size = each.norm(dim=-1, keepdim=True)
        along = [size * way(each) for way in ways]
        steered = [moved, *(moved + strength * along[way] for way, strength in pushes)]
        return torch.stack(steered, dim=1).view_as(h)

    logits = _read(subject, prompt[:-1], fed.repeat_interleave(rows, 0), steer)
    scores: list[Tensor] = []
    for reply, of_reply in zip(replies, logits.view(2, rows, width, -1), strict=True):
        chosen = of_reply[:, range(len(reply)), reply] - of_reply[:, : len(reply)].logsumexp(-1)
        scores.append(chosen.mean(1))
    preference = scores[0] - scores[1]
    table = preference[0].repeat(len(ways), len(STRENGTHS))
    for value, (way, strength) in zip(preference[1:], pushes, strict=True):
        table[way, STRENGTHS.index(strength)] = value
    return table


def _read(subject: Subject, prompt: Sequence[int], fed: Tensor, steer: Callable[[Tensor], Tensor]) -> Tensor:
    """Logits float32 [rows, width, vocabulary] of tokens `fed` [rows, width] after a prompt that is read bare."""
    model: Any = subject.body.model
    cache = DynamicCache(config=model.config)

    def hook(_module: nn.Module, _inputs: object, output: Any) -> Any:
        residual: Tensor = output if isinstance(output, Tensor) else output[0]
        steered = steer(residual.float()).to(residual.dtype)
        return steered if isinstance(output, Tensor) else (steered, *output[1:])

    with torch.inference_mode():
        model(input_ids=torch.tensor([prompt]), past_key_values=cache, use_cache=True, logits_to_keep=1)
        cache.batch_repeat_interleave(len(fed))
        handle = subject.body.layer.register_forward_hook(hook)
        try:
            logits = model(input_ids=fed, past_key_values=cache, use_cache=True).logits
        finally:
            handle.remove()
    return logits.float()
