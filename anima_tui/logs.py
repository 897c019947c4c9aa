"""Logs that do not grow for ever: at a start, one that is long makes way, and the oldest goes."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

LONG = 1024 * 1024
"""Bytes at which a log makes way at the next start."""
KEPT = 3
"""Logs of one name, the present one included: engine.log, engine.1.log, engine.2.log."""


def open_log(file: Path) -> BinaryIO:
    """Open `file` to append to, readable by its owner alone, after making way if it is long.

    Where nothing can be written, what goes to the log goes nowhere: a talk does not end for want of one.
    """
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if file.exists() and file.stat().st_size >= LONG:
            _make_way(file)
        return file.open("ab")
    except OSError:
        return Path(os.devnull).open("ab")


def _make_way(file: Path) -> None:
    """Best effort: a log that cannot be moved is better than none."""
    generations = [file, *(file.with_suffix(f".{number}{file.suffix}") for number in range(1, KEPT))]
    with suppress(OSError):
        for older, newer in zip(generations[:0:-1], generations[-2::-1], strict=True):
            if newer.exists():
                newer.replace(older)
