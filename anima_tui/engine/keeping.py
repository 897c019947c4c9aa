"""The soul in its owner's hands: who she was, what she remembers, and every change that the user makes to either."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from anima_tui import wire
from anima_tui.engine.mind import Mind
from anima_tui.engine.reel import unwind
from anima_tui.engine.soul import Soul
from anima_tui.errors import AnimaError

NIGHTS = 20
"""Nights that travel to the app when one of them changed its outcome."""
LONGEST = 240
"""Characters a line of the self-model may have."""
MOST = 64
"""Lines a self-model may have."""

Command = (
    wire.ReplayNight
    | wire.UndoNight
    | wire.Revert
    | wire.EditSelf
    | wire.ShowHistory
    | wire.ListMemories
    | wire.PinMemory
    | wire.EditMemory
    | wire.ForgetMemory
)


def keep(mind: Mind, command: Command) -> wire.Event:
    """Do what the user asks of the soul, and the answer to it. Raises AnimaError, nothing being changed."""
    soul, half_life = mind.soul, mind.settings.metabolism.adrenaline_half_life_hours
    match command:
        case wire.ReplayNight(night=night):
            return _reel(mind, night)
        case wire.UndoNight():
            return _changed(mind, soul.undo_night(), "undo")
        case wire.Revert(generation=generation):
            return _changed(mind, soul.revert(generation), "revert")
        case wire.EditSelf(base=base, core=core, lines=lines):
            present = soul.self_model()
            lines = merged(_learnt(_generation(soul, base)), lines, _learnt(present))
            return _changed(mind, soul.rewrite_self(rewritten(present, core, lines)), "edit")
        case wire.ShowHistory(before=before, limit=limit):
            chapters = soul.history(limit, before)
            return wire.History(
                present=soul.self_model().id,
                chapters=chapters,
                evidence=evidence_of(mind, (line for chapter in chapters for line in chapter.generation.lines)),
            )
        case wire.ListMemories(search=search, before=before, limit=limit):
            return soul.find_memories(search, before, limit, half_life)
        case wire.PinMemory(memory=memory, on=on):
            soul.pin_memory(memory, on)
            mind.conversation.renew()
            return wire.MemoryChanged(memory=soul.memory_card(memory, half_life))
        case wire.EditMemory(memory=memory, text=text):
            soul.edit_memory(memory, text)
            mind.conversation.renew()
            return wire.MemoryChanged(memory=soul.memory_card(memory, half_life))
        case wire.ForgetMemory(memory=memory):
            return _forgotten(mind, memory)


def evidence_of(mind: Mind, lines: Iterable[wire.SelfLine]) -> dict[int, str]:
    """The memories that these lines rest on, quoted; those that were forgotten are absent."""
    return mind.soul.memory_lines({number for line in lines for number in line.evidence})


def rewritten(present: wire.Generation, core: Sequence[str], lines: Sequence[str]) -> list[wire.SelfLine]:
    """A self-model in the user's words; what stays word for word keeps its evidence, its age and its strength.

    Raises AnimaError for one without a core, and for lines that are too long or too many.
    """
    known = {(line.core, line.text): line for line in present.lines}
    wanted = [(is_core, " ".join(text.split())) for is_core, texts in ((True, core), (False, lines)) for text in texts]
    wanted = list(dict.fromkeys((is_core, text) for is_core, text in wanted if text))
    if not any(is_core for is_core, _ in wanted):
        raise AnimaError("She needs one line at her core, such as “I am Anima.”; nothing was changed.")
    if len(wanted) > MOST or any(len(text) > LONGEST for _, text in wanted):
        raise AnimaError(f"A self-model has at most {MOST} lines of {LONGEST} characters; nothing was changed.")
    return [known.get(one) or wire.SelfLine(text=one[1], core=one[0], evidence=[]) for one in wanted]


def merged(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """`mine`, made from `base`, with what `theirs` brought since and without what it dropped."""
    dropped, brought = set(base) - set(theirs), [line for line in theirs if line not in base and line not in mine]
    return [line for line in mine if line not in dropped] + brought


def _generation(soul: Soul, number: int) -> wire.Generation:
    try:
        return soul.generation(number)
    except KeyError:
        raise AnimaError(f"There is no self-model {number} to be edited; nothing was changed.") from None


def _learnt(generation: wire.Generation) -> list[str]:
    return [line.text for line in generation.lines if not line.core]


def _changed(mind: Mind, generation: wire.Generation, why: wire.Why) -> wire.SelfChanged:
    mind.conversation.renew()
    return wire.SelfChanged(self_model=generation, nights=mind.soul.nights(NIGHTS), why=why)


def _forgotten(mind: Mind, memory: int) -> wire.MemoryForgotten:
    exchange = mind.soul.memory_card(memory, 1.0).exchange
    generation = mind.soul.forget_memory(memory)
    mind.conversation.past = [past for past in mind.conversation.past if past.id != exchange]
    mind.conversation.renew()
    return wire.MemoryForgotten(memory=memory, self_model=generation)


def _reel(mind: Mind, night: int) -> wire.Reel:
    try:
        return wire.Reel(night=night, events=unwind(mind.soul.reel(night)))
    except KeyError:
        raise AnimaError(f"Nothing was kept of night {night} that could be watched.") from None
    except ValueError as error:
        raise AnimaError(f"Night {night} cannot be watched: {error}.") from None
