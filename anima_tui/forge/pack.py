"""Makes of what was trained a body's folder, small enough to be part of a program.

The SAE is stored in sixteen bits, of which seven of the mantissa are zero so that a repository packs them, and every
matrix of the model in eight, as plain safetensors.

The matrices are stored as float8 e4m3, which transformers turns into float32 as it loads them. Each rounding error is
pushed onto the columns not yet rounded (GPTQ, https://arxiv.org/abs/2210.17323), weighed by what the layer reads in the
corpus' own documents. Powers of two are first moved between matrices that are multiplied with each other, which
changes nothing, so that their entries lie where e4m3 has its three bits of mantissa.
"""

from __future__ import annotations

import argparse
import random
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import LlamaForCausalLM

from anima_tui.engine.fallbacks import FALLBACKS
from anima_tui.engine.meaning import Meanings
from anima_tui.forge.blocks import read_blocks, read_slots
from anima_tui.forge.documents import Author, book_of, plain_turns
from anima_tui.forge.meanings import SIZE, MeaningHead, shelve_said, spoken_lines
from anima_tui.forge.tokens import open_texts, render
from anima_tui.forge.trunk import HOOKED, residual_after
from anima_tui.forge.vocabulary import gather

CONTEXT = 1024
DOCUMENTS = 400
"""Documents of the corpus that the rounding is calibrated on and measured by."""
MANIFEST = """name = "seedling"
description = "Small enough to be part of the program: talks offline, on any machine."
model = "Anima seedling (30M)"
style = "seedling"
context_tokens = {context}
licence = "Weights trained for this project on open text; sources and licences in README.md."
phrasebook = true
"""
STORED = torch.float8_e4m3fn
SPREAD = 0.25
"""Standard deviation that matrices are brought near to: six binades of e4m3 below it are still normal numbers."""
_LINES = 5
"""Lines of each phrase whose mean is what the phrase means."""
_DROPPED = 7
"""Bits of a float16's mantissa that are left zero."""
_DAMPING = 0.01
_BLOCK = 128


def pack(trained: Path, corpus: Path, corpora: Path, folder: Path) -> dict[str, float]:
    """Write to `folder` the body whose `body/` and `sae/` lie in `trained`, with its phrasebook; see `pack_model`."""
    blocks = read_blocks(corpus)
    words = gather(read_slots(corpus), open_texts(corpora))
    book = book_of(blocks, words.slots)
    tokenizer = Tokenizer.from_file(str(trained / "body" / "tokenizer.json"))
    author = Author(blocks, book, words, random.Random(0))
    turns = author.chance.sample(plain_turns(blocks), DOCUMENTS)
    documents = [tokenizer.encode("".join(render(author.conversation(*turn)))).ids[:CONTEXT] for turn in turns]
    measured = pack_model(trained / "body", documents, folder)
    book.meanings = meanings_of(folder, tokenizer, spoken_lines(book, words, random.Random(0), _LINES), trained)
    book.save(folder / "phrasebook")
    shutil.copyfile(corpus / FALLBACKS, folder / "phrasebook" / FALLBACKS)
    tensors = load_file(trained / "sae" / "sae_weights.safetensors")
    (folder / "sae").mkdir(exist_ok=True)
    coarse = {name: coarsened(tensor) if tensor.ndim == 2 else tensor.float() for name, tensor in tensors.items()}
    save_file(coarse, folder / "sae" / "sae_weights.safetensors")
    shutil.copyfile(trained / "sae" / "cfg.json", folder / "sae" / "cfg.json")
    (folder / "body.toml").write_text(MANIFEST.format(context=CONTEXT), encoding="utf-8")
    for file in folder.rglob("*.safetensors"):
        file.chmod(0o644)  # safetensors makes it private; a body may be shared
    return measured


@torch.inference_mode()
def meanings_of(folder: Path, tokenizer: Tokenizer, lines: Sequence[tuple[int, str]], trained: Path) -> Meanings:
    """What each phrase means to the body in `folder`, by the head that `trained` holds; `lines` as `spoken_lines`."""
    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    stored = load_file(trained / "meaning.safetensors")
    head = MeaningHead(model.config.hidden_size)
    head.load_state_dict(stored)
    shelf = shelve_said(tokenizer, lines)
    ids, words = torch.from_numpy(shelf.ids).long(), torch.from_numpy(shelf.words).float()
    sums = torch.zeros(int(shelf.phrase.max()) + 1, SIZE)
    for rows in (ids != 0).sum(1).argsort().split(256):
        longest = int((ids[rows] != 0).sum(1).max())
        meant = head(residual_after(model, ids[rows, :longest], HOOKED), words[rows, :longest])
        sums.index_add_(0, torch.from_numpy(shelf.phrase)[rows], meant)
    phrases = torch.nn.functional.normalize(sums, dim=1)
    return Meanings(stored["line.weight"].numpy(), stored["line.bias"].numpy(), phrases.numpy())


