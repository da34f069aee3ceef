"""Weight files of others, read as numbers and nothing else.

A .pth file is a pickle, which may hold a program; torch reads it here with `weights_only=True`,
which builds tensors and refuses whatever else is asked for. safetensors hold numbers only. What a
file is shows in its first bytes, whatever its name ends in.
"""

import argparse
import codecs
import importlib
import io
import re
import threading
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load
from torch import Tensor

from cnnviz.errors import WeightsError
from cnnviz.networks.weights.bounds import (
    check_header,
    check_old_pickles,
    check_pickle,
    check_sizes,
)

SAFETENSORS = ".safetensors"
Content = Mapping[str, Any]

# How pickles begin that torch.save did not write.
_OTHER_PICKLES = (b"\x80\x03", b"\x80\x04", b"\x80\x05")
_OLD_PICKLE = b"\x80\x02"
_NEWER_PICKLES = _OTHER_PICKLES[1:]
_REFUSED_TYPE = re.compile(r"(?:Unsupported global: |unsupported )GLOBAL ([\w.]+)", re.IGNORECASE)
_PROGRAM = re.compile(r"unsupported (GLOBAL|class)", re.IGNORECASE)
_MAX_TYPES = 20
_MAX_DEPTH = 5
_LARGEST_HEADER = 100_000_000  # safetensors' own bound
_KINDS = (
    (b"\x1f\x8b", "packed with gzip; unpack it first"),
    (b"BZh", "packed with bzip2; unpack it first"),
    (b"\xfd7zXZ\0", "packed with xz; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it first"),
    (b"Rar!", "a RAR archive; unpack it first"),
    (b"\x89HDF", "a Keras or HDF5 file; save the PyTorch network's state_dict() instead"),
    (b"\x93NUMPY", "a NumPy array; save the network's state_dict() instead"),
    (
        b"version https://git-lfs",
        "a pointer of Git LFS; fetch the file with “git lfs pull”",
    ),
    (b"<", "a web page; download the file itself"),
)
# `safe_globals` acts on the whole process.
_one_at_a_time = threading.Lock()


def _list_plain_types() -> list[Any]:
    """List what training programs put beside the weights and what cannot run anything."""
    scalars: list[Any] = [argparse.Namespace, np.dtype, np.ndarray, codecs.encode]
    scalars += [getattr(np.dtypes, name) for name in np.dtypes.__all__ if name != "ObjectDType"]
    for package in ("numpy._core.multiarray", "numpy.core.multiarray"):
        for name in ("scalar", "_reconstruct"):
            # The same functions under the names that NumPy 2 and NumPy 1 write.
            function = getattr(importlib.import_module("numpy._core.multiarray"), name)
            scalars.append((function, f"{package}.{name}"))
    return scalars


_PLAIN_TYPES = _list_plain_types()


class _Unknown:
    """Stands where an object of an unknown type would: it takes what that got and does nothing."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __setstate__(self, state: object) -> None:
        pass


def read_state(path: Path) -> Content:
    """Read a weight file; nothing in the file is executed.

    Args:
        path: safetensors, or what torch.save made of a state_dict or of dictionaries around it.

    Returns:
        Tensors by name, perhaps in dictionaries of dictionaries, and what lies beside them.

    Raises:
        WeightsError: It cannot be opened, is cut short, or holds something else than numbers.
    """
    try:
        content = _load(path)
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
    if next(list_tables(content), None) is None:
        raise WeightsError(
            f"The weight file {path.name} holds no table of named tensors; save the network's "
            "state_dict()."
        )
    return content  # type: ignore[no-any-return]


def list_tables(
    content: Any, name: str = "", seen: set[int] | None = None
) -> Iterator[tuple[str, dict[str, Tensor]]]:
    """Find the tables of named tensors in a file's content, the outermost first.

    Yields:
        Where it lies, such as "model.ema", and its tensors; what torch notes on versions of
        modules stays with them.
    """
    # What stands in many places, or within itself, is listed once.
    seen = set() if seen is None else seen
    if not isinstance(content, Mapping) or name.count(".") >= _MAX_DEPTH or id(content) in seen:
        return
    seen.add(id(content))
    tensors = {
        key: value
        for key, value in content.items()
        if isinstance(key, str) and isinstance(value, Tensor)
    }
    if tensors:
        yield name, _Table(tensors, getattr(content, "_metadata", None))
    for key, value in content.items():
        if isinstance(key, str):
            yield from list_tables(value, f"{name}.{key}" if name else key, seen)


class _Table(dict[str, Tensor]):
    """Tensors by name, with torch's notes on the versions of the modules they are from."""

    def __init__(self, tensors: Mapping[str, Tensor], metadata: Any) -> None:
        super().__init__(tensors)
        self._metadata = metadata


