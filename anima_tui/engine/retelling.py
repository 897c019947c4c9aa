"""What the user said, retold in the third person, as a self-model states it: a small body reads that best."""

from __future__ import annotations

import re

from anima_tui.engine.introducing import introduced

_BECOMES = {
    "i'm": "they are", "i am": "they are", "im": "they are", "we're": "they are", "we are": "they are",
    "i've": "they have", "ive": "they have", "we've": "they have", "i'd": "they would", "we'd": "they would",
    "i'll": "they will", "we'll": "they will", "i was": "they were", "am i": "are they", "was i": "were they",
    "i": "they", "we": "they", "me": "them", "us": "them", "my": "their", "our": "their", "mine": "theirs",
    "ours": "theirs", "myself": "themselves", "ourselves": "themselves",
}  # fmt: skip
_WORDS = "|".join(sorted(_BECOMES, key=len, reverse=True))
# Part of a compound, of an address or of "i.e." is no word of its own; "the us" is a country, and "a mine" is dug.
_FIRST_PERSON = re.compile(
    rf"(?<![\w@/-])(?<!\w[.'])(?!(?<=\bthe )(?ai:us|mine)\b|(?<=\ba )(?ai:mine)\b|US\b)"
    rf"(?ai:{_WORDS})(?![\w@/-]|\.\w)"
)
_MOVED = re.compile(r"^(They (?:have |just )*moved (?:back )?to [^A-Z.,!?]*([A-Z][\w'-]+(?: [A-Z][\w'-]+)*)[^.,!?]*)")


def retold(said: str) -> str:
    """One sentence: "i'm tired of my job" is "They are tired of their job."."""
    text = _FIRST_PERSON.sub(lambda words: _BECOMES[words[0].lower()], introduced(said))
    text = _MOVED.sub(r"\1 and live in \2", text[:1].upper() + text[1:])
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
