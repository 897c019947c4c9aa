"""What people tell about themselves, how they ask for it later, and how a self-model keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from anima_tui.engine.slots import SLOT, fill
from anima_tui.forge.blocks import Block

ANSWERS = {
    "A": ("{x}. You told me, and I kept it.", "It's {x}, as you told me.", "{x}, I remember that.", "{x}, isn't it?"),
    "S": ("Stored: {x}.", "On record: {x}.", "{what}: {x}."),
    "D": (
        "{x}, says the small bell over my door.",
        "A moth writes it on the window: {x}.",
        "{x}, the stone still warm.",
    ),
}
UNTOLD = {
    "A": ("You have not told me your {what} yet. What is it?", "I don't know your {what}; you have not told me.",
          "You haven't told me that yet. Tell me, and I'll keep it."),
    "S": ("No entry for {what}.", "Not stored: {what}. Enter it to keep it.", "{what}: not told."),
    "D": ("That door has no sign yet; you have not told me your {what}.",
          "The page for your {what} is still white. Will you write on it?"),
}  # fmt: skip


@dataclass(frozen=True)
class Fact:
    """One kind of fact; `{x}` is what is told. `kept` is how a self-model states it.

    `source` says where `{x}` comes from: NAME, NOUN, or a kind of slot.
    """

    what: str
    source: str
    told: Sequence[str]
    asked: Sequence[str]
    kept: str
    answers: Mapping[str, Sequence[str]] = field(default_factory=lambda: ANSWERS)
    """By voice; `{what}` may stand in them, and so in those of `untold`."""
    untold: Mapping[str, Sequence[str]] = field(default_factory=lambda: UNTOLD)


def with_value(text: str, value: str, what: str = "") -> str:
    """`text` with `value` for `{x}` and `what` for `{what}`, the grammar mended that a value brings."""
    return fill(text.replace("{what}", what).replace("{x}", "{it}"), {"it": value})


def facts_of(blocks: Iterable[Block]) -> list[Fact]:
    """The kinds of facts that the corpus teaches, one a block."""
    return [_fact(block) for block in blocks if block.task == "fact" and block.tells and block.asks and block.keeps]


def _fact(block: Block) -> Fact:
    kind = next((kind for line in block.tells for kind, _ in SLOT.findall(line)), "")

    def opened(lines: Iterable[str]) -> list[str]:
        return [SLOT.sub("{x}", line) for line in lines]

    return Fact(
        block.key,
        kind,
        opened(block.tells),
        block.asks,
        opened(block.keeps)[0],
        {voice: opened(lines) for voice, lines in block.answers.items()},
        block.untold,
    )


NAME = Fact(
    "name",
    "NAME",
    ("my name is {x}", "i'm {x}", "call me {x}", "{x} here, hi"),
    ("what is my name?", "do you know my name", "who am i?", "what am i called"),
    "Their name is {x}.",
)
_SINGLE: tuple[Fact, ...] = (
    NAME,
    Fact("town", "NAME", ("i live in {x}", "we moved to {x}", "my home is in {x}"),
         ("where do i live?", "which town do i live in", "do you know my town"), "They live in {x}."),
    Fact("cat", "NAME", ("my cat is called {x}", "i have a cat named {x}", "{x} is my cat"),
         ("what is my cat called?", "whats my cats name", "do you remember my cat's name"),
         "They have a cat named {x}."),
    Fact("dog", "NAME", ("my dog is called {x}", "i have a dog, {x}", "got a dog, his name is {x}"),
         ("what is my dog called?", "what's my dog's name", "the name of my dog?"), "They have a dog named {x}."),
    Fact("sister", "NAME", ("my sister is called {x}", "my sister {x} came over", "i have a sister, {x}"),
         ("what is my sister's name?", "how is my sister called", "do you know my sisters name"),
         "They have a sister named {x}."),
    Fact("brother", "NAME", ("my brother is called {x}", "my brother {x} phoned", "i have a brother, {x}"),
         ("what is my brother's name?", "whats my brother called", "do you know my brother"),
         "They have a brother named {x}."),
    Fact("boss", "NAME", ("my boss is called {x}", "my boss {x} was rude again", "{x} is my new boss"),
         ("what is my boss called?", "what's the name of my boss", "who is my boss"), "They have a boss named {x}."),
    Fact("best friend", "NAME", ("my best friend is {x}", "{x} is my best friend", "i met {x}, my best friend"),
         ("who is my best friend?", "what is my best friend called", "do you know my best friend's name"),
         "They have a best friend named {x}."),
    Fact("street", "NAME", ("i live on {x} street", "our house is on {x} street"),
         ("what street do i live on?", "what is the name of my street"), "They live on {x} street."),
    Fact("job", "job", ("i work as a {x}", "i'm a {x}", "my job? i'm a {x}"),
         ("what is my job?", "what do i do for work", "do you know what i work as"), "They work as a {x}."),
    Fact("favourite food", "food", ("my favourite food is {x}", "i love {x} more than any food"),
         ("what is my favourite food?", "what do i like to eat most", "what food do i love"),
         "They like {x} more than any other food."),
    Fact("favourite colour", "color", ("my favourite colour is {x}", "i like {x} best of all colours"),
         ("what is my favourite colour?", "which colour do i like best", "whats my favorite color"),
         "They like the colour {x}."),
    Fact("hobby", "hobby", ("my hobby is {x}", "i spend my free time {x}", "i took up {x}"),
         ("what is my hobby?", "what do i do in my free time", "do you know my hobby"), "They like {x}."),
    Fact("collection", "NOUN", ("i collect every {x} i can find", "i collect {x} pictures"),
         ("what do i collect?", "do you know what i collect"), "They collect {x} things."),
    Fact("fear", "animal", ("i'm afraid of every {x}", "nothing scares me like a {x}"),
         ("what am i afraid of?", "which animal scares me", "what scares me"), "They are afraid of the {x}."),
    Fact("age", "age", ("i'm {x} years old", "i turned {x} this week"),
         ("how old am i?", "what is my age", "do you know my age"),
         "They are {x} years old."),
)  # fmt: skip


def _named(relation: str) -> Fact:
    """Somebody or something of the user's that has a name."""
    return Fact(
        relation,
        "NAME",
        (
            f"my {relation} is called {{x}}",
            f"my {relation}'s name is {{x}}",
            f"{{x}} is my {relation}",
            f"{{x}} is the name of my {relation}",
            f"i have a {relation} called {{x}}",
            f"we named our {relation} {{x}}",
        ),
        (
            f"what is my {relation} called?",
            f"what's my {relation}'s name",
            f"do you remember the name of my {relation}",
            f"who is my {relation}?",
            f"what was my {relation} called again",
        ),
        f"They have a {relation} named {{x}}.",
    )


