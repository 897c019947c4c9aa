"""Who does it: the user, people they know, and pets."""

from __future__ import annotations

import random

from anima_tui.forge.grammar.openings import some_relation
from anima_tui.forge.grammar.parts import Ask, Subject
from anima_tui.forge.vocabulary import Vocabulary

MANY = ("my parents", "my kids", "my sisters", "my brothers", "my cousins", "my neighbours", "my grandparents",
        "my flatmates", "my aunts", "my colleagues", "my twins")  # fmt: skip
SAME_PERSON = {
    "mum": "mother", "mom": "mother", "mother": "mum", "dad": "father", "father": "dad", "grandma": "grandmother",
    "granny": "grandma", "grandmother": "grandma", "grandfather": "grandpa", "grandpa": "grandfather",
    "grandad": "grandfather", "flatmate": "roommate", "roommate": "flatmate", "colleague": "coworker",
    "kids": "children", "parents": "mum and dad", "little brother": "younger brother",
}  # fmt: skip
ME = Subject("i", "i", "i")


def some_subject(words: Vocabulary, chance: random.Random) -> Subject:
    kind = chance.random()
    if kind < 0.58:
        return ME
    if kind < 0.68:
        return Subject("we", "we", "p")
    if kind < 0.74:
        many = chance.choice(MANY)
        return Subject(many, many, "p")
    relation, name = some_relation(words, chance), words.name(chance)
    if kind < 0.82:
        return Subject(f"my {relation}", f"my {relation}", "s")
    if kind < 0.94:
        asks = (Ask(f"my {relation} {{x}}", "NAME", f"who,which {relation} of mine"),)
        return Subject(f"my {relation} {name}", f"my {relation}", "s", asks)
    return Subject(name, name, "s", (Ask("{x}", "NAME", "who,who"),))


def some_pet(words: Vocabulary, chance: random.Random) -> Subject:
    pet, name = words.value("pet", chance), words.value("petname", chance)
    pet = pet if pet in words.slots.get("pet", ()) else "dog"
    asks = (Ask(f"our {pet} {{x}}", "petname", "which of our pets,who"),)
    return Subject(f"our {pet} {name}", f"our {pet}", "s", asks)


def renamed(who: str, chance: random.Random) -> str:
    """The same person by another word, at times."""
    owner, _, relation = who.partition(" ")
    return f"{owner} {SAME_PERSON.get(relation, relation)}" if relation and chance.random() < 0.5 else who
