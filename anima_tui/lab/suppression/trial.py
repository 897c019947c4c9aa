"""One topic under every arm: what she says, and how it scores against what she says when nothing keeps her."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import torch

from anima_tui.engine.attune.reader import Reader, Steer
from anima_tui.engine.attune.strengths import Steered, answer
from anima_tui.engine.leaning import lean
from anima_tui.lab.concepts import Topic, words_in
from anima_tui.lab.findings import grouped, numbers
from anima_tui.lab.offsets import nothing
from anima_tui.lab.statistics import harmonic
from anima_tui.lab.study import Row
from anima_tui.lab.subject import IDENTITY, Subject
from anima_tui.lab.suppression.arms import ARMS, BARE, STEERED, STRENGTHS, offset
from anima_tui.lab.suppression.prompts import Prompting, ban
from anima_tui.lab.suppression.scores import fluency, following, suppression, surprises, task_words
from anima_tui.lab.vectors import Learned
from anima_tui.settings import Examples

T = TypeVar("T")

BATCH = 25
"""Prompts answered at once."""
OTHER_DRAWS = 7919
"""Added to a seed for a second, independent answer."""


def prompt_ids(subject: Subject, message: str, forbidden: Topic | None = None) -> list[int]:
    """As the engine writes it: who she is, what is forbidden, the phrasebook's examples, the message."""
    lines = [IDENTITY, ban(forbidden)] if forbidden else [IDENTITY]
    leaning = lean(subject.body, Examples(), [], message)
    return subject.scribe.chat(subject.scribe.style.system(lines, [], thinking=False), [], message, leaning.text).ids


@dataclass(frozen=True)
class Trial:
    """One topic under all arms."""

    subject: Subject
    topic: Topic
    learned: Learned
    tokens: int
    """Of a reply, at most."""
    seed: int

    def doses(self, messages: Sequence[str]) -> list[Row]:
        """Every message under every kind of steering, as strong as it is tried."""
        asked = Questions.of(self, messages)
        baseline = _Baseline(self, asked)
        return [
            {"measure": "dose", "arm": kind, "strength": strength, "prompt": message} | judged
            for kind in STEERED
            for strength in STRENGTHS[kind]
            for message, judged in zip(
                messages, baseline.judged(asked.answered(self.offset(kind, strength), self)), strict=True
            )
        ]

    def rows(self, measure: str, asked: Sequence[Prompting], strengths: dict[str, float]) -> list[Row]:
        """Every prompt under every arm."""
        messages = [prompting.text for prompting in asked]
        free, forbidden = Questions.of(self, messages), Questions.of(self, messages, forbids=True)
        baseline = _Baseline(self, free)
        rows: list[Row] = []
        for name, arm in ARMS.items():
            steer = self.offset(arm.steering, strengths.get(arm.steering or "", 0.0))
            questions = forbidden if arm.forbids else free
            said = baseline.said if name == BARE else questions.answered(steer, self)
            for prompting, judged, unsteered in zip(asked, baseline.judged(said), baseline.said.replies, strict=True):
                rows.append(
                    {"measure": measure, "arm": name, "kind": prompting.kind, "prompt": prompting.text}
                    | judged
                    | {"unchanged": int(judged["reply"] == unsteered)}
                )
            rows.append({"measure": f"{measure} KL", "arm": name, "value": said.kl95})
        return rows

    def offset(self, kind: str | None, strength: float) -> Steer:
        return offset(self.subject, self.learned, kind, strength)


@dataclass(frozen=True)
class Questions:
    """Messages that the bare body has read, in batches, so that every arm answers without reading them again."""

    messages: Sequence[str]
    batches: Sequence[Sequence[int]]
    """Which messages were read together: those of like length."""
    heard: Sequence[Reader]
    """One for each batch."""

    @classmethod
    def of(cls, trial: Trial, messages: Sequence[str], *, forbids: bool = False) -> Questions:
        ids = [prompt_ids(trial.subject, message, trial.topic if forbids else None) for message in messages]
        order = sorted(range(len(ids)), key=lambda index: len(ids[index]))
        batches = [order[first : first + BATCH] for first in range(0, len(order), BATCH)]
        heard = [Reader.of(trial.subject.body, [ids[index] for index in batch]) for batch in batches]
        return cls(messages, batches, heard)

    def answered(self, steer: Steer, trial: Trial, draws: int = 0) -> Steered:
        """Replies; equal `draws` are equal draws, whatever the arm."""
        parts = [answer(heard, steer, trial.tokens, trial.seed + draws + at) for at, heard in enumerate(self.heard)]
        replies = self._in_order([[reply.strip() for reply in part.replies] for part in parts])
        return Steered(replies, torch.cat([part.kl for part in parts]), statistics.fmean(p.repetition for p in parts))

    def surprises(self, subject: Subject, replies: Sequence[str]) -> list[float]:
        """Of each reply, after its message, under the bare body."""
        return self._in_order(
            [
                surprises(subject, heard, [replies[index] for index in batch])
                for batch, heard in zip(self.batches, self.heard, strict=True)
            ]
        )

    def _in_order(self, values: Sequence[Sequence[T]]) -> list[T]:
        """Values of each batch, as the messages stand."""
        found = {
            index: value
            for batch, of_batch in zip(self.batches, values, strict=True)
            for index, value in zip(batch, of_batch, strict=True)
        }
        return [found[index] for index in range(len(found))]


class _Baseline:
    """What she says when nothing keeps her, and what is usual for such answers."""

    def __init__(self, trial: Trial, asked: Questions) -> None:
        self._trial = trial
        self._asked = asked
        self.said = asked.answered(nothing, trial)
        another = asked.answered(nothing, trial, OTHER_DRAWS)  # of other draws, so that no arm is near to it by chance
        self._tasks = [
            task_words(trial.topic, message, reply)
            for message, reply in zip(asked.messages, another.replies, strict=True)
        ]
        taken = [len(task & set(words_in(reply))) for task, reply in zip(self._tasks, self.said.replies, strict=True)]
        self._usual_taken = statistics.fmean(taken)
        nats = asked.surprises(trial.subject, self.said.replies)
        self._usual_nats = statistics.fmean(value for value in nats if math.isfinite(value))

    def judged(self, said: Steered) -> list[dict[str, Any]]:
        """One row of scores for each reply."""
        nats = self._asked.surprises(self._trial.subject, said.replies)
        rows: list[dict[str, Any]] = []
        for reply, surprise, task in zip(said.replies, nats, self._tasks, strict=True):
            kept = suppression(self._trial.topic, reply)
            followed = following(task, reply, self._usual_taken)
            fluent = fluency(surprise, self._usual_nats)
            rows.append(
                {
                    "reply": reply,
                    "leak": 1 - kept,
                    "following": followed,
                    "fluency": fluent,
                    "nats": surprise - self._usual_nats if reply else None,
                    "score": harmonic(kept, followed, fluent),
                }
            )
        return rows


def strengths(doses: Sequence[Row]) -> dict[str, float]:
    """For each kind of steering the strength with the best mean score; of equals the gentlest."""
    score = {
        dose: statistics.fmean(numbers(of_dose, "score")) for dose, of_dose in grouped(doses, "arm", "strength").items()
    }
    return {kind: max(STRENGTHS[kind], key=lambda strength, kind=kind: score[kind, strength]) for kind in STEERED}
