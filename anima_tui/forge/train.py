"""Trains the embedded body: `python -m anima_tui.forge.train --corpora FOLDER --out FOLDER`, on one CUDA GPU.

A base stage on open talk, with documents of the companion mixed in so that it learns early to copy; then a companion
stage in which her own words count most. Matrices are trained by Muon, embeddings and norms by AdamW. Each stage lasts
the minutes it is given: the learning rate follows the clock.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM

from anima_tui.forge.lessons import Material, prepare
from anima_tui.forge.samples import examine
from anima_tui.forge.tokens import VOCABULARY, Shelf, save_tokenizer

ROW = 1024
Step = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Stage:
    """`mix`: shelves and the share of rows taken from each. `context`: weight of words that are not the body's own."""

    name: str
    minutes: float
    rate: float
    context: float
    mix: Sequence[tuple[Rows, float]]


class Rows:
    """A shelf on the device, read in rows that begin where documents begin."""

    def __init__(self, shelf: Shelf, device: torch.device) -> None:
        self._ids = torch.from_numpy(shelf.ids).to(device)
        self._answers = torch.from_numpy(shelf.answers).to(device)
        starts = torch.from_numpy(shelf.starts)
        self._starts = starts[starts < len(shelf.ids) - ROW - 1].to(device)
        self._span = torch.arange(ROW + 1, device=device)

    def draw(self, rows: int) -> tuple[Tensor, Tensor]:
        """Ids int64 [rows, ROW + 1], and the same shape 1.0 where the body itself speaks."""
        which = torch.randint(len(self._starts), (rows,), device=self._ids.device)
        at = self._starts[which][:, None] + self._span
        return self._ids[at].long(), self._answers[at].float()


def make_model(width: int, layers: int, feed_forward: int) -> LlamaForCausalLM:
    """A fresh Llama with heads of 64."""
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=width,
        intermediate_size=feed_forward,
        num_hidden_layers=layers,
        num_attention_heads=width // 64,
        num_key_value_heads=width // 64,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
    )
    return LlamaForCausalLM(config)


def weighted_loss(model: LlamaForCausalLM, device: torch.device) -> Step:
    """(ids [b, n + 1], weights [b, n + 1]) -> mean cross-entropy in nats, weighted by token; compiled on a GPU."""

    def loss(ids: Tensor, weights: Tensor) -> Tensor:
        with torch.autocast(device.type, dtype=torch.bfloat16):
            hidden = model.model(input_ids=ids[:, :-1], use_cache=False).last_hidden_state
            logits = F.linear(hidden, model.lm_head.weight)
        each = F.cross_entropy(logits.float().flatten(0, 1), ids[:, 1:].flatten(), reduction="none")
        weight = weights[:, 1:].flatten()
        return (each * weight).sum() / weight.sum()

    return torch.compile(loss) if device.type == "cuda" else loss


def run_stage(stage: Stage, model: LlamaForCausalLM, loss: Step, rows: int) -> None:
    """Train until the stage's minutes are over."""
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and "embed" not in n]
    others = [p for n, p in model.named_parameters() if p.ndim != 2 or "embed" in n]
    muon = torch.optim.Muon(matrices, lr=stage.rate, weight_decay=0.1, adjust_lr_fn="match_rms_adamw")
    adam = torch.optim.AdamW(others, lr=stage.rate, betas=(0.9, 0.95), weight_decay=0.0)
    model.train()
    _backward(stage, loss, rows)
    model.zero_grad()
    begun, steps, spent = time.monotonic(), 0, 0.0
    value = torch.zeros(())
    while spent < 1:
        for group in [*muon.param_groups, *adam.param_groups]:
            group["lr"] = stage.rate * min(1, (steps + 1) / 100) * min(1, max(0.02, 2 * (1 - spent)))
        value = _backward(stage, loss, rows)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        muon.step()
        adam.step()
        model.zero_grad(set_to_none=True)
        steps += 1
        if steps % 200 == 0:
            speed = steps * rows * ROW / (time.monotonic() - begun) / 1e6
            print(f"{stage.name} {steps} loss {value.item():.3f} {speed:.2f}M tokens/s", flush=True)
        spent = (time.monotonic() - begun) / (stage.minutes * 60)
    print(f"{stage.name} done: {steps} steps, loss {value.item():.3f}", flush=True)


