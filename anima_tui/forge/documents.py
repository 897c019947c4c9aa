"""Training documents: the corpus' conversations in the very prompts that the engine will write.

A document is a list of chat messages whose last one is what the body shall say. Before the user's last message
stands a system message of examples, found as the engine finds them but never the message's own line. In half of the
documents the system prompt names the voice; in the others only steering could choose it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from functools import cached_property

from anima_tui.engine.examples import Example, choose_replies, nearest_examples, worth_showing
from anima_tui.engine.lexical import words_of
from anima_tui.engine.phrasebook import VOICES, Match, Phrase, Phrasebook
from anima_tui.engine.prompts import Messages
from anima_tui.engine.reminding import ALIKE, asks_for_told, reminded, told_in
from anima_tui.engine.slots import fill
from anima_tui.forge.blocks import Block, phrases
from anima_tui.forge.facts import Fact, facts_of
from anima_tui.forge.fallback import plain_answer
from anima_tui.forge.telling import HABITS, SELVES, STYLE, Telling, answered, casual, showing, spoken, telling
from anima_tui.forge.vocabulary import Vocabulary, renamed
from anima_tui.settings import Settings

_LOWER = re.compile(r"(?<!\{)\b[a-z]{3,}\b(?!')")

FACTUAL = frozenset({"05", "15", "23", "34"})
"""Files of knowledge: what they say of one thing is not true of another."""
CLOSE = 0.33
"""Score above which a stranger's example counts as fitting."""
SHOWN = Settings().examples
"""What the engine shows unless its user says otherwise."""
UNKNOWN = 0.25
"""Share of slots in examples that take a value of their own instead of the message's words."""


