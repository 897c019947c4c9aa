"""Tenses: how a verb stands in a statement and in a question, and the kinds of time that go with it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import NamedTuple

from anima_tui.forge.grammar.doings import Doing
from anima_tui.forge.grammar.parts import Verb


def _present(f: Sequence[str], person: str) -> str:
    if f[0].startswith("be "):
        return _be(person) + f[0][2:]
    return f[1] if person == "s" else f[0]


def _past(f: Sequence[str], person: str) -> str:
    return "were" + f[2][3:] if person == "p" and f[0].startswith("be ") else f[2]


def _be(person: str) -> str:
    return {"i": "am", "p": "are", "s": "is"}[person]


def _do(person: str) -> str:
    return "does" if person == "s" else "do"


def _have(person: str) -> str:
    return "has" if person == "s" else "have"


def _simple(f: Sequence[str], p: str) -> Verb:
    if f[0].startswith("be "):
        return Verb(_present(f, p), _be(p), f[0][3:])
    return Verb(_present(f, p), _do(p), f[0])


def _simple_past(f: Sequence[str], p: str) -> Verb:
    if f[0].startswith("be "):
        return Verb(_past(f, p), "were" if p == "p" else "was", f[0][3:])
    return Verb(_past(f, p), "did", f[0])


class _Tense(NamedTuple):
    """A tense by the words before the verb: `head` is inflected like a verb, the verb stands in form `form`."""

    head: str
    form: int

    def __call__(self, f: Sequence[str], p: str) -> Verb:
        first, *after = self.head.split(" ")
        rest = " ".join((*after, f[self.form]))
        if first == "be" or (first == "have" and after != ["to"]):
            helper = _be(p) if first == "be" else _have(p)
            return Verb(f"{helper} {rest}", helper, rest)
        if first == "will":
            return Verb(f"will {rest}", "will", rest)
        if first == "used":
            return Verb(f"used {rest}", "did", f"use {rest}")
        if first == "started":
            return Verb(f"started {rest}", "did", f"start {rest}")
        stated = {"have": "has"}.get(first, first + "s") if p == "s" else first
        return Verb(f"{stated} {rest}", _do(p), f"{first} {rest}")


class _Often(NamedTuple):
    """The simple present with an adverb."""

    adverb: str

    def __call__(self, f: Sequence[str], p: str) -> Verb:
        simple = _simple(f, p)
        if f[0].startswith("be "):
            helper, _, rest = simple.stated.partition(" ")
            return Verb(f"{helper} {self.adverb} {rest}", helper, f"{self.adverb} {rest}")
        return Verb(f"{self.adverb} {simple.stated}", simple.helper, f"{self.adverb} {simple.rest}")


_Tensed = Callable[[Sequence[str], str], Verb]
_LASTING = (("now", _Tense("be", 3)), ("since", _Tense("have been", 3)))
_HABIT = (("habit", _simple), ("habit", _simple), ("habit", _simple), ("habit", _Often("always")),
          ("habit", _Often("usually")), ("habit", _Often("often")),
          ("habit", _Tense("used to", 0)))  # fmt: skip
_ONCE = (("past", _simple_past), ("past", _simple_past), ("past", _simple_past))
_AHEAD = (("future", _Tense("be going to", 0)), ("future", _Tense("plan to", 0)),
          ("future", _Tense("hope to", 0)), ("future", _Tense("want to", 0)), ("future", _Tense("have to", 0)),
          ("future", _Tense("will", 0)))  # fmt: skip
_JUST = (("none", _Tense("have just", 4)),)
_TENSES = {
    "ROUTINE": (*_HABIT, *_ONCE, *_LASTING, *_AHEAD[:1], ("none", _Tense("started", 3))),
    "ROUTINE2": (*_HABIT, *_ONCE, *_AHEAD),
    "DEED": (*_ONCE, *_ONCE, *_JUST, *_AHEAD),
    "PAST": (*_ONCE, *_JUST),
    "STATE": (("none", _simple), ("none", _simple), ("none", _Often("still")), ("none", _Tense("used to", 0))),
}
"""Kinds of time that a tense goes with, and the tense."""
STATIVE = frozenset("love hate like fear own need want have hate_doing own_a_flat crave understand prefer miss adore "
                    "admire envy trust dread refuse know see be_crazy_about be_obsessed_with be_good_at enjoy "
                    "keep".split())  # fmt: skip
"""Verbs that are not said in the continuous tenses."""
SUDDEN = frozenset("take_up give_up win_at crash flood find get pass fail lose_at finish forget put_off spill "
                   "buy pick_up leave cancel move put_on rescue fall_into run_a_cafe own_a_flat break "
                   "drop win inherit".split())  # fmt: skip
"""Verbs that nobody has been doing since March."""


def some_tense(forms: Sequence[str], doing: Doing, chance: random.Random) -> tuple[str, _Tensed]:
    """One that the verb can bear: nobody is hating, nobody has been losing a spoon since March."""
    base = forms[0].replace(" ", "_")
    for _ in range(12):
        time, tensed = chance.choice(_TENSES[chance.choice(doing.tenses.split())])
        lasting = time in ("now", "since", "future") or tensed == _Tense("started", 3)
        if not (lasting and base in STATIVE) and not (
            time in ("since", "habit", "none") and base in SUDDEN and tensed != _Tense("have just", 4)
        ):
            return time, tensed
    return "past", _simple_past
