"""The bodies known by name, and where the folder of a body is."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import msgspec

from anima_tui.errors import BodyUnusable

BODIES = Path(str(files("anima_tui"))) / "bodies"


class Preset(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table of `catalog.toml`."""

    model: str
    hook: str
    d_sae: int
    licence: str
    repo: str = ""
    """On the Hugging Face hub; empty: embedded in the package."""
    release: str = ""
    """sae-lens' name of the SAE's release, and of the SAE in it."""
    sae: str = ""

    @property
    def embedded(self) -> bool:
        return not self.repo


def catalog() -> dict[str, Preset]:
    """Every preset by name, in the order of the file."""
    return msgspec.toml.decode((BODIES / "catalog.toml").read_bytes(), type=dict[str, Preset])


def find_body(name_or_path: str, own: Path) -> Path:
    """The folder of a body: an embedded preset, a name under the folder `own`, or a path.

    Raises BodyUnusable, with what could be chosen instead, when there is none.
    """
    if "/" in name_or_path or name_or_path in (".", ".."):
        folder = Path(name_or_path).expanduser()
        if not folder.is_dir():
            raise BodyUnusable(f"there is no folder {folder}; give the folder of a body, or the name of one.")
        return folder
    presets = catalog()
    if (preset := presets.get(name_or_path)) and preset.embedded:
        return BODIES / name_or_path
    if name_or_path and (own / name_or_path).is_dir():
        return own / name_or_path
    if preset:
        raise BodyUnusable(
            f"the body {name_or_path} ({preset.repo}) is not on this machine and cannot be fetched yet; "
            f"choose seedling, or put its folder at {own / name_or_path}."
        )
    raise BodyUnusable(
        f"there is no body named {name_or_path!r}; choose {', '.join(presets)}, or the path of a body's folder."
    )
