"""Training rows on the device: random windows over documents that lie end to end, and go on arriving."""

from __future__ import annotations

from collections.abc import Sequence
from multiprocessing import TimeoutError as NothingYet
from multiprocessing.pool import IMapIterator

import torch
from torch import Tensor

from anima_tui.forge.tokens import Shelf

ROW = 1024


class Rows:
    """Shelves on the device, read in rows that begin where documents begin."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._ids = torch.empty(0, dtype=torch.int16, device=device)
        self._marks = torch.empty(0, dtype=torch.uint8, device=device)
        self._starts = torch.empty(0, dtype=torch.int64, device=device)
        self._span = torch.arange(ROW + 1, device=device)

    def __len__(self) -> int:
        return len(self._starts)

    @property
    def tokens(self) -> int:
        return len(self._ids)

    def add(self, shelves: Sequence[Shelf]) -> None:
        """Take more documents."""
        ids = [torch.from_numpy(shelf.ids).to(self._device) for shelf in shelves]
        marks = [torch.from_numpy(shelf.marks).to(self._device) for shelf in shelves]
        starts, at = list[Tensor](), self.tokens
        for shelf in shelves:
            starts.append(torch.from_numpy(shelf.starts).to(self._device) + at)
            at += len(shelf.ids)
        self._ids = torch.cat([self._ids, *ids])
        self._marks = torch.cat([self._marks, *marks])
        self._starts = torch.cat([self._starts, *starts])
        self._starts = self._starts[self._starts < self.tokens - ROW - 1]

    def draw(self, rows: int) -> tuple[Tensor, Tensor]:
        """Ids and marks, int64 [rows, ROW + 1]."""
        which = torch.randint(len(self._starts), (rows,), device=self._device)
        at = self._starts[which][:, None] + self._span
        return self._ids[at].long(), self._marks[at].long()


class Arrivals:
    """Documents that come while the training runs."""

    def __init__(self, coming: IMapIterator[Shelf], rows: Rows) -> None:
        self._coming = coming
        self._rows = rows
        self.ended = False

    def take(self, wait: float = 0.001) -> None:
        """Move what has come to the device; `wait` seconds for the first."""
        shelves: list[Shelf] = []
        while not self.ended and len(shelves) < 8:
            try:
                shelves.append(self._coming.next(0.001 if shelves else wait))
            except NothingYet:
                break
            except StopIteration:
                self.ended = True
        if shelves:
            self._rows.add(shelves)
