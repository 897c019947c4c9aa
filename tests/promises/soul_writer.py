"""A process that writes turns and nights as fast as it can, and notes outside the soul what was acknowledged.

Usage: soul_writer.py FOLDER LOG
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.engine.souls import awake, night, turn


def main(folder: Path, log: Path) -> None:
    with awake(folder) as soul, log.open("ab", buffering=0) as acknowledged:
        k, nights = soul.exchange_count, len(soul.nights(1_000_000))
        while True:
            if nights < k // 5:
                nights += 1
                soul.save_night(night(k, lines=[f"line {k}"], consumed=[2 * k]))
                os.write(acknowledged.fileno(), f"night {k}\n".encode())
            else:
                k += 1
                soul.save_turn(turn(k))
                os.write(acknowledged.fileno(), f"{k}\n".encode())


main(Path(sys.argv[1]), Path(sys.argv[2]))
