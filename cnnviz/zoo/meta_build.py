"""Building a network without its numbers: no time for random weights, or no memory either."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

_FACTORIES = frozenset({torch.empty, torch.zeros, torch.ones, torch.full, torch.rand, torch.randn})
_FILLS = frozenset({torch.Tensor.normal_, torch.Tensor.uniform_, torch.Tensor.fill_})


class _ShapesOnly(TorchFunctionMode):
    """Makes new tensors on the meta device and skips initialisation.

    `torch.device("meta")` would do for most networks; RegNet, though, computes its widths with
    torch.arange and reads them back, so plain numbers must stay on the CPU.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = dict(kwargs or {})
        if getattr(func, "__module__", "") == "torch.nn.init":
            return kwargs["tensor"] if "tensor" in kwargs else args[0]
        if func in _FILLS and args[0].is_meta:
            return args[0]
        if func in _FACTORIES and kwargs.get("device") is None:
            kwargs["device"] = "meta"
        return func(*args, **kwargs)


class _Unfilled(TorchFunctionMode):
    """Skips torch.nn.init: random weights that are soon written over take seconds to draw."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        if getattr(func, "__module__", "") == "torch.nn.init":
            return kwargs["tensor"] if "tensor" in kwargs else args[0]
        return func(*args, **kwargs)


def build_unfilled(build: Callable[[], nn.Module]) -> nn.Module:
    """Build a network whose weights hold no particular numbers yet."""
    with _Unfilled():
        return build()


def build_on_meta(build: Callable[[], nn.Module]) -> nn.Module:
    """Build a network whose tensors have shapes and no values, in evaluation mode."""
    with _ShapesOnly():
        module = build()
    return module.to("meta").eval().requires_grad_(requires_grad=False)
