"""The body: a frozen language model, its tokenizer, its SAE and what was measured on them. It never changes.

A body's folder holds `body.toml`, the model and tokenizer as transformers save them, `sae/` in sae-lens'
format, `phrasebook/` if `body.toml` says so, and, once attuned, `attunement/`. Model and tokenizer may lie in the
hub's own cache instead.

Importing this module does not import torch, so that the wait can be reported while it happens.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from anima_tui.bodies.catalog import catalog, find_body
from anima_tui.bodies.manifest import Manifest, Style, model_folder, read_manifest
from anima_tui.engine.fetch import Order, fetch
from anima_tui.engine.fingerprint import fingerprint
from anima_tui.engine.phrasebook import Phrasebook
from anima_tui.engine.sae_config import check_fit, read_config
from anima_tui.errors import BodyUnusable
from anima_tui.paths import Paths
from anima_tui.settings import Compute
from anima_tui.wire import BodyCard

if TYPE_CHECKING:
    import torch
    from torch import nn
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from anima_tui.engine.attunement import Attunement
    from anima_tui.engine.parallel.line import Line
    from anima_tui.engine.sae import SparseAutoencoder

ANYWHERE = Compute()

FETCHING = 0.8
"""Of the wait for a body that is not on this machine yet, what fetching it takes."""

Report = Callable[[str, float], None]
"""Told each stage as it begins, and which share of the whole wait lies behind."""

TRUSTED_VALENCE_R = 0.5
"""Held-out correlation below which the valence readout gives way to a lexicon of words."""


@dataclass(frozen=True, eq=False)
class Body:
    """A loaded body. The model is in eval mode and asks for no gradients; its SAE is on the same device."""

    name: str
    folder: Path
    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    sae: SparseAutoencoder
    layer: nn.Module
    """The decoder layer whose output the SAE reads."""
    phrasebook: Phrasebook | None
    attunement: Attunement | None
    card: BodyCard
    fingerprint: str
    context_tokens: int
    style: Style
    line: Line | None = None
    """To the other processes that hold parts of the model."""

    @property
    def device(self) -> torch.device:
        """Where the hook is, and with it the SAE and the organs."""
        return next(self.layer.parameters()).device


def load_body(name_or_path: str, paths: Paths, report: Report, compute: Compute = ANYWHERE) -> Body:
    """Load a preset, a body under `paths.bodies`, or a folder; fetch a preset that is not on this machine.

    Raises BodyUnusable, and BadSettings when `compute` asks for what this machine does not have.
    """
    body = load_unattuned_body(name_or_path, paths, report, compute)
    attunement = _read_attunement(body.folder, body.fingerprint, body.sae)
    card = _card(read_manifest(body.folder), body.card.parameters, body.sae, attunement)
    return replace(body, attunement=attunement, card=card)


def load_unattuned_body(name_or_path: str, paths: Paths, report: Report, compute: Compute = ANYWHERE) -> Body:
    """As `load_body`, without its attunement: an old one does not stand in the way of a new one."""
    report("looking for the body", 0.0)
    folder = find_body(name_or_path, paths)
    manifest, weights, report = _at_hand(name_or_path, folder, paths, report)
    mark = fingerprint(weights, folder / "sae")

    report("importing torch", 0.01)
    import_module("torch")  # by itself, so that each of the two long imports is told

    report("importing transformers", 0.3)
    from anima_tui.engine.hardware import placement
    from anima_tui.engine.weights import load_model, load_tokenizer

    report("reading the weights", 0.9)
    place = placement(compute, sum(file.stat().st_size for file in weights.glob("*.safetensors")))
    hook = read_config(folder / "sae")
    line = None
    if place.tensor_parallel:
        from anima_tui.engine.parallel.leading import lead

        place, line = lead(place, weights, hook.layer)
    model, layers = load_model(weights, place)
    tokenizer = load_tokenizer(weights)

    report("reading the autoencoder", 0.96)
    from anima_tui.engine.sae import load_sae

    check_fit(folder / "sae", hook, model.config.get_text_config().hidden_size, len(layers))
    sae = load_sae(folder / "sae", next(layers[hook.layer].parameters()).device, place.dtype)

    phrasebook = None
    if manifest.phrasebook:
        report("reading the phrasebook", 0.98)
        phrasebook = Phrasebook.load(folder / "phrasebook")
    return Body(
        name=manifest.name,
        folder=folder,
        model=model,
        tokenizer=tokenizer,
        sae=sae,
        layer=layers[sae.layer],
        phrasebook=phrasebook,
        attunement=None,
        card=_card(manifest, model.num_parameters(), sae, None),
        fingerprint=mark,
        context_tokens=manifest.context_tokens,
        style=manifest.style,
        line=line,
    )


def _at_hand(name: str, folder: Path, paths: Paths, report: Report) -> tuple[Manifest, Path, Report]:
    """The body's manifest, the folder its model is in, and how to report what is left of the wait."""
    preset = catalog(paths).get(name)
    revision = ""
    if preset is None or (folder / "body.toml").exists():
        manifest = read_manifest(folder)
        if weights := model_folder(folder, manifest):
            return manifest, weights, report
        revision = manifest.revision
        if preset is None:
            raise BodyUnusable(
                f"the model of the body {name} has left the hub's cache; bring it back with "
                f"`hf download {manifest.repo} --revision {revision}`."
            )
    order = Order(name=name, preset=preset, folder=str(folder), revision=revision)
    fetch([order], lambda stage, fraction: report(stage, FETCHING * fraction))
    manifest = read_manifest(folder)
    weights = model_folder(folder, manifest)
    if weights is None:
        raise BodyUnusable(f"{manifest.repo} was fetched but is not in the hub's cache; start once more.")
    return manifest, weights, lambda stage, fraction: report(stage, FETCHING + (1 - FETCHING) * fraction)


