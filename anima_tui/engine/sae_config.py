"""What an SAE folder says about itself: sae-lens' `cfg.json`, of today or from before its version 6."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

import msgspec

from anima_tui.errors import BodyUnusable

Architecture = Literal["standard", "jumprelu", "topk", "gated"]
Normalization = Literal["none", "expected_average_only_in", "layer_norm", "constant_norm_rescale"]

_RESIDUAL = re.compile(r"blocks\.(\d+)\.hook_resid_(pre|post)")


class SaeConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The fields that decide what `encode` computes. Names are sae-lens' own."""

    architecture: Architecture
    d_in: int
    d_sae: int
    hook_name: str
    apply_b_dec_to_input: bool = True
    normalize_activations: Normalization = "none"
    k: int = 100
    """Features kept per token; top-k only."""
    rescale_acts_by_decoder_norm: bool = False
    """Top-k only: choose by activation times decoder norm, and decode with unit rows."""

    @property
    def layer(self) -> int:
        """Index of the decoder layer whose output is read; what enters layer L left layer L - 1."""
        match = _RESIDUAL.fullmatch(self.hook_name)
        assert match is not None, self.hook_name
        return int(match[1]) - (match[2] == "pre")


def read_config(folder: Path) -> SaeConfig:
    """Read `folder/cfg.json`. Raises BodyUnusable when missing, damaged, or not a residual-stream SAE."""
    try:
        written = msgspec.json.decode((folder / "cfg.json").read_bytes(), type=dict[str, Any])
    except FileNotFoundError:
        raise BodyUnusable(f"there is no SAE in {folder}: cfg.json is missing; copy the SAE there.") from None
    except (OSError, msgspec.DecodeError) as error:
        raise BodyUnusable(f"{folder / 'cfg.json'} cannot be read ({error}); copy the SAE again.") from None
    fields = _modern(written)
    _refuse_other_kinds(folder, fields)
    try:
        return msgspec.convert(fields, SaeConfig)
    except msgspec.ValidationError as error:
        raise BodyUnusable(
            f"{folder / 'cfg.json'} does not describe an SAE that can be used ({error}); copy the SAE again."
        ) from None


def check_fit(folder: Path, sae: SaeConfig, width: int, depth: int) -> None:
    """Raises BodyUnusable unless a model with `depth` layers of `width` numbers has what the SAE in `folder` reads."""
    if sae.d_in != width:
        raise BodyUnusable(
            f"the SAE in {folder} reads {sae.d_in} numbers where the model has {width}; "
            "choose an SAE that was trained on this model."
        )
    if sae.layer >= depth:
        raise BodyUnusable(
            f"the SAE in {folder} reads {sae.hook_name} where the model has {depth} layers; "
            "choose an SAE that was trained on this model."
        )


def _modern(written: dict[str, Any]) -> dict[str, Any]:
    """One flat table: sae-lens 6 keeps the hook under `metadata`, older files beside everything else."""
    fields = (written.get("metadata") or {}) | written
    fields.setdefault("architecture", "standard")
    fields.setdefault("hook_name", fields.get("hook_point"))
    activation = fields.get("activation_fn", fields.get("activation_fn_str"))
    if activation == "topk":
        fields["architecture"] = "topk"
        fields |= fields.get("activation_fn_kwargs") or {}
    normalization = fields.get("normalize_activations")
    if normalization is None or isinstance(normalization, bool):
        fields["normalize_activations"] = "expected_average_only_in" if normalization else "none"
    return fields


def _refuse_other_kinds(folder: Path, fields: dict[str, Any]) -> None:
    architecture, hook = str(fields["architecture"]), str(fields["hook_name"])
    if architecture not in ("standard", "jumprelu", "topk", "gated"):
        raise BodyUnusable(
            f"the SAE in {folder} is of the kind {architecture}, with which Anima cannot steer; "
            "choose a standard, jumprelu, topk or gated SAE of the residual stream."
        )
    match = _RESIDUAL.fullmatch(hook)
    if match is None or match.groups() == ("0", "pre"):
        raise BodyUnusable(
            f"the SAE in {folder} reads {hook}; choose one that reads the residual stream after a layer "
            "(blocks.L.hook_resid_post)."
        )
    # A layer norm takes the mean away, and with it the difference that centred weights make.
    centred = (fields.get("model_from_pretrained_kwargs") or {}).get("center_writing_weights")
    if centred and fields["normalize_activations"] != "layer_norm":
        raise BodyUnusable(
            f"the SAE in {folder} was trained on a residual stream with centred weights, which the plain "
            "model does not have; choose another SAE."
        )
