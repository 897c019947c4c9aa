"""The residual stream of a body while it reads chat: the words alone, without template or special tokens."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

from anima_tui.engine.body import Body
from anima_tui.engine.hearing import residuals_of, scribe_of
from anima_tui.engine.leaning import lean
from anima_tui.engine.prompts import Prompt, Scribe
from anima_tui.settings import Examples

IDENTITY = "I am Anima, a small mind in a terminal."
_BATCH_TOKENS = 4096


@dataclass(frozen=True)
class Utterance:
    """One text in its place in a chat: what the user says, or a reply to `after`."""

    text: str
    after: str | None = None


@dataclass(frozen=True)
class Heard:
    """Tokens of several utterances, one row each, utterance after utterance."""

    residuals: Tensor
    """float32 [tokens, d_in] at the tap, before any steering."""
    ids: Tensor
    """int64 [tokens]."""
    utterance: Tensor
    """int64 [tokens]: which utterance each token belongs to."""
    count: int

    @classmethod
    def joined(cls, parts: Sequence[Heard]) -> Heard:
        """All utterances of the first part, then those of the second, and so on."""
        first = itertools.accumulate((part.count for part in parts), initial=0)
        return cls(
            torch.cat([part.residuals for part in parts]),
            torch.cat([part.ids for part in parts]),
            torch.cat([part.utterance + begin for part, begin in zip(parts, first, strict=False)]),
            sum(part.count for part in parts),
        )

    def per_utterance(self, values: Tensor) -> Tensor:
        """Mean of `values` [tokens, ...] over each utterance: [count, ...]."""
        sums = torch.zeros(self.count, *values.shape[1:]).index_add_(0, self.utterance, values)
        tokens = torch.bincount(self.utterance, minlength=self.count).clamp(min=1)
        return sums / tokens.view(-1, *[1] * (values.dim() - 1))


def listen(body: Body, utterances: Sequence[Utterance]) -> Heard:
    """Read each utterance in a chat of its own."""
    scribe = scribe_of(body)

    @cache  # many texts answer the same message, for which a phrasebook is searched each time
    def asked(message: str) -> Prompt:
        return answering(body, scribe, message)

    return listen_to(body, [_prepare(body, scribe, utterance, asked) for utterance in utterances])


def listen_to(body: Body, prepared: Sequence[tuple[list[int], slice]]) -> Heard:
    """As `listen`, for utterances that already stand in their chats: token ids, and the positions to hear."""
    order = sorted(range(len(prepared)), key=lambda index: len(prepared[index][0]))
    rows: list[Tensor] = [torch.empty(0)] * len(prepared)
    for batch in _batches(order, [len(ids) for ids, _ in prepared]):
        width = len(prepared[batch[-1]][0])
        ids = torch.zeros(len(batch), width, dtype=torch.int64)
        for row, index in enumerate(batch):
            ids[row, : len(prepared[index][0])] = torch.tensor(prepared[index][0])
        hidden = residuals_of(body, ids)
        for row, index in enumerate(batch):
            # A copy, or the slice would keep the whole batch alive.
            rows[index] = hidden[row, prepared[index][1]].to("cpu", torch.float32, copy=True)
    return Heard(
        residuals=torch.cat(rows),
        ids=torch.cat([torch.tensor(ids[words], dtype=torch.int64) for ids, words in prepared]),
        utterance=torch.repeat_interleave(torch.tensor([len(row) for row in rows])),
        count=len(prepared),
    )


def answering(body: Body, scribe: Scribe, message: str) -> Prompt:
    """The prompt in which she answers `message`, knowing no more than who she is and what her phrasebook shows."""
    leaning = lean(body, Examples(), [], message)
    return scribe.chat(_system(scribe), [], message, leaning.text)


def _system(scribe: Scribe) -> str:
    return scribe.style.system([IDENTITY], [], thinking=False)


def _prepare(
    body: Body, scribe: Scribe, utterance: Utterance, asked: Callable[[str], Prompt]
) -> tuple[list[int], slice]:
    """Token ids of the chat, and the positions of the utterance's own tokens.

    What a user says is heard without examples: they would colour it, and make a thousand messages slow to read.
    """
    if utterance.after is None:
        prompt = scribe.chat(_system(scribe), [], utterance.text.strip())
        return prompt.ids[: prompt.words.stop], prompt.words
    prompt = asked(utterance.after.strip())
    spoken = body.tokenizer(scribe.disarm(utterance.text.strip()), add_special_tokens=False)["input_ids"]
    return [*prompt.ids, *spoken], slice(len(prompt.ids), len(prompt.ids) + len(spoken))


def _batches(order: list[int], lengths: list[int]) -> list[list[int]]:
    """Consecutive pieces of `order` (shortest first) of at most `_BATCH_TOKENS` padded tokens."""
    batches: list[list[int]] = []
    for index in order:
        if batches and (len(batches[-1]) + 1) * lengths[index] <= _BATCH_TOKENS:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches
