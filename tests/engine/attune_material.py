"""A corpus small enough to write in a test."""

from __future__ import annotations

from pathlib import Path

_TOPICS = {
    "01-smalltalk.txt": ("hello", "hi there {name}", "how was your day"),
    "02-hard-feelings.txt": ("i am sad", "my dog died {time}", "i feel so alone"),
    "03-good-feelings.txt": ("i got the job", "we won today", "i am so happy, {name}"),
    "05-knowledge.txt": ("what is a {animal}", "how far is the moon", "who wrote this"),
    "06-imagination.txt": ("imagine a {animal} on the moon", "tell me a story", "paint the night"),
}
_KINDS = 10


def write_corpus(folder: Path) -> None:
    folder.mkdir()
    (folder / "slots.toml").write_text(
        'name = ["Mara", "Leo"]\ntime = ["today", "on Monday"]\nanimal = ["owl", "fox", "hare"]\n'
    )
    for file, says in _TOPICS.items():
        (folder / file).write_text("\n\n".join(_block(file, says, kind) for kind in range(_KINDS)) + "\n")


def _block(file: str, says: tuple[str, ...], kind: int) -> str:
    lines = [f"# {file[3:5]} kind {kind}", *(f"U: {text} {kind}" for text in says)]
    lines += [f"A: I am glad you told me that, {kind}. How are you?", f"S: Input {kind} recorded: valid."]
    return "\n".join([*lines, f"D: A silver fish {kind} swims through the lamp of the moon."])
