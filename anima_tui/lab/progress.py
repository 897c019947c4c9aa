"""How far a study is: a bar where someone watches a terminal, a line a cell where nobody does."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar


class Progress:
    """Counts finished cells, on standard error."""

    def __init__(self, what: str, *, total: int, finished: int) -> None:
        self._what = what
        self._total = total
        self._finished = finished
        self._bar: Bar | None = None
        if sys.stderr.isatty():
            columns = (
                "{task.description}",
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TimeRemainingColumn(),
            )
            self._bar = Bar(*columns, TextColumn("left"), console=Console(stderr=True))
            self._bar.add_task(what, total=total, completed=finished)

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        else:
            self._tell()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def advance(self) -> None:
        """One more cell is finished."""
        self._finished += 1
        if self._bar:
            self._bar.advance(self._bar.task_ids[0])
        else:
            self._tell()

    def _tell(self) -> None:
        print(f"{self._what}: {self._finished} of {self._total}", file=sys.stderr, flush=True)
