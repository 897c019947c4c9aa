"""What a study found: a question, a method, an answer in plain words, and the tables and figures it rests on.

The lab writes it, the app reads it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from anima_tui.errors import AnimaError


class Table(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    columns: list[str]
    rows: list[list[str]]


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    caption: str
    plotly: dict[str, Any]
    """As plotly's own JSON."""


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    study: str
    title: str
    question: str
    method: list[str]
    """Paragraphs."""
    answer: list[str]
    """Sentences and paragraphs made from the numbers."""
    tables: list[Table]
    figures: list[Figure]
    numbers: dict[str, Any] = {}
    """What the answer rests on, for a program to read."""
    quick: bool = False
    body: str = ""
    seed: int = 0


def read_findings(folder: Path) -> list[Findings]:
    """Of every study under `folder`, in the order of their names. Raises AnimaError for a damaged file."""
    found: list[Findings] = []
    for file in sorted(folder.glob("*/findings.json")):
        try:
            found.append(msgspec.json.decode(file.read_bytes(), type=Findings))
        except (OSError, msgspec.DecodeError) as error:
            raise AnimaError(f"{file} cannot be read ({error}); run that study again.") from None
    return found
