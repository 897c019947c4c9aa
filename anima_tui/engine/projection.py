"""A matrix times a vector, at the speed of memory."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import linear

Projection = Callable[[Tensor], Tensor]
"""float32 [*, d_in] -> float32 [*, d_out]"""


def projection(weight: Tensor) -> Projection:
    """x -> weight x for `weight` [d_out, d_in] of any dtype.

    One vector against a large matrix is bound by memory. A float32 matrix on a CPU whose every entry float16 can
    hold, as weights that were stored in 16 bits often are, is therefore kept in float16: half the bytes, and the
    same float32 products and sums.
    """
    return _packed(weight) or (lambda x: linear(x.to(weight.dtype), weight).float())


def _packed(weight: Tensor) -> Projection | None:
    if weight.device.type != "cpu" or weight.dtype != torch.float32:
        return None
    if not torch.equal(weight.half().float(), weight):
        return None
    try:
        packed = torch.ops.quantized.linear_prepack_fp16(weight, None)
        multiply = torch.ops.quantized.linear_dynamic_fp16
        multiply(torch.zeros(1, weight.shape[1]), packed)
    except RuntimeError:  # this build of torch lacks the kernel
        return None

    def project(x: Tensor) -> Tensor:
        rows: Tensor = multiply(x.reshape(-1, x.shape[-1]), packed)
        return rows.reshape(*x.shape[:-1], -1)

    return project
