"""Night falls on a theme: its colours grow dim, so that the whole screen goes to bed with her."""

from __future__ import annotations

from dataclasses import replace

from textual.color import Color, ColorParseError
from textual.theme import Theme

GROUNDS = ("background", "surface", "panel")
LIGHTS = ("primary", "secondary", "accent", "foreground", "warning", "error", "success")
PAPER = Color.parse("#3a3470"), 0.26
"""What a light ground darkens towards, and how far; ink must still stand out from it."""
DARK = Color(0, 0, 0), 0.6
FADED = 0.26
"""Share of the way that the colours on a dark ground go towards it."""


def dusk(theme: Theme, depth: float) -> Theme:
    """The theme at this depth of the night, from 0 (day) to 1. It keeps its name, to take the day's place."""
    day = theme.to_color_system().generate()  # a theme may be silent about its ground
    black, share = DARK if theme.dark else PAPER
    colours = {name: _towards(getattr(theme, name) or day[name], black, depth * share) for name in GROUNDS}
    variables = theme.variables
    if theme.dark:
        ground = Color.parse(colours["background"])
        lit = {name: code for name in LIGHTS if (code := getattr(theme, name))}
        colours |= {name: _towards(code, ground, depth * FADED) for name, code in lit.items()}
        variables = {name: _towards(code, ground, depth * FADED) for name, code in variables.items()}
    return replace(theme, variables=variables, **colours)


def _towards(code: str, dark: Color, share: float) -> str:
    """What is no plain colour, such as the name of a colour map or one of the terminal's own, stays as it is."""
    try:
        colour = Color.parse(code)
    except ColorParseError:
        return code
    return code if colour.ansi is not None else colour.blend(dark, share).hex6
