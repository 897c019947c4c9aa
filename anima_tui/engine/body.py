"""The body: a frozen language model, its tokenizer, its SAE and what was measured on them. It never changes.

A body's folder holds `body.toml`, the model and tokenizer as transformers save them, `sae/` in sae-lens'
format, `phrasebook/` if `body.toml` says so, and, once attuned, `attunement/`.

Importing this module does not import torch, so that the wait can be reported while it happens.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec
import numpy as np

from anima_tui.bodies.catalog import find_body
from anima_tui.engine.fingerprint import fingerprint
from anima_tui.engine.phrasebook import Phrasebook
from anima_tui.errors import BodyUnusable
from anima_tui.paths import Paths
from anima_tui.wire import BodyCard

if TYPE_CHECKING:
    from torch import nn
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from anima_tui.engine.attunement import Attunement
    from anima_tui.engine.sae import SparseAutoencoder

Style = Literal["seedling", "chat"]
"""How prompts are written: in the seedling's own task format, or through the model's chat template."""

TRUSTED_VALENCE_R = 0.5
"""Held-out correlation below which the valence readout gives way to a lexicon of words."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`body.toml`."""

    name: str
    description: str
    model: str
    """Display name of the model."""
    style: Style
    context_tokens: int
    """Longest context the model was trained on."""
    licence: str
    phrasebook: bool = False
    """Whether the folder holds a `phrasebook/`."""


@dataclass(frozen=True, eq=False)
class Body:
    """A loaded body. The model is in float32, in eval mode, and asks for no gradients."""

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


def load_body(name_or_path: str, paths: Paths, report: Callable[[str, float], None]) -> Body:
    """Load a preset, a body under `paths.bodies`, or a folder.

    `report(stage, fraction)` is called as each stage begins; the fractions are shares of the time it takes.
    Raises BodyUnusable.
    """
    body = load_unattuned_body(name_or_path, paths, report)
    attunement = _read_attunement(body.folder, body.fingerprint, body.sae)
    card = _card(read_manifest(body.folder), body.card.parameters, body.sae, attunement)
    return replace(body, attunement=attunement, card=card)


def load_unattuned_body(name_or_path: str, paths: Paths, report: Callable[[str, float], None]) -> Body:
    """As `load_body`, without its attunement: an old one does not stand in the way of a new one."""
    report("looking for the body", 0.0)
    folder = find_body(name_or_path, paths.bodies)
    manifest = read_manifest(folder)
    mark = fingerprint(folder)

    report("importing torch", 0.01)
    import torch

    report("importing transformers", 0.3)
    from anima_tui.engine.weights import load_model, load_tokenizer

    report("reading the weights", 0.9)
    model, layers = load_model(folder)
    tokenizer = load_tokenizer(folder)

    report("reading the autoencoder", 0.96)
    from anima_tui.engine.sae import load_sae

    sae = load_sae(folder / "sae", torch.device("cpu"), torch.float32)
    _check_fit(folder, model.config.get_text_config().hidden_size, len(layers), sae)

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
    )


def read_manifest(folder: Path) -> Manifest:
    """Raises BodyUnusable when `body.toml` is missing or says something that cannot be used."""
    file = folder / "body.toml"
    try:
        return msgspec.toml.decode(file.read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise BodyUnusable(f"{folder} is not the folder of a body: it has no body.toml.") from None
    except (OSError, UnicodeDecodeError, msgspec.DecodeError) as error:
        raise BodyUnusable(f"{file} cannot be used: {error}.") from None


def _check_fit(folder: Path, width: int, depth: int, sae: SparseAutoencoder) -> None:
    if sae.d_in != width:
        raise BodyUnusable(
            f"the SAE in {folder / 'sae'} reads {sae.d_in} numbers where the model has {width}; "
            "put there an SAE that was trained on this model."
        )
    if sae.layer >= depth:
        raise BodyUnusable(
            f"the SAE in {folder / 'sae'} reads {sae.hook_name} where the model has {depth} layers; "
            "put there an SAE that was trained on this model."
        )


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
    if (attunement.p99.numel(), attunement.valence_direction.numel()) != (sae.d_sae, sae.d_in):
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
