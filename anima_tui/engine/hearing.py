"""The residual stream at the tap while the body reads, without the tap: nothing is learned or steered."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from anima_tui.engine.body import Body
from anima_tui.engine.prompts import STYLES, Prompt, Scribe


class _TapReachedError(Exception):
    """Ends a forward pass: nothing above the tap is needed."""


def residuals_of(body: Body, ids: Tensor) -> Tensor:
    """[batch, width, d_in] at the tap, of ids int64 [batch, width].

    Padding stands on the right, where a causal model cannot see it.
    """
    caught: list[Tensor] = []

    def catch(_module: nn.Module, _inputs: object, output: Tensor | tuple[Tensor, ...]) -> None:
        caught.append(output if isinstance(output, Tensor) else output[0])
        raise _TapReachedError

    handle = body.layer.register_forward_hook(catch, prepend=True)
    try:
        with torch.inference_mode():
            body.model(input_ids=ids.to(body.model.device), use_cache=False)
    except _TapReachedError:
        pass
    finally:
        handle.remove()
    return caught[0]


def heard(body: Body, text: str) -> Tensor:
    """float32 [words, d_in] on the host: `text` said to her out of the blue."""
    prompt: Prompt = scribe_of(body).chat("", [], text)
    ids = torch.tensor([prompt.ids[: prompt.words.stop]])
    return residuals_of(body, ids)[0, prompt.words].float().cpu()


def scribe_of(body: Body) -> Scribe:
    return Scribe(body.tokenizer, STYLES[body.style])