def _load(path: Path) -> Any:
    with path.open("rb") as file:
        start = file.read(512)
    if is_safetensors(start):
        check_header(start, path)
        return load(path.read_bytes())
    if start[:2] in _OTHER_PICKLES:
        raise _refuse_program(path)
    for beginning, kind in _KINDS:
        if start.lstrip().startswith(beginning):
            raise WeightsError(f"The weight file {path.name} is {kind}.")
    if start.startswith(b"PK\x03\x04"):
        _check_archive(path)
    elif start[:2] == _OLD_PICKLE:
        check_old_pickles(path)
    with _one_at_a_time:
        try:
            return _load_pickle(path, _PLAIN_TYPES)
        except Exception as error:
            if not _REFUSED_TYPE.search(str(error)):
                raise
            raise _refuse_program(path, _find_unknown(path, error)) from error


def _load_pickle(path: Path, types: list[Any]) -> Any:
    # By an open file: of a path, torch looks at the ending.
    with path.open("rb") as file, torch.serialization.safe_globals(types):
        return torch.load(file, map_location="cpu", weights_only=True)


def is_safetensors(start: bytes) -> bool:
    """Whether a file that begins so is safetensors: the length of a header, and its brace."""
    length = int.from_bytes(start[:8], "little")
    return 2 <= length <= _LARGEST_HEADER and start[8:9] == b"{"


def _check_archive(path: Path) -> None:
    """Refuse an archive that torch.save did not write, or that is costly to read.

    Raises:
        WeightsError: It is a TorchScript program, just a zip file, or unpacks to too much.
        Exception: Any of the kinds that broken archives and pickles raise.
    """
    with zipfile.ZipFile(path) as archive:
        check_sizes(archive, path)
        _check_names(archive.namelist(), path)
        for member in archive.infolist():
            if member.filename.lower().endswith("data.pkl"):  # torch looks for it so, in any case
                pickled = archive.read(member)
                _check_protocol(pickled, path)
                check_pickle(io.BytesIO(pickled), path)


def _check_names(names: list[str], path: Path) -> None:
    if any("/code/" in name or name.endswith("/constants.pkl") for name in names):
        raise WeightsError(
            f"The weight file {path.name} is a TorchScript program; save the state_dict() of the "
            "network it was made from instead."
        )
    if names and not any(name.endswith("data.pkl") for name in names):
        raise WeightsError(
            f"The weight file {path.name} is a zip archive; unpack it and put the weight file "
            "in its place."
        )


def _check_protocol(start: bytes, path: Path) -> None:
    if start[:2] in _NEWER_PICKLES:
        raise WeightsError(
            f"The weight file {path.name} is written by a newer protocol of pickle than torch "
            "reads safely; save it with torch.save without the option pickle_protocol."
        )


def _find_unknown(path: Path, error: Exception) -> str:
    """Say which entries of a file are of which type that is not read; stand-ins take their place.

    The file is read again, with an object that does nothing in place of each unknown type.
    """
    types: dict[str, type[_Unknown]] = {}
    for _ in range(_MAX_TYPES):
        refused = _REFUSED_TYPE.search(str(error))
        if refused is None or refused[1] in types:
            break
        types[refused[1]] = type("Unknown", (_Unknown,), {"path": refused[1]})
        allowed = [*_PLAIN_TYPES, *((stand_in, name) for name, stand_in in types.items())]
        try:
            content = _load_pickle(path, allowed)
        except Exception as next_error:  # noqa: BLE001 - torch's dozen kinds; the first tells enough
            error = next_error
            continue
        return ", ".join(_name_unknown(content)) or ", ".join(types)
    return ", ".join(types)


def _name_unknown(content: Any) -> Iterator[str]:
    if not isinstance(content, Mapping):
        return
    for key, value in content.items():
        inside = value.values() if isinstance(value, Mapping) else (value,)
        for each in inside:
            if isinstance(each, _Unknown):
                yield f"its entry “{key}” is a {getattr(each, 'path', 'program')}"
                break


def _refuse_program(path: Path, what: str = "") -> WeightsError:
    return WeightsError(
        f"The weight file {path.name} holds more than numbers, such as a program or a whole "
        f"module{f' ({what})' if what else ''}; nothing of it was run. Save the network's "
        "state_dict() with torch.save instead."
    )
