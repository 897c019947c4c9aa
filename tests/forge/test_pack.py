"""A body in eight bits is the body that was trained, up to its rounding, and loads like any other."""

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

from anima_tui.forge.pack import STORED, balance, pack_model, rounded


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=64,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        tie_word_embeddings=True,
    )
    LlamaForCausalLM(config).save_pretrained(tmp_path / "trained")
    return tmp_path / "trained"


def test_moving_powers_of_two_between_matrices_changes_nothing(trained: Path) -> None:
    model = LlamaForCausalLM.from_pretrained(trained)
    ids = torch.arange(12)[None]
    with torch.inference_mode():
        before = model(ids).logits
        balance(model)
        after = model(ids).logits
    assert torch.allclose(before, after, atol=1e-5)


def test_a_packed_body_loads_as_plain_float32_and_says_nearly_the_same(trained: Path, tmp_path: Path) -> None:
    documents = [torch.randint(64, (24,)).tolist() for _ in range(20)]
    measured = pack_model(trained, documents, tmp_path / "packed")
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "packed")
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert measured["kl"] < 0.01
    assert (tmp_path / "packed" / "model.safetensors").stat().st_size < 0.3 * sum(
        4 * parameter.numel() for parameter in model.parameters()
    )


def test_errors_fed_back_leave_less_error_in_what_the_layer_says() -> None:
    torch.manual_seed(1)
    weight = torch.randn(16, 64) * 0.25
    x = torch.randn(512, 64) @ torch.randn(64, 64)
    plain = weight.to(STORED).float()
    careful = rounded(weight, x.T @ x)
    assert torch.equal(careful, careful.to(STORED).float())
    assert ((careful - weight) @ x.T).norm() < ((plain - weight) @ x.T).norm()
