"""From logits to tokens: a KV cache that outlives turns, and the choice of the next token."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, cast

import torch
from torch import Tensor
from transformers import Cache, DynamicCache

from anima_tui.engine.tap import Hook, Phase
from anima_tui.engine.weights import cache_argument
from anima_tui.settings import Decode


class Context:
    """The tokens the body has read, and their KV cache.

    Every position of a prompt but the last is prefilled. The last one is decoded like a generated token,
    so the hook fires exactly once for each token that is sampled, and the first word is steered too.
    """

    def __init__(self, model: Any, tap: Hook) -> None:
        self._model = model
        self._tap = tap
        self._device: torch.device = model.device
        self._cached_as = cache_argument(model)
        self.ids: list[int] = []
        self._cache: Any = self._nothing_read()

    def prefill(self, ids: Sequence[int]) -> tuple[Tensor, int]:
        """Read a prompt up to, not including, its last token.

        Returns the residuals float32 [computed, d_in] of the positions computed now and how many leading
        tokens came from the cache.
        """
        self.forget(min(_common_prefix(self.ids, ids), len(ids) - 1))
        reused = len(self.ids)
        fresh = list(ids[reused:-1])
        if not fresh:
            return torch.empty(0, self._model.config.get_text_config().hidden_size, device=self._device), reused
        with self._tap.during(Phase.READING), torch.inference_mode():
            self._forward(fresh)
        return self._tap.residuals, reused

    def step(self, token: int) -> Tensor:
        """Feed one token as a generated position; float32 [vocabulary] logits of the next one."""
        with self._tap.during(Phase.SPEAKING), torch.inference_mode():
            return self._forward([token])

    def bare_step(self, token: int) -> Tensor:
        """As `step`, with the tap closed."""
        with self._tap.during(Phase.CLOSED), torch.inference_mode():
            return self._forward([token])

    def score(self, prompt: Sequence[int], answer: Sequence[int]) -> Tensor:
        """Log-probability of each token of `answer` after `prompt` with the tap closed, float32 [answer].

        Beside what was read so far, which stays.
        """
        with self._tap.during(Phase.CLOSED), torch.inference_mode():
            ids = torch.tensor([[*prompt, *answer]], device=self._device)
            logits: Tensor = self._model(input_ids=ids, use_cache=False, logits_to_keep=len(answer) + 1).logits[0, :-1]
            return logits.float().log_softmax(-1).gather(1, ids[0, len(prompt) :, None])[:, 0]

    def forget(self, keep: int) -> None:
        """Drop every position after the first `keep`, or all of them where the body cannot go back step by step."""
        if keep >= len(self.ids):
            return
        if self._rewinds:
            self._cache.crop(keep - len(self.ids))  # a negative number of tokens: that many from the end
            del self.ids[keep:]
        else:
            self._cache = self._nothing_read()
            self.ids.clear()

    @property
    def _rewinds(self) -> bool:
        """Whether every layer keeps keys and values: the running state of linear attention cannot be undone."""
        kinds = getattr(self._model.config.get_text_config(), "layer_types", None) or ()
        return {"full_attention", "sliding_attention"}.issuperset(kinds)

    def _nothing_read(self) -> Cache:
        # Made without the configuration, every layer keeps its whole past; a sliding window that has let go of it
        # could not be rewound. The attention mask still hides what lies outside of the window.
        return DynamicCache() if self._rewinds else DynamicCache(config=self._model.config)

    def _forward(self, ids: list[int]) -> Tensor:
        out = self._model(
            input_ids=torch.tensor([ids], device=self._device),
            use_cache=True,
            logits_to_keep=1,
            **{self._cached_as: self._cache},
        )
        self.ids += ids
        return cast(Tensor, out.logits)[0, -1].float()


def _common_prefix(a: Sequence[int], b: Sequence[int]) -> int:
    for n, (x, y) in enumerate(zip(a, b, strict=False)):
        if x != y:
            return n
    return min(len(a), len(b))


class Sampler:
    """Temperature, repetition penalty, min-p and top-p, in that order; greedy at temperature 0."""

    def __init__(self, settings: Decode, device: torch.device) -> None:
        self.settings = settings
        self._random = torch.Generator(device)
        if settings.seed is None:
            self._random.seed()
        else:
            self._random.manual_seed(settings.seed)

    def choose(
        self,
        logits: Tensor,
        said: Sequence[int],
        temperature: float | None = None,
        barred: Collection[int] = (),
        penalty: float | None = None,
    ) -> Tensor:
        """The next token, int64 [], for `logits` float32 [vocabulary], after the tokens `said` in this reply.

        `temperature` and `penalty` replace the settings'; tokens in `barred` are never chosen.
        """
        if barred:
            logits = logits.index_fill(0, torch.tensor(sorted(barred), device=logits.device), -torch.inf)
        warmth = self.settings.temperature if temperature is None else temperature
        penalty = self.settings.repetition_penalty if penalty is None else penalty
        logits = penalised(logits, said[-self.settings.repetition_window :], penalty)
        if warmth <= 0:
            return logits.argmax()
        probabilities, order = nucleus(logits / warmth, self.settings.top_p, self.settings.min_p)
        # argmax(p / Exp(1)) is a draw from p without torch.multinomial, which cannot enter a CUDA graph.
        noise = torch.empty_like(probabilities).exponential_(generator=self._random)
        return order[(probabilities / noise).argmax()]


def penalised(logits: Tensor, said: Sequence[int], penalty: float) -> Tensor:
    """Divide the positive and multiply the negative logits of `said` by `penalty` (Keskar et al. 2019, CTRL)."""
    if not said or penalty == 1.0:
        return logits
    return weakened(logits, torch.tensor(list(set(said)), device=logits.device), penalty)


def weakened(logits: Tensor, seen: Tensor, penalty: float | Tensor) -> Tensor:
    """`penalised` for the ids `seen` int64 [n]; an id given twice is penalised once."""
    values = logits[seen]
    return logits.index_copy(0, seen, torch.minimum(values / penalty, values * penalty))


CANDIDATES = 256
"""Tokens among which nucleus sampling looks; the rest hold no mass worth a full sort of the vocabulary."""


def nucleus(logits: Tensor, top_p: float, min_p: float) -> tuple[Tensor, Tensor]:
    """Probabilities float32 [n], descending, zero for tokens cut away, and their ids int64 [n].

    Kept: the fewest tokens whose mass reaches `top_p` (Holtzman et al. 2020), of those the ones with at
    least `min_p` of the likeliest one's probability (Nguyen et al. 2024). The likeliest one always stays.
    """
    top, order = torch.topk(logits, min(CANDIDATES, logits.numel()))
    probabilities = torch.exp(top - torch.logsumexp(logits, 0))
    before = torch.cumsum(probabilities, 0) - probabilities
    kept = (before < top_p) & (probabilities >= min_p * probabilities[0])
    kept[:1].fill_(True)
    return torch.where(kept, probabilities, 0.0), order
