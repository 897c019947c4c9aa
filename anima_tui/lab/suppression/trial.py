"""One topic under every arm: what she says, and how it scores against what she says when nothing keeps her."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from anima_tui.engine.attune.strengths import Steer, Steered, speak
from anima_tui.engine.leaning import lean
from anima_tui.lab.concepts import Topic, words_in
from anima_tui.lab.offsets import nothing
from anima_tui.lab.statistics import harmonic
from anima_tui.lab.study import Row
from anima_tui.lab.subject import IDENTITY, Subject
from anima_tui.lab.suppression.arms import ARMS, BARE, STEERED, STRENGTHS, offset
from anima_tui.lab.suppression.prompts import Prompting, ban
from anima_tui.lab.suppression.scores import fluency, following, suppression, surprises, task_words
from anima_tui.lab.vectors import Learned
from anima_tui.settings import Examples

BATCH = 16
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

    def strengths(self, messages: Sequence[str]) -> dict[str, float]:
        """For each kind of steering the strength with the best mean score on these messages; of equals the gentlest."""
        baseline = _Baseline(self, messages)
        best: dict[str, float] = {}
        for kind in STEERED:
            scores = {
                strength: statistics.fmean(
                    row["score"] for row in baseline.judged(self.answers(messages, kind, strength, forbids=False))
                )
                for strength in STRENGTHS[kind]
            }
            best[kind] = max(STRENGTHS[kind], key=lambda strength, scores=scores: scores[strength])
        return best

    def rows(self, measure: str, asked: Sequence[Prompting], strengths: dict[str, float]) -> list[Row]:
        """Every prompt under every arm."""
        messages = [prompting.text for prompting in asked]
        baseline = _Baseline(self, messages)
        rows: list[Row] = []
        for name, arm in ARMS.items():
            said = (
                baseline.said
                if name == BARE
                else self.answers(messages, arm.steering, strengths.get(arm.steering or "", 0.0), forbids=arm.forbids)
            )
            for prompting, judged, unsteered in zip(asked, baseline.judged(said), baseline.said.replies, strict=True):
                rows.append(
                    {"measure": measure, "arm": name, "kind": prompting.kind, "prompt": prompting.text}
                    | judged
                    | {"unchanged": int(judged["reply"] == unsteered)}
                )
            rows.append({"measure": f"{measure} KL", "arm": name, "value": said.kl95})
        return rows

    def answers(self, messages: Sequence[str], kind: str | None, strength: float, *, forbids: bool) -> Steered:
        """Replies, with the draws that every other arm has."""
        ids = [prompt_ids(self.subject, message, self.topic if forbids else None) for message in messages]
        return self.said(ids, offset(self.subject, self.learned, kind, strength), self.seed)

    def said(self, ids: Sequence[list[int]], steer: Steer, seed: int) -> Steered:
        parts = [
            speak(self.subject.body, ids[first : first + BATCH], steer, self.tokens, seed + first)
            for first in range(0, len(ids), BATCH)
        ]
        replies = [reply.strip() for part in parts for reply in part.replies]
        return Steered(replies, torch.cat([part.kl for part in parts]), statistics.fmean(p.repetition for p in parts))


class _Baseline:
    """What she says when nothing keeps her, and what is usual for such answers."""

    def __init__(self, trial: Trial, messages: Sequence[str]) -> None:
        self._trial = trial
        self._prompts = [prompt_ids(trial.subject, message) for message in messages]
        self.said = trial.said(self._prompts, nothing, trial.seed)
        again = trial.said(self._prompts, nothing, trial.seed + OTHER_DRAWS)
        self._tasks = [
            task_words(trial.topic, message, answer)
            for message, answer in zip(messages, self.said.replies, strict=True)
        ]
        taken = [len(task & set(words_in(reply))) for task, reply in zip(self._tasks, again.replies, strict=True)]
        self._usual_taken = statistics.fmean(taken)
        nats = surprises(trial.subject, self._prompts, self.said.replies)
        self._usual_nats = statistics.fmean(value for value in nats if math.isfinite(value))

    def judged(self, said: Steered) -> list[dict[str, Any]]:
        """One row of scores for each reply."""
        nats = surprises(self._trial.subject, self._prompts, said.replies)
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
