"""Multiply-adds of an operation by the tensor operations that torch runs for it, from shapes alone.

torch's own table of formulas is used (`torch.utils.flop_counter`, which counts a multiply-add as
two), and a few of ours for products of vectors. Its counter is not: it hooks every module of the
process while it counts, also those that other threads run.
"""

from collections.abc import Callable
from math import prod
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

_ATEN = torch.ops.aten


def _count_attention(*args: Any, **_kwargs: Any) -> int:
    query, key, value = (tuple(tensor.shape) for tensor in args[:3])
    scores: int = prod(query[:-1]) * key[-2]
    return 2 * scores * int(query[-1] + value[-1])


_FORMULAS: dict[Any, Callable[..., int]] = {
    _ATEN.mv: lambda matrix, _vector, **_: 2 * matrix.numel(),
    _ATEN.dot: lambda vector, _other, **_: 2 * vector.numel(),
    _ATEN.addmv: lambda _sum, matrix, _vector, **_: 2 * matrix.numel(),
    _ATEN._scaled_dot_product_flash_attention_for_cpu: _count_attention,
    _ATEN._scaled_dot_product_fused_attention_overrideable: _count_attention,
}
# Whole networks and transforms in one operation, of which no formula is known.
_WITHOUT_FORMULA = (
    *("lstm", "gru", "rnn", "_transformer", "_native_multi", "fft", "linalg", "cdist", "grid_sam"),
    *("deform", "quantized", "mkldnn", "_trilinear", "_sparse", "histc"),
)


class MultiplyAddCounter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts what this thread runs inside of it.

    Attributes:
        multiply_adds: So far.
        is_complete: Whether all that ran has a formula, or needs none.
    """

    def __init__(self) -> None:
        """Begin at 0."""
        super().__init__()  # type: ignore[no-untyped-call]
        self.multiply_adds: int = 0
        self.is_complete = True

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run one tensor operation and count it, or the smaller ones that it is made of."""
        kwargs = kwargs or {}
        packet = func._overloadpacket
        formula = _FORMULAS.get(packet, flop_registry.get(packet))
        if formula is None:
            with self:
                result = func.decompose(*args, **kwargs)
            if result is not NotImplemented:
                return result
        result = func(*args, **kwargs)
        if formula is not None:
            self.multiply_adds += formula(*args, **kwargs, out_val=result) // 2
        elif any(word in packet.__name__ for word in _WITHOUT_FORMULA):
            self.is_complete = False
        return result


def count_products(module: torch.nn.Module, x: torch.Tensor) -> int:
    """Count the multiply-adds of a network as a whole, apart from our own rules for layers.

    Args:
        module: The network.
        x: Its input; on torch's meta device nothing is computed.
    """
    with torch.no_grad(), MultiplyAddCounter() as counter:
        module(x)
    return int(counter.multiply_adds)


def has_matrices(module: torch.nn.Module) -> bool:
    """Whether a module has weights that a product is taken with."""
    return any(value.dim() > 1 and prod(value.shape) > 1 for value in module.parameters())