def _read_attunement(folder: Path, mark: str, sae: SparseAutoencoder) -> Attunement | None:
    from anima_tui.engine.attunement import Attunement

    if not (folder / "attunement").is_dir():
        return None
    attunement = Attunement.load(folder / "attunement")
    if attunement.fingerprint != mark:
        raise BodyUnusable(
            f"the attunement in {folder / 'attunement'} was measured on another body; "
            "make it again with `anima-tui attune`, or remove it."
        )
    if (attunement.p99.numel(), attunement.valence.direction.numel()) != (sae.d_sae, sae.d_in):
        raise BodyUnusable(
            f"the attunement in {folder / 'attunement'} does not fit the SAE; make it again with `anima-tui attune`."
        )
    return attunement


def _card(manifest: Manifest, parameters: int, sae: SparseAutoencoder, attunement: Attunement | None) -> BodyCard:
    readout = attunement is not None and attunement.report.valence_r >= TRUSTED_VALENCE_R
    return BodyCard(
        name=manifest.name,
        model=manifest.model,
        parameters=parameters,
        hook=sae.hook_name,
        d_model=sae.d_in,
        d_sae=sae.d_sae,
        architecture=sae.architecture,
        valence_source="readout" if readout else "lexicon",
        valence_r=attunement.report.valence_r if attunement else None,
        phrasebook=manifest.phrasebook,
        context_tokens=manifest.context_tokens,
        labels=attunement.labels if attunement else {},
        cortex=attunement.cortex.numpy().astype("<i4").tobytes() if attunement else _row_major(sae.d_sae),
        cortex_width=attunement.cortex_width if attunement else math.isqrt(sae.d_sae - 1) + 1,
    )


def _row_major(d_sae: int) -> bytes:
    """Feature i in cell i: a layout that says nothing about neighbours."""
    return np.arange(d_sae, dtype="<i4").tobytes()
