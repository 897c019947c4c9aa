"""Colours for levels: sequential maps that a colour-blind eye reads as well, on any background."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

LEVELS = 32
"""Steps of brightness: two of them make one half-block cell, and 32² styles still fit the caches."""

RAMP = " ░▒▓█"
"""What stands for a level where there is no colour."""


class Rgb(NamedTuple):
    red: int
    green: int
    blue: int


Linear = tuple[float, float, float]

_ANCHORS = {  # equally spaced samples of matplotlib's maps, each rising in luminance
    "viridis": "440154 472d7b 3b528b 2c728e 21918c 28ae80 5ec962 addc30 fde725",
    "cividis": "00224e 123570 3b496c 575d6d 707173 8a8678 a59c74 c3b369 e1cc55 fee838",
    "magma": "000004 1d1147 51127c 822681 b63679 e65164 fb8861 fec287 fcfdbf",
}
NAMES = tuple(_ANCHORS)


def colour_map(name: str, background: Rgb, levels: int = LEVELS) -> list[Rgb]:
    """`levels` colours; the first is the background itself, so that what is silent cannot be seen.

    Luminance rises monotonically on a dark background and falls on a light one. Everything is interpolated in
    linear light, where luminance is linear too, which makes that a property of the formula. A name that is
    not known means viridis.
    """
    anchors = [_linear(_parse(code)) for code in _ANCHORS.get(name, _ANCHORS["viridis"]).split()]
    ground = _linear(background)
    if _weigh(ground) > 0.4:
        anchors.reverse()
    start = _leave(anchors, _weigh(ground))
    colours = [background]
    for level in range(1, levels):
        share = level / (levels - 1)
        target = _along(anchors, start + (1 - start) * share)
        presence = min(1.0, 3 * share)  # the lowest levels rise out of the background instead of popping up
        colours.append(_encode(_mix(ground, target, presence)))
    return colours


def quantise(level: float, levels: int = LEVELS) -> int:
    """The step of a level in [0, 1]. Only what is silent gets step 0: whatever fires can be seen."""
    if not level > 0:
        return 0
    return max(1, round(min(1.0, level) * (levels - 1)))


def glyph(step: int, levels: int = LEVELS) -> str:
    """The character for a step where there is no colour."""
    return RAMP[-(-step * (len(RAMP) - 1) // (levels - 1))]


def luminance(colour: Rgb) -> float:
    """Relative luminance in [0, 1], as WCAG 2 defines it."""
    return _weigh(_linear(colour))


def _leave(anchors: list[Linear], ground: float) -> float:
    """Where along the anchors the map has left the background's luminance behind."""
    rising = _weigh(anchors[-1]) > _weigh(anchors[0])
    for index, (low, high) in enumerate(pairwise(map(_weigh, anchors))):
        if (high > ground) if rising else (high < ground):
            into = max(0.0, (ground - low) / (high - low))
            return (index + into) / (len(anchors) - 1)
    return 1.0


def _along(anchors: list[Linear], position: float) -> Linear:
    scaled = position * (len(anchors) - 1)
    index = min(int(scaled), len(anchors) - 2)
    return _mix(anchors[index], anchors[index + 1], scaled - index)


def _mix(a: Linear, b: Linear, share: float) -> Linear:
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share)


def _weigh(colour: Linear) -> float:
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


def _parse(code: str) -> Rgb:
    return Rgb(*bytes.fromhex(code))


def _linear(colour: Rgb) -> Linear:
    red, green, blue = (_decode_channel(channel / 255) for channel in colour)
    return red, green, blue


def _decode_channel(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _encode(colour: Linear) -> Rgb:
    return Rgb(*(round(255 * _encode_channel(value)) for value in colour))


def _encode_channel(value: float) -> float:
    return value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
