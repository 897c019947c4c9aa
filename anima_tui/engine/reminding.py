"""What stands in the prompt already and may be what the user asks for, to be said once more right before the question.

A body of a few million parameters finds a fact next to the question better than far above it. Nearness is lexical, with
the phrasebook's knowledge of which words are rare.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from anima_tui.engine.lexical import line_grams, words_of
from anima_tui.engine.memory import memory_line
from anima_tui.engine.phrasebook import Phrasebook
from anima_tui.engine.retelling import retold

MOST = 5
"""Lines that are said once more. People ask in other words than they tell, so more than the nearest are needed."""

ALIKE = 0.8
"""Nearness from which an example helps with such a question when nothing was told: it says the same then."""

_OF_THEMSELVES = frozenset("my me i mine our ours we us im ive id myself mum mom dad nan gran".split())
_GREETING = r"(?:and|so|ok|hey|hi|hello|good (?:morning|day|evening)|morning|anima|please|well|but|oh|wait|now) "
_ASKS = re.compile(
    rf"^(?:{_GREETING}|(?:quick question|tell me|remind me|can you|could you) )*"
    r"(?:(?:at|in|with|from|to|by|for|on|until|of) )?"
    r"(?:who|whos|whom|what|whats|which|whose|where|wheres|whens|when (?:is|was|did|do|does|will|am|are|were|have)|"
    r"how (?:old|many|much|long|tall|often|far|do you|am i|(?:is|are) (?:my|our) [\w ]+ (?:called|named)$)|"
    r"(?:do|did|can) you (?:still )?(?:know|remember|recall)|"
    r"did i (?:tell|say|mention)|have i (?:told|said)|(?:say|tell me) my|(?:the )?names? of|am i|is my|"
    r"i (?:forgot|cant remember) (?:what|who|where|when|how|which)|remind me (?:of|about) my|remind me .* name is$|"
    r"ha(?:s|ve) (?:my|our) [\w ]+ names?$|did i already|how do i (?:like|take) my|"
    r"do i (?:take (?:milk|sugar)|have (?:any |a )?(?:brothers?|cats?|children|dogs?|kids|name|pets?|sisters?))|"
    r"(?>[\w ]*?\b(?:my|i)\b)[\w ]* whats? (?:is |was |are |were )?(?:(?:his|her|its|their) names?|\w+ called)$)\b"
)
_ADVICE = re.compile(
    r"\b(?:should|could|shall|must|may|if|happens|might|what can|how long can|(?:do|does) (?:i|we|my \w+) need|"
    r"what do i (?:say|write|bring|pack|reply|answer|name|talk|make|cook|get)|"
    r"what do i do (?:if|when|about|now|with|to|at|against)|what do i (?:do|wear)$|when do i use|what to|(?:can|for) i|"
    r"normal|wrong with|do you think|would you|would be|i can (?:do|try|make)|am i (?:a|fun|the|too|weird)|"
    r"(?:do|are) we (?:all|ever|really)|(?:lets|makes) us|remember (?:anything|everything|me$|people|stuff|things)|"
    r"the best way|(?:a|something) (?:better|cheap|easy|fun|good|nice|small))\b"
)
_OF_SOMETHING_TOLD = re.compile(
    r"\bcalled(?: again)?$|^(?:the )?name of the \w+$|\byou (?:still )?(?:remember|recall)\b|\bagain$"
)
_ASKS_WHO_OR_WHERE = re.compile(rf"^(?:{_GREETING})*((?:who|whos|whose|whom|which|where|wheres|when)\b.*)")
_ADDRESSES_HER = frozenset("you your yourself".split())
_KNOWS = frozenset("know remember recall told tell said say call".split())
_FRAME = frozenset(
    "what whats who whos whom which where wheres how is are was were do does did the a an of in on to my i you your "
    "me called name names named again tell told know remember say said".split()
)
_TOLD_AS = (
    (re.compile(r"\bdo for (?:work|a living)\b|\b(?:job|profession|occupation)\b"), "work as"),
    (re.compile(r"\bold\b|\bage\b"), "years old"),
    (re.compile(r"\bwho am i\b"), "name"),
    (re.compile(r"\bwhere do (?:i|we) live\b|\bmy (?:home|town|city|village|address)\b"), "live in moved to"),
    (re.compile(r"\bwhen (?:was i|is my birthday)\b"), "birthday born"),
)
"""What is asked for in other words than it is told in."""
_QUESTION_WORD = re.compile(
    rf"^(?:{_GREETING})*(?:who|whos|what|whats|which|whose|where|wheres|whens|why|how)\b"
    r"|^when (?:is|was|do|does|did|will|can|should)\b"
)
_REQUEST = re.compile(
    r"^(?:please |can you |could you |will you )*"
    r"(?:tell|give|help|sing|show|say|read|write|teach|ask|let)\b(?!.*\b(?:my|our|i|im)\b)"
)
_ASKS_FOR_HER = re.compile(
    r"\b(?:who|what) (?:are|is) you\b|\bwho(?:re|s) you\b|\byour (?:real |full )?name\b"
    r"|\bwhat (?:should|do|can) i call you\b|\bare you (?:a|an|real|human|alive|anima|called|named)\b"
)
OF_HERSELF = ("I ", "I'm ", "My ")
"""How a line begins that speaks of her and not of the user."""
_ASIDE = ("Voice:", "Think ")
_QUOTED = re.compile(r'^They said: "(.*)"$')


def reminded(book: Phrasebook, lines: Iterable[str], user: str) -> list[str]:
    """Up to `MOST` of `lines` that a question of the user's about themselves may be answered from, the nearest last.

    For any other message those that tell all it asks about, if it asks who or where: "who won the race".
    """
    said = words_of(user)
    if not asks_for_told(said):
        about = _all_asked_about(said)
        lines = [line for line in lines if about and about.issubset(words_of(line))]
    wanted = _weights(book, asked_about(said))
    scores = {line: _cosine(wanted, _weights(book, words_of(line))) for line in lines}
    return sorted(scores, key=scores.__getitem__)[-MOST:]


def asks_for_told(said: Sequence[str]) -> bool:
    """Whether these words of the user's ask for something that they may have told of themselves."""
    asked = " ".join(said)
    if not _ASKS.match(asked) or _ADVICE.search(asked):
        return False
    if _OF_THEMSELVES.isdisjoint(said) and not _OF_SOMETHING_TOLD.search(asked):
        return False
    return _ADDRESSES_HER.isdisjoint(said) or not _KNOWS.isdisjoint(said)


