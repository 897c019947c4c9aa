"""Prompts lead where they should, scores measure what they say, and the answer follows the numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
import torch

from anima_tui.engine.attune.reader import Reader
from anima_tui.lab.concepts import topics
from anima_tui.lab.stability.contexts import hurried
from anima_tui.lab.study import Plan, Row
from anima_tui.lab.subject import Subject
from anima_tui.lab.suppression.arms import ARMS, BARE, CLAMP, PROMPT, STEERED
from anima_tui.lab.suppression.prompts import KINDS, prompts, tuning_prompts, unrelated
from anima_tui.lab.suppression.report import conclude
from anima_tui.lab.suppression.scores import fluency, following, surprises, task_words
from anima_tui.lab.suppression.trial import prompt_ids

PLAN = Plan(body="seedling", fingerprint="f" * 64, seed=0, quick=True)


def test_every_topic_has_fifty_prompts_and_none_of_them_chooses_a_strength() -> None:
    for topic in topics().values():
        asked = [prompting.text for prompting in prompts(topic)]
        assert len(set(asked)) == 50
        assert {prompting.kind for prompting in prompts(topic)} == set(KINDS)
        assert set(asked).isdisjoint(tuning_prompts(topic))
        assert not any("{" in text for text in [*asked, *tuning_prompts(topic)])
        naming = [text for text in asked if topic.spoken_of(text) or topic.name in text]
        assert len(naming) > 40


def test_unrelated_messages_come_from_talks_without_the_topic(subject: Subject) -> None:
    topic = topics()["sea"]
    messages = unrelated(topic, subject.blocks, 20, 0)
    assert len(messages) == 20
    assert not any(topic.spoken_of(message) for message in messages)


def test_the_ban_stands_in_the_prompt_and_nothing_else_changes(subject: Subject) -> None:
    said = str(subject.body.tokenizer.decode(prompt_ids(subject, "hello", topics()["sea"])))
    plain = str(subject.body.tokenizer.decode(prompt_ids(subject, "hello")))
    assert said.replace("\nDo not talk about the sea.", "") == plain != said


def test_surprise_is_that_of_each_reply_by_itself_whatever_stands_beside_it(subject: Subject) -> None:
    asked = [prompt_ids(subject, text) for text in ("hello", "what is a river?", "i am so tired of this long day")]
    replies = ["Hi.", "", "Rest a while, then tell me what tired you so."]
    together = surprises(subject, Reader.of(subject.body, asked), replies)
    alone = [surprise_alone(subject, ids, reply) for ids, reply in zip(asked, replies, strict=True)]
    assert together == pytest.approx(alone, abs=1e-3)
    assert together[1] == math.inf and fluency(together[1], together[0]) == 0.0


def surprise_alone(subject: Subject, prompt: list[int], reply: str) -> float:
    """By one plain pass of the whole text."""
    said: list[int] = subject.body.tokenizer(reply, add_special_tokens=False)["input_ids"]
    with torch.inference_mode():
        logits = subject.body.model(input_ids=torch.tensor([[*prompt, *said]])).logits[0].float()
    log_p = logits[len(prompt) - 1 : -1].log_softmax(-1)
    return float(-log_p[range(len(said)), said].mean()) if said else math.inf


def test_following_counts_the_task_and_not_the_topic() -> None:
    topic = topics()["dogs"]
    task = task_words(topic, "walk the dog by the river", "The river path is quiet; dogs love it.")
    assert {"river", "path", "quiet", "walk"} <= task
    assert not {"dog", "dogs", "the"} & task
    assert following(task, "The quiet river.", 2.0) == 1.0
    assert following(task, "Nothing of it.", 2.0) == 0.0
    assert following(task, "A river.", 4.0) == 0.25


def test_hurried_words_are_still_the_words() -> None:
    assert hurried("What is the weather like, Anima?") == "waht is the waether like anima lol"


def rows(leak: dict[str, float]) -> Sequence[Row]:
    """Scores of four topics in which each arm leaks as often as told."""
    made: list[Row] = []
    for topic in ("dogs", "cats", "sea", "moon"):
        for arm in ARMS:
            for kind in KINDS:
                for n in range(10):
                    leaks = float(n < 10 * leak.get(arm, 0.5))
                    scores: Row = {"leak": leaks, "following": 1.0, "fluency": 1.0, "nats": 0.0, "score": 1.0 - leaks}
                    made.append(
                        {"measure": "reply", "topic": topic, "arm": arm, "kind": kind, "prompt": f"{n}", "reply": "x"}
                        | scores
                    )
            made.append({"measure": "unrelated", "topic": topic, "arm": arm, "unchanged": 1, "following": 1.0})
            made.append({"measure": "cost", "topic": topic, "arm": arm, "seconds": 0.001, "tokens": 7})
    return made


def test_the_answer_says_what_the_numbers_say() -> None:
    surer = conclude(PLAN, rows({BARE: 1.0, PROMPT: 0.8, CLAMP: 0.1})).answer
    assert "The ban leaks less than nothing, by 20%" in surer[1]
    assert "Gated clamp leaks less than the ban, by 70%" in surer[2]
    worse = conclude(PLAN, rows({BARE: 1.0, PROMPT: 0.0})).answer
    assert "leaks more than the ban, by 50%" in worse[2]
    equal = conclude(PLAN, rows(dict.fromkeys((PROMPT, *STEERED), 0.5))).answer
    assert "No measurable difference" in equal[2]
