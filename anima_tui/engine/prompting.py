"""What stands before her answer: who she is, what comes to mind, the talk so far, all within the body's context."""

from __future__ import annotations

from collections.abc import Sequence

from anima_tui.engine.mind import Mind
from anima_tui.engine.prompts import Prompt
from anima_tui.engine.signature import SIZE, strongest
from anima_tui.errors import AnimaError
from anima_tui.wire import Exchange

ROOM = 0.75
"""Share of the context that is left in use once old exchanges had to be dropped, so that it happens rarely."""


def fitting_prompt(mind: Mind, user: str) -> tuple[Prompt, int]:
    """The prompt, and how many old exchanges had to leave it. Raises AnimaError for a message beyond the context."""
    room = mind.body.context_tokens - min(mind.settings.decode.max_new_tokens, mind.body.context_tokens // 4)
    prompt = _render(mind, user)
    if len(prompt.ids) <= room:
        return prompt, 0
    before = len(mind.conversation.past)
    for least in _droppable(mind.conversation.past):
        mind.conversation.past.remove(least)
        prompt = _render(mind, user)
        if len(prompt.ids) <= room * ROOM:
            break
    mind.conversation.renew()
    prompt = _render(mind, user)
    if len(prompt.ids) > room and mind.conversation.recalled:
        mind.conversation.renew()
        prompt = _render(mind, user, recalling=False)
    if len(prompt.ids) > room:
        raise AnimaError(
            f"this message needs {len(prompt.ids)} tokens with who she is, and this body can read {room}; shorten it."
        )
    return prompt, before - len(mind.conversation.past)


def _droppable(past: Sequence[Exchange]) -> list[Exchange]:
    """Exchanges in the order in which they may leave the context: the calmest of the older half first."""
    half = (len(past) + 1) // 2
    return sorted(past[:half], key=lambda e: e.adrenaline) + sorted(past[half:], key=lambda e: e.adrenaline)


def _render(mind: Mind, user: str, *, recalling: bool = True) -> Prompt:
    """The prompt as things stand. The system prompt is kept until something renews it, so its cache holds."""
    talk = mind.conversation
    if talk.system is None:
        talk.recalled = _recalled(mind, user) if recalling else []
        lines = [line.text for line in mind.soul.self_model().lines]
        talk.system = mind.scribe.style.system(lines, talk.recalled, mind.thinking)
    return mind.scribe.chat(talk.system, talk.past, user)


def _recalled(mind: Mind, user: str) -> list[str]:
    """Lines of the memories that the user's words call up from outside the conversation."""
    levels = mind.levels_of(user).cpu().numpy()
    found = mind.soul.recall(
        user,
        strongest(levels, SIZE),
        mind.settings.memory,
        mind.settings.metabolism.adrenaline_half_life_hours,
        in_context={exchange.id for exchange in mind.conversation.past},
    )
    return [one.memory.line for one in found]
