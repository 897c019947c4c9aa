"""A KV cache of fixed size and address."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import Cache, CacheLayerMixin


class FixedLayer(CacheLayerMixin):
    """Keys and values of one layer, [1, groups, size, d]. Rows beyond the live ones hold what will be overwritten."""

    is_sliding = False
    """Of a window too, the whole past is kept: a prompt that rewinds must find it."""

    def __init__(self, size: int, position: Tensor) -> None:
        """`position` int64 [1]: where a single row is written, read on the device."""
        super().__init__()
        self._size = size
        self._position = position
        self.start = 0
        """Where several rows are written."""

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        shape = (*key_states.shape[:2], self._size)
        self.keys: Any = key_states.new_zeros(*shape, key_states.shape[-1])
        self.values: Any = value_states.new_zeros(*shape, value_states.shape[-1])
        self.is_initialized = True

    def update(self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
        """Write; of a single row all `size` rows are returned, of several rows all up to the last one written."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        rows = key_states.shape[2]
        if rows == 1:
            self.keys.index_copy_(2, self._position, key_states)
            self.values.index_copy_(2, self._position, value_states)
            return self.keys, self.values
        end = self.start + rows
        self.keys[:, :, self.start : end] = key_states
        self.values[:, :, self.start : end] = value_states
        return self.keys[:, :, :end], self.values[:, :, :end]

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        return self._size, 0

    def get_seq_length(self) -> int:
        return self.start

    def get_max_length(self) -> int:
        return self._size

    get_max_cache_shape = get_max_length  # its name before transformers 5.10


class FixedCache(Cache):
    """What every layer keeps. Rewinding costs nothing: who knows the position knows what is live."""

    def __init__(self, layers: int, size: int, device: torch.device) -> None:
        self.fed = torch.zeros(2, dtype=torch.int64, device=device)
        """The token of a single row, and its position."""
        super().__init__(layers=[FixedLayer(size, self.fed[1:]) for _ in range(layers)])

    def begin(self, start: int) -> None:
        """Write the next rows from `start` on."""
        for layer in self.layers:
            layer.start = start  # pyright: ignore[reportAttributeAccessIssue]
