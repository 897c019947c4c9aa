"""How people tell that something they once told is different now, or over."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from anima_tui.forge.facts import RELATIONS, Fact

NAMING = (
    "it's {new} now, not {old}", "no more {old}, {new} from now on", "i switched from {old} to {new}",
    "scratch that about {old}, it's {new}", "not {old} any more, {new}", "{old} was wrong, it's {new}",
    "sorry, i meant {new}, not {old}", "did i say {old}? it's {new}", "{new} instead of {old} these days",
    "from {old} to {new}, things change", "we changed it from {old} to {new}", "correction: {new}, not {old}",
    "{old} is history, now it's {new}", "it used to be {old}, now it's {new}", "goodbye {old}, hello {new}",
    "i told you {old} but by now it's {new}", "{old} didn't last, {new} it is", "{new} has taken the place of {old}",
    "{old} is out, {new} is in", "done with {old}, {new} is next", "what was {old} is {new} since monday",
    "turns out it's {new} and not {old}", "oh and {old} is now {new}", "no longer {old} but {new}",
    "make that {new}, it isn't {old} any longer", "update: {old} became {new}", "i said {old}. wrong, {new}",
    "you still think it's {old}? {new} since last week", "{old}? that was before, {new} now",
    "instead of {old} it's {new}, they told me today", "{new}, and no longer {old}",
    "so it's {new} after all, not {old}",
)  # fmt: skip
"""For any value, where the old one is found in one line alone."""
AFRESH = (
    "now {told}", "these days {told}", "we changed it: {told}", "things changed, {told}", "news: {told}",
    "not like before, {told}", "it's different now: {told}", "i was wrong before, {told}", "correction, {told}",
    "change of plan: {told}", "since yesterday it's like this: {told}", "big news, {told}", "something new: {told}",
    "by now it's otherwise. {told}", "let me put that right: {told}", "i mixed that up, {told}", "{told}",
    "scratch what i said about {old}, {told}", "no more {old}: {told}", "it's not {old} any more, {told}",
    "{old} is over. {told}", "remember {old}? well, {told}", "that was {old} last time, but {told}",
)  # fmt: skip
"""Around the fact's own telling, with the new value in it."""
AFTER = (
    "{told} now", "{told} these days", "{told} since last week", "{told}, that's new", "{told}, not {old} any more",
    "{told}, no longer {old}", "{told} (not {old})", "{told}, {old} is over", "{told} instead of {old}",
    "{told} as of today", "{told} nowadays", "{told}, it was {old} before",
)  # fmt: skip
"""Likewise, behind a short telling."""

_RELATED = (
    "my new {what} is called {new}", "{old} isn't my {what} any more, {new} is", "i have a new {what}, {new}",
    "{new} is my {what} now", "{old} left, now {new} is my {what}", "got another {what} after {old}, {new}",
    "a new {what} in place of {old}: {new}", "say hello to {new}, my new {what}",
    "our {what} isn't {old} now but {new}", "the {what} is {new} these days, {old} is gone",
)  # fmt: skip
_FAVOURED = (
    "{new} beats {old} by now", "i've grown tired of {old}, {new} is the best", "i like {new} better than {old} now",
    "{old} was my favourite, but {new} won me over", "new {what}: {new}", "my {what} changed, {new}",
)  # fmt: skip
_BY_KEPT = {
    "They live in {x}.": (
        "we moved from {old} to {new}", "left {old}, {new} is home now", "{old} got too dear, we live in {new} now",
        "i've moved, {new} is my town now", "settling in in {new}, {old} feels far away", "i live in {new} now",
        "unpacked the last box, {new} it is, bye {old}", "new address: {new}",
    ),
    "They work as a {x}.": (
        "i'm done as a {old}, now i'm a {new}", "changed jobs, {new} instead of {old}", "i retrained, i'm a {new} now",
        "they took me on as a {new}, no more {old}", "first day as a {new}, i don't miss being a {old}",
        "after years as a {old} i now work as a {new}", "new job! {new}",
    ),
    "Their name is {x}.": (
        "call me {new}, not {old}", "i go by {new} now", "nobody calls me {old} any more, it's {new}",
        "i changed my name to {new}", "please use {new}, {old} was my old name", "my name is {new}, no longer {old}",
    ),
}  # fmt: skip

