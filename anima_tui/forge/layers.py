"""Whether the hook is where it belongs: on the layer where a voice, once pushed, decides what is said next.

The same document in three replies, one of each voice, none named: a layer is good when pushing the direction of a
voice after it makes that voice's reply the likeliest. The directions are differences in means over documents that
name their voice.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import LlamaForCausalLM

from anima_tui.engine.examples import Example
from anima_tui.engine.phrasebook import VOICES
from anima_tui.engine.prompts import Messages
from anima_tui.engine.slots import fill
from anima_tui.forge.documents import Author
from anima_tui.forge.lessons import Material
from anima_tui.forge.telling import Telling, showing
from anima_tui.forge.tokens import render
from anima_tui.forge.trunk import logits_above, residual_after

CANDIDATES = (2, 3, 4, 5, 6)
PUSHES = (0.1, 0.2)
CONTESTS = 240
_BATCH = 48


@dataclass(frozen=True)
class Contest:
    """One message and its replies by voice; the prompt names `named`, or none."""

    prompt: Messages
    replies: Mapping[str, str]


def contest(author: Author, named: str | None) -> Contest:
    """A message with an example from its own block, and that example's replies."""
    chance = author.chance
    phrase = chance.choice(author.reworded)
    line, other = chance.sample(phrase.says, 2)
    replies = {voice: chance.choice(texts) for voice, texts in phrase.replies.items()}
    values = author.words.bind([line, other, *replies.values()], chance)
    example = Example.of(other, replies, values)
    how = Telling(named or "A", named is not None)
    prompt = [
        {"role": "system", "content": how.system(author.self_lines(), [])},
        *showing([example], chance),
        {"role": "user", "content": fill(line, values)},
    ]
    return Contest(prompt, example.replies)


@torch.no_grad()
def compare_layers(material: Material, model: LlamaForCausalLM) -> None:
    """Print, for every candidate, how often each voice's reply becomes the likeliest when that voice is pushed."""
    model.eval()
    author = Author(material.author.blocks, material.author.book, material.author.words, random.Random(11))
    directions = _directions(material, author, model)
    unnamed = [contest(author, None) for _ in range(CONTESTS)]
    rows = [_row(material, c, voice) for c in unnamed for voice in VOICES]
    nowhere = torch.zeros(model.config.hidden_size, device=model.device)
    print("no push:", _shares(_likelihoods(model, rows, 0, nowhere)), flush=True)
    for layer in CANDIDATES:
        for alpha in PUSHES:
            won = {}
            for voice in VOICES:
                scored = _likelihoods(model, rows, layer, alpha * directions[layer][voice])
                won[voice] = _shares(scored)[voice]
            print(f"after layer {layer}, push {alpha}: {won}", flush=True)


def _directions(material: Material, author: Author, model: LlamaForCausalLM) -> dict[int, dict[str, Tensor]]:
    """By layer and voice: unit difference in means over the tokens of replies, where the prompt names the voice."""
    rows = [_row(material, contest(author, voice), voice) for _ in range(CONTESTS) for voice in VOICES]
    found: dict[int, dict[str, Tensor]] = {}
    for layer in CANDIDATES:
        sums = {voice: torch.zeros(model.config.hidden_size, device=model.device) for voice in VOICES}
        for batch in _batches(rows):
            ids, said = _stack([rows[at] for at in batch], model.device)
            h = residual_after(model, ids, layer).float()
            means = (h * said[..., None]).sum(1) / said.sum(1, keepdim=True)
            for mean, at in zip(means, batch, strict=True):
                sums[rows[at][2]] += mean / CONTESTS
        mean = torch.stack(list(sums.values())).mean(0)
        found[layer] = {voice: torch.nn.functional.normalize(total - mean, dim=0) for voice, total in sums.items()}
    return found


Row = tuple[list[int], int, str]
"""Token ids, where the reply begins, its voice."""


def _row(material: Material, c: Contest, voice: str) -> Row:
    messages = [*c.prompt, {"role": "assistant", "content": c.replies[voice]}]
    prompt, answer = (material.tokenizer.encode(text).ids for text in render(messages))
    return [*prompt, *answer], len(prompt), voice


def _batches(rows: Sequence[Row]) -> list[list[int]]:
    """Numbers of rows of about the same length."""
    order = sorted(range(len(rows)), key=lambda at: len(rows[at][0]))
    return [order[at : at + _BATCH] for at in range(0, len(order), _BATCH)]


def _stack(batch: Sequence[Row], device: torch.device) -> tuple[Tensor, Tensor]:
    """Ids int64 [b, n], padded on the right; 1.0 at the position before each token of the reply, [b, n]."""
    longest = max(len(ids) for ids, _, _ in batch)
    ids = torch.zeros(len(batch), longest, dtype=torch.int64)
    said = torch.zeros(len(batch), longest)
    for row, (one, begin, _) in enumerate(batch):
        ids[row, : len(one)] = torch.tensor(one)
        said[row, begin - 1 : len(one) - 1] = 1.0
    return ids.to(device), said.to(device)


def _likelihoods(model: LlamaForCausalLM, rows: Sequence[Row], layer: int, push: Tensor) -> dict[str, list[float]]:
    """By voice: mean log-probability per token of each contest's reply, `push` times ‖h‖ added where it is said."""
    scores: dict[int, float] = {}
    for batch in _batches(rows):
        ids, said = _stack([rows[at] for at in batch], model.device)
        with torch.autocast(model.device.type, dtype=torch.bfloat16):
            h = residual_after(model, ids, layer)
            h = h + (said[..., None] * h.norm(dim=-1, keepdim=True) * push).to(h.dtype)
            logits = logits_above(model, ids, layer, h)
        log_p = logits[:, :-1].float().log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
        means = (log_p * said[:, :-1]).sum(1) / said.sum(1)
        scores |= zip(batch, means.tolist(), strict=True)
    return {voice: [scores[at] for at, row in enumerate(rows) if row[2] == voice] for voice in VOICES}


def _shares(likelihoods: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Share of contests that each voice's reply wins."""
    wins = [max(VOICES, key=lambda voice, i=i: likelihoods[voice][i]) for i in range(len(likelihoods["A"]))]
    return {voice: round(wins.count(voice) / len(wins), 3) for voice in VOICES}
