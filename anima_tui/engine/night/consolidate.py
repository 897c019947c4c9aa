"""Consolidation: the lines the day touched are written anew, and the gate judges before anything stands."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from anima_tui.engine.mind import Mind
from anima_tui.engine.night.draft import proposed, user_names
from anima_tui.engine.night.gate import Draft, identical, refusal
from anima_tui.engine.night.night import Night, Stages, announce
from anima_tui.engine.night.standing import reviewed, settled
from anima_tui.engine.prompts import Prompt
from anima_tui.engine.utterance import Utterance

COOLING = 0.6
"""Each further attempt at a self-model is this much cooler."""


def consolidate(mind: Mind, night: Night) -> Stages:
    """Rewrite mutable lines, let the gate judge, and try again cooler when it refuses."""
    if not night.memories:
        night.verdict = "there was nothing new"
        return
    # The bare body writes: a mode would colour what she holds true.
    mind.steering = False
    mind.regulate()
    settings = mind.settings.sleep
    present = mind.soul.self_model().lines
    core = [line for line in present if line.core]
    before = [line for line in present if not line.core]
    opened = reviewed(before, night.memories, settings.reviewed_lines)
    material = [memory.line for memory in night.memories]
    usual = bare_surprise(mind, material)
    for attempt in range(settings.retries + 1):
        again = f" Attempt {attempt + 1}, cooler." if attempt else ""
        yield announce(mind, "consolidate", f"She writes down what stays.{again}", 0.7 + 0.05 * attempt)
        dream = night.dreams[-1] if night.dreams else ""
        task = mind.scribe.style.consolidate([line.text for line in [*core, *opened]], material, dream)
        words = listing(mind, mind.scribe.task(task), COOLING ** (attempt + 1))
        for _ in words:
            pass
        if mind.stopping:
            return
        lines = proposed(words.speech.reply, [line.text for line in core], opened, before, night.memories)
        draft = Draft(
            lines=[line.text for line in lines],
            before=[line.text for line in opened],
            core=[line.text for line in core],
            names=user_names(night.memories),
            ended=words.finish == "end",
            surprise=bare_surprise(mind, [line.text for line in lines if line not in before]),
            usual=usual,
        )
        reason = refusal(draft, mind.rules)
        yield announce(mind, "gate", f"Refused: {reason}." if reason else "Nothing speaks against it.", 0.9)
        if reason is None:
            night.lines = core + settled(
                before, opened, lines, night.memories, most=settings.self_lines, now=mind.soul.clock()
            )
            night.verdict = "accepted"
            return
        night.verdict = f"refused: {reason}"
        if identical(draft):
            return  # cooler, she would only say it again


def listing(mind: Mind, prompt: Prompt, warmth: float) -> Utterance:
    """Her new list, at this share of the usual temperature. A line that is kept repeats words, so none is penalised."""
    return Utterance(mind, prompt, mind.settings.decode.max_new_tokens, warmth, penalty=1.0)


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