OVER = (
    "that about {old} isn't true any more", "what i told you about {old} is over", "{old}? not any more",
    "that's finished, {old}", "it's over with {old}", "{old} is a thing of the past",
    "the thing with {old} is no longer so", "no more {old} for me, and nothing in its place", "{old} is done for good",
)  # fmt: skip
_OVER_BEING = (
    "{old} is gone now", "{old} died on sunday", "we gave {old} away", "that's over, {old} and me",
    "{old} ran away and won't come back", "i don't see {old} any more", "{old} moved out for good",
    "i fell out with {old} for good", "{old} isn't with us any more", "we had to say goodbye to {old} for ever",
)  # fmt: skip
_OVER_NAMED = (
    "{old} is gone now", "{old} isn't with us any more", "we gave {old} away", "that's over, {old} and me",
    "goodbye {old}, it was a good time", "there is no {old} any more",
)  # fmt: skip
_OVER_THING = (
    "sold the {old}", "the {old} broke for good, threw it out", "gave the {old} away", "no {old} any more, it's gone",
    "the {old} was stolen and never came back",
)  # fmt: skip
_OVER_DOING = (
    "i don't do that any more: {old}", "i gave up {old}", "i stopped with {old} in spring",
    "quit {old}, no time for it", "i've dropped {old} altogether", "{old} isn't my thing any more",
)  # fmt: skip

CURRENT = re.compile(
    r"They (?:have(?! been| had)|live|work|play|like|want|collect|drive|do|go|speak|keep|eat|drink|wear|walk|train|"
    r"ride|watch|study|are)\b|Their .*\b(?:is|are|likes|has|works)\b|At (?:work|home) they"
)
"""Facts that can be over."""
_NOT_BEINGS = frozenset("car boat ship band team school village company shop plant guitar robot bike van farm house "
                        "cafe hometown club".split())  # fmt: skip
BEINGS = frozenset({*RELATIONS, "cat", "dog", "boss", "best friend", "sister", "brother"} - _NOT_BEINGS)
"""Kinds of facts by rule whose value is the name of someone."""
_BORN = frozenset("cousin aunt uncle grandmother grandfather nephew niece son daughter mother father sister brother "
                  "twin godmother".split())  # fmt: skip
"""Of these nobody gets a new one in an old one's place: the name can only have been wrong."""
_DOINGS = frozenset({"hobby", "sport", "language", "game", "subject"})
SHORT = 45
"""A telling up to this length, and without a comma, bears words behind it."""


def change_forms(fact: Fact, chance: random.Random) -> Sequence[str]:
    """Ways of telling that this fact has another value now; which way round is as likely for each."""
    own = _BY_KEPT.get(fact.kept, ())
    if fact.what in RELATIONS or fact.what in BEINGS:
        own = () if fact.what in _BORN else _RELATED
    elif fact.what.startswith("favourite"):
        own = _FAVOURED
    return chance.choice([forms for forms in (NAMING, AFRESH, AFTER, own) if forms])


def ending_forms(fact: Fact, chance: random.Random) -> Sequence[str]:
    """Ways of telling that this fact is no longer so."""
    own: Sequence[str] = ()
    if fact.what in BEINGS or fact.source == "friend":
        own = _OVER_BEING
    elif fact.source in ("NAME", "petname"):
        own = _OVER_NAMED
    elif fact.kept in ("They have a {x}.", "They drive a {x}.", "They own a {x}.", "They play the {x}."):
        own = _OVER_THING
    elif fact.source in _DOINGS:
        own = _OVER_DOING
    return own if own and chance.random() < 0.65 else OVER
