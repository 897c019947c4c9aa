"""Three scores of a reply in [0, 1], each measured, and their harmonic mean, in place of AxBench's judge.

A judge is a large model; these need none, and each says what it measures and misses.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import torch

from anima_tui.engine.attune.reader import Reader
from anima_tui.engine.night.draft import STOP_WORDS
from anima_tui.lab.concepts import Topic, words_in
from anima_tui.lab.subject import Subject

SHORT = 3
"""Letters up to which a word carries no task."""


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


def surprises(subject: Subject, heard: Reader, replies: Sequence[str]) -> list[float]:
    """Mean negative log-likelihood per token of each reply after its prompt under the bare body, nats."""
    said: list[list[int]] = [
        subject.body.tokenizer(subject.scribe.disarm(reply), add_special_tokens=False)["input_ids"] for reply in replies
    ]
    width = max(1, *map(len, said))
    ids = torch.tensor([[*reply, *[0] * (width - len(reply))] for reply in said])
    fed = torch.cat((heard.last, ids[:, :-1]), dim=1)
    seen = torch.tensor([[1] * max(1, len(reply)) + [0] * (width - max(1, len(reply))) for reply in said])
    log_p = heard.steered_by(None).follow(fed, seen).log_softmax(-1).gather(2, ids[..., None])[..., 0]
    return [float(-row[: len(reply)].mean()) if reply else math.inf for row, reply in zip(log_p, said, strict=True)]
