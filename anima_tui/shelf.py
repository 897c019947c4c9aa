"""What there is on disk and in the catalogue, as lines to print. Reads small files only, never a tensor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from anima_tui.bodies.catalog import Preset, catalog, find_body
from anima_tui.bodies.manifest import model_folder, read_manifest
from anima_tui.errors import AnimaError, BodyUnusable
from anima_tui.paths import Paths
from anima_tui.settings import Settings
from anima_tui.text import safe_line


def bodies(paths: Paths) -> Iterator[str]:
    """Every body by name: the presets, then the user's own folders."""
    presets = catalog(paths)
    for name, preset in presets.items():
        there = preset.embedded or (paths.bodies / name / "body.toml").is_file()
        features = f", {preset.d_sae} features" if preset.d_sae else ""
        yield f"{safe_line(name):<16} {safe_line(preset.model)}{features}{'' if there else '; not on this machine'}"
    for config in sorted(paths.bodies.glob("*/body.toml")):
        if config.parent.name not in presets:
            yield f"{safe_line(config.parent.name):<16} {safe_line(str(config.parent))}"


def body(name: str, paths: Paths) -> list[str]:
    """What a body's own files say of it, or the catalogue of one that is not on this machine. Raises BodyUnusable."""
    folder = find_body(name, paths)
    preset = catalog(paths).get(name)
    if preset and not (folder / "body.toml").exists():
        return _rows(_promised(preset))
    manifest = read_manifest(folder)
    weights = model_folder(folder, manifest)
    if weights is None:
        raise BodyUnusable(f"the model of {name} has left the hub's cache; start Anima with it to bring it back.")
    model = _json(weights / "config.json")
    model = model.get("text_config", model)
    sae = _json(folder / "sae" / "cfg.json")
    try:
        layers, width = (
            _first(model, *names) for names in (("num_hidden_layers", "n_layer"), ("hidden_size", "n_embd"))
        )
        rows = {
            "folder": str(folder),
            "weights": str(weights),
            "model": f"{model['model_type']}, {layers} layers of {width}",
            "sae": f"{sae.get('architecture', 'standard')}, {sae['d_sae']} features",
            "hook": str(sae.get("metadata", sae)["hook_name"]),
            "attuned": "yes" if (folder / "attunement" / "index.json").is_file() else "no",
        }
    except (KeyError, TypeError) as error:
        raise BodyUnusable(f"the body in {folder} does not say its {error}; copy its files anew.") from None
    return _rows(rows)


def check(name: str, paths: Paths, settings: Settings) -> Iterator[str]:
    """What a body asks of this machine, before anything of it is downloaded. Raises BodyUnusable."""
    from huggingface_hub import constants, get_token

    from anima_tui.bodies.machine import this_machine
    from anima_tui.bodies.needs import asked_of_the_hub, verdict

    folder = find_body(name, paths)
    preset = catalog(paths).get(name)
    if preset is None or preset.embedded:
        read_manifest(folder)
        yield f"{safe_line(name)} is on this machine, in {safe_line(str(folder))}; there is nothing to download."
        return
    if not preset.parameters:
        preset = asked_of_the_hub(preset)
    machine = this_machine(Path(constants.HF_HUB_CACHE))
    rows = dict(verdict(name, preset, settings.compute, machine, logged_in=get_token() is not None))
    if (folder / "body.toml").exists():
        rows["disk"] = "it is on this machine; nothing is to be downloaded"
    yield from _rows(rows)


def use(name: str, paths: Paths) -> Iterator[str]:
    """Make `name` the body of a new settings file, or say which line belongs into the old one. Raises AnimaError."""
    find_body(name, paths)
    line = f"body = {msgspec.json.encode(name).decode()}"
    file = paths.settings_file
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as fresh:
            fresh.write(f"{line}\n")
        yield f"{name} is the body from now on: {file} says so."
    except FileExistsError:
        yield f"put this line at the top of {file}, in the place of any other body:"
        yield f"    {line}"
    except OSError as error:
        raise AnimaError(f"{file} cannot be written ({error}); mend that, or start with --body {name}.") from None
    yield "A soul stays with the body it was born in; --soul NAME begins another one."


def souls(paths: Paths) -> Iterator[str]:
    """Every soul with the time it last changed, the newest first."""
    found = [(file.stat().st_mtime, file.parent) for file in paths.souls.glob("[!.]*/soul.db")]
    for changed, folder in sorted(found, reverse=True):
        yield f"{safe_line(folder.name):<16} {datetime.fromtimestamp(changed):%Y-%m-%d %H:%M}"


def places(paths: Paths) -> list[str]:
    rows = {
        "settings": paths.settings_file,
        "themes": paths.themes,
        "modes": paths.modes,
        "bodies": paths.bodies,
        "souls": paths.souls,
        "trash": paths.trash,
        "cache": paths.cache,
        "logs": paths.logs,
    }
    return [f"{name + ':':<10}{folder}" for name, folder in rows.items()]


def _promised(preset: Preset) -> dict[str, str]:
    rows = {
        "folder": "not on this machine; it is downloaded when it is first used",
        "model": f"{preset.model}, {preset.repo}",
        "sae": f"{preset.release}/{preset.sae}" + (f", {preset.d_sae} features" if preset.d_sae else ""),
        "hook": preset.hook,
        "licence": preset.licence,
    }
    return {name: value for name, value in rows.items() if value}


def _rows(rows: dict[str, str]) -> list[str]:
    return [f"{key + ':':<9}{safe_line(value)}" for key, value in rows.items()]


def _first(table: dict[str, Any], *names: str) -> Any:
    """The value under the first of `names` that is there. Raises KeyError."""
    return next((table[name] for name in names if name in table), None) or table[names[0]]


def _json(file: Path) -> dict[str, Any]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.DecodeError) as error:
        raise BodyUnusable(f"{file} cannot be read ({error}); copy the body's files anew.") from None
