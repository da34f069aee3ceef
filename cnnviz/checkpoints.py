"""Weight files of others, read as numbers and nothing else, and fitted into a network.

A .pth file is a pickle, which may hold a program; torch reads it here with `weights_only=True`,
which builds tensors and refuses whatever else is asked for. safetensors hold numbers only.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load
from torch import Tensor, nn

from cnnviz.errors import WeightsError

SAFETENSORS = ".safetensors"
_WRAPPERS = ("state_dict", "model_state_dict", "model")
_PARALLEL = "module."
_PROGRAM = re.compile(r"unsupported (GLOBAL|class)", re.IGNORECASE)
# How pickles begin that torch.save did not write.
_OTHER_PICKLES = (b"\x80\x03", b"\x80\x04", b"\x80\x05")
# Counted in training only, and absent from files older than it.
_COUNTER = "num_batches_tracked"


def read_state(path: Path) -> dict[str, Tensor]:
    """Read a weight file's tensors by name; nothing in the file is executed.

    Args:
        path: A .safetensors file, or what torch.save made of a state_dict (also within a
            dictionary under "state_dict", "model_state_dict" or "model").

    Raises:
        WeightsError: It cannot be opened, is cut short, or holds something else than numbers.
    """
    try:
        content = load(path.read_bytes()) if path.suffix == SAFETENSORS else _load_pickle(path)
    except WeightsError:
        raise
    except OSError as error:
        raise WeightsError(
            f"The weight file {path.name} cannot be opened ({error.strerror or error}); look at "
            "its name and its permissions."
        ) from error
    except Exception as error:  # torch raises a dozen kinds on broken files
        if _PROGRAM.search(str(error)):
            raise _refuse_program(path) from error
        raise WeightsError(
            f"The weight file {path.name} is cut short, damaged or no weight file; put a whole "
            "one in its place."
        ) from error
    return _find_tensors(content, path)


def _refuse_program(path: Path) -> WeightsError:
    return WeightsError(
        f"The weight file {path.name} holds more than numbers, such as a program or a whole "
        "module; nothing of it was run. Save the network's state_dict() with torch.save instead."
    )


def _load_pickle(path: Path) -> Any:
    with path.open("rb") as file:
        if file.read(2) in _OTHER_PICKLES:
            raise _refuse_program(path)
    return torch.load(path, map_location="cpu", weights_only=True)


def _find_tensors(content: Any, path: Path) -> dict[str, Tensor]:
    for wrapper in _WRAPPERS:
        if isinstance(content, Mapping) and isinstance(content.get(wrapper), Mapping):
            content = content[wrapper]
            break
    if (
        not isinstance(content, Mapping)
        or not content
        or not all(isinstance(key, str) for key in content)
        or not all(_holds_numbers(value) for value in content.values())
    ):
        raise WeightsError(
            f"The weight file {path.name} holds no table of named tensors; save the network's "
            "state_dict()."
        )
    parallel = all(key.startswith(_PARALLEL) for key in content)
    return {key[len(_PARALLEL) if parallel else 0 :]: value for key, value in content.items()}


def _holds_numbers(value: Any) -> bool:
    return (
        isinstance(value, Tensor)
        and value.layout is torch.strided
        and value.device.type == "cpu"
        and not (value.is_complex() or value.is_quantized)
    )


def fill_module(
    module: nn.Module,
    state: Mapping[str, Tensor],
    *,
    file: str,
    network: str,
    rename_key: Callable[[str], str | None],
) -> None:
    """Copy a weight file's tensors into a module, all of them and nothing else.

    Args:
        module: A module of the network's architecture, on the CPU.
        state: Tensors by name.
        file: Name of the file, for messages.
        network: Name of the network, for messages.
        rename_key: The file's name of a tensor to the module's; None for what is left out.

    Raises:
        WeightsError: A tensor is missing, too many, of another shape, or not finite.
    """
    own = module.state_dict()
    renamed = {new: value for key, value in state.items() if (new := rename_key(key)) is not None}
    missing = [key for key in own if key not in renamed and not key.endswith(_COUNTER)]
    surplus = [key for key in renamed if key not in own]
    for keys, verb in ((missing, "lacks"), (surplus, "has in surplus")):
        if keys:
            raise WeightsError(
                f"The weight file {file} does not fit {network}: it {verb} {_describe_keys(keys)}; "
                "use the file of this very architecture."
            )
    for key, value in renamed.items():
        if value.shape != own[key].shape:
            raise WeightsError(
                f"The weight file {file} does not fit {network}: its “{key}” is "
                f"{_describe_shape(value)}, and the network's is {_describe_shape(own[key])}; "
                "use the file of this very architecture and number of classes."
            )
        if not bool(torch.isfinite(value).all()):
            raise WeightsError(
                f"The weight file {file} holds numbers in “{key}” that are infinite or none at "
                "all; train or download it anew."
            )
    with torch.no_grad():
        for key, value in renamed.items():
            own[key].copy_(value)


def _describe_keys(keys: list[str]) -> str:
    return f"“{keys[0]}”" + (f" and {len(keys) - 1} more" if len(keys) > 1 else "")


def _describe_shape(value: Tensor) -> str:
    return "×".join(map(str, value.shape)) or "a single number"
