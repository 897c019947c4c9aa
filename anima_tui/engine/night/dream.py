"""Dreaming: each dream grows out of the day's memories and the dream before."""

from __future__ import annotations

import time

import numpy as np

from anima_tui.engine.drift import distance
from anima_tui.engine.mind import Mind
from anima_tui.engine.night.night import Night, Stages, announce
from anima_tui.engine.signature import SIZE, Signature, cosines, strongest
from anima_tui.engine.utterance import Utterance
from anima_tui.wire import DreamToken

SHOWN = 24
"""Features that travel to the app with each dreamt token."""


def dream(mind: Mind, night: Night) -> Stages:
    """Dream k from the memories and dream k - 1, until depth, convergence, the night's budget or a stop."""
    settings = mind.settings.sleep
    if not night.memories:
        return
    mind.enter("Dream" if "Dream" in mind.modes else mind.mode)
    lines = [memory.line for memory in night.memories]
    seen: list[Signature] = []
    left = settings.dream_budget
    for depth in range(settings.max_depth):
        yield announce(mind, "dream", f"Dream {depth + 1}.", 0.25 + 0.4 * depth / settings.max_depth)
        before = night.dreams[-1] if night.dreams else None
        prompt = mind.scribe.task(mind.scribe.style.dream(lines, before))
        levels = np.zeros(mind.body.sae.d_sae, dtype=np.float32)
        limit = min(settings.dream_tokens, left)
        words = Utterance(mind, prompt, limit, never_first=mind.scribe.bullets)  # told, not listed
        for step in words:
            linger(mind, settings.dream_pace)
            levels[step.reading.indices] += step.reading.levels
            features, vitals = step.reading.fired(SHOWN), mind.vitals(step.reading)
            for piece in step.pieces:
                yield DreamToken(depth=depth, text=piece.text, features=features, vitals=vitals)
        if mind.stopping:
            return
        text = " ".join(words.speech.reply.split())
        if text:
            night.dreams.append(text)
        left -= len(words.tokens)
        mark = strongest(levels, SIZE)
        alike = max(1.0 - distance([text], [before]), float(cosines(mark, seen)[-1])) if before else -1.0
        if left <= 0 or alike >= settings.convergence:
            return
        seen.append(mark)


def linger(mind: Mind, pace: float) -> None:
    """Wait as long as one of `pace` things a second takes, so that it can be seen; 0, or in a hurry: not at all."""
    due = time.monotonic() + (1 / pace if pace else 0.0)
    while not (mind.stopping or mind.hurried) and (left := due - time.monotonic()) > 0:
        time.sleep(min(left, 0.02))
        mind.attend()
