"""Trains the embedded body: `python -m anima_tui.forge train --corpora FOLDER --out FOLDER`, on one CUDA GPU.

A base stage on open talk, with documents of the companion mixed in so that it learns early to copy; then a companion
stage in which her own words count most, in several rounds: the body is the mean of their ends, and of where it was
resumed. Beside both run the lessons in feeling, meaning and voices. Matrices are trained by Muon, embeddings and
norms by AdamW. The stages end at given times, and the learning rate follows the clock. Last the layers are compared,
and the autoencoder is trained where the lessons were taught.
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
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM

from anima_tui.forge.autoencoder import train_autoencoder
from anima_tui.forge.averaging import Average
from anima_tui.forge.feeling import Feelings
from anima_tui.forge.layers import compare_layers
from anima_tui.forge.lessons import Material, prepare
from anima_tui.forge.meanings import Meanings
from anima_tui.forge.rows import ROW, Arrivals, Rows
from anima_tui.forge.tokens import VOCABULARY, save_tokenizer
from anima_tui.forge.trunk import HOOKED, logits_above, residual_after
from anima_tui.forge.voices import Voices, pushed, voices_heard

CONTEXT = 0.03
"""Weight of words that are not the body's own."""
FEELING_WEIGHT = 0.5
MEANING_WEIGHT = 0.2
Step = Callable[[Tensor, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Stage:
    """`until`: seconds on the clock; `mix`: shelves and the share of rows taken from each."""

    name: str
    until: float
    rate: float
    mix: Sequence[tuple[Rows, float]]


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


def weighted_loss(model: LlamaForCausalLM) -> Step:
    """The step, compiled on a GPU.

    (ids, marks [b, n + 1], push [b], directions [voices, d]) -> mean cross-entropy in nats, her own words counting
    most, and what `Voices.hear` wants. Where she speaks in a voice that the prompt does not name, she is pushed along
    it, as the Prism will do: `push` times ‖h‖ after the hooked layer.
    """

    def loss(ids: Tensor, marks: Tensor, push: Tensor, directions: Tensor) -> tuple[Tensor, Tensor]:
        said = marks[:, 1:]
        with torch.autocast(model.device.type, dtype=torch.bfloat16):
            h = residual_after(model, ids[:, :-1], HOOKED)
            heard = voices_heard(h, said)
            h = h + pushed(h, said, push, directions)
            logits = logits_above(model, ids[:, :-1], HOOKED, h)
        each = F.cross_entropy(logits.float().flatten(0, 1), ids[:, 1:].flatten(), reduction="none")
        weight = (CONTEXT + (1 - CONTEXT) * (said > 0)).flatten()
        return (each * weight).sum() / weight.sum(), heard

    return torch.compile(loss) if model.device.type == "cuda" else loss


class Training:
    """One model, and the clock that all stages share."""

    def __init__(
        self,
        model: LlamaForCausalLM,
        feelings: Feelings,
        meanings: Meanings,
        arrivals: Arrivals,
        rows: int,
        begun: float,
    ) -> None:
        self._model = model
        self._feelings = feelings
        self._meanings = meanings
        self._arrivals = arrivals
        self._rows = rows
        self._begun = begun
        self._loss = weighted_loss(model)
        self._voices = Voices(model.config.hidden_size, model.device)

    @property
    def clock(self) -> float:
        return time.monotonic() - self._begun

    def warm_up(self, source: Rows) -> None:
        """Compile, so that no stage pays for it."""
        self._backward([(source, 1.0)])
        self._model.zero_grad()

    def run(self, stage: Stage) -> None:
        """Train until the stage's time has come."""
        model = self._model
        matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and "embed" not in n]
        others = [p for n, p in model.named_parameters() if p.ndim != 2 or "embed" in n]
        muon = torch.optim.Muon(matrices, lr=stage.rate, weight_decay=0.1, adjust_lr_fn="match_rms_adamw")
        heads = [*self._feelings.head.parameters(), *self._meanings.head.parameters()]
        adam = torch.optim.AdamW([*others, *heads], lr=stage.rate, betas=(0.9, 0.95), weight_decay=0.0)
        model.train()
        start, steps = self.clock, 0
        length = max(stage.until - start, 1.0)
        value = torch.zeros(())
        while (spent := (self.clock - start) / length) < 1:
            for group in [*muon.param_groups, *adam.param_groups]:
                group["lr"] = stage.rate * min(1, (steps + 1) / 100) * min(1, max(0.02, 2 * (1 - spent)))
            value = self._backward(stage.mix)
            lesson = MEANING_WEIGHT * self._meanings.loss() if steps % 2 else FEELING_WEIGHT * self._feelings.loss()
            lesson.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            muon.step()
            adam.step()
            model.zero_grad(set_to_none=True)
            steps += 1
            if steps % 20 == 0:
                self._arrivals.take()
            if steps % 200 == 0:
                speed = steps * self._rows * ROW / (self.clock - start) / 1e6
                print(f"{stage.name} {steps} loss {value.item():.3f} {speed:.2f}M tokens/s", flush=True)
        print(f"{self.clock:.0f} s: {stage.name} done, {steps} steps, loss {value.item():.3f}", flush=True)

    def _backward(self, mix: Sequence[tuple[Rows, float]]) -> Tensor:
        drawn = [source.draw(max(1, round(self._rows * share))) for source, share in mix]
        ids, marks = (torch.cat(parts) for parts in zip(*drawn, strict=True))
        value, heard = self._loss(ids, marks, self._voices.push(len(ids)), self._voices.directions)
        value.backward()
        self._voices.hear(heard.detach())
        return value.detach()


@torch.no_grad()
def held_out_loss(material: Material, model: LlamaForCausalLM) -> float:
    """Bits per token of the answers in conversations that training left out, at the places where they truly stand."""
    model.eval()
    shelf, total, count = material.held_out, 0.0, 0
    ends = [*shelf.starts[1:].tolist(), len(shelf.ids)]
    for start, end in list(zip(shelf.starts.tolist(), ends, strict=True))[:400]:
        ids = torch.from_numpy(shelf.ids[start:end]).long().to(model.device)[None]
        answer = torch.from_numpy(shelf.marks[start + 1 : end]).bool().to(model.device)
        with torch.autocast(model.device.type, dtype=torch.bfloat16):
            logits = model(input_ids=ids[:, :-1]).logits[0]
        total += F.cross_entropy(logits[answer].float(), ids[0, 1:][answer], reduction="sum").item()
        count += int(answer.sum())
    return total / count / math.log(2)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="forge train", description=__doc__)
    here = Path(__file__).parent
    parser.add_argument("--corpus", type=Path, default=here / "corpus")
    parser.add_argument("--corpora", type=Path, required=True, help="gzipped open corpora")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--resume", type=Path, help="what an earlier training wrote: go on with its companion stage")
    parser.add_argument("--base-until", type=float, default=240.0, help="seconds on the clock")
    parser.add_argument("--companion-until", type=float, default=600.0)
    parser.add_argument("--rounds", type=int, default=3, help="of the companion stage, whose ends are averaged")
    parser.add_argument("--autoencoder-seconds", type=float, default=60.0)
    parser.add_argument("--passes", type=int, default=6, help="how often each line of the corpus is told anew")
    parser.add_argument("--processes", type=int, default=15)
    parser.add_argument("--rows", type=int, default=128, help="rows of 1024 tokens a step")
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--feed-forward", type=int, default=1408)
    parser.add_argument("--rate", type=float, default=2e-3)
    return parser.parse_args(arguments)


