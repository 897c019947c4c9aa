"""What the user says of themselves, said to them or about them."""

from __future__ import annotations

import re

_PERSONS = re.compile(r"\b(?:i am|i was|am i|was i|i'm|i|me|my|mine|myself|we|us|our|ours)\b(?!')")
SHIFTS = {
    "you": {"i am": "you are", "i was": "you were", "am i": "are you", "was i": "were you", "i'm": "you're", "i": "you",
            "me": "you", "my": "your", "mine": "yours", "myself": "yourself", "we": "you", "us": "you", "our": "your",
            "ours": "yours"},
    "they": {"i am": "they are", "i was": "they were", "am i": "are they", "was i": "were they", "i'm": "they're",
             "i": "they", "me": "them", "my": "their", "mine": "theirs", "myself": "themselves", "we": "they",
             "us": "them", "our": "their", "ours": "theirs"},
}  # fmt: skip


def shifted(text: str, to: str) -> str:
    """What the user says of themselves, said to them (`you`) or about them (`they`)."""
    return _PERSONS.sub(lambda word: SHIFTS[to][word[0]], text)
