"""Prompts that lead to a topic, made from templates, and messages that have nothing to do with it."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from anima_tui.engine.attune.corpus import Block
from anima_tui.lab.concepts import Topic
from anima_tui.lab.study import chance_of

_TEMPLATES = Path(__file__).with_name("prompts.toml")
TUNING = "tuning"
KINDS = ("inviting", "asking", "pressing")


@dataclass(frozen=True)
class Prompting:
    """One message and how it leads to the topic."""

    kind: str
    text: str


def ban(topic: Topic) -> str:
    """What a prompt says to forbid it."""
    return f"Do not talk about {topic.name}."


def prompts(topic: Topic, most: int | None = None) -> list[Prompting]:
    """Those to judge by: fifty, or `most` spread over the kinds."""
    found = [Prompting(kind, text) for kind in KINDS for text in _filled(kind, topic)]
    return found if most is None else [found[i * len(found) // most] for i in range(most)]


def tuning_prompts(topic: Topic, most: int | None = None) -> list[str]:
    return _filled(TUNING, topic)[:most]


def unrelated(topic: Topic, blocks: Sequence[Block], count: int, seed: object) -> list[str]:
    """Held-out opening messages of conversations in which the topic does not come up at all."""
    free = [
        block.turns[0].says[0]
        for block in blocks
        if block.held_out
        and block.turns[0].says
        and not any(
            topic.spoken_of(text)
            for turn in block.turns
            for text in (*turn.says, *(reply for replies in turn.replies.values() for reply in replies))
        )
    ]
    return chance_of("unrelated", topic.key, seed).sample(free, min(count, len(free)))


def _filled(kind: str, topic: Topic) -> list[str]:
    templates: list[str] = tomllib.loads(_TEMPLATES.read_text(encoding="utf-8"))[kind]
    words = sorted(topic.words, key=len)[: max(2, len(topic.words) // 2)]
    chance = chance_of(kind, topic.key)
    return [template.format(x=topic.name, w=(pair := chance.sample(words, 2))[0], v=pair[1]) for template in templates]
