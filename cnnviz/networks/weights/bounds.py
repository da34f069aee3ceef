"""What a weight file may cost to read, looked at before torch or safetensors unpack any of it.

A file of a few kilobytes can unpack to gigabytes, or keep the reader busy for minutes. Every bound
here is far above what training programs write.
"""

import codecs
import pickletools
import zipfile
from pathlib import Path
from typing import IO

from cnnviz.errors import WeightsError

# torch.save packs nothing; an archive packed anew saves a tenth of the weights' bytes.
_MAX_RATIO = 4
_SMALL_BYTES = 64 * 2**20
# About thirty for each tensor, so 15,000 tensors.
MAX_OPERATIONS = 500_000
# About a hundred bytes for each tensor, so 20,000 tensors.
MAX_HEADER_BYTES = 2 * 2**20
_LONGEST_CODEC_NAME = 24
# An old file begins with four pickles: a number, a version, the machine, and the content.
_OLD_PICKLES = 4


def check_sizes(archive: zipfile.ZipFile, path: Path) -> None:
    """Add up what an archive's members unpack to.

    Raises:
        WeightsError: It is far more than the file has.
    """
    unpacked = sum(member.file_size for member in archive.infolist())
    if unpacked > max(_SMALL_BYTES, _MAX_RATIO * path.stat().st_size):
        raise WeightsError(
            f"The weight file {path.name} would unpack to {unpacked / 1e9:.1f} GB, many times its "
            "size; save the network's state_dict() with torch.save."
        )


def check_old_pickles(path: Path) -> None:
    """Count the operations of a file that torch.save wrote before it wrote archives.

    Raises:
        WeightsError: There are too many.
    """
    with path.open("rb") as file:
        for _ in range(_OLD_PICKLES):
            check_pickle(file, path)


def check_pickle(file: IO[bytes], path: Path) -> None:
    """Count a pickle's operations, none of which is done, and look for growing strings among them.

    Raises:
        WeightsError: They would take very long or much memory.
        ValueError: It is no pickle.
    """
    encodes, texts = False, set()
    for number, (operation, argument, _) in enumerate(pickletools.genops(file)):
        if number >= MAX_OPERATIONS:
            raise _refuse_costly(path)
        encodes |= operation.name == "GLOBAL" and argument == "_codecs encode"
        if isinstance(argument, str) and len(argument) <= _LONGEST_CODEC_NAME:
            texts.add(argument)
    # NumPy's arrays are written as Latin-1 text. Codecs such as hex turn bytes into more bytes, and
    # these into more again.
    if encodes and any(map(_is_codec_of_bytes, texts)):
        raise _refuse_costly(path)


def _is_codec_of_bytes(name: str) -> bool:
    try:
        return not codecs.lookup(name)._is_text_encoding
    except (LookupError, ValueError):
        return False


def check_header(start: bytes, path: Path) -> None:
    """Look at the length that a safetensors file gives for its list of tensors.

    Raises:
        WeightsError: It lists far more of them than a network has.
    """
    if int.from_bytes(start[:8], "little") > MAX_HEADER_BYTES:
        raise _refuse_costly(path)


def _refuse_costly(path: Path) -> WeightsError:
    return WeightsError(
        f"The weight file {path.name} lists far more entries than a network has; save the "
        "network's state_dict() alone."
    )
