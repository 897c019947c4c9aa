"""Tries a trained body: replies to be read and judged, and drills that are right or wrong."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import torch
from tokenizers import Tokenizer
from torch import Tensor
from transformers import LlamaForCausalLM

from anima_tui.engine.prompts import Messages
from anima_tui.forge.documents import Author, book_of, plain_turns
from anima_tui.forge.drills import consolidation, echo, recall_quiz
from anima_tui.forge.lessons import Material
from anima_tui.forge.lookups import lookup
from anima_tui.forge.telling import Telling, spoken
from anima_tui.forge.tokens import render

SELF = "I am Anima, a small mind in a terminal."
BATCH = 64
QUIZZES = 192
_UNKNOWN = ("not told", "n't told", "don't know", "no entry", "not stored", "no sign", "still white")

Say = Callable[[Sequence[Messages]], list[str]]


def examine(material: Material, model: LlamaForCausalLM, device: torch.device) -> str:
    """A report: scores of the drills, then replies to first messages that stand nowhere in the corpus."""
    author = Author(material.blocks, book_of(material.blocks), material.words, random.Random(7))
    torch.manual_seed(7)
    model.eval()

    def say(prompts: Sequence[Messages]) -> list[str]:
        batches = (prompts[at : at + BATCH] for at in range(0, len(prompts), BATCH))
        return [reply for batch in batches for reply in generate(model, material.tokenizer, batch, device)]

    return "\n".join([*_drills(author, say), *_tasks(author, say), *_replies(author, say)])


@torch.no_grad()
def generate(
    model: LlamaForCausalLM, tokenizer: Tokenizer, prompts: Sequence[Messages], device: torch.device
) -> list[str]:
    """Replies to `prompts`, each ending with the user's message, at temperature 0.3."""
    encoded = [tokenizer.encode(render([*p, {"role": "assistant", "content": ""}])[0]).ids for p in prompts]
    longest = max(len(ids) for ids in encoded)
    ids = torch.tensor([[0] * (longest - len(one)) + one for one in encoded], device=device)
    mask: Tensor = (ids != 0).long()
    model_generate: Callable[..., Tensor] = cast(Any, model).generate
    made = model_generate(
        ids,
        attention_mask=mask,
        max_new_tokens=110,
        do_sample=True,
        temperature=0.3,
        top_p=0.9,
        eos_token_id=2,
        pad_token_id=0,
    )
    return [tokenizer.decode(row[longest:].tolist()).strip() for row in made]


def _drills(author: Author, say: Say) -> list[str]:
    quizzes = [recall_quiz(author) for _ in range(QUIZZES)]
    answers = say([messages[:-1] for messages, _ in quizzes])
    told = [x.lower() in answer.lower() for (_, x), answer in zip(quizzes, answers, strict=True) if x]
    untold = [
        any(sign in answer.lower() for sign in _UNKNOWN)
        for (_, x), answer in zip(quizzes, answers, strict=True)
        if not x
    ]
    nights = [consolidation(author) for _ in range(QUIZZES)]
    kept = [night[-1]["content"] == line for night, line in zip(nights, say([n[:-1] for n in nights]), strict=True)]
    echoes = [echo(author) for _ in range(QUIZZES)]
    carried = [
        e[-2]["content"].split()[-1] in line.lower() or e[-2]["content"].split()[-2] in line
        for e, line in zip(echoes, say([e[:-1] for e in echoes]), strict=True)
    ]
    wrong = [
        f"{messages[-2]['content']} | {x or '(untold)'} | {answer}"
        for (messages, x), answer in zip(quizzes, answers, strict=True)
    ][:12]
    unseen = plain_turns([b for b in author.blocks if b.held_out and not b.task])[:QUIZZES]
    lookups = [lookup(author, *turn) for turn in unseen]
    found = [d[-1]["content"] == line for d, line in zip(lookups, say([d[:-1] for d in lookups]), strict=True)]
    scores = {
        "lookups to the letter": found,
        "told facts": told,
        "untold facts": untold,
        "consolidations to the letter": kept,
        "words carried": carried,
    }
    return [*(f"{name}: {sum(hits)} of {len(hits)}" for name, hits in scores.items()), *wrong]


def _tasks(author: Author, say: Say) -> list[str]:
    unseen = [block for block in author.blocks if block.held_out and block.out][:10]
    prompts = [author.task(block)[:-1] for block in unseen]
    return [f"{p[-1]['content']}\n  => {line}" for p, line in zip(prompts, say(prompts), strict=True)]


def first_messages() -> list[str]:
    """Ordinary first messages; none of them stands in the corpus."""
    return (Path(__file__).parent / "first_messages.txt").read_text(encoding="utf-8").splitlines()


def first_prompt(author: Author, message: str, how: Telling) -> Messages:
    """What the engine would put before the body for a first message."""
    system: Messages = [{"role": "system", "content": how.system([SELF], [])}]
    return [*system, *author.examples_for(message, "", how), *spoken(message, "")[:1]]


def _replies(author: Author, say: Say) -> list[str]:
    ways = {"-": Telling("A", False), **{voice: Telling(voice, True) for voice in "ASD"}}
    messages = first_messages()
    prompts = {name: [first_prompt(author, m, how) for m in messages] for name, how in ways.items()}
    said = {name: say(some) for name, some in prompts.items()}
    lines: list[str] = []
    for i, message in enumerate(messages):
        nearest = [m.line for m in author.book.nearest(message)]
        lines += ["", f"U: {message}   ~ {nearest}", *(f"{name}: {said[name][i]}" for name in ways)]
    return lines
