"""Colour themes: TOML files, ours and the user's."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import cast

from textual.color import Color, ColorParseError
from textual.theme import Theme

from anima_tui.text import safe_line

COLOURS = (
    "primary",
    "secondary",
    "accent",
    "foreground",
    "background",
    "surface",
    "panel",
    "warning",
    "error",
    "success",
)
NOT_COLOURS = frozenset({"heat-map"})
VARIABLES: dict[str, str] = {
    "heat-map": "viridis",  # viridis, cividis or magma: all readable by colour-blind people
    "valence-pos": "#86b6f0",
    "valence-neg": "#e6a35c",
    "fatigue": "#b9a7d6",
    "adrenaline": "#ecc86e",
    "reservoir": "#7cc5b8",
    "dream": "#a896e6",
}
"""What a theme may say beyond Textual's own colours, with the values for a theme that is silent."""


@dataclass(frozen=True)
class Loaded:
    """Themes that can be used, and one clause for each file that cannot."""

    themes: list[Theme] = field(default_factory=list[Theme])
    failures: list[str] = field(default_factory=list[str])


def bundled_folder() -> Path:
    """Our own themes: beside the package in a wheel, at the root of a source checkout."""
    shipped = Path(str(files("anima_tui"))) / "themes"
    return shipped if shipped.is_dir() else Path(str(files("anima_tui"))).parent / "themes"


def load_themes(*folders: Path) -> Loaded:
    """Every `*.toml` of the folders; of two with one name the later wins. Never raises."""
    loaded = Loaded()
    for file in (file for folder in folders for file in sorted(folder.glob("*.toml"))):
        try:
            loaded.themes.append(_theme(tomllib.loads(file.read_text(encoding="utf-8"))))
        except OSError as error:
            loaded.failures.append(f"{safe_line(file.name)}: {error.strerror}")
        except ValueError as error:  # broken UTF-8 and broken TOML are ValueErrors too
            loaded.failures.append(f"{safe_line(file.name)}: {safe_line(str(error))}")
    return loaded


def _theme(table: Mapping[str, object]) -> Theme:
    """Raises ValueError with one clause that names the key."""
    name, dark, variables = table.get("name"), table.get("dark", True), table.get("variables", {})
    if not isinstance(name, str) or not name or name != safe_line(name):
        raise ValueError("`name` is missing or no text")
    if not isinstance(dark, bool):
        raise ValueError("`dark` is neither true nor false")
    if not isinstance(variables, dict):
        raise ValueError("`variables` is no table")
    if unknown := sorted(table.keys() - {"name", "dark", "variables", *COLOURS}):
        raise ValueError(f"there is no key `{unknown[0]}`")
    colours = {key: _colour(key, table[key]) for key in COLOURS if key in table}
    if "primary" not in colours:
        raise ValueError("`primary` is missing")
    extra = {
        key: str(value) if key in NOT_COLOURS else _colour(key, value)
        for key, value in cast(dict[str, object], variables).items()
    }
    return Theme(
        name=name,
        primary=colours["primary"],
        secondary=colours.get("secondary"),
        accent=colours.get("accent"),
        foreground=colours.get("foreground"),
        background=colours.get("background"),
        surface=colours.get("surface"),
        panel=colours.get("panel"),
        warning=colours.get("warning"),
        error=colours.get("error"),
        success=colours.get("success"),
        dark=dark,
        variables=extra,
    )


def _colour(key: str, value: object) -> str:
    try:
        Color.parse(str(value))
    except ColorParseError:
        raise ValueError(f"`{key}` is no colour: {value}") from None
    return str(value)
