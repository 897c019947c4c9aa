"""How an engine becomes several. Imports no torch."""

from __future__ import annotations

import os
import sys


def ranks() -> int:
    """How many processes hold the body, as `torchrun` tells them."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def rank() -> int:
    """Which of them this one is."""
    return int(os.environ.get("RANK", "0"))


def left(status: int) -> int:
    """End a rank at once with this exit status, everything being said and saved: threads of the line that still wait
    would abort an orderly end. Where one process holds the body, give the status back."""
    if ranks() > 1:
        sys.stderr.flush()
        os._exit(status)
    return status


def one_for_each(devices: int, module: str = "anima_tui") -> None:
    """Become `torchrun` with one process for each of several devices; return where one is enough, and in each of them.

    Each runs `module` with the arguments that this one was given. They inherit the channel to the app, which only the
    first one uses.
    """
    if devices > 1 and "RANK" not in os.environ:
        launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={devices}", "-m", module]
        os.execv(sys.executable, [sys.executable, *launcher, *sys.argv[1:]])
