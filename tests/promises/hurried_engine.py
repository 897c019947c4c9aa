"""The real engine on a clock that runs FACTOR times as fast: `python -m tests.promises.hurried_engine FACTOR`."""

from __future__ import annotations

import sys
import time

from anima_tui.cli import main

if __name__ == "__main__":
    factor, began, clock = float(sys.argv[1]), time.time(), time.time
    time.time = lambda: began + factor * (clock() - began)
    sys.exit(main(["engine"]))
