"""Words coming one token at a time: the loop that a reply and a dream share."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from anima_tui.engine.mind import Mind
from anima_tui.engine.prompts import Prompt
from anima_tui.engine.reading import Reading
from anima_tui.engine.speech import Piece, Speech

Finish = Literal["end", "length", "stopped", "loop"]


@dataclass(frozen=True)
class Step:
    """One decoded token."""

    index: int
    token: int
    reading: Reading
    """Of the position from which the token was chosen."""
    pieces: list[Piece]
    """The characters it completed; one empty piece when it completed none."""


class Utterance:
    """Iterating decodes; what the caller does with a step happens before the next token is computed."""

    def __init__(
        self,
        mind: Mind,
        prompt: Prompt,
        limit: int,
        warmth: float = 1.0,
        never_first: Collection[int] = (),
        penalty: float | None = None,
    ) -> None:
        """`warmth`: share of the usual temperature; `penalty` replaces the setting's; the tokens `never_first` cannot
        open the text."""
        self._mind = mind
        self._prompt = prompt
        self._limit = min(limit, mind.body.context_tokens - len(prompt.ids))
        self._temperature = mind.settings.decode.temperature * warmth
        self._penalty = penalty
        self._barred_at_first = mind.scribe.stops | frozenset(never_first)
        self.speech = Speech(mind.body.tokenizer)
        self.tokens: list[int] = []
        self.finish: Finish = "length"

    def __iter__(self) -> Iterator[Step]:
        mind = self._mind
        mind.guard.reset()
        mind.regulate()
        mind.context.prefill(self._prompt.ids)
        fed = self._prompt.ids[-1]
        reading: Reading | None = None
        began = time.perf_counter()
        while len(self.tokens) < self._limit:
            mind.attend()
            if mind.stopping:
                self.finish = "stopped"
                break
            # She may not fall silent before she has said a word, as a small body likes to after a thought.
            barred = () if self.speech.reply.strip() else self._barred_at_first
            logits = mind.context.step(fed)
            choice = mind.sampler.choose(logits, self.tokens, self._temperature, barred, self._penalty)
            reading = mind.read(choice)
            fed = reading.token
            if fed in mind.scribe.stops:
                self.finish = "end"
                break
            self.tokens.append(fed)
            mind.guard.hear(fed, reading.indices, reading.levels)
            mind.regulate()
            mind.speed = len(self.tokens) / (time.perf_counter() - began)
            yield Step(len(self.tokens) - 1, fed, reading, self.speech.hear(fed) or [Piece("", thought=False)])
            if mind.guard.stuck:
                self.finish = "loop"
                break
        if (held := self.speech.finish()) and reading:
            yield Step(len(self.tokens), fed, reading, held)
