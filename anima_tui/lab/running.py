"""Cells over processes, or over the workers of a Dask cluster; the same rows either way, in whatever order they end."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import cast

from joblib import Parallel, delayed, parallel_config

from anima_tui.errors import AnimaError
from anima_tui.lab.ledger import Ledger
from anima_tui.lab.progress import Progress
from anima_tui.lab.study import Cell, Row, key_of, study_named

Measured = tuple[Cell, list[Row]]

_ALONE = Lock()
"""A cell sets hooks on the body of its process, so that a worker with several threads must take its cells in turns."""

PATIENCE = 30
"""Seconds to wait for a cluster's scheduler and its first worker."""


def run_cells(
    study: str, body: str, cells: Sequence[Cell], folder: Path, *, jobs: int, scheduler: str | None
) -> list[Row]:
    """Rows of all cells, in the order of the cells; those in the ledger of `folder` are not measured again.

    Raises AnimaError when there is no cluster at the address `scheduler`.
    """
    ledger = Ledger(folder / "cells.jsonl")
    done = ledger.finished()
    missing = [cell for cell in cells if key_of(cell) not in done]
    with Progress(study, total=len(cells), finished=len(cells) - len(missing)) as progress:
        for cell, rows in _measured(study, body, missing, folder, jobs, scheduler):
            ledger.add(cell, rows)
            done[key_of(cell)] = rows
            progress.advance()
    return [cell | row for cell in cells for row in done[key_of(cell)]]


def measure(study: str, body: str, cell: Cell, folder: Path) -> Measured:
    """One cell, in whichever process this is."""
    from anima_tui.lab.subject import subject_of

    scratch = folder / "scratch" / hashlib.sha256(key_of(cell).encode()).hexdigest()[:16]
    with _ALONE:
        return cell, study_named(study).measure(subject_of(body), cell, scratch)


def _measured(
    study: str, body: str, cells: Sequence[Cell], folder: Path, jobs: int, scheduler: str | None
) -> Iterator[Measured]:
    tasks = [delayed(measure)(study, body, cell, folder) for cell in cells]
    if scheduler:
        yield from _over_cluster(tasks, scheduler)
    elif tasks:
        yield from cast(Iterator[Measured], Parallel(n_jobs=jobs, return_as="generator_unordered")(tasks))


def _over_cluster(tasks: Sequence[object], scheduler: str) -> Iterator[Measured]:
    """joblib's Dask backend hands results over a call at a time, so calls are as small as the cluster is wide."""
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise AnimaError("a cluster needs Dask: pip install 'anima-tui[lab]'.") from None
    try:
        client = Client(scheduler, timeout=PATIENCE)
        client.wait_for_workers(1, timeout=PATIENCE)
    except (OSError, ValueError, TimeoutError) as error:
        raise AnimaError(f"no Dask cluster with a worker answers at {scheduler} ({error}).") from None
    with client, parallel_config("dask"):
        wide = sum(cast(dict[str, int], client.nthreads()).values())
        for first in range(0, len(tasks), wide):
            yield from cast(Iterable[Measured], Parallel()(tasks[first : first + wide]))
