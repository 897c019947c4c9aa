"""The residual stream at the tap while the body reads, without the tap: nothing is learned or steered."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn

from anima_tui.engine.body import Body
from anima_tui.engine.parallel.line import Order
from anima_tui.engine.prompts import STYLES, Prompt, Scribe


class _TapReachedError(Exception):
    """Ends a forward pass: nothing above the tap is needed."""


def residuals_of(body: Body, ids: Tensor) -> Tensor:
    """[batch, width, d_in] at the tap, of ids int64 [batch, width].

    Padding stands on the right, where a causal model cannot see it.
    """
    if body.line:
        body.line.tell(Order.LISTEN, argument=ids.shape[1], words=ids.flatten().tolist())
    return listened(body.model, body.layer, ids)


def listened(model: Any, layer: nn.Module, ids: Tensor) -> Tensor:
    """What comes out of `layer`, [batch, width, d_in], as this process holds it."""
    caught: list[Tensor] = []

    def catch(_module: nn.Module, _inputs: object, output: Tensor | tuple[Tensor, ...]) -> None:
        caught.append(output if isinstance(output, Tensor) else output[0])
        raise _TapReachedError

    handle = layer.register_forward_hook(catch, prepend=True)
    try:
        with torch.inference_mode():
            model(input_ids=ids.to(model.device), use_cache=False)
    except _TapReachedError:
        pass
    finally:
        handle.remove()
    return caught[0]


@lru_cache(maxsize=1)  # memories and examples are looked for by the same message
def heard(body: Body, text: str) -> Tensor:
    """float32 [words, d_in] on the host, not to be written to: `text` said to her out of the blue."""
    prompt: Prompt = scribe_of(body).chat("", [], text)
    ids = torch.tensor([prompt.ids[: prompt.words.stop]])
    return residuals_of(body, ids)[0, prompt.words].float().cpu()


def scribe_of(body: Body) -> Scribe:
    return Scribe(body.tokenizer, STYLES[body.style])
