"""Our encoders against sae-lens' own, over every architecture and option that a residual SAE may have."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sae_lens
import torch
from safetensors.torch import load_file, save_file

from anima_tui.engine.sae import SparseAutoencoder, load_sae
from anima_tui.errors import BodyUnusable

D_IN, D_SAE = 24, 96
CPU = torch.device("cpu")
ARCHITECTURES = ["standard", "jumprelu", "topk", "topk-rescaled", "gated"]
NORMALIZATIONS = ["none", "expected_average_only_in", "layer_norm", "constant_norm_rescale"]


def write_sae(folder: Path, architecture: str = "standard", **options: Any) -> Path:
    """A random SAE, saved by sae-lens itself."""
    settings: dict[str, Any] = {"d_in": D_IN, "d_sae": D_SAE, "architecture": architecture.removesuffix("-rescaled")}
    if architecture.startswith("topk"):
        settings |= {"k": 7, "rescale_acts_by_decoder_norm": architecture == "topk-rescaled"}
    metadata = {"hook_name": "blocks.3.hook_resid_post", "model_name": "tiny"}
    sae = sae_lens.SAE.from_dict({**settings, "metadata": metadata} | options)
    generator = torch.Generator().manual_seed(0)
    for parameter in sae.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator)
    sae.save_model(folder)
    return folder


def ours(folder: Path) -> SparseAutoencoder:
    return load_sae(folder, CPU, torch.float32)


def residuals(*shape: int) -> torch.Tensor:
    """As long and as off-centre as a real residual stream."""
    return torch.randn(*shape, D_IN, generator=torch.Generator().manual_seed(1)) * 5 + 2


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("centred", [True, False], ids=["b_dec subtracted", "input as it is"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_encode_is_sae_lens_encode(tmp_path: Path, architecture: str, centred: bool, normalization: str) -> None:
    write_sae(tmp_path, architecture, apply_b_dec_to_input=centred, normalize_activations=normalization)
    theirs, mine = sae_lens.SAE.load_from_disk(tmp_path), ours(tmp_path)
    x = residuals(50)
    with torch.no_grad():
        expected = theirs.encode(x)
        decoded = theirs.decode(expected)
    got = mine.encode(x)
    scale = expected.abs().max().item()
    assert (expected > 0).any()
    assert torch.equal(got > 0, expected > 0)
    torch.testing.assert_close(got, expected, rtol=1e-6, atol=1e-6 * scale)
    torch.testing.assert_close(mine.reconstruct(x), decoded, rtol=1e-5, atol=1e-5 * decoded.abs().max().item())


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_seedlings_own_dtype_on_disk_is_widened_without_loss(tmp_path: Path, architecture: str) -> None:
    write_sae(tmp_path, architecture, dtype="bfloat16")
    theirs = sae_lens.SAE.load_from_disk(tmp_path, dtype="float32")
    x = residuals(20)
    with torch.no_grad():
        expected = theirs.encode(x)
    torch.testing.assert_close(ours(tmp_path).encode(x), expected, rtol=1e-6, atol=1e-6 * expected.max().item())


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_one_token_is_encoded_as_in_a_batch(tmp_path: Path, architecture: str) -> None:
    sae = ours(write_sae(tmp_path, architecture))
    x = residuals(2, 3)
    many = sae.encode(x)
    assert many.shape == (2, 3, D_SAE)
    torch.testing.assert_close(sae.encode(x[1, 2]), many[1, 2], rtol=1e-5, atol=1e-4)


def test_an_inference_model_saved_after_training_reads_the_same(tmp_path: Path) -> None:
    config = sae_lens.BatchTopKTrainingSAEConfig(d_in=D_IN, d_sae=D_SAE, k=5)
    config.metadata.hook_name = "blocks.0.hook_resid_post"
    trained = sae_lens.BatchTopKTrainingSAE(config)
    trained.topk_threshold.fill_(0.4)
    trained.save_inference_model(tmp_path)
    sae, x = ours(tmp_path), residuals(10)
    with torch.no_grad():
        expected = sae_lens.SAE.load_from_disk(tmp_path).encode(x)
    assert sae.architecture == "jumprelu"
    torch.testing.assert_close(sae.encode(x), expected, rtol=1e-6, atol=1e-5)


def test_a_config_from_before_version_6_reads_the_same(tmp_path: Path) -> None:
    write_sae(tmp_path, "topk")
    old = {
        "d_in": D_IN,
        "d_sae": D_SAE,
        "dtype": "float32",
        "hook_point": "blocks.3.hook_resid_pre",
        "activation_fn_str": "topk",
        "activation_fn_kwargs": {"k": 7},
        "normalize_activations": False,
        "apply_b_dec_to_input": False,
    }
    (tmp_path / "cfg.json").write_text(json.dumps(old))
    sae, x = ours(tmp_path), residuals(10)
    with torch.no_grad():
        expected = sae_lens.SAE.load_from_disk(tmp_path).encode(x)
    assert (sae.architecture, sae.layer) == ("topk", 2)
    torch.testing.assert_close(sae.encode(x), expected, rtol=1e-6, atol=1e-4)


def test_directions_are_unit_rows_and_norms_give_the_decoder_back(tmp_path: Path) -> None:
    sae = ours(write_sae(tmp_path))
    torch.testing.assert_close(sae.directions.norm(dim=-1), torch.ones(D_SAE))
    decoder = load_file(tmp_path / "sae_weights.safetensors")["W_dec"]
    torch.testing.assert_close(sae.directions * sae.decoder_norms[:, None], decoder)


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_what_a_feature_adds_to_the_residual_is_what_sae_lens_decodes(
    tmp_path: Path, architecture: str, normalization: str
) -> None:
    """Taking away a feature's activation times length times scale is the same as never having decoded it."""
    write_sae(tmp_path, architecture, normalize_activations=normalization)
    theirs, mine = sae_lens.SAE.load_from_disk(tmp_path), ours(tmp_path)
    x = residuals(1)
    with torch.no_grad():
        whole = theirs.decode(code := theirs.encode(x))
        strongest = int(code[0].argmax())
        less = theirs.encode(x)
        less[0, strongest] = 0.0
        without = theirs.decode(less)
    added = mine.scale(x) * code[0, strongest] * mine.decoder_norms[strongest] * mine.directions[strongest]
    torch.testing.assert_close(whole - added, without, rtol=1e-4, atol=1e-4 * whole.abs().max().item())