def _save(model: LlamaForCausalLM, tokenizer: Tokenizer, folder: Path) -> None:
    """In bfloat16, so that it travels; the model in hand stays as it is."""
    saved = LlamaForCausalLM(model.config)
    saved.load_state_dict(model.state_dict())
    torch.nn.Module.to(saved, torch.bfloat16)
    saved.save_pretrained(folder, max_shard_size="16MB")
    save_tokenizer(tokenizer, folder)


def main(arguments: Sequence[str] | None = None) -> None:
    """Make one body."""
    options = _options(arguments)
    begun = time.monotonic()
    earlier: Path | None = options.resume and options.resume / "body"
    tokenizer = Tokenizer.from_file(str(earlier / "tokenizer.json")) if earlier else None
    material = prepare(
        options.corpus, options.corpora, options.passes, options.processes, tokenizer, seed=1 if earlier else 0
    )
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(0)
    torch.set_float32_matmul_precision("high")
    talk, companion = Rows(device), Rows(device)
    talk.add([material.talk])
    arrivals = Arrivals(material.companion, companion)
    model = (
        LlamaForCausalLM.from_pretrained(earlier, dtype=torch.float32)
        if earlier
        else make_model(options.width, options.layers, options.feed_forward)
    )
    torch.nn.Module.to(model, device)
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.1f}M parameters", flush=True)
    feelings = Feelings(model, material.feelings, material.held_out_feelings)
    meanings = Meanings(model, material.author.book, material.said)
    if earlier and (head := earlier.parent / "meaning.safetensors").exists():
        meanings.head.load_state_dict(load_file(head))
    training = Training(model, feelings, meanings, arrivals, options.rows, begun)
    training.warm_up(talk)
    while not len(companion):
        arrivals.take(60)
    print(f"{training.clock:.0f} s: begins with {talk.tokens / 1e6:.1f}M tokens of open talk", flush=True)

    def report(what: str) -> None:
        print(
            f"{what}: held-out answers {held_out_loss(material, model):.3f} bits/token, valence r "
            f"{feelings.correlation():.3f}, lines left out that find their like {meanings.found():.3f}",
            flush=True,
        )

    if not earlier:
        training.run(Stage("base", options.base_until, options.rate, [(talk, 0.5), (companion, 0.5)]))
        report("base")
    average, begin = Average([model, meanings.head]), training.clock
    if earlier:
        average.add()  # what the earlier training ended with is one of the ends
    for number in range(1, options.rounds + 1):
        until = begin + (options.companion_until - begin) * number / options.rounds
        training.run(Stage("companion", until, options.rate / 2, [(talk, 0.25), (companion, 0.75)]))
        average.add()
        report(f"round {number}")
    average.settle()
    report(f"mean of {average.count} ends, {companion.tokens / 1e6:.1f}M tokens of {len(companion)} documents")
    _save(model, material.tokenizer, options.out / "body")
    save_file(meanings.head.state_dict(), options.out / "meaning.safetensors")
    print(f"{training.clock:.0f} s: body saved", flush=True)
    compare_layers(material, model)
    mix = [(talk, 0.2), (companion, 0.8)]
    if options.autoencoder_seconds > 0:
        print(train_autoencoder(model, HOOKED, mix, options.autoencoder_seconds, options.out / "sae"), flush=True)
    print(f"{training.clock:.0f} s in all", flush=True)
