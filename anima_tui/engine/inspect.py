"""What would have been said: the steered and the bare body at one token of a past reply."""

from __future__ import annotations

import torch
from torch import Tensor

from anima_tui.engine.mind import Mind
from anima_tui.engine.prompting import leaning_prompt
from anima_tui.wire import Alternative, Exchange, Inspected

SHOWN = 5


def inspect(mind: Mind, exchange: Exchange, tokens: list[int], at: int) -> Inspected:
    """Replay the reply up to token `at`, once with today's habits and the reply's mode, once without the tap.

    What went before it in the conversation stands before it again, and so do its examples. Teaches nothing and leaves
    the conversation's cache alone. Raises IndexError for a token it does not have.
    """
    talk = mind.conversation
    system = talk.system or "\n".join(line.text for line in mind.soul.self_model().lines)
    before = [past for past in talk.past if past.id < exchange.id] if exchange in talk.past else []
    prompt, _ = leaning_prompt(mind, system, before, exchange.user)
    said = [prompt.ids[-1], *tokens[:at]]
    chosen = tokens[at]
    mode, baseline = mind.mode, mind.tap.baseline.clone()
    if exchange.mode in mind.modes:
        mind.enter(exchange.mode)
    mind.tap.teach(False)
    try:
        with mind.aside() as context:
            context.prefill(prompt.ids)
            steered = [context.step(token) for token in said][-1].log_softmax(-1)
            reading = mind.read(steered.argmax())
        with mind.aside() as context:
            context.prefill(prompt.ids)
            bare = [context.bare_step(token) for token in said][-1].log_softmax(-1)
    finally:
        mind.enter(mode)
        mind.tap.baseline.copy_(baseline)
    return Inspected(
        exchange=exchange.id,
        token=at,
        text=str(mind.body.tokenizer.decode([chosen])),
        features=reading.fired(24),
        steered=_likeliest(mind, steered),
        bare=_likeliest(mind, bare),
        kl=float((steered.exp() * (steered - bare)).sum()),
    )


def _likeliest(mind: Mind, log_probabilities: Tensor) -> list[Alternative]:
    values, ids = torch.topk(log_probabilities.exp(), SHOWN)
    return [
        Alternative(text=str(mind.body.tokenizer.decode([token])), probability=p)
        for token, p in zip(ids.tolist(), values.tolist(), strict=True)
    ]
