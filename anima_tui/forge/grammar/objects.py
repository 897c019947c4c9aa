"""What the verb takes: things, places, people, works, bare or with an adjective, and how each is asked for."""

from __future__ import annotations

import random
from collections.abc import Sequence

from anima_tui.forge.grammar.adjuncts import ADJUNCTS, SPANS, adjunct
from anima_tui.forge.grammar.openings import ADJECTIVES, FEW, listed, some_relation, some_thing
from anima_tui.forge.grammar.parts import Ask, Part
from anima_tui.forge.grammar.spelling import articled, plural
from anima_tui.forge.vocabulary import Vocabulary

OBJECTS = {
    "food": ("{x}", "food", "what,what food,which dish"),
    "drink": ("{x}", "drink", "what,what drink,which drink"),
    "instrument": ("the {x}", "instrument", "what,which instrument,what instrument"),
    "game": ("{x}", "game", "what,which game,what game"),
    "sport": ("{x}", "sport", "what,which sport,what sport"),
    "destination": ("to {x}", "city country", "where,which place~to,where~to"),
    "errand": ("to {x}", "place", "where,where~to,which place~to"),
    "town": ("in {x}", "city country", "where,which place~in,in which place"),
    "land": ("{x}", "city country", "which place,what place"),
    "subject": ("{x}", "subject", "what,which subject,what subject"),
    "language": ("{x}", "language", "which language,what language"),
    "chore": ("{x}", "chore", "what,which chore,what job around the house"),
    "room": ("the {x}", "room", "what,which room,what room"),
    "hobby": ("{x}", "hobby", "what,which hobby,what hobby"),
}  # fmt: skip
"""Objects that a slot fills: how it stands in the sentence, its kinds, and how it is asked for (`~`: what is left)."""
TEXTS = ("book", "poem", "short story", "article", "comic", "song", "letter", "blog post", "play", "essay", "speech",
         "novel", "diary", "pamphlet", "fairy tale", "report")  # fmt: skip
SHOWS = ("film", "documentary", "series", "play", "musical", "cartoon", "puppet show", "video", "podcast", "ballet")
_WHICH = {"device": "what,which device", "clothing": "what,which piece of clothing", "vehicle": "what,which vehicle"}
_COLOURS = "red blue green yellow purple orange pink brown black white grey turquoise golden silver beige".split()
_LOOKS = ("tiny", "huge", "lovely", "rare", "striped", "spotted", "pale", "young")


def some_object(kind: str, words: Vocabulary, chance: random.Random) -> Part:
    if kind in OBJECTS:
        form, kinds, asked = OBJECTS[kind]
        source = chance.choice(kinds.split())
        value = listed(source, words, chance) if kind in ("food", "drink") else words.value(source, chance)
        said, source = form.format(x=value), value if kind in ("food", "drink") and chance.random() < 0.8 else source
        return Part(said, said, (Ask(form, source, asked),))
    match kind:
        case "person":
            return _some_person(words, chance)
        case "text" | "show":
            return _about(chance.choice(TEXTS if kind == "text" else SHOWS), words, chance)
        case "plurals":
            return _many_of(plural(some_thing(words, chance)), "what,which things", chance)
        case "animals":
            many = plural(listed("animal", words, chance))
            return _many_of(many, "what,which animals,what kind of animal", chance, _LOOKS)
        case "flowers":
            return _many_of(plural(listed("flower", words, chance)), "what,which flowers", chance, _LOOKS)
        case "event":
            return _one_of(listed("event", words, chance), "what,which event", chance, plain=True)
        case "job":
            job = articled(f"a {listed('job', words, chance)}")
            return Part(job, job, (Ask("{x}", job, "what"),))
        case "spot" | "span":
            lines = SPANS if kind == "span" else ADJUNCTS["spot"]
            part = adjunct("spot", chance.choice(lines), words, chance)
            return part._replace(later="")
        case "thing":
            return _any_of(some_thing(words, chance), "what,what thing", chance)
        case _:
            return _any_of(listed(kind, words, chance), _WHICH[kind], chance)


def _any_of(noun: str, asked: str, chance: random.Random) -> Part:
    """One thing, or a few of them."""
    if chance.random() < 0.75 or noun != noun.lower():
        return _one_of(noun, asked, chance)
    number, adjective = chance.choice(FEW), chance.choice(("", "", chance.choice(ADJECTIVES) + " "))
    many = adjective + plural(noun)
    said = f"{number} {many}"
    asks = (Ask("{x}", said, asked), Ask(f"{{x}} {many}", number, f"how many {many}"))
    return Part(said, f"the {many}", asks)


def _one_of(noun: str, asked: str, chance: random.Random, *, plain: bool = False) -> Part:
    """One thing, bare, or with a colour or another adjective, each of which may be asked for."""
    kind = 0.0 if plain else chance.random()
    if kind < 0.4:
        said = articled(f"a {noun}")
        return Part(said, f"the {noun}", (Ask("{x}", said, asked),))
    if kind < 0.65:
        colour = chance.choice(_COLOURS)
        said = articled(f"a {colour} {noun}")
        article = said.split(" ")[0]
        asks = (Ask(f"{article} {{x}} {noun}", colour, f"what colour {noun}"), Ask("{x}", said, asked))
        return Part(said, f"the {noun}", asks)
    adjective = chance.choice(ADJECTIVES)
    said = articled(f"a {adjective} {noun}")
    asks = (Ask(said.removesuffix(noun) + "{x}", noun, asked), Ask("{x}", said, asked))
    return Part(said, f"the {adjective} {noun}", asks)


def _many_of(many: str, asked: str, chance: random.Random, adjectives: Sequence[str] = ADJECTIVES) -> Part:
    """Things of a kind, at times of a colour."""
    if chance.random() < 0.7:
        return Part(many, many, (Ask("{x}", many, asked),))
    adjective = chance.choice((*_COLOURS, *adjectives))
    said = f"{adjective} {many}"
    return Part(said, f"the {many}", (Ask(f"{adjective} {{x}}", many, asked), Ask("{x}", said, asked)))


def _about(work: str, words: Vocabulary, chance: random.Random) -> Part:
    """Something to read or watch and what it is about."""
    topics = (plural(some_thing(words, chance)), plural(listed("animal", words, chance)), words.name(chance))
    topic = chance.choice((*topics, words.value("country", chance), words.value("hobby", chance)))
    said = articled(f"a {work} about {topic}")
    topical = Ask(articled(f"a {work} about {{x}}"), topic, f"what~{articled(f'a {work} about')}")
    return Part(
        said, f"the {work}", (topical, Ask(f"{{x}} about {topic}", articled(f"a {work}"), f"what~about {topic}"))
    )


def _some_person(words: Vocabulary, chance: random.Random) -> Part:
    name, kind = words.name(chance), chance.random()
    if kind < 0.45:
        return Part(name, name, (Ask("{x}", "NAME", "who,who,which person"),))
    if kind < 0.75:
        whose = f"my {chance.choice(('friend', some_relation(words, chance)))}"
    else:
        whose = articled(f"a {listed('job', words, chance)} called")
    return Part(f"{whose} {name}", name, (Ask(f"{whose} {{x}}", "NAME", "who,who,which person"),))
