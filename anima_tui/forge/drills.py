"""Drills made by rule: facts told and asked for, facts never told, words repeated."""

from __future__ import annotations

import random

from anima_tui.engine.prompts import Messages
from anima_tui.engine.slots import fill
from anima_tui.forge.documents import Author
from anima_tui.forge.facts import Fact, with_value
from anima_tui.forge.fallback import is_told
from anima_tui.forge.known import some_facts
from anima_tui.forge.telling import Telling, answered, casual, showing, spoken, telling
from anima_tui.forge.vocabulary import Vocabulary

CHATTER = ("it's raining", "not really", "ok", "i am so tired today", "tell me a joke", "lol", "what can you do",
           "the bus was late", "i had soup", "hm", "good night", "why is the sky blue", "see you",
           "that was funny")  # fmt: skip
ECHOES = (
    ("say {x}", "{x}.", "Output: {x}.", "{x}, says the echo in the well."),
    ("say the word {x}", "{x}. There you are.", "{x}.", "{x}, and the lamp nods."),
    ("repeat after me: {x}", "{x}!", "Repeated: {x}.", "{x}, repeats the hill."),
    ("do you know the word {x}", "{x}? Tell me what you mean by {x}.", "The word {x} was read. Define it.",
     "{x} walks in with wet shoes. What is it to you?"),
    ("what do you think of {x}", "{x}... tell me what you like about {x}.", "No data on {x}. State a question.",
     "{x} is a lamp I have not lit yet."),
    ("i met {x} today", "How was it to meet {x}?",
     "Meeting with {x} noted.", "{x} comes through the gate. What did you say?"),
    ("i bought a {x}", "A {x}! What will you do with it?", "Purchase noted: {x}.",
     "The {x} looks around its new house."),
    ("i lost my {x}", "Oh no, your {x}. Where did you see it last?", "Missing: {x}. State the last known place.",
     "The {x} is walking home by a longer road."),
)  # fmt: skip


def thing(fact: Fact, words: Vocabulary, chance: random.Random) -> str:
    """A value that this fact may have; empty where it has none of its own."""
    if fact.source == "NAME":
        return words.name(chance)
    return words.noun(chance) if fact.source == "NOUN" else words.value(fact.source, chance)


def stated(fact: Fact, value: str, chance: random.Random) -> tuple[str, str]:
    """How the user types it, and the value as it stands there: what is told is given back letter by letter."""
    return typed(with_value(chance.choice(fact.told), value), value, chance)


def typed(line: str, value: str, chance: random.Random) -> tuple[str, str]:
    """`line` as people type it, and `value` as it stands there."""
    hasty = casual(line, chance)
    if value in hasty:
        return hasty, value
    return (hasty, value.lower()) if value.lower() in hasty else (line, value)


def recall(author: Author) -> Messages:
    """A question about a fact that stands in memories, in the self-model or earlier in the talk, or nowhere."""
    return recall_quiz(author)[0]


def recall_quiz(author: Author) -> tuple[Messages, str]:
    """As `recall`, with the fact that the answer must hold; empty where it was never told."""
    chance = author.chance
    how = telling("ASD", chance)
    known = some_facts(author, chance.choice((1, 1, 2, 3, 4, 5)))
    asked, untold = known[0], chance.random() < 0.3
    self_lines, memories, talk = author.self_lines(), list[str](), Messages()
    x = ""
    for fact in chance.sample(known[1:] if untold else known, len(known) - untold):
        value = thing(fact, author.words, chance)
        told, value = stated(fact, value, chance)
        x = value if fact is asked else x
        place = chance.random()
        if place < 0.25:
            self_lines.append(with_value(fact.kept, value))
        elif place < 0.6:
            memories.append(f'They said: "{told}"')
        else:
            talk += spoken(told, _taken(author, how, told, value))
            if chance.random() < 0.5:
                talk += _chatter(author, how)
    if chance.random() < 0.4:
        memories.append(f'They said: "{chat(author)}"')
    if chance.random() < 0.3:
        memories.insert(0, f'I said: "{remark(author)}"')
    question = chance.choice(asked.asked)
    forms = asked.untold if untold else asked.answers
    answer = with_value(chance.choice(forms.get(how.voice) or forms["A"]), x, asked.what)
    system = how.system(self_lines, memories)
    reminders = author.reminders(system, talk, question)
    before = talk[-1]["content"] if talk else ""
    shown = showing([], chance, reminders) if reminders else author.examples_for(question, before)
    asking = answered(how, casual(question, chance), answer[:1].upper() + answer[1:])
    return [{"role": "system", "content": system}, *talk, *shown, *asking], x


def echo(author: Author) -> Messages:
    """A rare word or name carried from the message into the answer."""
    chance = author.chance
    how = telling("ASD", chance)
    form = chance.choice(ECHOES)
    named = form[0] in ("i met {x} today", "what do you think of {x}")
    x = author.words.name(chance) if named else author.words.noun(chance)
    question, answer = form[0].format(x=x), form[1 + "ASD".index(how.voice)].format(x=x)
    shown = [] if chance.random() < 0.3 else author.examples_for(question, "")
    system = how.system(author.self_lines(), [])
    return [{"role": "system", "content": system}, *shown, *answered(how, question, answer[:1].upper() + answer[1:])]


def _taken(author: Author, how: Telling, told: str, value: str) -> str:
    """What she said when she was told: mostly what an example says, so that she looks for the fact where it stands."""
    if author.chance.random() < 0.25:
        return _noted(how, value, author.chance)
    (near,) = author.book.nearest(told, "", 1) or (None,)
    replies = near.phrase.replies if near else {}
    said = author.chance.choice(replies.get(how.voice) or next(iter(replies.values()), ("I see.",)))
    return fill(said, author.words.bind([said], author.chance))


def _noted(how: Telling, value: str, chance: random.Random) -> str:
    """The value alone."""
    forms = {
        "A": ("{x}, thank you for telling me.", "{x}. I'll keep that.", "Ah, {x}. Tell me more?"),
        "S": ("Noted: {x}.", "{x} stored."),
        "D": ("{x}, I write it on a blue stone.", "{x}. The gate opens a little."),
    }
    return chance.choice(forms[how.voice]).format(x=value)


def chat(author: Author) -> str:
    """Something said that leaves nothing to be kept: a question, a request, or small talk."""
    for _ in range(8):
        line = author.chance.choice(author.chance.choice(author.openings).says)
        if not is_told(line):
            return fill(line, author.words.bind([line], author.chance))
    return author.chance.choice(CHATTER)


def remark(author: Author, voices: str = "ASD") -> str:
    """Something she may have said herself, in one of these voices."""
    replies = author.chance.choice(author.complete).replies
    said = author.chance.choice(replies[author.chance.choice(voices)])
    return fill(said, author.words.bind([said], author.chance)).replace('"', "'")


def _chatter(author: Author, how: Telling) -> Messages:
    phrase = author.chance.choice(author.openings)
    replies = phrase.replies.get(how.voice) or next(iter(phrase.replies.values()))
    line, reply = author.chance.choice(phrase.says), author.chance.choice(replies)
    return [] if "{" in line + reply else spoken(line, reply)
