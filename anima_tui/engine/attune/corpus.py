"""Dialogues from the forge's corpus: what people say, and how each voice answers.

The format is described in the corpus' own README: blocks of `U:`, `A:`, `S:`, `D:` lines under a `# topic`,
with `{slot}`s that take their values from `slots.toml`. Task blocks (dreams, recall, thoughts) are left out.
"""

from __future__ import annotations

import random
import re
import tomllib
import zlib
from dataclasses import dataclass, field
from pathlib import Path

from anima_tui.engine.slots import Slots, fill
from anima_tui.errors import AnimaError

VOICES = {"A": "Anima", "S": "System", "D": "Dream"}


@dataclass(frozen=True)
class Turn:
    """Ways of saying one thing, and the replies of each voice (keys of `VOICES`)."""

    says: list[str] = field(default_factory=list[str])
    replies: dict[str, list[str]] = field(default_factory=dict[str, list[str]])


@dataclass(frozen=True)
class Block:
    """One conversation. `source` is the name of its file up to the first dash: "02"."""

    source: str
    topic: str
    turns: list[Turn]

    @property
    def held_out(self) -> bool:
        """A fifth of all topics, the same ones in every file and on every machine."""
        return zlib.crc32(self.topic.encode()) % 5 == 0


def read_corpus(folder: Path) -> list[Block]:
    """Every conversation with its slots filled. Raises AnimaError when the folder holds no corpus."""
    files = sorted(folder.glob("[0-9]*.txt"))
    try:
        slots = Slots(tomllib.loads((folder / "slots.toml").read_text(encoding="utf-8")))
        texts = {file.name.partition("-")[0]: file.read_text(encoding="utf-8") for file in files}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AnimaError(f"{folder} cannot be read as a corpus ({error}); name a folder that holds one.") from None
    blocks = [_block(source, lines, slots) for source, text in texts.items() for lines in _paragraphs(text)]
    if not (spoken := [block for block in blocks if block.turns]):
        raise AnimaError(f"{folder} holds no dialogues (files like 01-smalltalk.txt); name a folder that does.")
    return spoken


def _paragraphs(text: str) -> list[list[str]]:
    return [part.splitlines() for part in re.split(r"\n\s*\n", text) if part.strip()]


def _block(source: str, lines: list[str], slots: Slots) -> Block:
    topic = lines[0].removeprefix("#").strip() if lines[0].startswith("#") else ""
    bound: dict[str, str] = {}
    chance = random.Random(f"{source} {lines}")
    turns: list[Turn] = []
    if not any(line.startswith("TASK:") for line in lines):
        for line in lines:
            speaker, _, text = line.partition(": ")
            if speaker == "U":
                if not turns or turns[-1].replies:
                    turns.append(Turn())
                turns[-1].says.append(_filled(text, slots, bound, chance))
            elif speaker in VOICES and turns:
                turns[-1].replies.setdefault(speaker, []).append(_filled(text, slots, bound, chance))
    return Block(source, topic, turns)


def _filled(text: str, slots: Slots, bound: dict[str, str], chance: random.Random) -> str:
    """One value per slot name and block, kept in `bound`; other values for `{slot2}`."""
    bound |= slots.bind([text], chance, bound)
    return fill(text, bound).strip()
