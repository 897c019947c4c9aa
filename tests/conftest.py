"""Torch keeps to one thread: small matrices gain nothing by more, and threads stall that wait for a busy core."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
