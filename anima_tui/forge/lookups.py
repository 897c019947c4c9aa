"""Drills in which a reply cannot be known, only found: examples whose answers were exchanged for others.

Without them a body learns the corpus by heart and ignores its examples; with them it must find the example that the
message resembles, and the line in the voice asked for.
"""

from __future__ import annotations

from anima_tui.engine.examples import Example
from anima_tui.engine.prompts import Messages
from anima_tui.engine.slots import fill
from anima_tui.forge.blocks import Block
from anima_tui.forge.documents import CLOSE, Author
from anima_tui.forge.telling import Telling, answered, casual, showing, telling

FOUND_IN_TEXT = 0.5
"""Share of lookups whose replies are lines of open text, which nothing else in the training repeats."""


def lookup(author: Author, block: Block, at: int, line: str) -> Messages:
    """`line` is answered by whatever stands as the reply to another way of saying it."""
    chance, turn = author.chance, block.turns[at]
    how = telling(("A", "S", "D"), chance)
    values = author.words.bind([line], chance)
    message = fill(line, values)
    own = chance.choice([other for other in turn.says if other != line] or [line])
    wanted = _example(author, how, fill(own, author.words.bind([own], chance)))
    shown = [_example(author, how, other) for other in _others(author, block, message)]
    place = len(shown) if chance.random() < 0.5 else chance.randrange(len(shown) + 1)
    shown.insert(place, wanted)
    return [
        {"role": "system", "content": how.system(author.self_lines(), [])},
        *showing(shown, chance),
        *answered(how, casual(message, chance), wanted.replies[how.voice]),
    ]


def _others(author: Author, block: Block, message: str) -> list[str]:
    count = author.chance.choice((1, 2))
    if author.chance.random() < 0.4:
        lines = [author.chance.choice(phrase.says) for phrase in author.chance.sample(author.openings, count)]
    else:
        found = author.book.nearest(message, "", count, lambda phrase, _: phrase.block == block.key)
        lines = [match.line for match in found if match.score < CLOSE]
    return [fill(line, author.words.bind([line], author.chance)) for line in lines]


def _example(author: Author, how: Telling, line: str) -> Example:
    """`line` with replies that are not its own; from open text only one, since nothing would tell three apart."""
    chance = author.chance
    if chance.random() < FOUND_IN_TEXT:
        return Example(line, {how.voice: chance.choice(author.words.lines)})
    phrase = chance.choice(author.complete)
    replies = {voice: chance.choice(texts) for voice, texts in phrase.replies.items()}
    values = author.words.bind(replies.values(), chance)
    return Example(line, {voice: fill(text, values) for voice, text in replies.items()})
