"""Dreams made by rule: what the Dream voice answers to each of the day's lines, run together into one.

The corpus' own dreams are few; these teach that a dream is made of what was said, whatever it was.
"""

from __future__ import annotations

import re

from anima_tui.engine.prompts import Messages
from anima_tui.engine.slots import fill
from anima_tui.forge.documents import Author
from anima_tui.forge.drills import remark
from anima_tui.forge.telling import STYLE

_SENTENCE = re.compile(r"(?<=[.!]) +")
_LONGEST = 420
"""Characters of a dream, after which it is cut at a sentence."""


def dream(author: Author) -> Messages:
    """One to three lines of the day, at times with a dream before, and the dream they become."""
    chance = author.chance
    phrases = [p for p in (chance.choice(author.complete) for _ in range(8)) if not p.before]
    memories, images = list[str](), list[str]()
    for phrase in phrases[: chance.choice((1, 2, 2, 3))]:
        line, image = chance.choice(phrase.says), chance.choice(phrase.replies["D"])
        values = author.words.bind([line, image], chance)
        memories.append(f'They said: "{fill(line, values)}"')
        images.append(_told(fill(image, values)))
    if chance.random() < 0.4:
        memories.insert(chance.randrange(len(memories) + 1), f'I said: "{remark(author)}"')
    before = _image(author) if chance.random() < 0.4 else None
    seen = " ".join(image for image in images if image) or _image(author)
    return [*STYLE.dream(memories, before), {"role": "assistant", "content": _cut(seen)}]


def _image(author: Author) -> str:
    """Any image of the Dream voice."""
    image = author.chance.choice(author.chance.choice(author.complete).replies["D"])
    return _told(fill(image, author.words.bind([image], author.chance))) or "A lamp is lit, and the walls step back."


def _told(image: str) -> str:
    """Without its questions: nobody is there to answer them."""
    return " ".join(sentence for sentence in _SENTENCE.split(image) if not sentence.rstrip().endswith("?"))


def _cut(text: str) -> str:
    while len(text) > _LONGEST and len(sentences := _SENTENCE.split(text)) > 1:
        text = " ".join(sentences[:-1])
    return text