class Author:
    """Writes documents from `blocks`, showing examples out of `book`, with words from `words`."""

    def __init__(self, blocks: Sequence[Block], book: Phrasebook, words: Vocabulary, chance: random.Random) -> None:
        self.blocks = list(blocks)
        self.book = book
        self.words = words
        self.chance = chance

    @cached_property
    def openings(self) -> list[Phrase]:
        return [phrase for phrase in self.book.phrases if not phrase.before]

    @cached_property
    def complete(self) -> list[Phrase]:
        """Phrases that every voice answers."""
        return [phrase for phrase in self.book.phrases if len(phrase.replies) == len(VOICES)]

    @cached_property
    def reworded(self) -> list[Phrase]:
        """Of these, the ones that are said in more than one way."""
        return [phrase for phrase in self.complete if len(phrase.says) > 1]

    @cached_property
    def of_block(self) -> dict[str, list[Phrase]]:
        phrases: dict[str, list[Phrase]] = {}
        for phrase in self.book.phrases:
            phrases.setdefault(phrase.block, []).append(phrase)
        return phrases

    @cached_property
    def facts(self) -> list[Fact]:
        """What people tell about themselves."""
        return facts_of(self.blocks)

    def conversation(self, block: Block, at: int, line: str) -> Messages:
        """The reply to `line`, one of the ways of saying turn `at` of `block`."""
        chance, turn = self.chance, block.turns[at]
        how = telling(sorted(turn.replies), chance)
        earlier = self._earlier(block, at, how)
        texts = [*(m["content"] for m in earlier), *block.self_lines, *block.memories, line, *turn.thoughts]
        values = self.words.bind(texts, chance)
        before = " ".join(fill(m["content"], values) for m in earlier[-2:])
        message, answer, examples = self._answered(block, at, line, how, values, before)
        thinking = bool(turn.thoughts)
        if thinking:
            answer = f"<think>{fill(chance.choice(turn.thoughts), values)}</think>{answer}"
        self_lines = block.self_lines or self.self_lines()
        # Such an opening is answered as it is because nothing was told; what was told, `recall` asks for.
        untold = not (block.task or at) and asks_for_told(words_of(message))
        memories = block.memories if block.task or untold else self._stray_memories()
        talk = [m | {"content": fill(m["content"], values)} for m in earlier]
        talk = talk or ([] if untold else self._small_talk(how))
        system = how.system(
            [fill(t, values) for t in self_lines], [fill(t, values) for t in memories], thinking=thinking
        )
        reminders = self.reminders(system, talk, message)
        return self._renamed(
            block,
            [
                {"role": "system", "content": system},
                *talk,
                *showing([] if reminders else examples, chance, reminders),
                *answered(how, casual(message, chance), answer),
            ],
        )

    def task(self, block: Block) -> Messages:
        """A dream or a consolidation, with values of its own."""
        values = self.words.bind([*block.self_lines, *block.memories, *block.dream, *block.out], self.chance)
        selves, memories, dream, out = (
            [fill(text, values) for text in texts]
            for texts in (block.self_lines, block.memories, block.dream, block.out)
        )
        if block.task == "dream":
            prompt, answer = STYLE.dream(memories, " ".join(dream) or None), " ".join(out)
        else:
            prompt, answer = STYLE.consolidate(selves, memories, " ".join(dream)), "\n".join(f"- {t}" for t in out)
        return self._renamed(block, [*prompt, {"role": "assistant", "content": answer}])

    def reminders(self, system: str, talk: Messages, message: str) -> list[str]:
        """What the engine would say once more before `message`."""
        return reminded(self.book, told_in(system, [m["content"] for m in talk if m["role"] == "user"]), message)

    def examples_for(self, message: str, before: str) -> Messages:
        """What the engine would show before `message`, without the noise of training."""
        return showing(nearest_examples(self.book, SHOWN, message, before, self.chance), self.chance)

    def self_lines(self) -> list[str]:
        habits = self.chance.sample(HABITS, self.chance.choice((0, 0, 1, 2)))
        return [self.chance.choice(SELVES), *habits]

    def _answered(
        self, block: Block, at: int, line: str, how: Telling, values: dict[str, str], before: str
    ) -> tuple[str, str, list[Example]]:
        """Message, reply and examples.

        A reply that stands in a fitting example is taken from it, with the message's own words in its slots. Where
        nothing fits, the reply is the corpus' own only if it can be known by heart: otherwise a plain one.
        """
        message, reply = fill(line, values), ""
        examples: list[Example] = []
        matches = self._choice(message, before, block.key, line)
        of_told = asks_for_told(words_of(message))
        if of_told:
            matches = [match for match in matches if match.score >= ALIKE]
        for match in matches:
            example, replies = self._example(match, message)
            examples.append(example)
            if match.phrase.block == block.key and line in match.phrase.says and how.voice in replies:
                known = self.words.bind([replies[how.voice]], self.chance, {**example.values, **values})
                reply = fill(replies[how.voice], known)
                if block.key[:2] not in FACTUAL and self.chance.random() < 0.15:
                    message, reply = self._other_noun(message, reply)
        if reply:
            return message, reply, examples
        factual = block.key[:2] in FACTUAL
        if matches and matches[-1].score > CLOSE and not block.task and not factual:
            return message, examples[-1].replies.get(how.voice) or self._plain(message, how), examples
        if block.task or at or of_told or ((factual or not matches) and self.chance.random() < 0.5):
            own = self.chance.choice(block.turns[at].replies[how.voice])
            return message, fill(own, self.words.bind([own], self.chance, values)), examples
        return message, self._plain(message, how), examples

    def _plain(self, message: str, how: Telling) -> str:
        return plain_answer(message, how.voice, self.words, self.chance)

    def _choice(self, message: str, before: str, key: str, line: str) -> list[Match]:
        """One to three matches, the nearest last; sometimes none, wrong ones, or none of the message's own block."""
        roll, count = self.chance.random(), self.chance.choice((1, 2, 3, 3))
        if roll < 0.08:
            return []
        own = self._reworded(key, line) if roll > 0.8 else None
        if own:
            others = self.book.nearest(message, before, count, lambda phrase, _: phrase.block == key)
            return [*others[: count - 1][::-1], own]
        if roll < 0.14:
            strangers = self.chance.sample(self.openings, min(count, len(self.openings)))
            return [Match(p, self.chance.choice(p.says), 0.0) for p in strangers if p.block != key]
        alone = roll < 0.22
        found = self.book.nearest(
            message, before, 3 * count, lambda phrase, says: phrase.block == key and (alone or says == line)
        )
        # Mostly as the engine chooses; sometimes far ones beside the near one, so that she learns to tell them apart.
        shown = worth_showing(found, 0.0, SHOWN.near) if self.chance.random() < 0.7 else found
        return shown[:count][::-1]

    def _reworded(self, key: str, line: str) -> Match | None:
        """Another way of saying `line`, however far its words are: what meaning would find, if words do not."""
        for phrase in self.of_block.get(key, ()):
            if line in phrase.says and len(phrase.says) > 1:
                return Match(phrase, self.chance.choice([says for says in phrase.says if says != line]), 1.0)
        return None

    def _example(self, match: Match, message: str) -> tuple[Example, dict[str, str]]:
        """As the engine shows it, but with rarer words in unknown slots; and its replies, slots still open."""
        known = self.book.slots.found_in(message, match.line)
        replies = choose_replies(match, message, known, self.chance)
        if self.chance.random() < UNKNOWN:
            known = {}
        return Example.of(
            match.line, replies, self.words.bind([match.line, *replies.values()], self.chance, known)
        ), replies

    def _other_noun(self, line: str, reply: str) -> tuple[str, str]:
        """Another noun in the place of one that message and reply share, so that the example's does not fit."""
        shared = sorted(set(_LOWER.findall(line)) & set(_LOWER.findall(reply)) & self.words.known_nouns)
        if not shared:
            return line, reply
        old, new = self.chance.choice(shared), self.words.noun(self.chance)
        word = re.compile(rf"(?<!\{{)\b{old}\b")
        return word.sub(new, line), word.sub(new, reply)

    def _earlier(self, block: Block, at: int, how: Telling) -> Messages:
        talk: Messages = []
        for turn in block.turns[:at]:
            replies = turn.replies.get(how.voice) or next(iter(turn.replies.values()))
            talk += spoken(self.chance.choice(turn.says), self.chance.choice(replies))
        return talk

    def _small_talk(self, how: Telling) -> Messages:
        """An exchange about something else, in a quarter of the documents."""
        if not self.openings or self.chance.random() > 0.25:
            return []
        phrase = self.chance.choice(self.openings)
        line = self.chance.choice(phrase.says)
        reply = self.chance.choice(phrase.replies.get(how.voice) or next(iter(phrase.replies.values())))
        values = self.words.bind([line, reply], self.chance)
        return spoken(fill(line, values), fill(reply, values))

    def _stray_memories(self) -> list[str]:
        if not self.openings or self.chance.random() > 0.2:
            return []
        lines = [self.chance.choice(phrase.says) for phrase in self.chance.sample(self.openings, 2)]
        return [f'They said: "{fill(line, self.words.bind([line], self.chance))}"' for line in lines]

    def _renamed(self, block: Block, messages: Messages) -> Messages:
        """In tasks, names are given anew, so that none can be learned by heart."""
        if not block.task or block.task == "think" or self.chance.random() < 0.2:
            return messages
        told = [*block.self_lines, *block.memories]
        said = [*block.out, *(text for turn in block.turns for texts in turn.replies.values() for text in texts)]
        names = self.words.renaming([" ".join(told), " ".join(said)], self.chance)
        return [m | {"content": renamed(m["content"], names)} for m in messages]


def plain_turns(blocks: Sequence[Block]) -> list[tuple[Block, int, str]]:
    """Every user line of every block that is answered, with where it stands."""
    return [(block, at, line) for block in blocks for at, turn in enumerate(block.turns) for line in turn.says]


def book_of(blocks: Sequence[Block], slots: Mapping[str, Sequence[str]]) -> Phrasebook:
    """The phrasebook of these blocks."""
    return Phrasebook([phrase for block in blocks for phrase in phrases(block)], slots)
