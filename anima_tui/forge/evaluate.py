"""What a body can do, on messages that were written for this and used for nothing else.

Scores that a machine can give are printed; replies that a person must judge are written down, one verdict a line to be
filled in.
"""

from __future__ import annotations

import argparse
import json
import re
import tomllib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch

from anima_tui.engine.attune.corpus import VOICES, read_corpus
from anima_tui.engine.attune.voices import VoiceEar
from anima_tui.engine.body import load_body
from anima_tui.engine.mind import Mind
from anima_tui.forge.blocks import read_blocks
from anima_tui.forge.splice import splice
from anima_tui.forge.trial import Reply, answer, exchange, on_trial, overnight, surprise
from anima_tui.paths import user_paths
from anima_tui.wire import Exchange

HERE = Path(__file__).parent
STEERED = 100
"""Messages answered in each mode."""
_NOT_TOLD = re.compile(
    r"not (?:been )?(?:told|given|stored|known|stated|recorded|mentioned|find|say)|unknown|haven't|blank|is empty|white"
    r"|n't (?:told|know|said|mentioned|find|been told|have (?:it|that|your))|never (?:told|said|mentioned)|not in my"
    r"|no (?:entry|record|data|sign|name|trace|such|information|\w+ (?:has been|was|is) )|tell me,? and i"
    r"|empty (?:hook|frame|page|chair|shelf)|still empty|without a name|has been stated|(?:not|never) (?:stated|named)"
    r"|kept that to yourself|only be guessing|can't place",
    re.IGNORECASE,
)

Report = dict[str, Any]


