"""Reader and writer of the idx format in which MNIST is published.

Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", section "File
formats": two zero bytes, a type code (8 for unsigned bytes), the number of axes, the length of each
axis as a big-endian 32-bit integer, then the values.
"""

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cnnviz.errors import DataError

_UNSIGNED_BYTE = 8


def read_idx(path: Path, *, axes: int) -> npt.NDArray[np.uint8]:
    """Read an idx file of unsigned bytes, compressed with gzip.

    Args:
        path: The file.
        axes: How many axes it must have: 3 for images (N, H, W), 1 for labels (N,).

    Returns:
        The values, uint8, read-only.

    Raises:
        DataError: The file cannot be opened, is no gzip, cut short, too long, or of another kind.
    """
    data = _decompress(path)
    expected = struct.pack(">HBB", 0, _UNSIGNED_BYTE, axes)
    if data[:4] != expected:
        raise DataError(
            f"{path.name} is no idx file of unsigned bytes with {axes} axes (it starts with "
            f"{data[:4].hex()}, not {expected.hex()}); download it again."
        )
    start = 4 + 4 * axes
    if len(data) < start:
        raise DataError(f"{path.name} ends within its header; download it again.")
    shape = struct.unpack(f">{axes}I", data[4:start])
    if len(data) - start != math.prod(shape):
        raise DataError(
            f"{path.name} holds {len(data) - start} bytes after its header where its shape "
            f"{shape} asks for {math.prod(shape)}; download it again."
        )
    return np.frombuffer(data, dtype=np.uint8, offset=start).reshape(shape)


def write_idx(values: npt.NDArray[np.uint8]) -> bytes:
    """Return unsigned bytes of any shape as an idx file, not compressed."""
    header = struct.pack(f">HBB{values.ndim}I", 0, _UNSIGNED_BYTE, values.ndim, *values.shape)
    return header + values.tobytes()


def _decompress(path: Path) -> bytes:
    try:
        return gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path.name} cannot be read as a gzip file; download it again.") from error
