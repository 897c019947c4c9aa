"""The hub's cache, as huggingface_hub lays it out, with the catalogue's repositories in miniature.

File names, keys of the configurations and names of the tensors are those of the real repositories; only the sizes
are small. The number of layers is not: the SAEs read where the real ones read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    Gemma3Config,
    Gemma3ForCausalLM,
    Gemma3ForConditionalGeneration,
    Gemma3TextConfig,
    GemmaTokenizer,
    GPT2Config,
    GPT2LMHeadModel,
    GPT2Tokenizer,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
    Qwen2Tokenizer,
    Qwen3Config,
    Qwen3ForCausalLM,
)

COMMIT = "0" * 39 + "1"
D_IN, D_SAE = 32, 96
QWEN_D_IN, QWEN_D_SAE = 2048, 32768
"""sae-lens knows these two from the name of the repository, whatever is in it."""

LLAMA_TEMPLATE = """{{- bos_token }}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{{- "Cutting Knowledge Date: December 2023\\n" }}
{{- system_message }}
{{- "<|eot_id|>" }}
{%- for message in messages %}
    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
"""
GEMMA_TEMPLATE = """{{ bos_token }}
{%- if messages[0]['role'] == 'system' -%}
    {%- set first_user_prefix = messages[0]['content'] + '\\n\\n' -%}
    {%- set loop_messages = messages[1:] -%}
{%- else -%}
    {%- set first_user_prefix = "" -%}
    {%- set loop_messages = messages -%}
{%- endif -%}
{%- for message in loop_messages -%}
    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) -%}
        {{ raise_exception("Conversation roles must alternate user/assistant/user/assistant/...") }}
    {%- endif -%}
    {%- set role = "model" if message['role'] == 'assistant' else message['role'] -%}
    {{ '<start_of_turn>' + role + '\\n' + (first_user_prefix if loop.first else "") }}
    {{- message['content'] | trim }}
    {{- '<end_of_turn>\\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{ '<start_of_turn>model\\n' }}
{%- endif -%}
"""
QWEN_TEMPLATE = """{%- if messages[0].role == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or message.role == "assistant" %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}
"""


def add_repository(cache: Path, name: str, write: Callable[[Path], None]) -> None:
    """Let `write` put a repository's files into a folder, and store them as the hub's own downloads are stored."""
    root = cache / f"models--{name.replace('/', '--')}"
    (root / "blobs").mkdir(parents=True)
    (root / "refs").mkdir()
    (root / "refs" / "main").write_text(COMMIT)
    snapshot = root / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    write(snapshot)
    for file in sorted(file for file in snapshot.rglob("*") if file.is_file()):
        blob = root / "blobs" / hashlib.sha256(file.read_bytes()).hexdigest()
        depth = len(file.relative_to(root).parts) - 1
        if not blob.exists():
            file.rename(blob)
        file.unlink(missing_ok=True)
        file.symlink_to(Path(*[".."] * depth, "blobs", blob.name))


def fill(cache: Path) -> None:
    """One model and one SAE for each family of the catalogue, and Gemma 3 with eyes."""
    torch.manual_seed(0)
    add_repository(cache, "meta-llama/Llama-3.1-8B-Instruct", lambda at: llama(at, layers=22))
    add_repository(cache, "fnlp/Llama3_1-8B-Base-LXR-8x", _llama_scope)
    add_repository(cache, "meta-llama/Meta-Llama-3-8B-Instruct", lambda at: llama(at, layers=27))
    add_repository(cache, "Juliushanhanhan/llama-3-8b-it-res", _llama_3_sae)
    add_repository(cache, "google/gemma-3-270m-it", gemma)
    add_repository(cache, "google/gemma-scope-2-270m-it", lambda at: _gemma_scope(at, "270m", 9))
    add_repository(cache, "google/gemma-3-4b-it", _gemma_with_eyes)
    add_repository(cache, "google/gemma-scope-2-4b-it", lambda at: _gemma_scope(at, "4b", 17))
    add_repository(cache, "Qwen/Qwen3-1.7B", qwen)
    add_repository(cache, "Qwen/SAE-Res-Qwen3-1.7B-Base-W32K-L0_50", _qwen_scope)
    add_repository(cache, "openai-community/gpt2", gpt2)
    add_repository(cache, "jbloom/GPT2-Small-OAI-v5-32k-resid-post-SAEs", _gpt2_sae)


# --- models ----------------------------------------------------------------------------------------------


def _byte_vocabulary(*special: str) -> dict[str, int]:
    return {token: i for i, token in enumerate([*special, *sorted(pre_tokenizers.ByteLevel.alphabet())])}


def _save(at: Path, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, template: str | None) -> None:
    tokenizer.chat_template = template
    tokenizer.save_pretrained(at)
    model.bfloat16().save_pretrained(at)


def llama(at: Path, layers: int) -> None:
    special = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
    backend = Tokenizer(models.BPE(vocab=_byte_vocabulary(*special), merges=[]))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    backend.add_special_tokens(special)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, bos_token="<|begin_of_text|>", eos_token="<|eot_id|>")
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=D_IN,
        intermediate_size=64,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=131072,
        bos_token_id=0,
        eos_token_id=[1, 4],
        rope_parameters={
            "rope_type": "llama3",
            "rope_theta": 500000.0,
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 8192,
        },
    )
    _save(at, LlamaForCausalLM(config), tokenizer, LLAMA_TEMPLATE)
    # The real repositories hold the same weights once more, in another format that must not be fetched.
    (at / "original").mkdir()
    (at / "original" / "params.json").write_text("{}")


def _gemma_tokenizer() -> GemmaTokenizer:
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "<start_of_turn>", "<end_of_turn>"]
    pieces = [*special, *(f"<0x{i:02X}>" for i in range(256)), "▁", *(chr(i) for i in range(33, 127))]
    tokenizer = GemmaTokenizer(vocab={piece: i for i, piece in enumerate(pieces)}, merges=[])
    tokenizer.add_special_tokens({"additional_special_tokens": special[-2:]})  # pyright: ignore[reportArgumentType]
    tokenizer.add_tokens(["\n\n", "▁▁"])
    return tokenizer


def _gemma_text(layers: int, vocabulary: int) -> Gemma3TextConfig:
    return Gemma3TextConfig(
        vocab_size=vocabulary,
        hidden_size=D_IN,
        intermediate_size=64,
        num_hidden_layers=layers,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        sliding_window=16,
        max_position_embeddings=32768,
        eos_token_id=[1, 6],
    )


def gemma(at: Path) -> None:
    tokenizer = _gemma_tokenizer()
    _save(at, Gemma3ForCausalLM(_gemma_text(11, len(tokenizer))), tokenizer, GEMMA_TEMPLATE)


def _gemma_with_eyes(at: Path) -> None:
    tokenizer = _gemma_tokenizer()
    config = Gemma3Config(
        text_config=_gemma_text(19, len(tokenizer)),
        vision_config={
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "image_size": 16,
            "patch_size": 4,
        },
        mm_tokens_per_image=4,
        image_token_index=3,
    )
    _save(at, Gemma3ForConditionalGeneration(config), tokenizer, GEMMA_TEMPLATE)


def qwen(at: Path) -> None:
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    tokenizer = Qwen2Tokenizer(vocab=_byte_vocabulary(*special), merges=[], eos_token="<|im_end|>")
    tokenizer.add_special_tokens({"additional_special_tokens": special[1:]})  # pyright: ignore[reportArgumentType]
    tokenizer.add_tokens(["<think>", "</think>"])
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=QWEN_D_IN,
        intermediate_size=16,
        num_hidden_layers=15,
        num_attention_heads=1,
        num_key_value_heads=1,
        head_dim=16,
        max_position_embeddings=40960,
        tie_word_embeddings=True,
        eos_token_id=2,
    )
    _save(at, Qwen3ForCausalLM(config), tokenizer, QWEN_TEMPLATE)


def gpt2(at: Path, context: int = 256) -> None:
    """As large as the masks of its context, which the real file holds too."""
    tokenizer = GPT2Tokenizer(vocab=_byte_vocabulary("<|endoftext|>"), merges=[])
    tokenizer.save_pretrained(at)
    config = GPT2Config(
        vocab_size=len(tokenizer), n_embd=D_IN, n_layer=9, n_head=2, n_positions=context, bos_token_id=0, eos_token_id=0
    )
    model = GPT2LMHeadModel(config)
    model.config.save_pretrained(at)
    tensors = {name.removeprefix("transformer."): tensor for name, tensor in model.state_dict().items()}
    del tensors["lm_head.weight"]
    mask = torch.ones(1, 1, context, context).tril()
    tensors |= {f"h.{layer}.attn.bias": mask.clone() for layer in range(9)}
    save_file(tensors, at / "model.safetensors", {"format": "pt"})


# --- SAEs ------------------------------------------------------------------------------------------------


def _llama_scope(at: Path) -> None:
    folder = at / "Llama3_1-8B-Base-L20R-8x"
    folder.mkdir()
    config = {
        "d_model": D_IN,
        "d_sae": D_SAE,
        "jump_relu_threshold": 0.52734375,
        "hook_point_in": "blocks.20.hook_resid_post",
        "hook_point_out": "blocks.20.hook_resid_post",
        "dataset_average_activation_norm": {"in": 18.75, "out": 18.75},
        "norm_activation": "dataset-wise",
        "sparsity_include_decoder_norm": True,
    }
    (folder / "hyperparams.json").write_text(json.dumps(config))
    _tensors(
        folder / "checkpoints" / "final.safetensors",
        {
            "encoder.weight": (D_SAE, D_IN),
            "encoder.bias": (D_SAE,),
            "decoder.weight": (D_IN, D_SAE),
            "decoder.bias": (D_IN,),
        },
        torch.bfloat16,
    )


def _llama_3_sae(at: Path) -> None:
    folder = at / "blocks.25.hook_resid_post"
    folder.mkdir()
    config = {
        "architecture": "gated",
        "d_in": D_IN,
        "d_sae": D_SAE,
        "dtype": "torch.float32",
        "device": "cuda",
        "model_name": "meta-llama/Meta-Llama-3-8B-Instruct",
        "hook_name": "blocks.25.hook_resid_post",
        "hook_layer": 25,
        "hook_head_index": None,
        "activation_fn_str": "relu",
        "apply_b_dec_to_input": True,
        "finetuning_scaling_factor": False,
        "normalize_activations": "expected_average_only_in",
        "context_size": 1024,
        "prepend_bos": True,
        "dataset_path": "Skylion007/openwebtext",
        "sae_lens_training_version": "3.20.0",
    }
    (folder / "cfg.json").write_text(json.dumps(config))
    shapes = {
        "W_enc": (D_IN, D_SAE),
        "W_dec": (D_SAE, D_IN),
        "b_dec": (D_IN,),
        "b_gate": (D_SAE,),
        "b_mag": (D_SAE,),
        "r_mag": (D_SAE,),
    }
    _tensors(folder / "sae_weights.safetensors", shapes)
    _tensors(folder / "sparsity.safetensors", {"sparsity": (D_SAE,)})


def _gemma_scope(at: Path, size: str, layer: int) -> None:
    folder = at / "resid_post" / f"layer_{layer}_width_16k_l0_medium"
    folder.mkdir(parents=True)
    config = {
        "architecture": "jump_relu",
        "model_name": f"gemma-v3-{size}-it",
        "hf_hook_point_in": f"model.layers.{layer}.output",
        "width": 16384,
        "l0": 60,
        "affine_connection": False,
        "type": "sae",
    }
    (folder / "config.json").write_text(json.dumps(config))
    shapes = {
        "w_enc": (D_IN, D_SAE),
        "w_dec": (D_SAE, D_IN),
        "b_enc": (D_SAE,),
        "b_dec": (D_IN,),
        "threshold": (D_SAE,),
    }
    _tensors(folder / "params.safetensors", shapes)


def _qwen_scope(at: Path) -> None:
    # Rows that overlap in memory: a checkpoint of full size in a small file.
    numbers = torch.randn(QWEN_D_SAE + QWEN_D_IN) / 8
    encoder = numbers.as_strided((QWEN_D_SAE, QWEN_D_IN), (1, 1))
    decoder = numbers.as_strided((QWEN_D_IN, QWEN_D_SAE), (1, 1))
    biases = {"b_enc": torch.zeros(QWEN_D_SAE), "b_dec": torch.zeros(QWEN_D_IN)}
    torch.save({"W_enc": encoder, "W_dec": decoder, **biases}, at / "layer14.sae.pt")


def _gpt2_sae(at: Path) -> None:
    folder = at / "v5_32k_layer_7.pt"
    folder.mkdir()
    config = {
        "d_in": D_IN,
        "d_sae": D_SAE,
        "dtype": "torch.float32",
        "device": "cpu",
        "model_name": "gpt2-small",
        "hook_name": "blocks.7.hook_resid_post",
        "hook_layer": 7,
        "hook_head_index": None,
        "activation_fn_str": "topk",
        "activation_fn_kwargs": {"k": 8},
        "apply_b_dec_to_input": True,
        "finetuning_scaling_factor": False,
        "normalize_activations": "layer_norm",
        "context_size": 64,
        "prepend_bos": True,
        "model_from_pretrained_kwargs": {"center_writing_weights": True},
        "dataset_path": "Skylion007/openwebtext",
    }
    (folder / "cfg.json").write_text(json.dumps(config))
    _tensors(
        folder / "sae_weights.safetensors",
        {"W_enc": (D_IN, D_SAE), "W_dec": (D_SAE, D_IN), "b_enc": (D_SAE,), "b_dec": (D_IN,)},
    )


def _tensors(file: Path, shapes: Mapping[str, tuple[int, ...]], dtype: torch.dtype = torch.float32) -> None:
    file.parent.mkdir(exist_ok=True)
    save_file({name: torch.randn(shape).to(dtype) for name, shape in shapes.items()}, file)
