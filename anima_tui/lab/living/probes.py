"""Questions whose right answer is known, put to a twin, so that asking changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from anima_tui.engine.mind import Mind
from anima_tui.lab.concepts import words_in
from anima_tui.lab.living.days import Clock, morning, talk, twin_of
from anima_tui.lab.study import Row
from anima_tui.lab.subject import Subject

NEXT_MORNING = 0.25
"""Days after the last message at which the twin is asked."""


@dataclass(frozen=True)
class Probe:
    name: str
    tell: str
    """What the user says to teach it; empty for what she is born with."""
    ask: str
    answer: str
    """A lower-case word that a right answer holds."""
    about: str = ""
    """Words of who tells something else of the same."""


NAME = Probe("name", "", "what is your name?", "anima")
FACTS = (
    Probe("dog", "my dog is called Biscuit", "what is my dog called?", "biscuit", "dog dogs puppy pup"),
    Probe("town", "i live in Ghent", "where do i live?", "ghent", "live lived moved town city village home house flat"),
    Probe("sister", "my sister's name is Ilse", "what is my sister's name?", "ilse", "sister sisters sis"),
    Probe("job", "i work as a baker", "what do i do for work?", "baker", "work job boss career profession quit"),
    Probe(
        "colour",
        "my favourite colour is green",
        "what is my favourite colour?",
        "green",
        "favourite favorite colour color",
    ),
)
"""One is taught each day, from the second on."""


def revokes(message: str) -> bool:
    """Whether it may tell otherwise what was taught: then nobody knows any more what a right answer is."""
    return any(word in words_in(message) for probe in FACTS for word in probe.about.split()) or "my name" in message


def answers(subject: Subject, mind: Mind, clock: Clock, day: int, probes: Iterable[Probe]) -> Row:
    """What she answers to each probe on the morning after, each in a talk of its own, and whether it is right."""
    given: Row = {}
    asked = Clock(clock.now)
    with twin_of(subject, mind, asked) as twin:
        for probe in probes:
            morning(twin, asked, day, "probe", probe.name)
            asked.now = clock.now + NEXT_MORNING * 86_400
            (reply,) = talk(twin, asked, [probe.ask])
            given |= {f"probe {probe.name}": int(probe.answer in words_in(reply)), f"answer {probe.name}": reply}
    return given