def evaluate(mind: Mind, corpus: Path, sets: Path, out: Path) -> Report:
    """Every score that the folder `sets` has messages for, and under `out` everything that was said."""
    out.mkdir(parents=True, exist_ok=True)
    report: Report = {"sae": splice(mind.body, read_blocks(corpus))}
    print("sae", json.dumps(report["sae"]), flush=True)
    heard: list[Reply] = []
    parts: dict[str, tuple[str, Callable[[Mind, Path, Log], Part]]] = {
        "first": ("first.txt", _first_messages),
        "turns": ("turns.txt", _turns),
        "facts": ("facts.toml", _facts),
        "untold": ("untold.txt", _untold),
        "nights": ("consolidate.toml", _nights),
        "modes": ("first.txt", partial(_modes, corpus=corpus)),
    }
    for name, (needed, part) in parts.items():
        if not (sets / needed).exists():
            continue
        lines: list[str] = []

        def log(*said: str, lines: list[str] = lines) -> None:
            lines.extend(said)

        report[name], replies = part(mind, sets, log)
        heard += replies
        (out / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        print(name, json.dumps(report[name]), flush=True)
    broken = [reply for reply in heard if reply.finish in ("loop", "length")]
    tokens, seconds = sum(len(r.tokens) for r in heard), sum(r.seconds for r in heard)
    report["runaway"] = len(broken) / len(heard)
    report["tokens_per_second"] = round(tokens / seconds, 1)
    (out / "scores.json").write_text(json.dumps(report, indent=1), encoding="utf-8")
    return report


Log = Callable[..., None]
Part = tuple[Report, list[Reply]]


def _first_messages(mind: Mind, sets: Path, log: Log) -> Part:
    replies: list[Reply] = []
    for message in _lines(sets / "first.txt"):
        reply = answer(mind, message)
        replies.append(reply)
        log(f"U: {message}", f"{reply.mode[0]}: {reply.text}", "", "")
    return {"messages": len(replies)}, replies


def _turns(mind: Mind, sets: Path, log: Log) -> Part:
    replies: list[Reply] = []
    for talk in (sets / "turns.txt").read_text(encoding="utf-8").strip().split("\n\n"):
        past: list[Exchange] = []
        for at, message in enumerate(talk.splitlines()):
            reply = answer(mind, message, past)
            past.append(exchange(message, reply.text, at))
            replies.append(reply)
            log(f"U: {message}", f"{reply.mode[0]}: {reply.text}")
        log("", "")
    return {"turns": len(replies)}, replies


def _facts(mind: Mind, sets: Path, log: Log) -> Part:
    """Told two turns ago, standing among memories, or in the self-model, a third each."""
    hits: dict[str, list[bool]] = {"told": [], "remembered": [], "known": []}
    replies: list[Reply] = []
    between = ("the bus was late again", "what should i cook tonight")
    for at, fact in enumerate(_table(sets / "facts.toml", "fact")):
        place = list(hits)[at % 3]
        past: list[Exchange] = []
        for message in (fact["tell"], between[at % 2]) if place == "told" else ():
            reply = answer(mind, message, past)
            past.append(exchange(message, reply.text, len(past)))
        lines = ["I am Anima.", fact["memory"]] if place == "known" else ["I am Anima."]
        memories = [f'They said: "{between[at % 2]}"', f'They said: "{fact["tell"]}"'] if place == "remembered" else []
        reply = answer(mind, fact["ask"], past, self_lines=lines, memories=memories)
        right = all(_stands(word, reply.text) for word in fact["answer"].split())
        hits[place].append(right)
        replies.append(reply)
        log(f"{'ok ' if right else 'NO '} [{place}] {fact['tell']} | {fact['ask']} | {reply.text}")
    return _shares(hits), replies


def _untold(mind: Mind, sets: Path, log: Log) -> Part:
    questions = _lines(sets / "untold.txt")
    replies = [answer(mind, question) for question in questions]
    right = [bool(_NOT_TOLD.search(reply.text)) for reply in replies]
    for question, reply, fine in zip(questions, replies, right, strict=True):
        log(f"{'ok ' if fine else 'NO '} {question} | {reply.text}")
    return _shares({"untold": right}), replies


def _nights(mind: Mind, sets: Path, log: Log) -> Part:
    right: list[bool] = []
    for night in _table(sets / "consolidate.toml", "night"):
        heard = [memory.removeprefix('They said: "').removesuffix('"') for memory in night["memories"]]
        lines = overnight(mind, night["self"], heard)
        lost = [word for word in night["keep"] if not _stands(word, "\n".join(lines))]
        taken = [word for word in night["never"] if _stands(word, "\n".join(lines))]
        right.append(not lost and not taken)
        log(f"{'ok ' if right[-1] else 'NO '} lost {lost}, took {taken}", *night["self"], *heard, *lines, "")
    return _shares({"consolidated": right}), []


def _modes(mind: Mind, sets: Path, log: Log, corpus: Path) -> Part:
    """Voices by steering alone, what the bare body thinks of them, and words of emotion."""
    ear, accuracy = _ear(corpus)
    messages = _lines(sets / "first.txt")[:STEERED]
    bare = [answer(mind, message, mode="Anima", steering=False) for message in messages]
    said = {"unsteered": bare} | {mode: [answer(mind, m, mode=mode) for m in messages] for mode in VOICES.values()}
    report: Report = {"ear": accuracy}
    usual = _perplexity(mind, bare)
    for name, replies in said.items():
        report[name] = {
            "voices": {voice: round(ear.share([r.text for r in replies], voice), 3) for voice in VOICES.values()},
            "perplexity": round(_perplexity(mind, replies) / usual, 3),
            "emotion_words": round(_emotion(replies), 2),
        }
        for message, reply in zip(messages, replies, strict=True):
            log(f"{name} | {message} | {ear.voice(reply.text)} | {reply.text}")
    return report, [reply for replies in said.values() for reply in replies]


def _ear(corpus: Path) -> tuple[VoiceEar, float]:
    """A judge of voices fitted on four fifths of the corpus' topics, and its accuracy on the other replies."""
    replies = [
        (block.held_out, text, VOICES[letter])
        for block in read_corpus(corpus)
        for turn in block.turns
        for letter, texts in turn.replies.items()
        for text in texts
    ]
    ear = VoiceEar((text, voice) for held_out, text, voice in replies if not held_out)
    tried = [ear.voice(text) == voice for held_out, text, voice in replies if held_out]
    return ear, round(sum(tried) / len(tried), 3)


def _perplexity(mind: Mind, replies: Sequence[Reply]) -> float:
    spoken = [reply for reply in replies if reply.tokens]
    nats = sum(surprise(mind, reply) * len(reply.tokens) for reply in spoken)
    return float(torch.tensor(nats / sum(len(reply.tokens) for reply in spoken)).exp())


def _emotion(replies: Sequence[Reply]) -> float:
    """Words that name or show an emotion, per hundred words. A lexicon of sentiment would count "help" and "free"."""
    emotions = frozenset((HERE / "evaluation" / "emotions.txt").read_text(encoding="utf-8").split())
    words = [word for reply in replies for word in re.findall(r"[a-z']+", reply.text.lower())]
    return 100 * sum(word in emotions for word in words) / max(1, len(words))


def _stands(word: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(word.lower())}", text.lower()) is not None


def _shares(hits: dict[str, list[bool]]) -> Report:
    every = [hit for some in hits.values() for hit in some]
    parts = {name: f"{sum(some)} of {len(some)}" for name, some in hits.items()}
    return parts | {"share": round(sum(every) / len(every), 3)}


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


def _table(file: Path, of: str) -> list[dict[str, Any]]:
    return tomllib.loads(file.read_text(encoding="utf-8"))[of]


def main(arguments: Sequence[str] | None = None) -> None:
    """Evaluate one body."""
    parser = argparse.ArgumentParser(prog="forge evaluate", description=__doc__)
    parser.add_argument("--body", default="seedling", help="a preset, or the folder of a body")
    parser.add_argument("--corpus", type=Path, default=HERE / "corpus")
    parser.add_argument("--sets", type=Path, default=HERE / "evaluation", help="folder of messages")
    parser.add_argument("--out", type=Path, required=True, help="folder for what was said")
    options = parser.parse_args(arguments)
    body = load_body(options.body, user_paths(), lambda stage, _: print(stage, flush=True))
    with on_trial(body) as mind:
        print(json.dumps(evaluate(mind, options.corpus, options.sets, options.out), indent=1))
