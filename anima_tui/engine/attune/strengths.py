"""How hard a mode may push: the iso-KL rule, measured on the body's own steered replies.

The strength of a mode is the largest α for which the 95th percentile of next-token KL(steered || bare) over
the first 50 sampled tokens of a set of prompts stays within 1 nat (steering-lite's iso-KL calibration: most
trajectories stabilise or go astray within 50 tokens).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from anima_tui.engine.attune.reader import Reader, Steer
from anima_tui.engine.body import Body
from anima_tui.engine.decode import nucleus, penalised
from anima_tui.settings import Decode

KL_BOUND = 1.0
"""Nats."""
TOKENS = 50
_HALVINGS = 5


@dataclass(frozen=True)
class Steered:
    """Replies under one offset."""

    replies: list[str]
    kl: Tensor
    """float32 [tokens]: KL(steered || bare) in nats at every sampled token, over the same words before it."""
    repetition: float
    """Share of the replies' word trigrams that had been said before in the same reply."""

    @property
    def kl95(self) -> float:
        return float(self.kl.quantile(0.95)) if len(self.kl) else 0.0


def push(direction: Tensor, alpha: float) -> Steer:
    """Δh = α ‖h‖ d, along a unit direction [d_in]."""

    def offset(h: Tensor) -> Tensor:
        return alpha * h.norm(dim=-1, keepdim=True) * direction.to(h.device)

    return offset


def suppress(body: Body, features: Sequence[int], ceiling: float = 0.0) -> Steer:
    """Δh = - Σ_j max(0, f_j - c) d_j over the given features."""
    chosen = torch.tensor(features, device=body.sae.directions.device)
    rows = body.sae.directions[chosen].float()

    def offset(h: Tensor) -> Tensor:
        return -(body.sae.encode(h)[..., chosen] - ceiling).clamp(min=0.0) @ rows

    return offset


def both(first: Steer, second: Steer, kappa: float) -> Steer:
    """The sum of two offsets, no longer than κ ‖h‖."""

    def offset(h: Tensor) -> Tensor:
        delta = first(h) + second(h)
        bound = kappa * h.norm(dim=-1, keepdim=True) / delta.norm(dim=-1, keepdim=True).clamp(min=1e-12)
        return delta * bound.clamp(max=1.0)

    return offset


def strongest_within(kl95_at: Callable[[float], float], most: float, bound: float = KL_BOUND) -> tuple[float, float]:
    """The largest α in [0, most] found by bisection whose measured KL keeps the bound, and that KL in nats."""
    if (kl := kl95_at(most)) <= bound:
        return most, kl
    low, high, kl_low = 0.0, most, 0.0
    for _ in range(_HALVINGS):
        middle = round((low + high) / 2, 4)
        kl = kl95_at(middle)
        low, high, kl_low = (middle, high, kl) if kl <= bound else (low, middle, kl_low)
    return low, kl_low


def speak(body: Body, prompts: Sequence[list[int]], steer: Steer, tokens: int = TOKENS, seed: int = 0) -> Steered:
    """Sample a reply to every prompt (token ids), steered at generated positions, and compare with the bare body.

    Sampling uses the default settings. Equal seeds give equal replies.
    """
    return answer(Reader.of(body, prompts), steer, tokens, seed)


def answer(heard: Reader, steer: Steer, tokens: int = TOKENS, seed: int = 0) -> Steered:
    """As `speak`, to prompts that are read already; they can be answered again."""
    body, sampler = heard.body, Decode()
    noise = torch.Generator().manual_seed(seed)
    steered = heard.steered_by(steer)
    last = heard.last.clone()
    said: list[list[int]] = [[] for _ in last]
    drawn = [0] * len(said)
    ended = [False] * len(said)
    read: list[Tensor] = []
    told: list[Tensor] = []
    for _ in range(tokens):
        read.append(last.clone())
        told.append(logits := steered.step(last))
        for row, ids_said in enumerate(said):
            if ended[row]:
                continue
            choice = _draw(logits[row], ids_said, sampler, noise)
            drawn[row] += 1
            last[row] = choice
            ended[row] = choice in _ends(body)
            if not ended[row]:
                ids_said.append(choice)
        if all(ended):
            break
    fed = torch.cat(read, dim=1)
    bare = heard.steered_by(None).follow(fed, torch.ones_like(fed))
    kl = [_kl(logits, bare[:, at]) for at, logits in enumerate(told)]
    replies = [str(body.tokenizer.decode(ids_said, skip_special_tokens=True)) for ids_said in said]
    per_row = (torch.stack(kl)[:count, row] for row, count in enumerate(drawn))
    return Steered(replies, torch.cat(list(per_row)), _repetition(replies))


def _kl(p: Tensor, q: Tensor) -> Tensor:
    """KL(p || q) in nats for logits [batch, vocabulary]: [batch]."""
    log_p, log_q = p.log_softmax(-1), q.log_softmax(-1)
    return (log_p.exp() * (log_p - log_q)).sum(-1)


def _draw(logits: Tensor, said: list[int], sampler: Decode, noise: torch.Generator) -> int:
    logits = penalised(logits, said[-sampler.repetition_window :], sampler.repetition_penalty)
    probabilities, order = nucleus(logits / sampler.temperature, sampler.top_p, sampler.min_p)
    return int(order[torch.multinomial(probabilities, 1, generator=noise)])


def _ends(body: Body) -> set[int]:
    return set(body.tokenizer.all_special_ids)


def _repetition(replies: Sequence[str]) -> float:
    total = again = 0
    for reply in replies:
        words = reply.lower().split()
        trigrams = Counter(zip(words, words[1:], words[2:], strict=False))
        total += trigrams.total()
        again += trigrams.total() - len(trigrams)
    return again / max(1, total)
