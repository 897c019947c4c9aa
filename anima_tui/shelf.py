"""What there is on disk, as lines to print. Reads small files only, never a tensor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from anima_tui.bodies.catalog import catalog, find_body
from anima_tui.errors import BodyUnusable
from anima_tui.paths import Paths
from anima_tui.text import safe_line


def bodies(paths: Paths) -> Iterator[str]:
    """Every body by name: the presets, then the user's own."""
    presets = catalog(paths)
    for name, preset in presets.items():
        there = preset.embedded or (paths.bodies / name).is_dir()
        yield f"{name:<16} {preset.model}, {preset.d_sae} features{'' if there else '; not on this machine'}"
    for config in sorted(paths.bodies.glob("*/config.json")):
        if config.parent.name not in presets:
            yield f"{safe_line(config.parent.name):<16} {safe_line(str(config.parent))}"


def body(name: str, paths: Paths) -> list[str]:
    """What a body's own files say of it. Raises BodyUnusable."""
    folder = find_body(name, paths)
    model = _json(folder / "config.json")
    sae = _json(folder / "sae" / "cfg.json")
    try:
        rows = {
            "folder": str(folder),
            "model": f"{model['model_type']}, {model['num_hidden_layers']} layers of {model['hidden_size']}",
            "sae": f"{sae.get('architecture', 'standard')}, {sae['d_sae']} features",
            "hook": str(sae.get("metadata", sae)["hook_name"]),
            "attuned": "yes" if (folder / "attunement" / "index.json").is_file() else "no",
        }
    except (KeyError, TypeError) as error:
        raise BodyUnusable(f"the body in {folder} does not say its {error}; copy its files anew.") from None
    return [f"{key + ':':<9}{safe_line(value)}" for key, value in rows.items()]


def souls(paths: Paths) -> Iterator[str]:
    """Every soul with the time it last changed, the newest first."""
    found = [(file.stat().st_mtime, file.parent) for file in paths.souls.glob("*/soul.db")]
    for changed, folder in sorted(found, reverse=True):
        yield f"{safe_line(folder.name):<16} {datetime.fromtimestamp(changed):%Y-%m-%d %H:%M}"


def places(paths: Paths) -> list[str]:
    rows = {
        "settings": paths.settings_file,
        "themes": paths.themes,
        "modes": paths.modes,
        "bodies": paths.bodies,
        "souls": paths.souls,
        "cache": paths.cache,
        "log": paths.engine_log,
    }
    return [f"{name + ':':<10}{folder}" for name, folder in rows.items()]


def _json(file: Path) -> dict[str, Any]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.DecodeError) as error:
        raise BodyUnusable(f"{file} cannot be read ({error}); copy the body's files anew.") from None
