"""Consolidation: the lines the day touched are written anew, and the gate judges before anything stands."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from anima_tui.engine.introducing import introduced
from anima_tui.engine.memory import Memory, memory_line
from anima_tui.engine.mind import Mind
from anima_tui.engine.night.draft import proposed, user_names
from anima_tui.engine.night.gate import Draft, identical, refusal
from anima_tui.engine.night.material import teaching
from anima_tui.engine.night.night import Night, Stages, announce
from anima_tui.engine.night.standing import reviewed, settled
from anima_tui.engine.prompts import Prompt
from anima_tui.engine.utterance import Utterance
from anima_tui.wire import Event, SelfLine

COOLING = 0.6
"""Each further attempt at a self-model is this much cooler."""


@dataclass(frozen=True)
class Proposal:
    """What one part of the day made of the lines it touched."""

    lines: list[SelfLine] | None
    """The mutable lines as they would be, None where nothing speaks for a change."""
    verdict: str


def consolidate(mind: Mind, night: Night) -> Stages:
    """What the user said is gone through a few words at a time: a small body reads a short list better than a long one.

    Each part may rewrite the lines it touches; what the gate refuses is left as it was, and the rest of the day counts.
    """
    settings = mind.settings.sleep
    heard, size = teaching(night.heard), settings.memories_at_once
    parts = [heard[begin : begin + size] for begin in range(0, len(heard), size)]
    if not parts:
        night.verdict = "nothing was said that could teach her"
        return
    # The bare body writes: a mode would colour what she holds true.
    mind.steering = False
    mind.regulate()
    present = mind.soul.self_model().lines
    core, lines = [line for line in present if line.core], [line for line in present if not line.core]
    verdicts: list[str] = []
    for number, part in enumerate(parts):
        dream = night.dreams[-1] if night.dreams and not number else ""
        proposal = yield from _rewrite(mind, core, lines, part, dream, 0.65 + 0.3 * number / len(parts))
        if mind.stopping:
            return
        lines = lines if proposal.lines is None else proposal.lines
        verdicts.append(proposal.verdict)
    if {line.text for line in lines} != {line.text for line in present if not line.core}:
        night.lines = core + lines
    night.verdict = "; ".join(dict.fromkeys(verdicts))


def _rewrite(
    mind: Mind,
    core: Sequence[SelfLine],
    before: Sequence[SelfLine],
    part: Sequence[Memory],
    dream: str,
    fraction: float,
) -> Generator[Event, None, Proposal]:
    """Draft the touched lines, let the gate judge, and try again cooler when it refuses."""
    settings = mind.settings.sleep
    opened = reviewed(before, part, settings.reviewed_lines)
    material = [memory_line(m.speaker, introduced(m.text) if m.speaker == "user" else m.text) for m in part]
    task = mind.scribe.style.consolidate([line.text for line in [*core, *opened]], material, dream)
    prompt, usual = mind.scribe.task(task), bare_surprise(mind, material)
    reason = ""
    for attempt in range(settings.retries + 1):
        again = f", attempt {attempt + 1}, cooler" if attempt else ""
        yield announce(mind, "consolidate", f"She goes over {part[0].line}{again}", fraction)
        words = listing(mind, prompt, COOLING ** (attempt + 1))
        for _ in words:
            pass
        if mind.stopping:
            break
        lines = proposed(words.speech.reply, [line.text for line in core], opened, before, part)
        draft = Draft(
            lines=[line.text for line in lines],
            before=[line.text for line in opened],
            core=[line.text for line in core],
            names=user_names(part),
            ended=words.finish == "end",
            surprise=bare_surprise(mind, [line.text for line in lines if line not in opened]),
            usual=usual,
        )
        if identical(draft):
            return Proposal(None, "nothing new was learnt")
        reason = refusal(draft, mind.rules)
        if reason is None:
            after = settled(before, opened, lines, part, most=settings.self_lines, now=mind.soul.clock())
            yield announce(mind, "gate", _change(before, after), fraction)
            return Proposal(after, "accepted")
        yield announce(mind, "gate", f"Refused: {reason}.", fraction)
    return Proposal(None, f"refused: {reason}")


def _change(before: Sequence[SelfLine], after: Sequence[SelfLine]) -> str:
    """What comes and what goes, as a sentence for the one who watches."""
    old, new = [line.text for line in before], [line.text for line in after]
    came = [f"+ {text}" for text in new if text not in old]
    went = [f"− {text}" for text in old if text not in new]
    return "  ".join(came + went) or "What she knew is confirmed."


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
    return -float(mind.context.score(prompt.ids, answer).mean())
