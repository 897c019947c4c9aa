"""Triton kernels of a decoding step: one vector against a matrix, one query against the live part of a KV cache.

Imported only where a CUDA device is: Triton comes with the CUDA builds of torch.
"""
# Triton has no stubs, and its functions no types of parameters.
# pyright: basic, reportMissingImports=false, reportIndexIssue=false

from __future__ import annotations

from collections.abc import Sequence

import torch
import triton
import triton.language as tl
from torch import Tensor

MOST = 3
"""Matrices that one launch multiplies."""
SPLITS = 32
"""Programs among which the keys of one head are divided."""
KEYS = 32
"""Keys that a program reads at a time."""


ROWS, COLUMNS, WARPS = 2, 2048, 8
"""Rows and columns of a matrix that a program reads at a time: enough in flight to fill the memory of a Hopper GPU."""


@triton.jit
def _rows(x, weight, bias, out, first, n, k, has_bias: tl.constexpr, even: tl.constexpr, rows: tl.constexpr,
          columns: tl.constexpr):  # fmt: skip
    """out[first + i] = weight[first + i] x + bias[first + i] for a few rows."""
    row = first + tl.arange(0, rows)
    column = tl.arange(0, columns)
    inside = row < n
    total = tl.zeros((rows, columns), tl.float32)
    for start in range(0, k, columns):
        at = start + column
        within = at < k
        if even:
            block = tl.load(weight + row[:, None].to(tl.int64) * k + at[None, :], mask=inside[:, None], other=0.0)
            part = tl.load(x + at)
        else:
            mask = inside[:, None] & within[None, :]
            block = tl.load(weight + row[:, None].to(tl.int64) * k + at[None, :], mask=mask, other=0.0)
            part = tl.load(x + at, mask=within, other=0.0)
        total += block.to(tl.float32) * part.to(tl.float32)[None, :]
    result = tl.sum(total, axis=1)
    if has_bias:
        result += tl.load(bias + row, mask=inside, other=0.0).to(tl.float32)
    tl.store(out + row, result.to(out.dtype.element_ty), mask=inside)


@triton.jit
def _gemv(x, weight0, weight1, weight2, bias, out, n0, n1, n2, k, has_bias: tl.constexpr, even: tl.constexpr,
          rows: tl.constexpr, columns: tl.constexpr):  # fmt: skip
    block = tl.program_id(0)
    blocks0, blocks1 = tl.cdiv(n0, rows), tl.cdiv(n1, rows)
    if block < blocks0:
        _rows(x, weight0, bias, out, block * rows, n0, k, has_bias, even, rows, columns)
    elif block < blocks0 + blocks1:
        _rows(x, weight1, bias, out + n0, (block - blocks0) * rows, n1, k, False, even, rows, columns)
    else:
        _rows(x, weight2, bias, out + n0 + n1, (block - blocks0 - blocks1) * rows, n2, k, False, even, rows, columns)


def gemv(x: Tensor, weights: Sequence[Tensor], bias: Tensor | None) -> Tensor:
    """As `operators.gemv`."""
    k = x.numel()
    sizes = [weight.shape[0] for weight in weights]
    padded = [*weights, *weights][:MOST] if len(weights) > 1 else [*weights] * MOST
    n = [*sizes, 0, 0][:MOST]
    out = torch.empty(sum(sizes), dtype=x.dtype, device=x.device)
    _gemv[(sum(triton.cdiv(size, ROWS) for size in sizes),)](
        x, *padded, bias if bias is not None else x, out, *n, k,
        has_bias=bias is not None, even=k % COLUMNS == 0, rows=ROWS, columns=COLUMNS, num_warps=WARPS,
    )  # fmt: skip
    return out


@triton.jit
def _attend(q, keys, values, position, partial, weights, scale, stride,
            window: tl.constexpr, group: tl.constexpr, padded: tl.constexpr, d: tl.constexpr, step: tl.constexpr,
            splits: tl.constexpr):  # fmt: skip
    """One head of keys, one share of them: softmax(q K) V of the share, its largest logit and its mass."""
    head, split = tl.program_id(0), tl.program_id(1)
    length = tl.load(position) + 1
    first = 0
    if window > 0:
        first = tl.maximum(0, length - window)
    member, feature, key = tl.arange(0, padded), tl.arange(0, d), tl.arange(0, step)
    query = tl.load(
        q + (head * group + member)[:, None] * d + feature[None, :], mask=(member < group)[:, None], other=0.0
    )
    largest = tl.full((padded,), float("-inf"), tl.float32)
    mass = tl.zeros((padded,), tl.float32)
    total = tl.zeros((padded, d), tl.float32)
    for start in range((first // step + split) * step, length, splits * step):
        at = start + key
        live = (at >= first) & (at < length)
        where = head.to(tl.int64) * stride + at[:, None] * d + feature[None, :]
        block = tl.load(keys + where, mask=live[:, None], other=0.0)
        logits = tl.dot(query, tl.trans(block), input_precision="ieee") * scale
        logits = tl.where(live[None, :], logits, float("-inf"))
        top = tl.maximum(largest, tl.max(logits, axis=1))
        shrink = tl.exp(largest - top)
        share = tl.exp(logits - top[:, None])
        mass = mass * shrink + tl.sum(share, axis=1)
        block = tl.load(values + where, mask=live[:, None], other=0.0)
        total = total * shrink[:, None] + tl.dot(share.to(block.dtype), block, input_precision="ieee")
        largest = top
    slot = (head * group + member) * splits + split
    tl.store(partial + slot[:, None] * d + feature[None, :], total, mask=(member < group)[:, None])
    tl.store(weights + slot * 2, largest, mask=member < group)
    tl.store(weights + slot * 2 + 1, mass, mask=member < group)


@triton.jit
def _gather(partial, weights, out, d: tl.constexpr, splits: tl.constexpr):
    """The shares of one query head, weighed and summed."""
    head, split, feature = tl.program_id(0), tl.arange(0, splits), tl.arange(0, d)
    slot = head * splits + split
    largest = tl.load(weights + slot * 2)
    shrink = tl.exp(largest - tl.max(largest, axis=0))
    mass = tl.sum(shrink * tl.load(weights + slot * 2 + 1), axis=0)
    total = tl.sum(shrink[:, None] * tl.load(partial + slot[:, None] * d + feature[None, :]), axis=0)
    tl.store(out + head * d + feature, (total / mass).to(out.dtype.element_ty))


def attend(query: Tensor, keys: Tensor, values: Tensor, position: Tensor, scale: float, window: int) -> Tensor:
    """As `attention.live_attention`, reading no key beyond `position`, whatever the size of the cache.

    The keys of a head are divided among programs and their results weighed (Flash-Decoding, Dao et al. 2023).
    """
    heads, d = query.shape[1], query.shape[-1]
    groups = keys.shape[1]
    partial = torch.empty(heads, SPLITS, d, dtype=torch.float32, device=query.device)
    weights = torch.empty(heads, SPLITS, 2, dtype=torch.float32, device=query.device)
    out = torch.empty(1, heads, 1, d, dtype=query.dtype, device=query.device)
    group = heads // groups
    _attend[(groups, SPLITS)](
        query, keys, values, position, partial, weights, scale, keys.stride(1),
        window=window, group=group, padded=max(16, triton.next_power_of_2(group)), d=d, step=KEYS, splits=SPLITS,
        num_warps=4, num_stages=1 if query.dtype == torch.float32 else 3,
    )  # fmt: skip
    _gather[(heads,)](partial, weights, out, d=d, splits=SPLITS, num_warps=4)
    return out
