"""How a part of the sentence is asked for: directly, by the way, and around other things said."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from anima_tui.forge.grammar.parts import Ask, Part, Subject, Verb
from anima_tui.forge.grammar.spelling import spaced
from anima_tui.forge.grammar.subjects import renamed

DIRECT = ("{q}", "{q}", "{q}?", "{q}?", "{q} again", "{q} again?", "so {q}?", "quick question, {q}", "hey, {q}?",
          "and {q}?", "tell me, {q}?")  # fmt: skip
INDIRECT = ("do you remember {q}", "do you remember {q}?", "remind me {q}", "did i tell you {q}",
            "can you tell me {q}?",
            "i forgot {q}", "tell me {q}", "do you know {q}", "i can't remember {q}", "have i told you {q}?",
            "do you still know {q}?", "i wonder if you remember {q}")  # fmt: skip
CLEFT = ("{wh} was it again that {rest}", "{wh} was it that {rest}?", "{wh} is it again that {rest}",
         "{wh} was it again {rest}")  # fmt: skip


def question(
    ask: Ask, at: int, subject: Subject, verb: Verb, parts: Sequence[Part], chance: random.Random | None
) -> tuple[str, str, str, str]:
    """Asked directly, asked by the way, and the asking words with the clause that follows them.

    Without `chance` it is the shortest question. Otherwise it may name what else was said, or call it otherwise.
    """
    asking = ask.words.split(",")
    wh, _, left = (chance.choice(asking) if chance else asking[0]).partition("~")
    kept = [
        _shown(part, chance)
        for i, part in enumerate(parts)
        if i != at and (i == 0 or (chance and chance.random() < 0.35))
    ]
    if left:
        kept.insert(min(at, 1), left)
    if at < 0:
        rest = spaced(verb.stated, *kept)
        return f"{wh} {rest}", f"{wh} {rest}", wh, rest
    who = subject.later
    if chance:
        who = subject.text if chance.random() < 0.4 else renamed(who, chance)
    rest = spaced(who, verb.stated, *kept)
    if wh.endswith("*"):
        return f"{wh[:-1]} {rest}", f"{wh[:-1]} {rest}", "", rest
    return spaced(wh, verb.helper, who, verb.rest, *kept), f"{wh} {rest}", wh, rest


def _shown(part: Part, chance: random.Random | None) -> str:
    return part.said if chance and chance.random() < 0.6 else part.later


def wordings(asking: Iterable[tuple[str, str, str, str]], chance: random.Random) -> list[str]:
    """Four questions as people type them: two direct, one by the way, one with 'was it again' where that can be."""
    lines: list[str] = []
    for i, (direct, by_the_way, wh, rest) in enumerate(asking):
        if i < 2:
            lines.append(chance.choice(DIRECT).replace("{q}", direct))
        elif i == 3 and wh in ("what", "who", "where", "when"):
            turned = direct != by_the_way  # otherwise the subject is asked for, and "that" must stand
            cleft = chance.choice(CLEFT if turned else CLEFT[:-1])
            if wh == "when" and not direct.startswith("when did"):
                cleft = cleft.replace(" was ", " is ")
            lines.append(cleft.replace("{wh}", wh).replace("{rest}", rest))
        else:
            lines.append(chance.choice(INDIRECT).replace("{q}", by_the_way))
    return lines
