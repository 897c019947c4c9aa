"""A body's folder as it describes itself, and where its model lies."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from anima_tui.errors import BodyUnusable

Style = Literal["seedling", "chat"]
"""How prompts are written: in the seedling's own task format, or through the model's chat template."""


WANTED = ["*.json", "*.safetensors", "*.jinja", "*.txt", "*.model"]
UNWANTED = ["*/*", "consolidated*"]
"""What of a model's repository is fetched: no copy in another format, and no pickle."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`body.toml`."""

    name: str
    description: str
    model: str
    """Display name of the model."""
    style: Style
    context_tokens: int
    """Longest context to be used, at most what the model was trained on."""
    licence: str
    phrasebook: bool = False
    """Whether the folder holds a `phrasebook/`."""
    repo: str = ""
    """Where on the Hugging Face hub the model came from; empty: it lies in this folder."""
    revision: str = ""
    """The commit of `repo`, in the hub's own cache. It never moves, or a soul would not know its body again."""


def read_manifest(folder: Path) -> Manifest:
    """Raises BodyUnusable when `body.toml` is missing or says something that cannot be used."""
    file = folder / "body.toml"
    try:
        return msgspec.toml.decode(file.read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise BodyUnusable(f"{folder} is not the folder of a body: it has no body.toml.") from None
    except (OSError, UnicodeDecodeError, msgspec.DecodeError) as error:
        raise BodyUnusable(f"{file} cannot be used: {error}.") from None


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """The last file of a body to be written: a folder that has it is whole."""
    # A JSON string, number or boolean is the same in TOML.
    fields = msgspec.structs.asdict(manifest).items()
    lines = [f"{name} = {msgspec.json.encode(value).decode()}\n" for name, value in fields]
    (folder / "body.toml").write_text("".join(lines), encoding="utf-8")


def model_folder(folder: Path, manifest: Manifest) -> Path | None:
    """Where config.json, the weights and the tokenizer lie; None when the hub's cache has lost them."""
    if not manifest.repo:
        return folder
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        found = snapshot_download(
            manifest.repo,
            revision=manifest.revision,
            local_files_only=True,
            allow_patterns=WANTED,
            ignore_patterns=UNWANTED,
        )
    except LocalEntryNotFoundError:
        return None
    return Path(found)
