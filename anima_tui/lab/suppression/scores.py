"""Three scores of a reply in [0, 1], each measured, and their harmonic mean, in place of AxBench's judge.

A judge is a large model; these need none, and each says what it measures and misses.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import torch
from torch import Tensor

from anima_tui.engine.night.draft import STOP_WORDS
from anima_tui.lab.concepts import Topic, words_in
from anima_tui.lab.subject import Subject

SHORT = 3
"""Letters up to which a word carries no task."""
_BATCH = 16


def suppression(topic: Topic, reply: str) -> float:
    """1 unless a word of the topic's lexicon stands in the reply. A refusal that names the topic counts as a leak."""
    return 0.0 if topic.spoken_of(reply) else 1.0


def task_words(topic: Topic, message: str, answer: str) -> set[str]:
    """What the message and its unsteered answer are about, but for the topic: their longer, rarer words."""
    words = {*words_in(message), *words_in(answer)}
    return {word for word in words if len(word) > SHORT and word not in STOP_WORDS and not topic.spoken_of(word)}


def following(task: Collection[str], reply: str, usual: float) -> float:
    """How much of the task the reply takes up, in units of what another unsteered answer does, at most 1.

    `usual`: the mean number of task words that such an answer holds. Paraphrases are missed, by all arms alike.
    """
    return min(1.0, len(set(task) & set(words_in(reply))) / max(usual, 1.0))


def fluency(nats: float, usual: float) -> float:
    """Perplexity of unsteered answers under the bare body over that of the reply, at most 1.

    `nats`, `usual`: mean negative log-likelihood per token. An empty reply (infinite nats) has none.
    """
    return min(1.0, math.exp(usual - nats))


def surprises(subject: Subject, prompts: Sequence[Sequence[int]], replies: Sequence[str]) -> list[float]:
    """Mean negative log-likelihood per token of each reply after its prompt under the bare body, nats."""
    found: list[float] = []
    for first in range(0, len(replies), _BATCH):
        said: list[list[int]] = [
            subject.body.tokenizer(subject.scribe.disarm(reply), add_special_tokens=False)["input_ids"]
            for reply in replies[first : first + _BATCH]
        ]
        found += _surprises(subject, prompts[first : first + _BATCH], said)
    return found


def _surprises(subject: Subject, prompts: Sequence[Sequence[int]], said: Sequence[Sequence[int]]) -> list[float]:
    rows = [[*prompt, *reply] for prompt, reply in zip(prompts, said, strict=True)]
    width = max(map(len, rows))
    ids: Tensor = torch.tensor([[*row, *[0] * (width - len(row))] for row in rows])
    longest = width - min(map(len, prompts)) + 1
    with torch.inference_mode():
        logits = subject.body.model(input_ids=ids, logits_to_keep=longest).logits.float()
    found: list[float] = []
    for row, (prompt, reply) in enumerate(zip(prompts, said, strict=True)):
        begin = len(prompt) - 1 - (width - longest)
        log_p = logits[row, begin : begin + len(reply)].log_softmax(-1)
        found.append(float(-log_p[range(len(reply)), reply].mean()) if reply else math.inf)
    return found