def _backward(stage: Stage, loss: Step, rows: int) -> Tensor:
    drawn = [source.draw(max(1, round(rows * share))) for source, share in stage.mix]
    ids, answers = (torch.cat(parts) for parts in zip(*drawn, strict=True))
    value = loss(ids, stage.context + (1 - stage.context) * answers)
    value.backward()
    return value.detach()


@torch.no_grad()
def held_out_loss(material: Material, model: LlamaForCausalLM, device: torch.device) -> float:
    """Bits per token of the answers in conversations that training left out, at the places where they truly stand."""
    model.eval()
    shelf, total, count = material.held_out, 0.0, 0
    ends = [*shelf.starts[1:].tolist(), len(shelf.ids)]
    for start, end in list(zip(shelf.starts.tolist(), ends, strict=True))[:600]:
        ids = torch.from_numpy(shelf.ids[start:end]).long().to(device)[None]
        answer = torch.from_numpy(shelf.answers[start + 1 : end]).bool().to(device)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            logits = model(input_ids=ids[:, :-1]).logits[0]
        total += F.cross_entropy(logits[answer].float(), ids[0, 1:][answer], reduction="sum").item()
        count += int(answer.sum())
    return total / count / math.log(2)


def main() -> None:
    """Make one body and try it."""
    parser = argparse.ArgumentParser(description=__doc__)
    here = Path(__file__).parent
    parser.add_argument("--corpus", type=Path, default=here / "corpus")
    parser.add_argument("--corpora", type=Path, required=True, help="gzipped open corpora")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--base-minutes", type=float, default=4.0)
    parser.add_argument("--companion-minutes", type=float, default=4.0)
    parser.add_argument("--passes", type=int, default=12, help="how often each line of the corpus is told anew")
    parser.add_argument("--processes", type=int, default=16)
    parser.add_argument("--rows", type=int, default=128, help="rows of 1024 tokens a step")
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--feed-forward", type=int, default=1408)
    parser.add_argument("--rate", type=float, default=2e-3)
    options = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(0)
    torch.set_float32_matmul_precision("high")
    begun = time.monotonic()
    material = prepare(options.corpus, options.corpora, options.passes, options.processes)
    print(
        f"{len(material.talk.ids) / 1e6:.1f}M tokens of open talk, {len(material.companion.ids) / 1e6:.1f}M of"
        f" {len(material.companion.starts)} companion documents, {time.monotonic() - begun:.0f} s",
        flush=True,
    )
    talk, companion = Rows(material.talk, device), Rows(material.companion, device)
    model = make_model(options.width, options.layers, options.feed_forward)
    torch.nn.Module.to(model, device)
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.1f}M parameters", flush=True)
    loss = weighted_loss(model, device)
    base = Stage("base", options.base_minutes, options.rate, 0.03, [(talk, 0.5), (companion, 0.5)])
    later = Stage("companion", options.companion_minutes, options.rate / 2, 0.03, [(talk, 0.08), (companion, 0.92)])
    for stage in (base, later):
        run_stage(stage, model, loss, options.rows)
        print(f"held-out answers: {held_out_loss(material, model, device):.3f} bits/token", flush=True)
    torch.nn.Module.to(model, torch.bfloat16)
    model.save_pretrained(options.out, max_shard_size="15MB")
    save_tokenizer(material.tokenizer, options.out)
    report = examine(material, model, device)
    (options.out / "samples.txt").write_text(report, encoding="utf-8")
    print(report, f"\n{time.monotonic() - begun:.0f} s in all", flush=True)


if __name__ == "__main__":
    main()
