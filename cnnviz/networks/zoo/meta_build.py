"""Building a network without its numbers: no time for random weights, or no memory either."""

from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter
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
    module = copy_to_meta(module).eval()
    for parameter in module.parameters():
        if not is_lazy(parameter):
            parameter.requires_grad = False
    return module


def copy_to_meta(module: nn.Module) -> nn.Module:
    """Copy a network without its numbers; one that has none is handed on."""
    tensors = [*module.parameters(), *module.buffers()]
    if all(tensor.is_meta for tensor in tensors):
        return module
    # The object may be in use elsewhere: only its copy loses its numbers.
    twins: dict[int, Any] = {
        id(tensor): _copy_shape(tensor) for tensor in tensors if not is_lazy(tensor)
    }
    return deepcopy(module, twins).to("meta")


def _copy_shape(tensor: torch.Tensor) -> torch.Tensor:
    twin = torch.empty_like(tensor, device="meta")
    return nn.Parameter(twin, requires_grad=False) if isinstance(tensor, nn.Parameter) else twin


def is_lazy(tensor: torch.Tensor) -> bool:
    """Whether a tensor waits for the first image to learn its shape."""
    return isinstance(tensor, UninitializedParameter | UninitializedBuffer)


def materialize(module: nn.Module, input_shape: tuple[int, int, int]) -> None:
    """Let one image go through a network whose layers wait for one to learn their shapes."""
    tensors = [*module.parameters(), *module.buffers()]
    if any(map(is_lazy, tensors)):
        device = "meta" if any(tensor.is_meta for tensor in tensors) else None
        with torch.no_grad():
            module.eval()(torch.zeros(1, *input_shape, device=device))
