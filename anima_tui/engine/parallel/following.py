"""In every rank but the first: a share of the weights, and no soul, no autoencoder, no choice."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import torch
from torch import Tensor, nn

from anima_tui.engine.cuda.context import context_for
from anima_tui.engine.decode import Context
from anima_tui.engine.hardware import placement
from anima_tui.engine.hearing import listened
from anima_tui.engine.parallel.line import Line, Order
from anima_tui.engine.tap import Hook
from anima_tui.engine.weights import load_model
from anima_tui.errors import AnimaError
from anima_tui.settings import Compute


class Echo(Hook):
    """Adds what the first rank's tap adds."""

    def __init__(self, layer: nn.Module, line: Line) -> None:
        super().__init__(layer)
        self._line = line

    def _speak(self, h: Tensor) -> Tensor:
        return self._line.share(torch.zeros_like(h))


def follow(compute: Compute) -> NoReturn:
    """Until the first rank dismisses this one."""
    os.dup2(2, 1)  # the channel to the app is the first rank's
    place = placement(compute, 0)
    line = Line(place.device)
    told = line.hear()
    if told.order is Order.DISMISS:
        line.leave()
    model, layers = load_model(Path(bytes(told.words).decode()), place)
    obey(line, model, layers[told.argument])


def obey(line: Line, model: Any, layer: nn.Module) -> NoReturn:
    """Follow the first rank, whose tap is on `layer`, until it dismisses this one."""
    echo = Echo(layer, line)
    contexts: dict[int, Context] = {}
    while (told := line.hear()).order is not Order.DISMISS:
        if told.order is Order.OPEN:
            contexts[told.context] = context_for(model, echo, told.argument, compiled=False)
        elif told.order is Order.CLOSE:
            del contexts[told.context]
        elif told.order is Order.LISTEN:
            listened(model, layer, torch.tensor(told.words).view(-1, told.argument))
        else:
            with suppress(AnimaError):  # the first rank meets it too, and tells the user
                _do(contexts[told.context], told.order, told.argument, told.words)
    line.leave()


def _do(context: Context, order: Order, argument: int, words: list[int]) -> None:
    match order:
        case Order.PREFILL:
            context.prefill(words)
        case Order.STEP:
            context.step(argument)
        case Order.BARE_STEP:
            context.bare_step(argument)
        case Order.FORGET:
            context.forget(argument)
        case _:
            context.score(words[:argument], words[argument:])