def _favourite(thing: str, source: str) -> Fact:
    """What the user likes best of a kind."""
    return Fact(
        f"favourite {thing}",
        source,
        (
            f"my favourite {thing} is {{x}}",
            f"{{x}} is my favorite {thing}",
            f"of all {thing}s i like {{x}} best",
            f"the best {thing} is {{x}} if you ask me",
        ),
        (
            f"what is my favourite {thing}?",
            f"which {thing} do i like best",
            f"whats my favorite {thing}",
            f"do you know my favourite {thing}",
        ),
        f"Their favourite {thing} is {{x}}.",
    )


RELATIONS = (
    "neighbour teacher doctor cousin aunt uncle grandmother grandfather nephew niece son daughter wife husband mother "
    "father girlfriend boyfriend roommate flatmate hamster parrot horse rabbit turtle goldfish kitten puppy car boat "
    "ship band team coach dentist landlord school village company colleague therapist shop plant guitar robot "
    "trainer manager godmother stepfather twin baby tortoise snake bike van farm house cafe hometown club"
).split()
FAVOURITES = {
    "film": "NAME", "book": "NAME", "song": "NAME", "singer": "NAME", "city": "city", "country": "country",
    "drink": "drink", "animal": "animal", "season": "season", "month": "month", "sport": "sport", "game": "game",
    "flower": "flower", "subject": "subject", "fruit": "food", "dessert": "food", "instrument": "instrument",
    "holiday": "holiday", "planet": "planet", "place": "place", "word": "NOUN", "genre": "genre", "weather": "weather",
}  # fmt: skip

