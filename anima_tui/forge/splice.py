"""What the autoencoder leaves of the residual stream: explained variance, and the loss when it stands in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from sae_lens import SAE
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from anima_tui.engine.body import Body
from anima_tui.engine.hearing import residuals_of, scribe_of
from anima_tui.engine.prompts import Scribe
from anima_tui.forge.autoencoder import fidelity
from anima_tui.forge.blocks import Block

EXCHANGES = 300


def splice(body: Body, blocks: Iterable[Block]) -> dict[str, float]:
    """On exchanges that training left out, without their first token, which holds most of the variance.

    `loss`: nats per token of the body, with the autoencoder's reconstruction, and with zero for the residual stream.
    `recovered`: share of what zero costs that the reconstruction does not (Bricken et al. 2023).
    """
    sae: Any = SAE.load_from_disk(body.folder / "sae", device="cpu")
    totals = {"bare": 0.0, "spliced": 0.0, "zero": 0.0}
    residuals: list[Tensor] = []
    scribe = scribe_of(body)
    exchanges = [
        (turn.says[0], replies[0])
        for block in blocks
        if block.held_out
        for turn in block.turns[:1]
        for replies in turn.replies.values()
        if "{" not in turn.says[0] + replies[0]
    ]
    chosen = exchanges[:: max(1, len(exchanges) // EXCHANGES)][:EXCHANGES]
    with torch.inference_mode():
        for user, reply in chosen:
            ids = _ids(body, scribe, user, reply)
            residuals.append(residuals_of(body, ids)[0, 1:].float())
            totals["bare"] += _loss(body, ids, lambda h: h)
            totals["spliced"] += _loss(body, ids, sae)
            totals["zero"] += _loss(body, ids, torch.zeros_like)
    h = torch.cat(residuals)
    explained, l0 = fidelity(sae, h)
    loss = {name: round(total / len(chosen), 4) for name, total in totals.items()}
    recovered = (loss["zero"] - loss["spliced"]) / (loss["zero"] - loss["bare"])
    return {
        "explained_variance": round(explained, 4),
        "l0": round(l0, 1),
        "tokens": len(h),
        "recovered": round(recovered, 4),
    } | {f"loss_{name}": value for name, value in loss.items()}


def _ids(body: Body, scribe: Scribe, user: str, reply: str) -> Tensor:
    """int64 [1, tokens] of one exchange."""
    prompt = scribe.chat("I am Anima.", [], user)
    return torch.tensor([[*prompt.ids, *body.tokenizer(reply, add_special_tokens=False)["input_ids"]]])


def _loss(body: Body, ids: Tensor, instead: Callable[[Tensor], Tensor]) -> float:
    """Mean nats of the tokens `ids` [1, tokens] after the second, with `instead` of the residual stream."""

    def replace(_module: nn.Module, _inputs: object, output: Tensor) -> Tensor:
        return torch.cat((output[:, :1], instead(output[:, 1:])), dim=1)

    handle = body.layer.register_forward_hook(replace)
    try:
        logits = body.model(ids).logits[0, 1:-1].float()
    finally:
        handle.remove()
    return float(cross_entropy(logits, ids[0, 2:]))
