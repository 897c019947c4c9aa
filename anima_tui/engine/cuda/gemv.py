"""Matrices times one vector: what a decoded token mostly consists of, and bound by the speed of memory."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, fx
from torch._inductor.custom_graph_pass import CustomGraphPass, get_hash_for_files
from torch.nn.functional import linear
from torch.overrides import TorchFunctionMode

MOST = 3
"""Matrices that one launch multiplies: query, key and value."""


@torch.library.custom_op("anima::gemv", mutates_args=())
def gemv(x: Tensor, weights: list[Tensor], bias: Tensor | None) -> Tensor:
    """The products of x [k] and each of the weights [n_i, k], one after the other [Σ n_i], summed in float32.

    At most `MOST` weights, with contiguous rows. `bias` [n_0] is added to the first product.
    """
    if x.is_cuda:
        from anima_tui.engine.cuda import kernels

        return kernels.gemv(x.contiguous(), weights, bias)
    return torch.cat([linear(x, weight, None if index else bias) for index, weight in enumerate(weights)])


@gemv.register_fake
def _(x: Tensor, weights: list[Tensor], bias: Tensor | None) -> Tensor:
    return x.new_empty(sum(weight.shape[0] for weight in weights))


_GEMV: Any = torch.ops.anima.gemv.default


class Gemv(TorchFunctionMode):
    """Inside, a linear layer applied to one position is a `gemv`, which comes nearer to memory's speed than cuBLAS."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is linear and args[0].numel() == args[0].shape[-1] and args[1].is_contiguous():
            x, weight = args[:2]
            bias = args[2] if len(args) > 2 else (kwargs or {}).get("bias")
            return gemv(x.reshape(-1), [weight], bias).reshape(*x.shape[:-1], weight.shape[0])
        return func(*args, **(kwargs or {}))


class Together(CustomGraphPass):
    """Products of one vector with several matrices become one launch: query, key and value; gate and up."""

    def __call__(self, graph: fx.Graph) -> None:
        of: dict[fx.Node, list[fx.Node]] = {}
        for node in graph.nodes:
            if node.target is _GEMV and node.args[2] is None and node.args[1][0].op == "placeholder":
                of.setdefault(_viewed(node.args[0]), []).append(node)
        for products in of.values():
            for start in range(0, len(products), MOST):
                _merge(graph, products[start : start + MOST])

    def uuid(self) -> Any:
        return get_hash_for_files((__file__,))


def _viewed(node: Any) -> fx.Node:
    """The tensor that a chain of views shows: each product came with a view of its own."""
    while node.target in (torch.ops.aten.view.default, torch.ops.aten.reshape.default):
        node = node.args[0]
    return node


def _merge(graph: fx.Graph, products: list[fx.Node]) -> None:
    if len(products) < 2:
        return
    weights: list[Any] = [product.args[1][0] for product in products]  # pyright: ignore
    values = [product.meta["val"] for product in products]
    with graph.inserting_before(products[0]):
        whole = graph.call_function(_GEMV, (products[0].args[0], weights, None))
        whole.meta["val"] = values[0].new_empty(sum(value.numel() for value in values))
        at = 0
        for product, value in zip(products, values, strict=True):
            part = graph.call_function(torch.ops.aten.slice.Tensor, (whole, 0, at, at + value.numel()))
            part.meta["val"] = value
            product.replace_all_uses_with(part)
            at += value.numel()
    for product in products:
        graph.erase_node(product)
