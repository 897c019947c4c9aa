"""Loading a body: what it promises, and the one sentence for each way in which it can fail."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_body import D_IN, D_SAE, write_phrasebook, write_sae

from anima_tui.bodies.catalog import catalog
from anima_tui.engine.attunement import Attunement, Report
from anima_tui.engine.axis import Axis
from anima_tui.engine.body import Body, load_body
from anima_tui.engine.fingerprint import fingerprint
from anima_tui.engine.phrasebook import Phrase
from anima_tui.errors import BodyUnusable
from anima_tui.paths import Paths


def quiet(stage: str, fraction: float) -> None:
    """Nobody watches."""


def attunement_for(folder: Path, valence_r: float = 0.7) -> Attunement:
    return Attunement(
        fingerprint=fingerprint(folder, folder / "sae"),
        p99=torch.ones(D_SAE),
        valence=Axis(torch.eye(D_IN)[0], 0.0, 1.0),
        turn_valence=None,
        concepts={},
        intents={},
        intent_mean=torch.zeros(D_SAE),
        cortex=torch.arange(D_SAE, dtype=torch.int32).flip(0),
        cortex_width=16,
        report=Report(valence_r=valence_r, valence_samples=9),
        labels={3: "rain"},
    )


def exchange(body: Body) -> torch.Tensor:
    """An ordinary exchange as token ids, [1, n]."""
    text = (
        "<|bos|><|system|>I am Anima.<|end|><|user|>i had a rough day at work<|end|>"
        "<|assistant|>I'm sorry to hear that. Do you want to tell me what happened?<|end|>"
    )
    return body.tokenizer(text, add_special_tokens=False, return_tensors="pt").input_ids


def test_the_seedling_is_frozen(body: Body) -> None:
    assert not body.model.training
    assert not any(parameter.requires_grad for parameter in body.model.parameters())


def test_the_seedling_expects_what_a_companion_would_say(body: Body) -> None:
    """Noise would score ln 8192 = 9 nats per token."""
    ids = exchange(body)
    with torch.inference_mode():
        logits: torch.Tensor = body.model(ids).logits
    assert torch.nn.functional.cross_entropy(logits[0, :-1], ids[0, 1:]) < 4


def test_the_seedlings_sae_explains_the_layer_it_reads(body: Body) -> None:
    """Off by one layer, or with another encoder than it was trained with, it would explain far less."""
    seen: list[torch.Tensor] = []

    def keep(module: torch.nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        seen.append(output)

    handle = body.layer.register_forward_hook(keep)
    with torch.inference_mode():
        body.model(exchange(body))
    handle.remove()
    residuals = seen[0][0, 1:]
    missed = (residuals - body.sae.reconstruct(residuals)).square().sum()
    assert 1 - missed / (residuals - residuals.mean(0)).square().sum() > 0.7


def test_a_folder_loads_by_path_and_by_name(tiny_body_folder: Path, paths: Paths) -> None:
    by_path = load_body(str(tiny_body_folder), paths, quiet)
    paths.bodies.mkdir(parents=True)
    (paths.bodies / "mine").symlink_to(tiny_body_folder)
    by_name = load_body("mine", paths, quiet)
    assert by_path.fingerprint == by_name.fingerprint
    assert by_path.layer is by_path.model.get_submodule("model.layers.1")
    assert (by_path.context_tokens, by_path.style) == (128, "seedling")


def test_loading_reports_rising_fractions(tiny_body_folder: Path, paths: Paths) -> None:
    stages: list[tuple[str, float]] = []
    load_body(str(tiny_body_folder), paths, lambda stage, fraction: stages.append((stage, fraction)))
    fractions = [fraction for _, fraction in stages]
    assert [stage for stage, _ in stages][1:4] == [
        "importing torch",
        "importing transformers",
        "reading the weights",
    ]
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] < fractions[-1] <= 1


def test_a_phrasebook_is_read_and_its_stage_told(tiny_body_folder: Path, paths: Paths) -> None:
    write_phrasebook(tiny_body_folder, [Phrase("a", ("hello",), {"A": ("Hi.",)})], {})
    stages: list[str] = []
    body = load_body(str(tiny_body_folder), paths, lambda stage, fraction: stages.append(stage))
    assert stages[-1] == "reading the phrasebook"
    assert body.phrasebook is not None and body.phrasebook.phrases[0].says == ("hello",)
    assert body.card.phrasebook


def test_a_body_that_names_no_phrasebook_has_none(tiny_body_folder: Path, paths: Paths) -> None:
    (tiny_body_folder / "phrasebook").mkdir()
    body = load_body(str(tiny_body_folder), paths, quiet)
    assert body.phrasebook is None
    assert not body.card.phrasebook


def test_importing_the_loader_does_not_import_torch() -> None:
    program = "import sys, anima_tui.engine.body; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_without_attunement_the_card_says_lexicon_and_lays_features_out_in_order(
    tiny_body_folder: Path, paths: Paths
) -> None:
    body = load_body(str(tiny_body_folder), paths, quiet)
    assert body.attunement is None
    assert (body.card.valence_source, body.card.valence_r, body.card.labels) == ("lexicon", None, {})
    cells = np.frombuffer(body.card.cortex, "<i4")
    assert cells.tolist() == list(range(D_SAE))
    assert body.card.cortex_width**2 >= D_SAE


@pytest.mark.parametrize(("r", "source"), [(0.7, "readout"), (0.49, "lexicon")])
def test_the_card_trusts_the_readout_only_when_it_correlates(
    tiny_body_folder: Path, paths: Paths, r: float, source: str
) -> None:
    attunement_for(tiny_body_folder, valence_r=r).save(tiny_body_folder / "attunement")
    card = load_body(str(tiny_body_folder), paths, quiet).card
    assert card.valence_source == source
    assert card.labels == {3: "rain"}
    assert np.frombuffer(card.cortex, "<i4")[0] == D_SAE - 1


def test_the_attunement_of_another_body_is_refused(tiny_body_folder: Path, paths: Paths) -> None:
    foreign = replace(attunement_for(tiny_body_folder), fingerprint="0" * 64)
    foreign.save(tiny_body_folder / "attunement")
    with pytest.raises(BodyUnusable, match=r"measured on another body; make it again"):
        load_body(str(tiny_body_folder), paths, quiet)


def test_attuning_does_not_change_the_fingerprint(tiny_body_folder: Path) -> None:
    before = fingerprint(tiny_body_folder, tiny_body_folder / "sae")
    attunement_for(tiny_body_folder).save(tiny_body_folder / "attunement")
    assert fingerprint(tiny_body_folder, tiny_body_folder / "sae") == before


@pytest.mark.parametrize("name", ["model.safetensors", "sae/sae_weights.safetensors", "config.json", "sae/cfg.json"])
def test_other_files_have_another_fingerprint(tiny_body_folder: Path, name: str) -> None:
    before = fingerprint(tiny_body_folder, tiny_body_folder / "sae")
    file = tiny_body_folder / name
    content = bytearray(file.read_bytes())
    content[-3] ^= 1
    file.write_bytes(content)
    assert fingerprint(tiny_body_folder, tiny_body_folder / "sae") != before


def _no_manifest(folder: Path) -> None:
    (folder / "body.toml").unlink()


def _odd_manifest(folder: Path) -> None:
    (folder / "body.toml").write_text("name = 3")


def _no_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def _no_config(folder: Path) -> None:
    (folder / "config.json").unlink()


def _no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{}")


def _cut_weights(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _empty_weights(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"")


def _lost_tensor(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    del tensors["model.layers.2.mlp.up_proj.weight"]
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})


def _other_shape(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"intermediate_size": 80}))


def _wide_sae(folder: Path) -> None:
    write_sae(folder / "sae", d_in=D_IN + 8)


def _deep_sae(folder: Path) -> None:
    write_sae(folder / "sae", hook="blocks.3.hook_resid_post")


def _no_phrasebook(folder: Path) -> None:
    write_phrasebook(folder, [], {})
    (folder / "phrasebook" / "index.safetensors.xz").unlink()


def _no_sae(folder: Path) -> None:
    for file in (folder / "sae").iterdir():
        file.unlink()


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (_no_manifest, "it has no body.toml"),
        (_odd_manifest, r"body.toml cannot be used: Expected `str`"),
        (_no_weights, "has no weights"),
        (_no_config, "config.json is missing"),
        (_no_tokenizer, "the tokenizer in .* cannot be loaded"),
        (_cut_weights, "model.safetensors is cut short or damaged"),
        (_empty_weights, "model.safetensors is not a whole safetensors file"),
        (_lost_tensor, "layers.2.mlp.up_proj.weight is missing"),
        (_other_shape, "do not fit config.json|cannot be loaded"),
        (_wide_sae, "reads 40 numbers where the model has 32"),
        (_deep_sae, "reads blocks.3.hook_resid_post where the model has 3 layers"),
        (_no_phrasebook, r"the phrasebook in .* cannot be read"),
        (_no_sae, r"sae/cfg.json is missing"),
    ],
)
def test_a_body_that_cannot_be_used_is_refused_in_one_sentence(
    tiny_body_folder: Path, paths: Paths, damage: Callable[[Path], None], says: str
) -> None:
    damage(tiny_body_folder)
    with pytest.raises(BodyUnusable, match=says) as refused:
        load_body(str(tiny_body_folder), paths, quiet)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("seedlign", "there is no body named 'seedlign'; choose seedling, llama-3.1-8b, "),
        ("", "there is no body named ''"),
        ("./nowhere", "there is no folder nowhere"),
    ],
)
def test_a_body_that_is_not_here_is_refused_with_what_can_be_chosen(paths: Paths, name: str, says: str) -> None:
    with pytest.raises(BodyUnusable, match=says):
        load_body(name, paths, quiet)


def test_every_preset_but_the_embedded_one_says_where_it_comes_from(paths: Paths) -> None:
    presets = catalog(paths)
    assert [name for name, preset in presets.items() if preset.embedded] == ["seedling"]
    assert all(preset.repo and preset.release and preset.sae for preset in list(presets.values())[1:])
