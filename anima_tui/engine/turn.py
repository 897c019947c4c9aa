"""One exchange: read the user's words, answer token by token under the hook, write it down."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from anima_tui.engine.metabolism import adrenaline
from anima_tui.engine.mind import Mind
from anima_tui.engine.prompting import fitting_prompt
from anima_tui.engine.prompts import Prompt
from anima_tui.engine.reading import Reading
from anima_tui.engine.signature import SIZE, Signature, novelty, strongest
from anima_tui.engine.soul import NewMemory, Speaker, TurnRecord
from anima_tui.engine.utterance import Utterance
from anima_tui.wire import (
    Event,
    Exchange,
    Fired,
    ModeChanged,
    Prefilled,
    Token,
    TurnDone,
    TurnFailed,
    TurnStarted,
)

SHOWN = 24
"""Features that travel to the app with each token."""
RECENT = 64
"""Memories against which a new one's novelty is measured."""


@dataclass
class Heard:
    """What the user's words did to her before she answered."""

    prompt: Prompt
    warmth: float
    """Share of the usual temperature to answer with."""
    levels: NDArray[np.float32]
    valence: float
    surprise: float


@dataclass
class Felt:
    """What her own reply did to her, summed over its tokens."""

    levels: NDArray[np.float32]
    valences: list[float] = field(default_factory=list[float])
    surprises: list[float] = field(default_factory=list[float])

    def add(self, reading: Reading) -> None:
        self.valences.append(reading.valence)
        self.surprises.append(reading.surprise)
        self.levels[reading.indices] += reading.levels

    @property
    def valence(self) -> float:
        return float(np.mean(self.valences)) if self.valences else 0.0

    @property
    def surprise(self) -> float:
        return float(np.mean(self.surprises)) if self.surprises else 0.0

    @property
    def mean_levels(self) -> NDArray[np.float32]:
        """float32 [d_sae]"""
        return self.levels / np.float32(max(len(self.valences), 1))


def take_turn(mind: Mind, user: str, supersedes: Exchange | None = None) -> Iterator[Event]:
    """Answer `user`, yielding every event as it happens; `supersedes` is the exchange this one replaces.

    The exchange is on disk before TurnDone is yielded. When nothing was said, TurnFailed hands the words back.
    """
    mind.stopping = False
    mind.rest()
    mind.phase = "thinking"
    at = mind.soul.clock()
    try:
        heard = yield from _hear(mind, user)
        words = Utterance(mind, heard.prompt, mind.settings.decode.max_new_tokens, heard.warmth)
        felt = Felt(np.zeros(mind.body.sae.d_sae, dtype=np.float32))
        began = time.perf_counter()
        yield from _speak(mind, words, felt)
        seconds = time.perf_counter() - began
        if not words.speech.reply.strip():
            reason = "you stopped her before the first word" if words.finish == "stopped" else "she found no words"
            yield TurnFailed(user=user, reason=f"{reason}.")
            return
        exchange = mind.soul.save_turn(_record(mind, user, at, heard, words, felt, supersedes))
        mind.conversation.past.append(exchange)
        mind.phase = "awake"
        yield TurnDone(exchange=exchange, tokens=len(words.tokens), seconds=seconds, vitals=mind.vitals())
    finally:
        mind.phase = "awake"


# --- reading ---------------------------------------------------------------------------------------------


def _hear(mind: Mind, user: str) -> Iterator[Event]:
    fitted = fitting_prompt(mind, user)
    prompt = fitted.prompt
    yield TurnStarted(user=user, mode=mind.mode, recalled=mind.conversation.recalled, examples=fitted.leaning.lines)
    began = time.perf_counter()
    # The user's words are always read anew, so that they are felt each time, also when she answers once more.
    mind.context.forget(prompt.words.start)
    residuals, reused = mind.context.prefill(prompt.ids)
    words = residuals[prompt.words.start - reused : prompt.words.stop - reused]
    with torch.inference_mode():
        valence = mind.valence.turn(words, user)
        surprise = valence - float(mind.tap.baseline)
        levels = mind.tap.levels(words)
        mind.valence.hear(user)
        mind.tap.learn_from(words)
        mind.valence.hear("")
    if not mind.pinned and (mode := mind.intent.choose(levels, mind.home)) != mind.mode:
        mind.enter(mode)
        yield ModeChanged(vitals=mind.vitals(), why="your words")
    yield Prefilled(
        tokens=len(prompt.ids) - reused,
        reused=reused,
        dropped=fitted.dropped,
        user_valence=valence,
        features=_fired(levels),
        seconds=time.perf_counter() - began,
    )
    return Heard(prompt, fitted.leaning.warmth, levels.cpu().numpy(), valence, surprise)


# --- speaking --------------------------------------------------------------------------------------------


def _speak(mind: Mind, words: Utterance, felt: Felt) -> Iterator[Event]:
    mind.phase = "speaking"
    mind.tap.teach(False)  # the first position is the template's, and template tokens never teach
    for step in words:
        reading = step.reading
        felt.add(reading)
        mind.metabolism.spend(reading.surprise)
        mind.arousal = adrenaline(felt.surprise, 0.0)
        if step.index > 0:
            mind.evidence.add(reading.indices, reading.levels, reading.valence)
        mind.valence.hear(words.speech.reply)
        mind.tap.teach(not mind.guard.awake)
        features, vitals = reading.fired(SHOWN), mind.vitals(reading)
        for piece in step.pieces:
            yield Token(
                index=step.index,
                text=piece.text,
                thought=piece.thought,
                features=features,
                valence=reading.valence,
                surprise=reading.surprise,
                push=reading.push,
                vitals=vitals,
            )


# --- remembering -----------------------------------------------------------------------------------------


def _record(
    mind: Mind, user: str, at: float, heard: Heard, words: Utterance, felt: Felt, supersedes: Exchange | None
) -> TurnRecord:
    recent = mind.soul.recent_signatures(RECENT)
    reply = words.speech.reply.strip()
    memories = [
        _memory(mind, "user", user, heard.valence, heard.surprise, heard.levels, recent),
        _memory(mind, "anima", reply, felt.valence, felt.surprise, felt.mean_levels, recent),
    ]
    mind.arousal = memories[1].adrenaline
    return TurnRecord(
        at=at,
        user=user,
        thought=words.speech.thought.strip(),
        reply=reply,
        mode=mind.mode,
        user_valence=heard.valence,
        valence=felt.valence,
        adrenaline=max(memory.adrenaline for memory in memories),
        finish=words.finish,
        tokens=words.tokens,
        reservoir=mind.weights(),
        organs=mind.organs(),
        memories=memories,
        evidence=mind.evidence.sums,
        supersedes=supersedes.id if supersedes else None,
    )


def _memory(
    mind: Mind,
    speaker: Speaker,
    text: str,
    valence: float,
    surprise: float,
    levels: NDArray[np.float32],
    recent: Sequence[Signature],
) -> NewMemory:
    mark = strongest(levels, SIZE)
    new = novelty(mark, recent)
    return NewMemory(
        speaker=speaker,
        text=text,
        valence=valence,
        adrenaline=adrenaline(surprise, new),
        novelty=new,
        mode=mind.mode,
        features=mark.features,
        levels=mark.levels,
    )


def _fired(levels: Tensor) -> list[Fired]:
    values, indices = torch.topk(levels, min(SHOWN, levels.numel()))
    return [
        Fired(feature=index, activation=0.0, level=level)
        for index, level in zip(indices.tolist(), values.tolist(), strict=True)
        if level > 0
    ]
