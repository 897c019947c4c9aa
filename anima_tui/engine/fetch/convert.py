"""An SAE of any release that sae-lens knows, saved in sae-lens' own disk format."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from huggingface_hub import hf_hub_download
from safetensors import safe_open

from anima_tui.engine.fetch.download import Tell, hub_file, told_plainly
from anima_tui.errors import BodyUnusable


def convert(release: str, sae_id: str, folder: Path, tell: Tell) -> None:
    """Download the SAE, let sae-lens bring it into its own form, and save it in `folder`. Raises BodyUnusable."""
    tell("importing sae-lens", 0.0)
    import sae_lens
    from sae_lens.loading import pretrained_sae_loaders

    loaders: Any = pretrained_sae_loaders
    # sae-lens cannot be told how to download, and asks the hub for the header of a file that it downloads right after,
    # even when that file is on disk and the network is not there.
    loaders.hf_hub_download = hub_file(lambda share: tell("downloading the autoencoder", 0.2 + 0.6 * share))
    loaders.get_safetensors_tensor_shapes = _shapes

    tell("downloading the autoencoder", 0.2)
    with told_plainly(f"the autoencoder {release}/{sae_id}"):
        try:
            sae = sae_lens.SAE.from_pretrained(release, sae_id, device="cpu", dtype="float32")
        except (ValueError, KeyError, NotImplementedError, RuntimeError) as error:
            raise BodyUnusable(
                f"sae-lens cannot load {release}/{sae_id} ({str(error).splitlines()[0]}); choose another SAE."
            ) from None

    tell("converting the autoencoder", 0.8)
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    for parameter in sae.parameters():
        parameter.data = (
            parameter.data.contiguous()
        )  # some releases are stored transposed, and safetensors refuses that
    sae.save_model(part)
    part.rename(folder)


def _shapes(repo: str, filename: str) -> dict[str, list[int]]:
    """Shapes of the tensors in a safetensors file of the hub."""
    with safe_open(hf_hub_download(repo, filename), framework="pt") as file:
        return {name: file.get_slice(name).get_shape() for name in file.keys()}  # noqa: SIM118  # it is no mapping
