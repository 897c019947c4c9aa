"""What the first rank says to the others: orders as small integers, and the offset of each token."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import timedelta
from enum import IntEnum, auto
from typing import NamedTuple, NoReturn

import torch
from torch import Tensor
from torch import distributed as dist

PATIENCE = timedelta(days=365)
"""A follower waits as long as nobody talks to her; that a rank died is seen by torchrun, which ends the others."""


class Order(IntEnum):
    """What a follower shall do. Contexts have numbers."""

    LOAD = auto()
    """The body whose weights lie in a folder, given in UTF-8; the argument is the layer with the hook."""
    OPEN = auto()
    """A context for that many tokens; 0: a passing one, of any length."""
    CLOSE = auto()
    PREFILL = auto()
    STEP = auto()
    BARE_STEP = auto()
    FORGET = auto()
    SCORE = auto()
    """The tokens after as many as the argument says."""
    LISTEN = auto()
    """Read the words, in rows as wide as the argument says, up to the layer with the hook."""
    DISMISS = auto()


class Told(NamedTuple):
    order: Order
    context: int
    argument: int
    words: list[int]


class Line:
    """Between all ranks of this body, over gloo for orders and the devices' own way, NCCL on CUDA, for offsets."""

    def __init__(self, device: torch.device) -> None:
        if device.type == "cuda":
            torch.cuda.set_device(device)
        dist.init_process_group("cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo", timeout=PATIENCE)
        self._opened = 0

    def tell(self, order: Order, context: int = 0, argument: int = 0, words: Sequence[int] = ()) -> None:
        """From the first rank."""
        dist.broadcast(torch.tensor([order, context, argument, len(words)]), 0)
        if words:
            dist.broadcast(torch.tensor(words), 0)

    def hear(self) -> Told:
        """In every other rank: wait for the next order."""
        header = torch.empty(4, dtype=torch.int64)
        dist.broadcast(header, 0)
        order, context, argument, count = header.tolist()
        words = torch.empty(count, dtype=torch.int64)
        if count:
            dist.broadcast(words, 0)
        return Told(Order(order), context, argument, words.tolist())

    def share(self, delta: Tensor) -> Tensor:
        """Δh of the first rank in every rank, bit for bit: the others bring zeros to the sum."""
        dist.all_reduce(delta)
        return delta

    def dismiss(self) -> None:
        """The other ranks may go."""
        self.tell(Order.DISMISS)

    def leave(self) -> NoReturn:
        """Of a dismissed rank: end this process as it is. Taken down in order, the line would wait for the first rank
        and for the graphs that it was captured in."""
        sys.stderr.flush()
        os._exit(0)

    def number(self) -> int:
        """Of a new context."""
        self._opened += 1
        return self._opened
