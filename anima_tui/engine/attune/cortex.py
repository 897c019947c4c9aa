"""Where each feature lives on the map: a square grid whose neighbours have similar decoder directions."""

from __future__ import annotations

import math

import torch
from torch import Tensor

_POWER_STEPS = 15


def lay_out(directions: Tensor) -> tuple[Tensor, int]:
    """Distinct cells int32 [d_sae] (row * width + column) for unit rows float32 [d_sae, d_in], and the width.

    A k-d sort whose axes are found anew for every part: the cells are halved across their longer side, and the
    features at the median of their own first principal component, until one is left. The sign of a component
    is free, so it is chosen to put those most like the neighbouring part on that part's side.
    """
    count = len(directions)
    width = math.isqrt(count - 1) + 1
    cell = torch.empty(count, dtype=torch.int32)
    _settle(
        directions,
        torch.arange(count),
        torch.arange(count),
        directions.new_zeros(2, 2, directions.shape[1]),
        width,
        cell,
    )
    return cell, width


def neighbour_similarity(directions: Tensor, cell: Tensor, width: int) -> float:
    """Mean cosine between a feature and those right of it and below it."""
    at = torch.nn.functional.normalize(directions, dim=1)[cell.long().argsort()]
    left = torch.arange(len(at) - 1)
    left = left[(left + 1) % width != 0]
    pairs = [(at[left] * at[left + 1]).sum(1), (at[:-width] * at[width:]).sum(1)]
    return float(torch.cat(pairs).mean())


def _settle(directions: Tensor, features: Tensor, cells: Tensor, around: Tensor, width: int, cell: Tensor) -> None:
    """Give `cells` to `features`. `around` float32 [2, 2, d_in]: mean directions above, below; left, right."""
    if len(features) <= 1:
        cell[features] = cells.int()
        return
    row, column = cells // width, cells % width
    axis = int(column.max() - column.min() >= row.max() - row.min())
    line = column if axis else row
    first = line < (line.min() + line.max() + 1) // 2
    ranked = features[_spread(directions[features], around[axis, 1] - around[axis, 0]).argsort(stable=True)]
    near, far = ranked[: int(first.sum())], ranked[int(first.sum()) :]
    around_near, around_far = around.clone(), around.clone()
    around_near[axis, 1], around_far[axis, 0] = directions[far].mean(0), directions[near].mean(0)
    _settle(directions, near, cells[first], around_near, width, cell)
    _settle(directions, far, cells[~first], around_far, width, cell)


def _spread(rows: Tensor, towards: Tensor) -> Tensor:
    """Coordinates [n] of rows [n, d_in] on their first principal component, turned `towards` a direction [d_in]."""
    centred = rows - rows.mean(0)
    component = centred[centred.norm(dim=1).argmax()]
    for _ in range(_POWER_STEPS):
        component = torch.nn.functional.normalize(centred.T @ (centred @ component), dim=0)
    return centred @ (component if component @ towards >= 0 else -component)
