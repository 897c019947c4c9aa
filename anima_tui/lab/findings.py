"""What a study found goes to disk, whole or not at all; and rows by what they have in common."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from anima_tui.findings import Findings
from anima_tui.lab.study import Row


def write_findings(findings: Findings, rows: Sequence[Row], folder: Path) -> None:
    """`rows.csv` and `findings.json`, each whole or not at all."""
    replace(folder / "findings.json", lambda file: file.write_bytes(msgspec.json.encode(findings)))
    replace(folder / "rows.csv", lambda file: _write_csv(rows, file))


def replace(file: Path, write: Callable[[Path], object]) -> None:
    """Let `write` make a new file, and put it in the place of `file` when it is whole."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(file.name + ".new")
    write(new)
    os.replace(new, file)


def _write_csv(rows: Sequence[Row], file: Path) -> None:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, columns)
        writer.writeheader()
        writer.writerows(rows)


def grouped(rows: Iterable[Row], *columns: str) -> Mapping[tuple[Any, ...], list[Row]]:
    """Rows by their values in `columns`, in the order in which they first come."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row.get(column) for column in columns), []).append(row)
    return groups


def numbers(rows: Iterable[Row], column: str) -> list[float]:
    """The values of one column that are numbers."""
    return [float(value) for row in rows if isinstance(value := row.get(column), (int, float))]
