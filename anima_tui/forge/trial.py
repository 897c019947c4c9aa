"""A body on trial: one reply at a time through the engine's own prompts, decoding and hook; nothing is learned."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from anima_tui.engine.body import Body
from anima_tui.engine.memory import Memory
from anima_tui.engine.mind import Mind, modes_of
from anima_tui.engine.night.consolidate import consolidate
from anima_tui.engine.night.night import Night
from anima_tui.engine.prompting import leaning_prompt
from anima_tui.engine.prompts import Prompt
from anima_tui.engine.signature import Signature
from anima_tui.engine.soul import Soul
from anima_tui.engine.utterance import Finish, Utterance
from anima_tui.settings import Decode, Settings
from anima_tui.wire import Exchange, SelfLine

SELF = ("I am Anima.",)
"""Who she is when she is new."""


@dataclass(frozen=True)
class Reply:
    """What she said, and how it came about."""

    text: str
    tokens: list[int]
    prompt: Prompt
    examples: list[str]
    mode: str
    finish: Finish
    seconds: float


@contextmanager
def on_trial(body: Body) -> Generator[Mind]:
    """A newborn that learns nothing, with settings as they come and a seed."""
    with tempfile.TemporaryDirectory() as folder:
        soul = Soul.open(Path(folder), body=body.name, fingerprint=body.fingerprint, d_sae=body.sae.d_sae)
        try:
            yield Mind(body, soul, Settings(decode=Decode(seed=0)), modes_of(body, []))
        finally:
            soul.close()


def answer(
    mind: Mind,
    message: str,
    past: Sequence[Exchange] = (),
    *,
    mode: str | None = None,
    steering: bool = True,
    self_lines: Sequence[str] = SELF,
    memories: Sequence[str] = (),
) -> Reply:
    """Her reply to `message` after `past`; `mode` None lets her choose it from the words, as she does by herself."""
    mind.steering = steering
    mind.enter(mode or mind.intent.choose(mind.levels_of(message), mind.home))
    system = mind.scribe.style.system(self_lines, memories, thinking=False)
    prompt, leaning = leaning_prompt(mind, system, past, message)
    words = Utterance(mind, prompt, mind.settings.decode.max_new_tokens, leaning.warmth)
    return _said(mind, words, prompt, leaning.lines)


def overnight(mind: Mind, self_lines: Sequence[str], heard: Sequence[str]) -> list[str]:
    """Who she is in the morning, after going over what the user said as any night does: unsteered and cool."""
    mind.soul.rewrite_self([SelfLine(text=line, core=line in SELF, evidence=[]) for line in self_lines])
    memories = [_memory(number, text) for number, text in enumerate(heard, start=1)]
    mind.enter("Anima")
    mind.tap.teach(False)
    night = Night(began=0.0, heard=memories)
    for _ in consolidate(mind, night):
        pass
    return [line.text for line in night.lines or mind.soul.self_model().lines]


def _memory(number: int, text: str) -> Memory:
    nothing = Signature(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32))
    return Memory(
        id=number,
        exchange=number,
        speaker="user",
        at=0.0,
        text=text,
        valence=0.0,
        adrenaline=0.0,
        novelty=0.0,
        mode="Anima",
        signature=nothing,
    )


def exchange(message: str, reply: str, at: int = 0) -> Exchange:
    """Something that was said before."""
    return Exchange(
        id=at,
        session=1,
        at=0.0,
        user=message,
        thought="",
        reply=reply,
        mode="Anima",
        user_valence=0.0,
        valence=0.0,
        adrenaline=0.0,
        finish="end",
    )


def surprise(mind: Mind, reply: Reply) -> float:
    """Mean negative log-likelihood of the reply under the bare body, nats per token."""
    ids = torch.tensor([[*reply.prompt.ids, *reply.tokens]])
    with torch.inference_mode():
        logits = mind.body.model(ids).logits[0, len(reply.prompt.ids) - 1 : -1].float()
    chosen = logits.log_softmax(-1)[range(len(reply.tokens)), reply.tokens]
    return float(-chosen.mean())


def _said(mind: Mind, words: Utterance, prompt: Prompt, examples: list[str]) -> Reply:
    mind.tap.teach(False)
    began = time.perf_counter()
    for _ in words:
        mind.tap.teach(False)
    seconds = time.perf_counter() - began
    return Reply(words.speech.reply.strip(), words.tokens, prompt, examples, mind.mode, words.finish, seconds)
