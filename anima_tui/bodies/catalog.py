"""The bodies known by name, and where the folder of a body is."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import msgspec

from anima_tui.errors import BodyUnusable
from anima_tui.paths import Paths

BODIES = Path(str(files("anima_tui"))) / "bodies"


class Preset(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table of `catalog.toml`, or of the user's own `bodies.toml`."""

    model: str
    """Display name."""
    repo: str = ""
    """On the Hugging Face hub; empty: embedded in the package."""
    release: str = ""
    """sae-lens' name of the SAE's release, or the repository of one that it does not list."""
    sae: str = ""
    """sae-lens' name of the SAE in it."""
    licence: str = "see the model's page"
    gated: bool = False
    """Whether the hub hands the model out only to those who accepted its licence there."""
    context_tokens: int = 8192
    """Longest context to be used; the model's own limit when that is less."""
    hook: str = ""
    d_in: int = 0
    d_sae: int = 0
    parameters: int = 0
    """Weights of the model; this and what stands around it is 0 or empty where it is not known beforehand."""
    stored: int = 2
    """Bytes of one weight on the hub."""
    cached: int = 0
    """Numbers that one token of context keeps in the KV cache."""

    @property
    def embedded(self) -> bool:
        return not self.repo


def catalog(paths: Paths) -> dict[str, Preset]:
    """Every preset by name: the shipped ones in the order of the file, then the user's own.

    Raises BodyUnusable when the user's own file says something that cannot be used.
    """
    shipped = msgspec.toml.decode((BODIES / "catalog.toml").read_bytes(), type=dict[str, Preset])
    try:
        own = msgspec.toml.decode(paths.catalogue.read_bytes(), type=dict[str, Preset])
    except FileNotFoundError:
        own = {}
    except (OSError, UnicodeDecodeError, msgspec.DecodeError) as error:
        raise BodyUnusable(f"{paths.catalogue} cannot be used ({error}); mend it or move it away.") from None
    for name, preset in own.items():
        if name in shipped or not name or "/" in name or name.startswith("."):
            raise BodyUnusable(f"{paths.catalogue} cannot name a body {name!r}; choose another name.")
        if not (preset.repo and preset.release and preset.sae):
            raise BodyUnusable(f"the body {name} in {paths.catalogue} needs repo, release and sae; add them.")
    return shipped | own


def find_body(name_or_path: str, paths: Paths) -> Path:
    """The folder of a body: an embedded preset, a name under `paths.bodies`, or a path.

    A preset of the hub has its folder there once it was fetched. Raises BodyUnusable, with what could be chosen
    instead, when there is no such body.
    """
    if "/" in name_or_path or name_or_path in (".", ".."):
        folder = Path(name_or_path).expanduser()
        if not folder.is_dir():
            raise BodyUnusable(f"there is no folder {folder}; give the folder of a body, or the name of one.")
        return folder
    presets = catalog(paths)
    if (preset := presets.get(name_or_path)) and preset.embedded:
        return BODIES / name_or_path
    if name_or_path and (preset or (paths.bodies / name_or_path).is_dir()):
        return paths.bodies / name_or_path
    raise BodyUnusable(
        f"there is no body named {name_or_path!r}; choose {', '.join(presets)}, or the path of a body's folder."
    )
