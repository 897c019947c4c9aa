"""A clause put together: who, the verb, what it takes, and adjuncts."""

from __future__ import annotations

import random

from anima_tui.forge.grammar.adjuncts import LATE, TIMES, adjunct, some_adjuncts
from anima_tui.forge.grammar.doings import DOINGS, PET_DOINGS
from anima_tui.forge.grammar.objects import some_object
from anima_tui.forge.grammar.parts import Drafted
from anima_tui.forge.grammar.questions import question, wordings
from anima_tui.forge.grammar.spelling import spaced
from anima_tui.forge.grammar.subjects import ME, some_pet, some_subject
from anima_tui.forge.grammar.tenses import some_tense
from anima_tui.forge.grammar.verbs import SYNONYMS, forms_of
from anima_tui.forge.vocabulary import Vocabulary


def clause(words: Vocabulary, chance: random.Random) -> Drafted:
    """A subject, a verb, what the verb takes and up to three adjuncts; one of them is asked for."""
    pet = chance.random() < 0.06
    doing = chance.choice(PET_DOINGS if pet else DOINGS)
    subject = some_pet(words, chance) if pet else some_subject(words, chance)
    if doing.objects == "job" and subject.person == "p":
        subject = ME
    forms = forms_of(chance.choice(doing.verbs.split(",")))
    time, verb_of = some_tense(forms, doing, chance)
    parts = [some_object(chance.choice(doing.objects.split()), words, chance)]
    parts += some_adjuncts(doing.adjuncts.split(), words, chance)
    timed = TIMES[time] and chance.random() < 0.6
    when = adjunct(time, chance.choice(TIMES[time]), words, chance) if timed else None
    if when:
        late = (i for i, part in enumerate(parts) if i and part.said.startswith(LATE))
        parts.insert(next(late, len(parts)), when)
    verb = verb_of(forms, subject.person)
    choices = [(ask, at) for at, part in enumerate(parts) for ask in part.asks]
    choices += [(ask, -1) for ask in subject.asks for _ in "12"]
    ask, at = chance.choice(choices)
    said = [ask.text if i == at else part.said for i, part in enumerate(parts)]
    who = ask.text if at < 0 else subject.text
    statements = [spaced(who, verb.stated, *said)]
    if when and time != "now":
        front = parts.index(when)
        statements.append(spaced(said[front], who, verb.stated, *said[:front], *said[front + 1 :]))
    synonym = SYNONYMS.get(forms[0].replace(" ", "_"))
    verbs = [verb, verb, verb_of(forms_of(synonym), subject.person) if synonym else verb]
    asking = [question(ask, at, subject, chance.choice(verbs), parts, chance) for _ in range(4)]
    least = question(ask, at, subject, verb, parts, None)
    return Drafted(statements, wordings(asking, chance), least[1], ask.source, ask.text)
