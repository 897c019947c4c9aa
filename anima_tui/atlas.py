"""What is known of every feature of a body, as `lab features` writes it and the app's atlas reads it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from anima_tui.errors import AnimaError

FILE = "atlas.json"


class Feature(msgspec.Struct, frozen=True, kw_only=True):
    """One latent of the autoencoder."""

    cell: int
    """Where it lies in the cortex: row * width + column."""
    label: str = ""
    fired: int = 0
    """Tokens of the corpus on which it fired."""
    valence: float = 0.0
    """Its levels' correlation with valence over those tokens."""
    histogram: list[int] = []
    """Of its levels, in equal parts from 0 to the 99th percentile."""
    contexts: list[tuple[float, str]] = []
    """Level and text where it fires most; the token stands in ‹›."""
    own: list[tuple[float, str]] = []
    """The same in the user's own conversations."""
    time: list[float | None] = []
    """Its correlation with valence in each of some equal parts of the soul's life; None: too little to say."""
    promoted: list[str] = []
    suppressed: list[str] = []
    neighbours: list[tuple[int, float]] = []
    """Features, and the cosines of their decoder rows with this one's."""


class Atlas(msgspec.Struct, frozen=True, kw_only=True):
    width: int
    """Cells in a row of the cortex."""
    tokens: int
    """Of the corpus that were read; 0: none yet."""
    features: list[Feature]


def read_atlas(folder: Path) -> Atlas | None:
    """None where no atlas was drawn. Raises AnimaError for a damaged one."""
    file = folder / FILE
    try:
        return msgspec.json.decode(file.read_bytes(), type=Atlas) if file.exists() else None
    except (OSError, msgspec.DecodeError) as error:
        raise AnimaError(f"{file} cannot be read ({error}); run `anima-tui lab features` again.") from None
