"""The night: six stages from the day's memories to a self-model that may have changed."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from anima_tui.engine.draft import proposed, user_names
from anima_tui.engine.gate import Draft, refusal
from anima_tui.engine.memory import Memory
from anima_tui.engine.mind import Mind
from anima_tui.engine.prompts import Prompt
from anima_tui.engine.signature import SIZE, Signature, cosines, strongest
from anima_tui.engine.soul import NightOutcome, write_page
from anima_tui.engine.utterance import Utterance
from anima_tui.errors import SoulUnwritable
from anima_tui.wire import DreamToken, Event, NightDone, NightRecord, NightStage, Notice, SelfLine

SHOWN = 24
"""Features that travel to the app with each dreamt token."""
COOLING = 0.6
"""Each further attempt at a self-model is this much cooler."""
Stages = Generator[Event, None, None]
StageName = Literal["drowsy", "deep", "dream", "consolidate", "gate", "wake"]


@dataclass
class Night:
    """What a night has brought so far. Nothing of it touches the soul before the end."""

    began: float
    memories: list[Memory] = field(default_factory=list[Memory])
    weights: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, dtype=np.float32))
    """float32 [d_sae] after downscaling."""
    habits: str = ""
    dreams: list[str] = field(default_factory=list[str])
    lines: list[SelfLine] | None = None
    """The self-model the gate let through; None: nothing changes."""
    verdict: str = ""


def sleep(mind: Mind) -> Iterator[Event]:
    """A whole night as events. Setting `mind.stopping` ends it before the next token with nothing changed.

    The morning's state is on disk before NightDone is yielded.
    """
    mind.stopping = False
    mode, steering = mind.mode, mind.steering
    baseline = mind.tap.baseline.clone()
    night = Night(began=time.time())
    mind.tap.teach(False)
    try:
        for stage in (_drowsy, _deep, _dream, _consolidate):
            yield from stage(mind, night)
            if mind.stopping:
                yield _interrupted(mind, night)
                return
        yield from _wake(mind, night)
    finally:
        mind.tap.baseline.copy_(baseline)
        mind.steering = steering
        mind.phase = "awake"
        mind.enter(mode)


def _stage(mind: Mind, stage: StageName, text: str, fraction: float) -> NightStage:
    mind.phase = stage
    return NightStage(stage=stage, text=text, fraction=fraction, vitals=mind.vitals())


# --- 1. drowsy -------------------------------------------------------------------------------------------


def _drowsy(mind: Mind, night: Night) -> Stages:
    settings = mind.settings
    night.memories = mind.soul.memories_for_tonight(
        settings.sleep.memories, settings.metabolism.adrenaline_half_life_hours
    )
    count = len(night.memories)
    said = "Nothing new to dream of." if not count else f"{count} memories of the day come with her."
    yield _stage(mind, "drowsy", said, 0.0)


# --- 2. deep ---------------------------------------------------------------------------------------------


def _deep(mind: Mind, night: Night) -> Stages:
    """Synaptic downscaling; habits whose correlation with valence the day proved are spared."""
    settings = mind.settings.sleep
    proof = mind.evidence.correlation(settings.evidence_tokens)
    before = mind.weights()
    proven = (np.abs(proof) >= settings.evidence_correlation) & (np.sign(proof) == np.sign(before))
    kept_on_device = torch.from_numpy(proven).to(mind.reservoir.weights.device)
    night.weights = mind.reservoir.downscaled(kept_on_device, settings.downscale).cpu().numpy()
    kept, faded = int((proven & (before != 0)).sum()), int((~proven & (before != 0)).sum())
    order = np.argsort(-np.abs(night.weights), kind="stable")[:3]
    names = ", ".join(mind.body.card.labels.get(int(i), f"#{i}") for i in order if night.weights[i] != 0)
    night.habits = f"{kept} habits kept, {faded} faded" + (f"; strongest: {names}." if names else ".")
    yield _stage(mind, "deep", night.habits, 0.15)


# --- 3. dream --------------------------------------------------------------------------------------------


def _dream(mind: Mind, night: Night) -> Stages:
    """Dream k grows out of the memories and dream k - 1, until depth, convergence or a stop."""
    settings = mind.settings.sleep
    if not night.memories:
        return
    mind.enter("Dream" if "Dream" in mind.modes else mind.mode)
    lines = [memory.line for memory in night.memories]
    seen: list[Signature] = []
    for depth in range(settings.max_depth):
        yield _stage(mind, "dream", f"Dream {depth + 1}.", 0.25 + 0.4 * depth / settings.max_depth)
        before = night.dreams[-1] if night.dreams else None
        prompt = mind.scribe.task(mind.scribe.style.dream(lines, before))
        levels = np.zeros(mind.body.sae.d_sae, dtype=np.float32)
        words = Utterance(mind, prompt, settings.dream_tokens, never_first=mind.scribe.bullets)  # told, not listed
        for step in words:
            _linger(mind, settings.dream_pace)
            levels[step.reading.indices] += step.reading.levels
            features, vitals = step.reading.fired(SHOWN), mind.vitals()
            for piece in step.pieces:
                yield DreamToken(depth=depth, text=piece.text, features=features, vitals=vitals)
        if mind.stopping:
            return
        text = " ".join(words.speech.reply.split())
        if text:
            night.dreams.append(text)
        mark = strongest(levels, SIZE)
        if seen and float(cosines(mark, seen[-1:])[0]) >= settings.convergence:
            return
        seen.append(mark)


def _linger(mind: Mind, pace: float) -> None:
    """Wait as long as a token takes at `pace` tokens per second, so that the dream can be read; 0: not at all."""
    due = time.monotonic() + (1 / pace if pace else 0.0)
    while not mind.stopping and (left := due - time.monotonic()) > 0:
        time.sleep(min(left, 0.02))
        mind.attend()


# --- 4. consolidate, 5. gate -----------------------------------------------------------------------------


def listing(mind: Mind, prompt: Prompt, warmth: float) -> Utterance:
    """Her new list, at this share of the usual temperature. A line that is kept repeats words, so none is penalised."""
    return Utterance(mind, prompt, mind.settings.decode.max_new_tokens, warmth, penalty=1.0)


def _consolidate(mind: Mind, night: Night) -> Stages:
    """Rewrite the mutable lines, let the gate judge, and try again cooler when it refuses."""
    if not night.memories:
        night.verdict = "there was nothing new"
        return
    present = mind.soul.self_model().lines
    core = [line.text for line in present if line.core]
    before = [line for line in present if not line.core]
    material = [memory.line for memory in night.memories]
    usual = bare_surprise(mind, material)
    # The bare body writes: a mode would colour what she holds true.
    mind.steering = False
    mind.regulate()
    for attempt in range(mind.settings.sleep.retries + 1):
        again = f" Attempt {attempt + 1}, cooler." if attempt else ""
        yield _stage(mind, "consolidate", f"She writes down what stays.{again}", 0.7 + 0.05 * attempt)
        dream = night.dreams[-1] if night.dreams else ""
        prompt = mind.scribe.task(mind.scribe.style.consolidate([line.text for line in present], material, dream))
        words = listing(mind, prompt, COOLING ** (attempt + 1))
        for _ in words:
            pass
        if mind.stopping:
            return
        lines = proposed(words.speech.reply, core, before, night.memories)[: mind.settings.sleep.self_lines]
        new = [line.text for line in lines if line not in before]
        draft = Draft(
            lines=[line.text for line in lines],
            before=[line.text for line in before],
            core=core,
            names=user_names(night.memories),
            ended=words.finish == "end",
            surprise=bare_surprise(mind, new),
            usual=usual,
        )
        reason = refusal(draft)
        yield _stage(mind, "gate", f"Refused: {reason}." if reason else "Nothing speaks against it.", 0.9)
        if reason is None:
            night.lines = [line for line in present if line.core] + lines
            night.verdict = "accepted"
            return
        night.verdict = f"refused: {reason}"


def bare_surprise(mind: Mind, lines: Sequence[str]) -> float:
    """Mean negative log-likelihood per token of the lines under the bare body, in nats; 0 for none."""
    if not lines:
        return 0.0
    prompt = mind.scribe.task(mind.scribe.style.consolidate([], [], ""))
    ids = mind.body.tokenizer(mind.scribe.disarm("\n".join(f"- {line}" for line in lines)), add_special_tokens=False)
    answer: list[int] = ids["input_ids"]
    with torch.inference_mode():
        # The tap is closed outside the context's own passes, so this is the bare body.
        logits = mind.body.model(torch.tensor([prompt.ids + answer], device=mind.body.model.device)).logits[0]
        log_probabilities = logits[len(prompt.ids) - 1 : -1].float().log_softmax(-1)
        chosen = log_probabilities[range(len(answer)), answer]
    return float(-chosen.mean())


# --- 6. wake ---------------------------------------------------------------------------------------------


def _outcome(mind: Mind, night: Night, summary: str) -> NightOutcome:
    return NightOutcome(
        began=night.began,
        ended=time.time(),
        summary=summary,
        dreams=night.dreams,
        lines=night.lines,
        verdict=night.verdict,
        consumed=[memory.id for memory in night.memories],
        reservoir=night.weights,
        organs=mind.organs(),
    )


def _wake(mind: Mind, night: Night) -> Stages:
    changed = night.lines is not None
    yield _stage(mind, "wake", "Morning." if changed else "A restful night; she is who she was.", 1.0)
    mind.metabolism.sleep()
    summary = f"{night.habits} " + ("She wakes changed." if changed else f"Nothing changed: {night.verdict}.")
    record = mind.soul.save_night(_outcome(mind, night, summary))
    mind.reservoir.restore(torch.from_numpy(night.weights).to(mind.body.model.device))
    mind.evidence.clear()
    mind.conversation.past.clear()
    mind.conversation.renew()
    mind.phase = "awake"
    yield from _keepsakes(mind, record)
    yield NightDone(night=record, self_model=mind.soul.self_model(), vitals=mind.vitals())


def _keepsakes(mind: Mind, record: NightRecord) -> Iterator[Event]:
    """The night as a page to read and a personality to carry; the soul is whole without them."""
    try:
        write_page(mind.soul.folder, record)
        mind.checkpoint()
    except (OSError, SoulUnwritable) as error:
        yield Notice(text=f"the night is in the soul, but its page or checkpoint is not: {error}", level="warning")


def _interrupted(mind: Mind, night: Night) -> NightDone:
    record = mind.soul.save_interrupted_night(night.began, "You woke her; nothing changed.", night.dreams)
    mind.phase = "awake"
    return NightDone(night=record, self_model=mind.soul.self_model(), vitals=mind.vitals())
