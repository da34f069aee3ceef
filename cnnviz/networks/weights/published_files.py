"""Published weight files on this machine: under which names they lie, and whether they are whole.

A published file's name ends in the first digits of its SHA-256, so a file that was cut short or
changed on the way can be told from a whole one without opening it.
"""

import hashlib
import re
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from cnnviz.networks.zoo.registry import PackagedWeights
from cnnviz.networks.zoo.reported import Reported

# The same weights as torchvision published them before 2021, by the start of today's name.
_OLDER_NAMES = {
    "alexnet-owt-7be5be79.pth": "alexnet-owt-4df8aa71.pth",
    "inception_v3_google-0cc3c7bd.pth": "inception_v3_google-1a9a5a14.pth",
    "resnet18-f37072fd.pth": "resnet18-5c106cde.pth",
    "resnet34-b627a593.pth": "resnet34-333f7ec4.pth",
    "resnet50-0676ba61.pth": "resnet50-19c8e357.pth",
    "resnet101-63fe2227.pth": "resnet101-5d3b4d8f.pth",
    "resnet152-394f9c45.pth": "resnet152-b121ed2d.pth",
    "squeezenet1_0-b66bff10.pth": "squeezenet1_0-a815701f.pth",
    "squeezenet1_1-b8a52dc0.pth": "squeezenet1_1-f364aa15.pth",
    "vgg11-8a719046.pth": "vgg11-bbd30ac9.pth",
    "vgg13-19584684.pth": "vgg13-c768596a.pth",
}
_CHECKSUM = re.compile(r"-([0-9a-f]{8,64})\.pth$")
# The published sizes are rounded, and an older file of the same weights may be a little smaller.
_NEARLY_ALL = 0.95


def list_file_names(reported: Reported) -> tuple[str, ...]:
    """Return the names under which published weights may lie here, today's first."""
    older = _OLDER_NAMES.get(reported.file_name)
    return (reported.file_name, older) if older else (reported.file_name,)


def names_checksum(name: str) -> bool:
    """Whether a file's name ends in the digits of a checksum, as published ones do."""
    return _CHECKSUM.search(name) is not None


def find_packaged(packaged: PackagedWeights) -> Path | None:
    """Find the weight file of an installed package, of which nothing is imported or run.

    Args:
        packaged: The package and its file.
    """
    spec = find_spec(packaged.package)
    if spec is None or not spec.submodule_search_locations:
        return None
    paths = (Path(folder) / packaged.file for folder in spec.submodule_search_locations)
    return next((path for path in paths if path.is_file()), None)


def describe_packaged_damage(path: Path, packaged: PackagedWeights) -> str | None:
    """Say that a package's weight file is not what was published; None where it is."""
    try:
        state = path.stat()
        if _has_its_checksum(path, state.st_size, state.st_mtime_ns):
            return None
        what = "is not what was published (its checksum differs)"
    except OSError as error:
        what = f"cannot be opened ({error.strerror or error})"
    return (
        f"The file {path.name} of the package {packaged.package} {what}; install it again with "
        f"“pip install --force-reinstall {packaged.requirement}”."
    )


def describe_damage(path: Path, reported: Reported) -> str | None:
    """Say what is wrong with a published file and where it lies; None where nothing is.

    A file is read once for its checksum, and again only when it has changed.

    Args:
        path: The file.
        reported: Which weights it should be.
    """
    try:
        state = path.stat()
        if state.st_size < _NEARLY_ALL * reported.file_bytes:
            what = f"has only {state.st_size / 2**20:.1f} of {reported.file_megabytes:.1f} MB"
        elif not _has_its_checksum(path, state.st_size, state.st_mtime_ns):
            what = "is not what was published (its checksum differs)"
        else:
            return None
    except OSError as error:
        what = f"cannot be opened ({error.strerror or error})"
    return f"The file {path.name} in “{path.parent}” {what}"


@lru_cache(maxsize=512)
def _has_its_checksum(path: Path, size: int, changed: int) -> bool:  # noqa: ARG001 - for the cache
    start = _CHECKSUM.search(path.name)
    if start is None:
        return True
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest().startswith(start[1])
