"""A body in eight bits is the body that was trained, up to its rounding, and loads like any other."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from anima_tui import forge
from anima_tui.bodies.catalog import BODIES
from anima_tui.engine.fallbacks import FALLBACKS
from anima_tui.engine.meaning import Meanings
from anima_tui.forge.meanings import SIZE, MeaningHead, shelve_said
from anima_tui.forge.pack import STORED, balance, meanings_of, pack_model, rounded
from anima_tui.forge.train import make_model
from anima_tui.forge.trunk import HOOKED, residual_after


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


LINES = [
    (0, "i spilled tea"),
    (0, "the tea went over the table and onto the floor"),
    (1, "good night"),
    (2, "tell me a joke about a very slow snail and a very fast postman"),
    (2, "make me laugh"),
]


def test_each_phrase_means_what_its_own_lines_mean(tmp_path: Path) -> None:
    torch.manual_seed(0)
    tokenizer: Tokenizer = PreTrainedTokenizerFast.from_pretrained(BODIES / "seedling").backend_tokenizer
    model, head = make_model(64, 5, 64).eval(), MeaningHead(64)
    model.save_pretrained(tmp_path / "packed")
    save_file(head.state_dict(), tmp_path / "meaning.safetensors")
    meanings = meanings_of(tmp_path / "packed", tokenizer, LINES, tmp_path)
    meanings.save(tmp_path / "stored.safetensors")
    again = Meanings.load(tmp_path / "stored.safetensors")
    assert again is not None
    assert len(meanings) == len(again) == 3
    assert meanings._phrases.shape == (3, SIZE)
    np.testing.assert_allclose(np.linalg.norm(meanings._phrases, axis=1), 1.0, atol=1e-5)
    shelf = shelve_said(tokenizer, LINES)
    with torch.inference_mode():
        residuals = residual_after(model, torch.from_numpy(shelf.ids).long(), HOOKED).numpy()
    for row, (phrase, _) in enumerate(LINES):
        for stored in (meanings, again):
            meant = stored.of(residuals[row][shelf.words[row]])
            assert int((stored._phrases @ meant).argmax()) == phrase
    alone = meanings.of(residuals[2][shelf.words[2]])  # the only line of its phrase
    np.testing.assert_allclose(meanings._phrases[1], alone, atol=1e-4)


def test_what_the_embedded_body_says_where_nothing_is_near_is_what_the_forge_gives_it() -> None:
    corpus = Path(forge.__file__).parent / "corpus"
    assert (BODIES / "seedling" / "phrasebook" / FALLBACKS).read_bytes() == (corpus / FALLBACKS).read_bytes()