def test_bfloat16_weights_give_float32_activations(tmp_path: Path) -> None:
    sae = load_sae(write_sae(tmp_path), CPU, torch.bfloat16)
    assert sae.directions.dtype == torch.bfloat16
    assert sae.encode(residuals(2).bfloat16()).dtype == torch.float32


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_encode_can_be_traced_whole(tmp_path: Path, architecture: str) -> None:
    """A Python branch on a tensor's value, or reading one back, would stop the tracer."""
    sae = ours(write_sae(tmp_path, architecture, normalize_activations="layer_norm"))
    x = residuals(1)
    traced: Callable[[torch.Tensor], torch.Tensor] = torch.compile(sae.encode, fullgraph=True, backend="eager")
    torch.testing.assert_close(traced(x), sae.encode(x))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"architecture": "jumprelu_transcoder"}, "choose a standard, jumprelu, topk or gated SAE"),
        ({"architecture": "temporal"}, "is of the kind temporal"),
        ({"metadata": {"hook_name": "blocks.3.attn.hook_z"}}, "reads blocks.3.attn.hook_z; choose one"),
        ({"metadata": {"hook_name": "blocks.3.hook_mlp_out"}}, "residual stream"),
        ({"metadata": {"hook_name": "blocks.0.hook_resid_pre"}}, "residual stream"),
        ({"metadata": {}}, "residual stream"),
        ({"normalize_activations": "covariance_whitening"}, "does not describe an SAE that can be used"),
        ({"d_sae": "many"}, "does not describe an SAE that can be used"),
        ({"d_in": D_IN + 1}, "where cfg.json says"),
        ({"architecture": "gated"}, "lacks the tensor b_gate"),
        ({"architecture": "topk", "k": D_SAE + 1}, "asks for the 97 largest of 96"),
    ],
)
def test_an_sae_that_cannot_be_used_is_refused_in_one_sentence(
    tmp_path: Path, change: dict[str, Any], says: str
) -> None:
    write_sae(tmp_path)
    config = json.loads((tmp_path / "cfg.json").read_text())
    (tmp_path / "cfg.json").write_text(json.dumps(config | change))
    with pytest.raises(BodyUnusable, match=says):
        ours(tmp_path)


def _delete(file: Path) -> None:
    file.unlink()


def _cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def _overwrite(file: Path) -> None:
    file.write_bytes(b"\xff" * 64)


@pytest.mark.parametrize("damage", [_delete, _cut_short, _overwrite])
@pytest.mark.parametrize("name", ["cfg.json", "sae_weights.safetensors"])
def test_missing_or_damaged_files_are_named(tmp_path: Path, name: str, damage: Callable[[Path], None]) -> None:
    write_sae(tmp_path)
    damage(tmp_path / name)
    with pytest.raises(BodyUnusable, match=f"{name}.*copy"):
        ours(tmp_path)


def test_weights_that_are_not_numbers_are_refused(tmp_path: Path) -> None:
    write_sae(tmp_path)
    tensors = load_file(tmp_path / "sae_weights.safetensors")
    tensors["W_dec"][3, 3] = torch.nan
    save_file(tensors, tmp_path / "sae_weights.safetensors")
    with pytest.raises(BodyUnusable, match=r"W_dec .* not numbers"):
        ours(tmp_path)
