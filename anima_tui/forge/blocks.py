"""The corpus as it stands in its files, slots unfilled; `corpus/README.md` describes the format."""

from __future__ import annotations

import re
import tomllib
import zlib
from dataclasses import dataclass, field
from pathlib import Path

from anima_tui.engine.lexical import words_of
from anima_tui.engine.phrasebook import VOICES, Phrase
from anima_tui.engine.reminding import asks_for_told
from anima_tui.engine.slots import SLOT

_PERSONAL = {
    (kind, number) for kind in ("name", "friend", "petname", "city", "family", "pet", "job") for number in ("", "2")
}
HELD_OUT = 5
"""Per cent of blocks that training never sees."""


@dataclass
class Turn:
    """Ways of saying one thing, replies by voice, and thoughts before the answer."""

    says: list[str] = field(default_factory=list[str])
    replies: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    thoughts: list[str] = field(default_factory=list[str])


@dataclass
class Block:
    """One conversation or task. `task` is "" for plain talk, else dream, consolidate, think, recall or fact."""

    key: str
    """Name of its file up to the first dash, and a checksum of its words: "02:1f2e3d4c"."""
    task: str = ""
    self_lines: list[str] = field(default_factory=list[str])
    memories: list[str] = field(default_factory=list[str])
    dream: list[str] = field(default_factory=list[str])
    out: list[str] = field(default_factory=list[str])
    turns: list[Turn] = field(default_factory=list[Turn])
    tells: list[str] = field(default_factory=list[str])
    asks: list[str] = field(default_factory=list[str])
    keeps: list[str] = field(default_factory=list[str])
    answers: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """By voice: what is said of a fact that was told; `untold`: of one that was not."""
    untold: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    held_out: bool = False


def read_blocks(folder: Path) -> list[Block]:
    """Every block of the corpus, in the order of its files."""
    return [
        _block(file.name.partition("-")[0], part)
        for file in sorted(folder.glob("[0-9]*.txt"))
        for part in re.split(r"\n\s*\n", file.read_text(encoding="utf-8"))
        if part.strip()
    ]


def read_slots(folder: Path) -> dict[str, list[str]]:
    """Values of each slot."""
    return tomllib.loads((folder / "slots.toml").read_text(encoding="utf-8"))


def phrases(block: Block) -> list[Phrase]:
    """The turns of a plain conversation as phrases.

    Tasks give none, since their replies lean on what is remembered, and neither do turns that give back a name or a
    place of an earlier turn, or ask for what an earlier turn told: out of their conversation they would make it up.
    """
    found: list[Phrase] = []
    before = ""
    for turn in block.turns if not block.task else []:
        named = {slot for line in turn.says for slot in SLOT.findall(line)}
        replies = {
            voice: kept
            for voice, texts in turn.replies.items()
            if (kept := tuple(text for text in texts if not _PERSONAL & set(SLOT.findall(text)) - named))
        }
        if "A" in replies and not (before and _recalls(turn)):
            found.append(Phrase(block.key, tuple(turn.says), replies, before))
        before = " ".join([turn.says[0], *(texts[0] for texts in turn.replies.values())])
    return found


def _recalls(turn: Turn) -> bool:
    """Whether the user asks for something that they told before."""
    return 2 * sum(asks_for_told(words_of(line)) for line in turn.says) >= len(turn.says)


def _block(source: str, part: str) -> Block:
    checksum = zlib.crc32(part.strip().encode())
    block = Block(f"{source}:{checksum:08x}", held_out=checksum % 100 < HELD_OUT)
    lists = {
        "SELF": block.self_lines,
        "MEM": block.memories,
        "PREV": block.dream,
        "DREAM": block.dream,
        "OUT": block.out,
        "TELL": block.tells,
        "ASK": block.asks,
        "KEEP": block.keeps,
    }
    for line in part.strip().splitlines():
        speaker, _, text = line.partition(":")
        text = text.strip()
        if speaker == "TASK":
            block.task = text
        elif speaker in lists:
            lists[speaker].append(text)
        elif speaker == "U":
            if not block.turns or block.turns[-1].replies:
                block.turns.append(Turn())
            block.turns[-1].says.append(text)
        elif block.turns and speaker == "T":
            block.turns[-1].thoughts.append(text)
        elif speaker in VOICES:
            said = block.turns[-1].replies if block.turns else block.answers
            said.setdefault(speaker, []).append(text)
        elif speaker.startswith("NOT "):
            block.untold.setdefault(speaker.removeprefix("NOT "), []).append(text)
    block.turns = [turn for turn in block.turns if turn.says and turn.replies]
    return block
