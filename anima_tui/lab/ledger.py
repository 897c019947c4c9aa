"""Finished cells on disk, one line of JSON each. A line cut short by a crash is as if its cell had never run."""

from __future__ import annotations

import json
import os
from pathlib import Path

from anima_tui.lab.study import Cell, Row, key_of


class Ledger:
    """`cells.jsonl` in a study's folder. Only one process may write it."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def finished(self) -> dict[str, list[Row]]:
        """Rows by the key of their cell."""
        done: dict[str, list[Row]] = {}
        for line in self._file.read_bytes().splitlines() if self._file.exists() else ():
            try:
                record = json.loads(line)
                done[key_of(record["cell"])] = record["rows"]
            except (ValueError, KeyError, TypeError):
                continue
        return done

    def add(self, cell: Cell, rows: list[Row]) -> None:
        """On the disk when it returns."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps({"cell": cell, "rows": rows}).encode() + b"\n"
        with self._file.open("ab+") as file:
            if self._ends_within_a_line(file.tell()):
                line = b"\n" + line
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def _ends_within_a_line(self, size: int) -> bool:
        with self._file.open("rb") as file:
            file.seek(max(0, size - 1))
            return file.read() not in (b"", b"\n")
