"""A body small enough to build for a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from anima_tui.engine.phrasebook import Phrase, Phrasebook

D_IN, D_SAE, LAYERS = 32, 128, 3
SPECIAL = ["<|pad|>", "<|bos|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>", "<think>", "</think>"]
CHAT_TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] + '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def write_body(folder: Path, context: int = 128) -> None:
    """A random Llama of three layers with a random top-k SAE after the second; it reads `context` bytes."""
    folder.mkdir()
    (folder / "body.toml").write_text(
        'name = "tiny"\ndescription = "random"\nmodel = "Tiny"\nstyle = "seedling"\nlicence = "none"\n'
        f"context_tokens = {context}\n"
    )
    tokenizer = byte_tokenizer()
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=D_IN,
        intermediate_size=64,
        num_hidden_layers=LAYERS,
        num_attention_heads=2,
        max_position_embeddings=context,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        tie_word_embeddings=True,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    write_sae(folder / "sae")


def write_phrasebook(folder: Path, phrases: Sequence[Phrase], slots: Mapping[str, Sequence[str]]) -> None:
    """Give the body in `folder` a phrasebook."""
    Phrasebook(phrases, slots).save(folder / "phrasebook")
    with (folder / "body.toml").open("a") as manifest:
        manifest.write("phrasebook = true\n")


def write_sae(folder: Path, d_in: int = D_IN, hook: str = "blocks.1.hook_resid_post") -> None:
    folder.mkdir(exist_ok=True)
    (folder / "cfg.json").write_text(
        f'{{"architecture": "topk", "d_in": {d_in}, "d_sae": {D_SAE}, "k": 8, "metadata": {{"hook_name": "{hook}"}}}}'
    )
    decoder = torch.nn.functional.normalize(torch.randn(D_SAE, d_in), dim=-1)
    weights = {
        "W_enc": decoder.T.contiguous(),
        "W_dec": decoder,
        "b_enc": torch.zeros(D_SAE),
        "b_dec": torch.zeros(d_in),
    }
    save_file(weights, folder / "sae_weights.safetensors")


def byte_tokenizer() -> PreTrainedTokenizerFast:
    """One token per byte, and the seedling's special tokens before them."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: i for i, token in enumerate([*SPECIAL, *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(SPECIAL)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<|bos|>",
        eos_token="<|end|>",
        pad_token="<|pad|>",
        chat_template=CHAT_TEMPLATE,
    )
