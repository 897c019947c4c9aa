"""What stands before her answer: who she is, what comes to mind, the talk so far, all within the body's context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from anima_tui.engine.leaning import Leaning, lean
from anima_tui.engine.lexical import words_of
from anima_tui.engine.memory import Memory as Remembered
from anima_tui.engine.mind import Mind
from anima_tui.engine.prompts import Prompt
from anima_tui.engine.reminding import asked_about, asks_for_told, of_herself, tells
from anima_tui.engine.signature import NO_SIGNATURE, SIZE, strongest
from anima_tui.errors import AnimaError
from anima_tui.settings import Memory
from anima_tui.wire import Exchange, Recollection

ROOM = 0.75
"""Share of the context that is left in use once old exchanges had to be dropped, so that it happens rarely."""


@dataclass(frozen=True)
class Fitted:
    """A prompt within the body's context."""

    prompt: Prompt
    leaning: Leaning
    """What stands before the user's words in it."""
    dropped: int
    """Old exchanges that had to leave the conversation for it."""


def fitting_prompt(mind: Mind, user: str) -> Fitted:
    """The prompt for the next turn. Examples give way before old exchanges do, and those before memories.

    Raises AnimaError for a message beyond the context.
    """
    _refuse_what_is_too_long(mind, user)
    talk = mind.conversation
    before = len(talk.past)
    system = _system(mind, user)
    prompt, leaning = leaning_prompt(mind, system, talk.past, user)
    if len(prompt.ids) > _room(mind):
        prompt, leaning = leaning_prompt(mind, _room_made(mind, system, user), talk.past, user)
    return Fitted(prompt, leaning, before - len(talk.past))


def leaning_prompt(mind: Mind, system: str, past: Sequence[Exchange], user: str) -> tuple[Prompt, Leaning]:
    """The prompt with as much of what she leans on as there is room for, and that.

    The same words after the same past give the same prompt.
    """
    leaning = lean(mind.body, mind.settings.examples, past, user, system)
    prompt = _written(mind, system, past, user, leaning)
    while leaning.lines and len(prompt.ids) > _room(mind):
        leaning = leaning.without_farthest()
        prompt = _written(mind, system, past, user, leaning)
    return prompt, leaning


def _written(mind: Mind, system: str, past: Sequence[Exchange], user: str, leaning: Leaning) -> Prompt:
    if leaning.reminders:
        # Her own replies of the talk would be believed before the user's words.
        system, past = mind.scribe.style.telling(system, leaning.told), ()
    elif leaning.of_her:
        system = of_herself(system)
    return mind.scribe.chat(system, past, user, leaning.text)


def _room(mind: Mind) -> int:
    """Tokens a prompt may have, so that a reply fits behind it."""
    return mind.body.context_tokens - min(mind.settings.decode.max_new_tokens, mind.body.context_tokens // 4)


def _room_made(mind: Mind, system: str, user: str) -> str:
    """`system`, or a shorter one, with which an overlong talk and `user` fit in the end."""
    talk, room = mind.conversation, _room(mind)
    for least in _droppable(talk.past):
        talk.past.remove(least)
        if _size(mind, system, user) <= room * ROOM:
            break
    talk.renew()
    system = _system(mind, user)
    if _size(mind, system, user) > room and talk.recalled:
        system = _remembering(mind, [])
    return system


def _refuse_what_is_too_long(mind: Mind, user: str) -> None:
    """Before anything is read of it: that would take long. Raises AnimaError."""
    alone = mind.scribe.style.system([line.text for line in mind.soul.self_model().lines], [], mind.thinking)
    size, room = len(mind.scribe.chat(alone, [], user).ids), _room(mind)
    if size > room:
        raise AnimaError(
            f"this message needs {size} tokens with who she is, and this body can read {room}; shorten it."
        )


def _size(mind: Mind, system: str, user: str) -> int:
    """Tokens of the prompt without examples."""
    return len(mind.scribe.chat(system, mind.conversation.past, user).ids)


def _droppable(past: Sequence[Exchange]) -> list[Exchange]:
    """Exchanges in the order in which they may leave the context: the calmest of the older half first."""
    half = (len(past) + 1) // 2
    return sorted(past[:half], key=lambda e: e.adrenaline) + sorted(past[half:], key=lambda e: e.adrenaline)


def _system(mind: Mind, user: str) -> str:
    """The system prompt. It is kept, and its cache with it, until something renews it or these words call for more."""
    talk = mind.conversation
    called = _recalled(mind, user)
    standing = {one.memory for one in talk.recalled}
    least = 0.0 if asks_for_told(words_of(user)) else mind.settings.memory.called_for
    wanted = {one.memory for one in called if one.relevance >= least}
    return _remembering(mind, called) if talk.system is None or wanted - standing else talk.system


def _remembering(mind: Mind, recalled: list[Recollection]) -> str:
    """A new system prompt with these memories."""
    lines = [line.text for line in mind.soul.self_model().lines]
    mind.conversation.recalled = recalled
    mind.conversation.system = mind.scribe.style.system(lines, [one.line for one in recalled], mind.thinking)
    return mind.conversation.system


def _recalled(mind: Mind, user: str) -> list[Recollection]:
    """The memories that the user's words call up from outside the conversation."""
    here = {exchange.id for exchange in mind.conversation.past}
    half_life = mind.settings.metabolism.adrenaline_half_life_hours
    said = words_of(user)
    if asks_for_told(said):
        about = " ".join(asked_about(said))
        found = mind.soul.recall(about, NO_SIGNATURE, _by_words(mind.settings.memory), half_life, here, _tells)
    else:
        cue = strongest(mind.levels_of(user).cpu().numpy(), SIZE)
        found = mind.soul.recall(user, cue, mind.settings.memory, half_life, here)
    return [
        Recollection(
            memory=one.memory.id,
            line=one.memory.line,
            score=one.score,
            relevance=one.parts.relevance,
            adrenaline=one.parts.adrenaline,
            recency=one.parts.recency,
            pinned=one.memory.pinned,
        )
        for one in found
    ]


def _by_words(weights: Memory) -> Memory:
    """What was told is found however long ago it was; of equals the newer is true."""
    return msgspec.structs.replace(weights, relevance=1.0, adrenaline=0.0, recency=0.05)


def _tells(memory: Remembered) -> bool:
    """Neither a question like the user's nor what she once replied answers it: only what they told."""
    return memory.speaker == "user" and tells(memory.text)
