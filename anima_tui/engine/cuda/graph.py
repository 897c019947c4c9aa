"""A function on device buffers, recorded once as a CUDA graph."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Replay = Callable[[], Tensor]
"""Runs on whatever the buffers hold now; the result stays in place until the next run."""

WARM_UPS = 3


def captured(run: Replay, device: torch.device, random: torch.Generator | None = None) -> Replay:
    """`run` as a graph; on a device without graphs, `run` itself.

    Runs it a few times first, which compiles and allocates. `random`: the generator it draws from.
    """
    if device.type != "cuda":
        return run
    aside = torch.cuda.Stream(device)
    aside.wait_stream(torch.cuda.current_stream(device))
    with torch.cuda.stream(aside):
        for _ in range(WARM_UPS):
            run()
    torch.cuda.current_stream(device).wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    if random is not None:
        graph.register_generator_state(random)
    with torch.cuda.graph(graph, capture_error_mode="thread_local"):  # NCCL's watchdog asks its device meanwhile
        result = run()

    def replay() -> Tensor:
        graph.replay()
        return result

    return replay


class Upload:
    """Small integers on their way to a device buffer: one copy from pinned memory, which waits for nothing but the
    copy before it."""

    def __init__(self, target: Tensor) -> None:
        self._target = target
        self._host = torch.empty(target.shape, dtype=target.dtype, pin_memory=target.is_cuda)
        self._values = self._host.numpy()
        self._copied = torch.cuda.Event() if target.is_cuda else None

    def __call__(self, *values: int) -> None:
        if self._copied:
            self._copied.synchronize()
        self._values[:] = values
        self._target.copy_(self._host, non_blocking=True)
        if self._copied:
            self._copied.record()
