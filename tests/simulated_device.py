"""A second device without hardware: it computes with the CPU's kernels and refuses as a GPU does.

Its tensors wrap tensors of the CPU. An operation on them and on a tensor of the CPU raises, unless
that is a single number, as does a way to NumPy or a random generator of the CPU. `add_device` is
for processes of their own: torch cannot take a device away again.
"""

from typing import Any, ClassVar

import torch
from torch import Tensor
from torch._ops import OpOverload
from torch.utils._pytree import tree_leaves, tree_map
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

NAME = "simulated"
_ATEN = torch.ops.aten
_LIBRARY: list[torch.library.Library] = []  # what it registers lasts as long as it does


class SimulatedTensor(Tensor):
    """A tensor of the simulated device, and the tensor of the CPU that holds its numbers."""

    held: Tensor
    __torch_function__: ClassVar[Any] = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, held: Tensor) -> "SimulatedTensor":
        """Wrap a tensor of the CPU."""
        with torch.inference_mode(False):  # torch can't write into wrappers made in it
            made: SimulatedTensor = Tensor._make_wrapper_subclass(
                cls,
                held.size(),
                strides=held.stride(),
                storage_offset=held.storage_offset(),
                dtype=held.dtype,
                device=torch.device(NAME, 0),
            )
        made.held = held
        return made

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]  # torch has no types for it
        cls,
        func: OpOverload,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Run an operation below autograd."""
        return _run(func, args, kwargs or {})


def add_device() -> torch.device:
    """Let this process have the simulated device."""
    _setup_privateuseone_for_python_backend(NAME)
    library: Any = torch.library.Library("aten", "IMPL")  # type: ignore[no-untyped-call]
    library.impl("empty.memory_format", _make_empty, "PrivateUse1")
    library.impl("empty_strided", _make_empty_strided, "PrivateUse1")
    _LIBRARY.append(library)
    return torch.device(NAME, 0)


def _make_empty(size: Any, *, dtype: Any = None, memory_format: Any = None, **_: Any) -> Tensor:
    order = torch.contiguous_format if memory_format is None else memory_format
    return SimulatedTensor(torch.empty(size, dtype=dtype, memory_format=order))


def _make_empty_strided(size: Any, stride: Any, *, dtype: Any = None, **_: Any) -> Tensor:
    return SimulatedTensor(torch.empty_strided(size, stride, dtype=dtype))


def _run(func: OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if func is _ATEN.copy_.default:
        _hold(args[0]).copy_(_hold(args[1]))
        return args[0]
    to = kwargs.pop("device", None)
    if func is not _ATEN._to_copy.default:
        for value in tree_leaves((args, kwargs)):
            _refuse_other(func, value)
    held = func(*tree_map(_hold, args), **tree_map(_hold, kwargs))
    if to is not None and torch.device(to).type == "cpu":
        return held
    if func._schema.name.endswith("_"):
        return args[0]  # written in place
    return tree_map(_wrap, held)


def _refuse_other(func: OpOverload, value: Any) -> None:
    if isinstance(value, torch.Generator):
        raise RuntimeError(  # noqa: TRY004  (as a graphics card does)
            f"Expected a '{NAME}' device type for generator but found 'cpu'"
        )
    if isinstance(value, Tensor) and not isinstance(value, SimulatedTensor) and value.dim() > 0:
        raise RuntimeError(
            f"Expected all tensors to be on the same device, but found {NAME}:0 and "
            f"{value.device}, in {func}"
        )


def _hold(value: Any) -> Any:
    return value.held if isinstance(value, SimulatedTensor) else value


def _wrap(value: Any) -> Any:
    return SimulatedTensor(value) if isinstance(value, Tensor) else value
