"""The theme's own colours, and what stands in for them where a theme is silent."""

from __future__ import annotations

from textual.app import App
from textual.color import Color, ColorParseError

from anima_tui.app.widgets.colormap import Rgb, luminance

_FALLBACKS = {
    "fatigue": "#e0af68",
    "adrenaline": "#e88fa8",
    "reservoir": "#73c7b5",
    "valence-pos": "#5aa9ff",
    "valence-neg": "#ff9e4a",
    "dream": "#b39df3",
    "success": "#7fd17f",
    "error": "#f07178",
    "warning": "#f5c469",
    "foreground": "#d8d8e0",
    "background": "#14141c",
    "primary": "#7aa2f7",
}


def hue(app: App[object], name: str) -> str:
    """`#rrggbb` of a theme variable. A value that is no plain colour gives the fallback."""
    fallback = _FALLBACKS.get(name, _FALLBACKS["foreground"])
    return plain(app.theme_variables.get(name, fallback), fallback)


def plain(code: str, fallback: str) -> str:
    """`#rrggbb` of any way to write an opaque colour; what is none gives the fallback."""
    try:
        colour = Color.parse(code)
    except ColorParseError:
        return fallback
    return fallback if colour.ansi is not None else colour.hex6


def legible(hue: str, ground: str, ink: str) -> str:
    """`hue`, moved towards the text's own colour until it stands out from `ground` by 3.5 : 1."""
    for share in (0.0, 0.25, 0.5, 0.75):
        if contrast(moved := between(hue, ink, share), ground) >= 3.5:
            return moved
    return ink


def contrast(a: str, b: str) -> float:
    """WCAG 2's ratio of two opaque colours, from 1 to 21."""
    low, high = sorted(luminance(Rgb(*Color.parse(each).rgb)) for each in (a, b))
    return (high + 0.05) / (low + 0.05)


def between(ground: str, ink: str, share: float) -> str:
    """The colour that lies `share` of the way from `ground` to `ink`."""
    return Color.parse(ground).blend(Color.parse(ink), share).hex6


def heat_map(app: App[object], setting: str) -> str:
    """Name of the colour map: the user's, or for `theme` the theme's."""
    return app.theme_variables.get("heat-map", "viridis") if setting == "theme" else setting
