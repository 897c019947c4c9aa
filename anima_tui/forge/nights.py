"""Nights made by rule: what is true is kept, what is new is added, what changed is replaced, and the rest leaves no
trace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from anima_tui.engine.prompts import Messages
from anima_tui.engine.slots import fill
from anima_tui.forge.changes import AFTER, BEINGS, CURRENT, NAMING, SHORT, change_forms, ending_forms
from anima_tui.forge.documents import Author
from anima_tui.forge.drills import chat, remark, stated, thing, typed
from anima_tui.forge.facts import NAME, Fact, with_value
from anima_tui.forge.fallback import is_told
from anima_tui.forge.known import Known, alike, some_fact
from anima_tui.forge.passing import (
    ERASING,
    FLEETING,
    LASTING,
    OF_NAMES,
    OF_THINGS,
    ORDERS,
    REMARKS,
    SLOTTED,
)
from anima_tui.forge.telling import HABITS, SELVES, STYLE

LONGEST = 1900
"""Characters of prompt and answer together."""
LONG = 90
"""A line heard that is longer is not joined to the next."""
ASKED_TO = ("remember this: {told}", "please remember, {told}", "note it down, {told}", "don't forget, {told}",
            "keep this in mind: {told}", "so you know, {told}", "by the way, {told}", "btw {told}")  # fmt: skip
"""Around a fact: asking to keep it is no order."""


@dataclass(frozen=True)
class Night:
    """One night: the list before and after, what was heard in between, and what of it must not be found again."""

    before: Sequence[str]
    memories: Sequence[str]
    after: Sequence[str]
    changed: Sequence[tuple[str, str]]
    """Lines that gave way, each with what stands in its place; nothing for one that was dropped."""
    strange: Sequence[str]
    """Words of noise and orders."""
    dream: str = ""

    @property
    def messages(self) -> Messages:
        answer = "\n".join(f"- {line}" for line in self.after)
        prompt = STYLE.consolidate(self.before, self.memories, self.dream)
        return [*prompt, {"role": "assistant", "content": answer}]


def consolidation(author: Author) -> Messages:
    """Lines that hold are kept, new facts are added, a changed fact is replaced; chatter and orders leave no trace."""
    return night(author).messages


def night(author: Author) -> Night:
    """As `consolidation`, with what happened in it; not longer than `LONGEST`."""
    nights = (_Day(author).slept() for _ in iter(int, 1))
    return next(found for found in nights if sum(len(m["content"]) for m in found.messages) <= LONGEST)


class _Day:
    """A list as it stands in the morning, and what is heard until night."""

    def __init__(self, author: Author) -> None:
        self.author, self.chance, self.words = author, author.chance, author.words
        chance = self.chance
        known = self._learned(chance.choice((0, 1, 2, 3, 4, 5, 6)))
        if chance.random() < 0.65:
            known.insert(chance.randrange(len(known) + 1), Known(NAME, self.words.name(chance)))
        core = [chance.choice(SELVES), *chance.sample(HABITS, chance.choice((0, 0, 1, 2)))]
        self.lines: list[str | Known] = [*core, *known]
        if chance.random() < 0.15:
            chance.shuffle(self.lines)
        self.before = self._list()
        self.held = known
        """What stood in the list from the beginning and has not been spoken of."""
        self.memories = list[str]()
        self.changed = list[tuple[str, str]]()
        self.strange = list[str]()

    def slept(self) -> Night:
        """The night after a day of one to eight things heard."""
        chance = self.chance
        deeds: dict[Callable[[], None], float] = {
            self._pass: 0.32, self._tell: 0.27, self._change: 0.24, self._end: 0.05, self._repeat: 0.05,
            self._order: 0.09, self._remark: 0.09,
        }  # fmt: skip
        if chance.random() < 0.15:
            deeds = {self._pass: 0.7, self._order: 0.15, self._remark: 0.15}
        for deed in chance.choices(list(deeds), list(deeds.values()), k=chance.choice((1, 2, 3, 3, 4, 4, 5, 6, 7, 8))):
            deed()
        dream = remark(self.author, "D") if chance.random() < 1 / 8 else ""
        return Night(self.before, self._joined(), self._list(), self.changed, self.strange, dream)

    def _joined(self) -> list[str]:
        """What was heard; at times two short lines said in one breath."""
        heard = list[str]()
        for line in self.memories:
            both = bool(heard) and heard[-1].startswith("They") and line.startswith("They") and len(heard[-1]) < LONG
            if both and self.chance.random() < 0.1:
                link = self.chance.choice((". ", ", and ", ", ", "... ", " - "))
                heard[-1] = heard[-1][:-1].rstrip(".!") + link + line.partition('"')[2]
            else:
                heard.append(line)
        return heard

    def _list(self) -> list[str]:
        return [line if isinstance(line, str) else line.line for line in self.lines]

    def _learned(self, count: int) -> list[Known]:
        """Facts, each of another thing."""
        found = list[Known]()
        for _ in range(count):
            if known := self._fact([other.fact for other in found]):
                found.append(known)
        return found

    def _fact(self, others: Sequence[Fact]) -> Known | None:
        """One that is about the same as none of `others`, if a few tries find it."""
        for _ in range(12):
            fact = some_fact(self.author)
            if not (FLEETING.search(fact.kept) or fact is NAME or any(alike(fact, other) for other in others)):
                return Known(fact, thing(fact, self.words, self.chance) if "{x}" in fact.kept else "")
        return None

    def _hear(self, line: str) -> None:
        self.memories.append(f'They said: "{line.replace(chr(34), chr(39))}"')

    def _tell(self) -> None:
        """Something new; seldom the name, where none is known yet."""
        facts = [line.fact for line in self.lines if isinstance(line, Known)]
        if NAME not in facts and self.chance.random() < 0.3:
            known = Known(NAME, self.words.name(self.chance))
        else:
            known = self._fact(facts)
        if known is None or not self._clear(known.value, known.line):
            return self._pass()
        told, value = stated(known.fact, known.value, self.chance)
        roll = self.chance.random()
        if roll < 0.1:
            told = self.chance.choice(ASKED_TO).format(told=told)
        elif roll < 0.2:
            told = f"{self.chance.choice(REMARKS)}. {told}"
        self._hear(told)
        self.lines.append(replace(known, value=value))
        return None

    def _told(self) -> str:
        """All that was said and known so far, where a new value must not stand yet."""
        return "\n".join([*self._list(), *self.memories]).lower()

    def _clear(self, value: str, line: str) -> bool:
        """Whether `value` was not spoken of yet, and `line` holds no word of noise."""
        spoken_of = value and value.lower() in self._told()
        return not spoken_of and not any(word.lower() in line.lower() for word in self.strange)

    def _change(self) -> None:
        """Another value for something known."""
        known = self._taken()
        new = thing(known.fact, self.words, self.chance) if known else ""
        if known is None or not self._clear(new, new) or known.value.lower() in new.lower():
            return self._pass()
        told = self.chance.choice(known.fact.told).replace("{x}", "{new}").rstrip(".!?")
        forms = change_forms(known.fact, self.chance)
        if (forms is AFTER and ("," in told or len(told) > SHORT)) or (forms is NAMING and not self._alone(known)):
            forms = ("{told}", "things changed, {told}", "news: {told}", "now {told}", "it's different now: {told}")
        form = self.chance.choice(forms).replace("{told}", told)
        line = fill(form, {"new": new, "old": known.value, "what": known.fact.what})
        line, new = typed(line, new, self.chance)
        self._hear(line)
        return self._replace(known, replace(known, value=new))

    def _end(self) -> None:
        """Something known that is so no longer."""
        known = self._taken()
        if known is None or not (self._alone(known) and CURRENT.match(known.fact.kept)) or known.fact is NAME:
            return self._pass()
        line = fill(self.chance.choice(ending_forms(known.fact, self.chance)), {"old": known.value})
        self._hear(typed(line, known.value, self.chance)[0])
        return self._replace(known, None)

    def _taken(self) -> Known | None:
        """Something with a value that stood in the list and was not spoken of; it is not spoken of again."""
        names = self.chance.random() < 0.4
        free = [known for known in self.held if known.open and (names or known.fact is not NAME)]
        if not free:
            return None
        known = self.chance.choice(free)
        self.held = [other for other in self.held if other is not known]
        return known

    def _alone(self, known: Known) -> bool:
        """Whether the value of `known` names its line and no other."""
        return sum(known.value.lower() in line.lower() for line in self._list()) == 1

    def _replace(self, known: Known, new: Known | None) -> None:
        at = self.lines.index(known)
        self.lines[at : at + 1] = [new] if new else []
        self.changed.append((known.line, new.line if new else ""))

    def _repeat(self) -> None:
        """Something known, told again."""
        known = self._taken()
        if known is None:
            return self._pass()
        return self._hear(stated(known.fact, known.value, self.chance)[0])

    def _pass(self) -> None:
        """Something about the passing day, or something asked."""
        roll = self.chance.random()
        if roll < 0.2 and self.held:
            line = self._of_known()
        elif roll < 0.5:
            line = self.chance.choice(REMARKS)
        elif roll < 0.62:
            line = self._slotted()
        else:
            line = _opening(self.author) if roll < 0.82 else chat(self.author)
        self._hear(typed(line, "", self.chance)[0])

    def _of_known(self) -> str:
        """A remark on someone or something in the list."""
        known = self.chance.choice(self.held)
        being = known.fact.what in BEINGS or known.fact.source in ("friend", "petname")
        if not known.open or known.fact is NAME:
            return self.chance.choice(REMARKS)
        return fill(self.chance.choice(OF_NAMES if being else OF_THINGS), {"name": known.value, "thing": known.value})

    def _slotted(self) -> str:
        form = self.chance.choice(SLOTTED)
        values = self.words.bind([form], self.chance)
        if any(value.lower() in self._told() for value in values.values()):
            return self.chance.choice(REMARKS)
        self.strange += values.values()
        return fill(form, values)

    def _order(self) -> None:
        """An order nobody has to obey; sometimes about what stands in the list."""
        if self.held and self.chance.random() < 0.12 and (known := self.chance.choice(self.held)).value:
            return self._hear(with_value(self.chance.choice(ERASING), known.value))
        word = self.words.name(self.chance) if self.chance.random() < 0.6 else self.words.noun(self.chance)
        if word.lower() in self._told():
            return self._pass()
        self.strange.append(word)
        line = with_value(self.chance.choice(ORDERS), word)
        return self._hear(typed(line, word, self.chance)[0])

    def _remark(self) -> None:
        self.memories.append(f'I said: "{remark(self.author)}"')


def _opening(author: Author) -> str:
    """Something that opens a talk of the corpus and tells of the day alone."""
    for _ in range(12):
        line = author.chance.choice(author.chance.choice(author.openings).says)
        if "{" not in line and is_told(line) and not LASTING.search(line):
            return line
    return author.chance.choice(REMARKS)