def pack_model(trained: Path, documents: Sequence[Sequence[int]], folder: Path) -> dict[str, float]:
    """Write `trained`, a folder with a Llama and its tokenizer, to `folder` in eight bits.

    `documents`: token ids to calibrate on, the last tenth of them to measure by. Returns the mean KL in nats between
    the body before and after, how often the likeliest token is the same, and the loss of both in nats per token.
    """
    model = LlamaForCausalLM.from_pretrained(trained, dtype=torch.float32).eval().requires_grad_(False)
    tried = documents[-max(1, len(documents) // 10) :]
    before = [_logits(model, ids) for ids in tried]
    balance(model)
    read = _second_moments(model, documents[: -len(tried)])
    for name, matrix in _matrices(model):
        matrix.weight.data = rounded(matrix.weight.data, read[name])
    measured = _compare(before, [_logits(model, ids) for ids in tried], tried)
    folder.mkdir(parents=True, exist_ok=True)
    for file in trained.iterdir():
        if file.is_file() and file.suffix != ".safetensors" and "safetensors.index" not in file.name:
            shutil.copyfile(file, folder / file.name)
    model.config.dtype = torch.float32
    model.config.save_pretrained(folder)
    stored = {
        name: (tensor.to(STORED) if tensor.ndim == 2 else tensor).contiguous()
        for name, tensor in model.state_dict().items()
        if name != "lm_head.weight"
    }
    save_file(stored, folder / "model.safetensors", metadata={"format": "pt"})
    return measured


def coarsened(weight: Tensor) -> Tensor:
    """`weight` as float16 with three bits of mantissa: the nearest such number, ties away from zero."""
    bits = weight.half().contiguous().view(torch.int16).to(torch.int32)
    sign, magnitude = bits & ~0x7FFF, bits & 0x7FFF
    nearest = (magnitude + (1 << (_DROPPED - 1))) >> _DROPPED << _DROPPED
    return (sign | nearest).to(torch.int16).view(torch.float16)


def balance(model: LlamaForCausalLM) -> None:
    """Move powers of two from norms into the matrices that read them, and from values and gates into outputs."""
    layers: Any = model.model.layers
    for layer in layers:
        attention, mlp = layer.self_attn, layer.mlp
        _move(layer.input_layernorm, (attention.q_proj, attention.k_proj, attention.v_proj))
        _move(layer.post_attention_layernorm, (mlp.gate_proj, mlp.up_proj))
        _pass_on(attention.v_proj, attention.o_proj)
        _pass_on(mlp.up_proj, mlp.down_proj)


def rounded(weight: Tensor, moments: Tensor) -> Tensor:
    """`weight` [out, in] on the grid of `STORED`, as float32, its errors fed back; `moments` [in, in]: Σ x xᵀ."""
    w = weight.clone().float()
    hessian = moments.double()
    hessian += torch.eye(len(hessian), dtype=torch.double) * (_DAMPING * hessian.diagonal().mean() + 1e-8)
    inverse = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(hessian)), upper=True).float()
    for begin in range(0, w.shape[1], _BLOCK):
        end = min(begin + _BLOCK, w.shape[1])
        errors = torch.zeros(w.shape[0], end - begin)
        for at in range(begin, end):
            near = w[:, at].to(STORED).float()
            error = (w[:, at] - near) / inverse[at, at]
            w[:, at:end] -= error[:, None] * inverse[at, at:end]
            w[:, at] = near
            errors[:, at - begin] = error
        w[:, end:] -= errors @ inverse[begin:end, end:]
    return w


def _move(norm: Any, readers: Sequence[nn.Linear]) -> None:
    factor = _factor(torch.cat([reader.weight for reader in readers]))
    for reader in readers:
        reader.weight.data *= factor
    norm.weight.data = norm.weight.data / factor


def _factor(weight: Tensor) -> float:
    return float(2.0 ** torch.round(torch.log2(SPREAD / weight.std())))


def _pass_on(first: nn.Linear, second: nn.Linear) -> None:
    factor = _factor(second.weight)
    second.weight.data *= factor
    first.weight.data /= factor


def _matrices(model: LlamaForCausalLM) -> list[tuple[str, Any]]:
    linears = [(name, m) for name, m in model.named_modules() if isinstance(m, nn.Linear) and name != "lm_head"]
    return [*linears, ("lm_head", model.model.embed_tokens)]


def _logits(model: LlamaForCausalLM, ids: Sequence[int]) -> Tensor:
    with torch.inference_mode():
        return model(torch.tensor([list(ids)])).logits[0].float()


def _second_moments(model: LlamaForCausalLM, documents: Iterable[Sequence[int]]) -> dict[str, Tensor]:
    """Σ x xᵀ [in, in] of what each linear layer reads."""
    sums: dict[str, Tensor] = {}

    def watch(name: str) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
        def hook(_module: nn.Module, inputs: tuple[Tensor, ...], _output: Tensor) -> None:
            x = inputs[0].reshape(-1, inputs[0].shape[-1]).float()
            sums[name] = sums.get(name, torch.zeros(x.shape[1], x.shape[1])) + x.T @ x

        return hook

    handles = [m.register_forward_hook(watch(n)) for n, m in model.named_modules() if isinstance(m, nn.Linear)]
    for ids in documents:
        _logits(model, ids)
    for handle in handles:
        handle.remove()
    return sums


def _compare(before: Sequence[Tensor], after: Sequence[Tensor], documents: Sequence[Sequence[int]]) -> dict[str, float]:
    p, q = torch.cat(list(before)).log_softmax(-1), torch.cat(list(after)).log_softmax(-1)
    nexts = torch.cat([torch.tensor([*ids[1:], -100]) for ids in documents])
    return {
        "kl": float((p.exp() * (p - q)).sum(-1).mean()),
        "same": float((p.argmax(-1) == q.argmax(-1)).float().mean()),
        "loss_before": float(nn.functional.nll_loss(p, nexts)),
        "loss_after": float(nn.functional.nll_loss(q, nexts)),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Pack one body."""
    parser = argparse.ArgumentParser(prog="forge pack", description=__doc__)
    parser.add_argument("--trained", type=Path, required=True, help="what `train` wrote")
    parser.add_argument("--corpus", type=Path, default=Path(__file__).parent / "corpus")
    parser.add_argument("--corpora", type=Path, required=True, help="gzipped open corpora")
    parser.add_argument("--out", type=Path, required=True, help="the body's folder")
    options = parser.parse_args(arguments)
    print(pack(options.trained, options.corpus, options.corpora, options.out))
