"""The device that networks compute on: the CPU, or the one that CNNVIZ_DEVICE names.

A network on another device still takes tensors of the CPU and returns tensors of the CPU: what goes
in and comes out is moved, and so are gradients on their way back. So nothing around a network needs
to know where it computes. What reads or runs its layers one by one moves their tensors itself.
"""

import os
import sys
from collections.abc import Callable
from itertools import chain
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from cnnviz.errors import DataError

M = TypeVar("M", bound=nn.Module)

DEVICE_VARIABLE = "CNNVIZ_DEVICE"
CPU = torch.device("cpu")
_device = CPU


def choose_device(name: str, *, setting: str) -> torch.device:
    """Return the device of this name; "auto" takes a graphics card where there is one.

    Args:
        name: "auto", "cpu", "cuda", "cuda:1", "mps" and so on.
        setting: Where the name was given, for the sentence.

    Raises:
        DataError: There is no such device here.
    """
    if name == "auto":
        return torch.device("cuda") if torch.cuda.is_available() else CPU
    try:
        device = torch.device(name)
        # Only counted: the server, which asks, does not compute there, and the first number on a
        # graphics card takes hundreds of megabytes.
        count = torch.get_device_module(device).device_count()
    except (RuntimeError, AttributeError):
        count = 0
    if not count or (device.index or 0) >= count:
        raise DataError(
            f"{setting} is {name}, which this machine does not have; choose auto or cpu."
        )
    return device


def read_device() -> torch.device:
    """Return the device that CNNVIZ_DEVICE names; the CPU where there is none of that name."""
    try:
        return _choose_named()
    except DataError:
        return CPU


def check_device() -> str | None:
    """Say what is wrong with the device that CNNVIZ_DEVICE names; None where nothing is."""
    try:
        _choose_named()
    except DataError as error:
        return f"{error} Until then the CPU computes everything."
    return None


def _choose_named() -> torch.device:
    name = os.environ.get(DEVICE_VARIABLE, "").strip()
    return choose_device(name, setting=DEVICE_VARIABLE) if name else CPU


def get_device() -> torch.device:
    """Return the device on which networks of this process compute."""
    return _device


def compute_on(device: torch.device) -> None:
    """Have the networks that are loaded from now on compute on a device, in whole float32.

    Raises:
        RuntimeError: It does not work.
    """
    global _device
    torch.zeros(1, device=device)
    # Else a graphics card rounds what it convolves to ten bits, and may add up in any order.
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.deterministic = True
    _device = device


def compute_on_named() -> None:
    """Have networks compute on the device that CNNVIZ_DEVICE names, and tell of it on stderr."""
    fault, device = check_device(), read_device()
    if fault is not None:
        sys.stderr.write(f"{fault}\n")
    if device.type == "cpu":
        return
    try:
        compute_on(device)
        sys.stderr.write(f"Heavy results are computed on {device}.\n")
    except (RuntimeError, AssertionError) as error:  # the latter of a build without CUDA
        sys.stderr.write(f"{device} does not work, so the CPU computes everything: {error}\n")


def find_device(module: nn.Module) -> torch.device:
    """Return where a module's weights lie; the CPU where it has none."""
    tensors = chain(module.parameters(), module.buffers())
    return next((tensor.device for tensor in tensors), CPU)


def add_transfers(module: M) -> M:
    """Let a module whose weights lie on another device take and return tensors of the CPU."""
    device = find_device(module)
    if device.type not in ("cpu", "meta"):
        module.register_forward_pre_hook(_move_to(device), with_kwargs=True)
        module.register_forward_hook(lambda _module, _args, output: move(output, CPU))
    return module


def _move_to(device: torch.device) -> Callable[..., Any]:
    return lambda _module, args, kwargs: move((args, kwargs), device)


def move(value: Any, device: torch.device) -> Any:
    """Move the tensors in a value, also those in tuples, lists and dictionaries."""
    if isinstance(value, Tensor):
        return value.to(device)
    if isinstance(value, dict):
        return {key: move(part, device) for key, part in value.items()}
    if type(value) in (tuple, list):
        return type(value)(move(part, device) for part in value)
    return value
