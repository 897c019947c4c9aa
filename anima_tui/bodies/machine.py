"""What this machine has, asked without torch."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Machine:
    memory: int
    """Bytes of main memory."""
    gpu: str
    """Name of the GPU that a body would use; empty: there is none."""
    gpu_memory: int
    """Bytes of its memory; Apple's GPUs use the main one."""
    room: int
    """Bytes free where downloads are kept."""
    bandwidth: float
    """Bytes per second at which the CPU reads its memory."""
    gpus: int = 1
    """How many such GPUs there are, if there is one."""


def this_machine(downloads: Path) -> Machine:
    """Takes a tenth of a second, for the bandwidth is measured."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    gpu, gpu_memory, gpus = _gpu(memory)
    return Machine(memory, gpu, gpu_memory, _room(downloads), _bandwidth(), gpus)


def _gpu(memory: int) -> tuple[str, int, int]:
    """The first one's name and memory, and how many there are."""
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        return "Apple's GPU", memory, 1
    query = ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits"]
    with suppress(OSError, ValueError, subprocess.SubprocessError):
        told = subprocess.run(query, capture_output=True, text=True, timeout=10, check=True)
        first, *others = told.stdout.splitlines()
        name, mebibytes = first.rsplit(",", 1)
        return name.strip(), int(mebibytes) * 2**20, 1 + len(others)
    return "", 0, 1


def _room(folder: Path) -> int:
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def _bandwidth() -> float:
    """Of the best of three sums over more than any cache holds."""
    numbers = np.ones(2**26, dtype=np.uint8)
    seconds: list[float] = []
    for _ in range(3):
        began = time.perf_counter()
        numbers.view(np.uint64).max()
        seconds.append(time.perf_counter() - began)
    return numbers.nbytes / min(seconds)
