"""Several ways to decode in turns, so that a machine that drifts is fair to all, and transformers' own beside them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from anima_tui.settings import Decode


def compared(ways: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """The median speed of each way, and the `hook_cost` of "hooked" beside "unhooked", pair by pair."""
    seen: dict[str, list[float]] = {name: [] for name in ways}
    for round_ in range(rounds + 1):
        for name, way in ways.items():
            speed = way()
            if round_:  # the first round warms up
                seen[name].append(speed)
    pairs = zip(seen["hooked"], seen["unhooked"], strict=True)
    cost = statistics.median(bare / hooked - 1 for hooked, bare in pairs)
    return {name: statistics.median(speeds) for name, speeds in seen.items()} | {"hook_cost": cost}


def generate(model: Any, prompt: Sequence[int], tokens: int, settings: Decode) -> float:
    """Tokens per second of transformers' own loop, its prefill left out, with the same choice of the next token."""
    ids = torch.tensor([list(prompt)], device=model.device)
    waits: list[float] = []
    for length in (1, 1 + tokens):
        began = time.perf_counter()
        with torch.inference_mode():
            model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=length,
                min_new_tokens=length,
                do_sample=True,
                temperature=settings.temperature,
                top_p=settings.top_p,
                top_k=0,
                min_p=settings.min_p,
                repetition_penalty=settings.repetition_penalty,
                pad_token_id=0,
            ).cpu()
        waits.append(time.perf_counter() - began)
    return tokens / (waits[1] - waits[0])
