"""In the first rank: the other ranks hold their parts of the body, and follow every call of a context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from anima_tui.engine.decode import Context
from anima_tui.engine.hardware import Placement
from anima_tui.engine.parallel.line import Line, Order
from anima_tui.engine.weights import divisible


def lead(place: Placement, weights: Path, layer: int) -> tuple[Placement, Line | None]:
    """Let the other ranks load their parts, with the hook on `layer`; or dismiss them and divide the body by layers,
    where transformers has no plan to divide its matrices."""
    line = Line(place.device)
    if divisible(weights, place):
        line.tell(Order.LOAD, argument=layer, words=list(str(weights.resolve()).encode()))
        return place, line
    line.tell(Order.DISMISS)
    return replace(place, tensor_parallel=False), None


class LeadingContext:
    """As the `Context` within."""

    def __init__(self, within: Context, line: Line, size: int = 0) -> None:
        """`size`: of a context for the conversation; 0: of one for a passing purpose."""
        self._within = within
        self._line = line
        self._number = line.number()
        line.tell(Order.OPEN, self._number, size)

    @property
    def ids(self) -> list[int]:
        return self._within.ids

    def prefill(self, ids: Sequence[int]) -> tuple[Tensor, int]:
        self._line.tell(Order.PREFILL, self._number, words=ids)
        return self._within.prefill(ids)

    def step(self, token: int) -> Tensor:
        self._line.tell(Order.STEP, self._number, token)
        return self._within.step(token)

    def bare_step(self, token: int) -> Tensor:
        self._line.tell(Order.BARE_STEP, self._number, token)
        return self._within.bare_step(token)

    def forget(self, keep: int) -> None:
        self._line.tell(Order.FORGET, self._number, keep)
        self._within.forget(keep)

    def score(self, prompt: Sequence[int], answer: Sequence[int]) -> Tensor:
        self._line.tell(Order.SCORE, self._number, len(prompt), [*prompt, *answer])
        return self._within.score(prompt, answer)

    def close(self) -> None:
        """Let the others let go of it, too."""
        self._line.tell(Order.CLOSE, self._number)
