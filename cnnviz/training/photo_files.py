"""Folders of photographs named by WordNet numbers, extracted or still in zip files.

Both common layouts are read: WNID/*.JPEG (ImageFolder) and WNID/images/*.JPEG (Tiny ImageNet),
in the folder itself or in its folder `train`, and the same inside zip files.
"""

import hashlib
import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cnnviz.errors import DataError

_FILE = re.compile(
    r"(?:(?:.*/)?(?P<train>train)/)?(?P<wnid>n\d{8})/(?:images/)?(?P<name>[^/]+\.(?:jpe?g|png))",
    re.IGNORECASE,
)
_HELD_OUT_SHARE = 10


@dataclass(frozen=True, slots=True)
class PhotoFile:
    """Where one photograph lies.

    Attributes:
        wnid: WordNet number of what it shows.
        name: The file's own name.
        source: A zip file or a folder.
        path: Its path in there, with slashes.
        stamp: Changes when the file does.
        zipped: Whether the source is a zip file.
        for_training: Whether it lies below a folder `train`.
    """

    wnid: str
    name: str
    source: Path
    path: str
    stamp: str
    zipped: bool
    for_training: bool


def list_photos(folder: Path) -> tuple[PhotoFile, ...]:
    """List all photographs, by WordNet number and name, whatever the layout.

    Raises:
        DataError: There are none, or a zip file is broken.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder; give --data the folder that holds the images.")
    archives = sorted(path for path in folder.glob("*.zip") if path.is_file())
    found = [photo for archive in archives for photo in _list_archive(archive)]
    found += _list_folder(folder)
    if not found:
        raise DataError(
            f"There are no images in {folder}; it must hold folders named like n01443537 with "
            "JPEG files, a folder “train” of such folders, or zip files of them."
        )
    return tuple(sorted(found, key=lambda photo: (photo.wnid, photo.name)))


def _list_archive(archive: Path) -> Iterator[PhotoFile]:
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = [(entry.filename, str(entry.CRC)) for entry in opened.infolist()]
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError(f"{archive.name} cannot be read as a zip file; copy it again.") from error
    for path, stamp in entries:
        yield from _match(path, source=archive, stamp=stamp, zipped=True)


def _list_folder(folder: Path) -> Iterator[PhotoFile]:
    for pattern in ("n*/*", "n*/images/*", "train/n*/*", "train/n*/images/*"):
        for path in folder.glob(pattern):
            relative = path.relative_to(folder).as_posix()
            stamp = str(path.stat().st_mtime_ns)
            yield from _match(relative, source=folder, stamp=stamp, zipped=False)


def _match(path: str, *, source: Path, stamp: str, zipped: bool) -> Iterator[PhotoFile]:
    found = _FILE.fullmatch(path)
    if found:
        yield PhotoFile(
            wnid=found["wnid"].lower(),
            name=found["name"],
            source=source,
            path=path,
            stamp=stamp,
            zipped=zipped,
            for_training=found["train"] is not None,
        )


def read_photos(photos: Iterable[PhotoFile]) -> Iterator[bytes]:
    """Read photographs in the order given.

    Raises:
        DataError: A file is gone, or its zip file is broken.
    """
    opened: dict[Path, zipfile.ZipFile] = {}
    try:
        for photo in photos:
            if not photo.zipped:
                yield (photo.source / photo.path).read_bytes()
                continue
            if photo.source not in opened:
                opened[photo.source] = zipfile.ZipFile(photo.source)
            yield opened[photo.source].read(photo.path)
    except (OSError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(
            f"{photo.path} of {photo.source.name} cannot be read; copy the data again."
        ) from error
    finally:
        for archive in opened.values():
            archive.close()


def choose_held_out(photos: Iterable[PhotoFile]) -> frozenset[tuple[str, str]]:
    """Choose the photographs that are never trained on: one in ten of each class.

    They are those whose names have the lowest SHA-256, so the choice depends on nothing but the
    names: not on the layout, the order of a listing, or a seed.

    Returns:
        WordNet number and name of each.
    """
    names: defaultdict[str, set[str]] = defaultdict(set)
    for photo in photos:
        names[photo.wnid].add(photo.name)
    return frozenset(
        (wnid, name)
        for wnid, all_names in names.items()
        for name in sorted(all_names, key=_digest)[: len(all_names) // _HELD_OUT_SHARE]
    )


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