FACTS = (
    *_SINGLE,
    *map(_named, RELATIONS),
    *(_favourite(thing, source) for thing, source in FAVOURITES.items()),
    Fact("birthplace", "NAME", ("i was born in {x}", "i grew up in {x}", "i come from {x}", "i'm from {x}"),
         ("where was i born?", "where did i grow up", "where am i from", "where do i come from"),
         "They come from {x}."),
    Fact("instrument", "instrument", ("i play the {x}", "i've played the {x} for years", "i practise the {x} daily"),
         ("what instrument do i play?", "which instrument do i play", "what do i play"), "They play the {x}."),
    Fact("language", "language", ("i'm learning {x}", "i speak {x} at home", "i take {x} lessons"),
         ("which language am i learning?", "what language do i speak", "what language was it"),
         "They speak some {x}."),
    Fact("subject", "subject", ("i study {x}", "i'm a {x} student", "i teach {x}"),
         ("what do i study?", "what is my subject", "what do i teach"), "They study {x}."),
    Fact("allergy", "food", ("i'm allergic to {x}", "i can't eat {x}, it makes me sick", "{x} gives me a rash"),
         ("what am i allergic to?", "what can't i eat", "which food makes me ill"), "They are allergic to {x}."),
    Fact("vehicle", "vehicle", ("i drive a {x}", "i go to work by {x}", "i bought a {x} last year"),
         ("what do i drive?", "how do i get to work", "what did i buy last year"), "They drive a {x}."),
    Fact("birthday", "month", ("my birthday is in {x}", "i was born in {x}", "i turn a year older in {x}"),
         ("when is my birthday?", "in which month was i born", "what month is my birthday"),
         "Their birthday is in {x}."),
    Fact("children", "number", ("i have {x} children", "we've got {x} kids", "i'm a parent of {x}"),
         ("how many children do i have?", "how many kids have i got", "do you know how many children i have"),
         "They have {x} children."),
    Fact("siblings", "number", ("i have {x} brothers and sisters", "i'm one of {x} kids"),
         ("how many siblings do i have?", "how many brothers and sisters have i got"),
         "They have {x} brothers and sisters."),
    Fact("wish", "object", ("i want a new {x}", "i've always wanted a {x}", "i'm saving up for a {x}"),
         ("what do i want?", "what am i saving up for", "what have i always wanted"), "They want a {x}."),
    Fact("lost thing", "object", ("i lost my {x}", "i can't find my {x} anywhere", "my {x} is gone"),
         ("what did i lose?", "what was it that i lost", "what can't i find"), "They lost their {x}."),
    Fact("gift", "object", ("i got a {x} for my birthday", "my aunt gave me a {x}", "they gave me a {x}"),
         ("what did i get for my birthday?", "what did they give me", "what was my present"),
         "They got a {x} as a present."),
    Fact("dislike", "food", ("i hate {x}", "i can't stand {x}", "i never eat {x}"),
         ("what food do i hate?", "what can't i stand", "what do i never eat"), "They do not like {x}."),
    Fact("plan", "city", ("i'm going to {x} next month", "we travel to {x} in spring", "my trip goes to {x}"),
         ("where am i going?", "where do i travel to", "where does my trip go"), "They plan a trip to {x}."),
    Fact("event", "event", ("i have a {x} on friday", "my {x} is on friday", "the {x} is this friday"),
         ("what do i have on friday?", "what is on friday", "what's coming up on friday"),
         "They have a {x} on Friday."),
    Fact("illness", "illness", ("i have {x}", "the doctor says i have {x}", "i'm home with {x}"),
         ("what illness do i have?", "why am i at home", "what did the doctor say i have"), "They have {x}."),
    Fact("pain", "bodypart", ("my {x} hurts", "i hurt my {x}", "i've got a sore {x}"),
         ("what hurts?", "where does it hurt", "which part of me hurts"), "Their {x} hurts."),
    Fact("sport", "sport", ("i do {x} twice a week", "i train {x} on tuesdays", "i joined a club for {x}"),
         ("which sport do i do?", "what do i train", "what sport was it"), "They do {x}."),
    Fact("dinner", "food", ("i had {x} for dinner", "we ate {x} tonight", "i cooked {x} today"),
         ("what did i have for dinner?", "what did we eat", "what did i cook"), "They had {x} for dinner."),
    Fact("room", "room", ("i'm painting the {x}", "we are redoing our {x}", "the leak is in the {x}"),
         ("which room is it?", "what room are we redoing", "which room am i painting"), "They work on the {x}."),
)  # fmt: skip
"""Kinds of facts made by rule."""
