"""A context whose step is one replay of a CUDA graph, with the tap inside."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast

import torch
from torch import Tensor

from anima_tui.engine.cuda.attention import attending
from anima_tui.engine.cuda.cache import FixedCache
from anima_tui.engine.cuda.gemv import Gemv, Together
from anima_tui.engine.cuda.graph import Replay, Upload, captured
from anima_tui.engine.decode import Context
from anima_tui.engine.tap import Hook, Phase
from anima_tui.engine.weights import keep_own_part
from anima_tui.errors import AnimaError

FAMILIES = frozenset({"llama", "mistral", "qwen2", "qwen3", "gemma3_text", "gpt2"})
"""Model types whose attention needs nothing that `attention` does not know, such as sinks or a soft cap."""


def capturable(model: Any) -> bool:
    """Whether a body can be decoded by a `CapturedContext`, with the same tokens as by a `Context`."""
    whole = len({weight.device for weight in model.parameters()}) == 1 and not getattr(model, "is_quantized", False)
    return whole and model.device.type == "cuda" and model.config.model_type in FAMILIES


def context_for(model: Any, tap: Hook, size: int, *, compiled: bool) -> Context:
    """Captured where the body can be and `size` tokens are to fit; with 0, for a passing purpose, always eager."""
    if size and capturable(model):
        return CapturedContext(model, tap, size, compiled=compiled)
    return Context(model, tap)


class CapturedContext(Context):
    """As `Context`, over a KV cache of fixed size; prompts are read as there, without a graph.

    Modes, strengths and the reservoir lie in buffers that the graph reads anew with each token. The logits of a step
    stay in place until the next one.
    """

    def __init__(self, model: Any, tap: Hook, size: int, *, compiled: bool) -> None:
        """`size`: tokens that fit; `compiled`: let torch.compile fuse the step before it is captured."""
        self._size = size
        super().__init__(model, tap)
        keep_own_part(model)
        cache = self._cache
        self._feed = Upload(cache.fed)
        self._decode: Replay = self._one_position
        if compiled:
            self._decode = torch.compile(
                self._one_position, dynamic=False, options={"post_grad_custom_pre_pass": Together()}
            )
        self._replays: dict[Phase, Replay] = {}

    def step(self, token: int) -> Tensor:
        return self._replay(Phase.SPEAKING, token)

    def bare_step(self, token: int) -> Tensor:
        return self._replay(Phase.CLOSED, token)

    def forget(self, keep: int) -> None:
        del self.ids[keep:]

    def _nothing_read(self) -> FixedCache:
        config = self._model.config.get_text_config()
        return FixedCache(config.num_hidden_layers, self._size, self._device)

    def _forward(self, ids: list[int]) -> Tensor:
        self._make_sure_of_room(len(ids))
        with attending(self._model):
            if len(ids) == 1:
                self._feed(ids[0], len(self.ids))
                logits = self._one_position()
            else:
                self._cache.begin(len(self.ids))
                logits = self._logits(torch.tensor([ids], device=self._device), self._positions(len(ids)))
        self.ids += ids
        return logits

    def _positions(self, count: int) -> Tensor:
        return torch.arange(len(self.ids), len(self.ids) + count, device=self._device)[None]

    def _one_position(self) -> Tensor:
        fed = self._cache.fed
        with Gemv():
            return self._logits(fed[None, :1], fed[None, 1:], position=fed[1:])

    def _logits(self, ids: Tensor, positions: Tensor, **extra: Tensor) -> Tensor:
        out = self._model(
            input_ids=ids,
            position_ids=positions,
            use_cache=True,
            logits_to_keep=1,
            **{self._cached_as: self._cache},
            **extra,
        )
        return cast(Tensor, out.logits)[0, -1].float()

    def _replay(self, phase: Phase, token: int) -> Tensor:
        self._make_sure_of_room(1)
        with self._about(phase):
            self._feed(token, len(self.ids))
            logits = self._captured(phase)()
        self.ids.append(token)
        return logits

    @contextmanager
    def _about(self, phase: Phase) -> Generator[None]:
        with attending(self._model), self._tap.during(phase), torch.inference_mode():
            yield

    def _captured(self, phase: Phase) -> Replay:
        if phase not in self._replays:
            with self._tap.rehearsal():  # at the position that is written next
                self._replays[phase] = captured(self._decode, self._device)
        return self._replays[phase]

    def _make_sure_of_room(self, count: int) -> None:
        if len(self.ids) + count > self._size:
            raise AnimaError(f"this body's context holds {self._size} tokens, and it is full.")