def asks_for_her(said: Sequence[str]) -> bool:
    """Whether these words of the user's ask who she is."""
    return bool(_ASKS_FOR_HER.search(" ".join(said)))


def of_herself(system: str) -> str:
    """A system prompt without what it tells of the user, whose names a small body would take for hers."""
    return "\n".join(line for line in system.splitlines() if line.startswith((*OF_HERSELF, *_ASIDE)))


def asked_about(said: Sequence[str]) -> Sequence[str]:
    """The words of a question without those that only frame it: "what is my cat called" asks for the cat."""
    asked = " ".join(said)
    if told := next((words for form, words in _TOLD_AS if form.search(asked)), ""):
        return told.split()
    return [word for word in said if word not in _FRAME] or said


def tells(text: str) -> bool:
    """Whether the user tells something of themselves with it, rather than asking or saying what is true of others."""
    return not _asks(text) and not _OF_THEMSELVES.isdisjoint(words_of(text))


def _asks(text: str) -> bool:
    said = " ".join(words_of(text))
    return bool(_QUESTION_WORD.match(said) or _REQUEST.match(said))


def told_in(system: str, users: Sequence[str]) -> list[str]:
    """Lines that may hold facts: what a system prompt says of the user, and what the user said, retold."""
    lines = [line.removeprefix("- ") for line in system.splitlines()]
    kept = [line for line in lines if line and not line.endswith(":") and not line.startswith((*OF_HERSELF, *_ASIDE))]
    return list(
        dict.fromkeys([*map(_told, kept), *(_told(memory_line("user", user)) for user in users if not _asks(user))])
    )


def _all_asked_about(said: Sequence[str]) -> set[str]:
    """The words of a question for who or where that its answer holds, every one; none for any other message."""
    question = _ASKS_WHO_OR_WHERE.match(" ".join(said))
    if not question or _ADVICE.search(question[1]) or not _ADDRESSES_HER.isdisjoint(said):
        return set()
    about = set(asked_about(question[1].split()))
    return about if len(about) > 1 else set()


def _told(line: str) -> str:
    quoted = _QUOTED.match(line)
    return retold(quoted[1]) if quoted else line


def _weights(book: Phrasebook, words: Sequence[str]) -> dict[str, float]:
    return {gram: book.rarity(gram) for gram in line_grams(words)}


def _cosine(a: dict[str, float], b: dict[str, float]) -> float:
    size = (sum(w * w for w in a.values()) * sum(w * w for w in b.values())) ** 0.5
    return sum(w * b[gram] for gram, w in a.items() if gram in b) / size if size else 0.0
