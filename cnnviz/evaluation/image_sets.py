"""Labelled images to evaluate networks on: one's own folder, the samples, and written digits.

A folder holds a subfolder for each class, named by the class or its WordNet number; an image that
lies beside the subfolders is labelled by its own name. Links that lead out of the folder are not
followed, and what is no image is told.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from pathlib import Path

import numpy as np
import torch

from cnnviz.adversarial.linear.data import load_written_digits
from cnnviz.cache import SizedLRUCache
from cnnviz.digits.mnist import FIELD_SIDE, INPUT_SIDE, Ink, center_digit
from cnnviz.environment import find_class_folder, find_named_path
from cnnviz.errors import CNNVizError, DataError, ImageError
from cnnviz.images.image import (
    MAX_BYTES,
    CheckedImage,
    clean_name,
    from_array,
    read_image,
    repair_name,
)
from cnnviz.images.samples import PHOTOS_VARIABLE, SampleKind, list_samples, load_sample

MAX_FILES = 100_000
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"}
SUFFIXES |= {".avif", ".heic", ".heif"}
_WHITE = 255


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationImage:
    """An image of the set.

    Attributes:
        name: Its path in the folder, or a sample's title, for people.
        label: What it shows: a folder's or file's name, or names with bars between them.
        load: Reads it; raises a CNNVizError where it cannot be opened.
    """

    name: str
    label: str
    load: Callable[[], CheckedImage]


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file that is left out.

    Attributes:
        name: Its path in the folder.
        reason: Why, without a full stop.
    """

    name: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class ImageSet:
    """Labelled images.

    Attributes:
        name: Names the set in an address: folder, photos, samples, drawn or digits.
        title: What it is called.
        images: The images, by label and name.
        skipped: Files that are left out without having been opened.
        key: Changes with the images, for caches.
    """

    name: str
    title: str
    images: tuple[EvaluationImage, ...]
    skipped: tuple[SkippedFile, ...]
    key: str


_FOLDERS: SizedLRUCache[tuple[str, str], ImageSet] = SizedLRUCache(max_entries=4)


def list_set_titles() -> dict[str, str]:
    """Return the sets that there are, without reading them; one's own folder comes first."""
    titles = {}
    if find_class_folder() is not None:
        titles["folder"] = "Your folder"
    if find_named_path(PHOTOS_VARIABLE) is not None:
        titles["photos"] = "Your photographs"
    own = {"samples": "Sample images", "drawn": "Drawn objects", "digits": "Written digits"}
    return titles | own


def load_set(name: str) -> ImageSet:
    """Return a set by its name, from `list_set_titles`.

    Raises:
        DataError: The folder is not there or holds no images.
    """
    if name == "samples":
        return _list_samples(name, SampleKind.PHOTOGRAPH, SampleKind.DETAIL)
    if name == "drawn":
        return _list_samples(name, SampleKind.DRAWN)
    if name == "digits":
        return _list_digits()
    folder = find_class_folder() if name == "folder" else find_named_path(PHOTOS_VARIABLE)
    if folder is None:
        raise DataError("No folder is named; start the server with CNNVIZ_CLASSES=FOLDER.")
    key = (str(folder), _stamp(folder))
    title = list_set_titles()[name]
    return _FOLDERS.get_or_load(key, lambda: read_folder(folder, name=name, title=title), size=_one)


def _one(_found: ImageSet) -> int:
    return 1  # only their number is bounded


def _stamp(folder: Path) -> str:
    """Change when an image is put into a folder or one of its subfolders, or taken from it."""
    try:
        with os.scandir(folder) as entries:
            times = sorted((e.name, e.stat(follow_symlinks=False).st_mtime_ns) for e in entries)
    except OSError:
        return ""
    return hashlib.sha256(repr(times).encode()).hexdigest()


def read_folder(folder: Path, *, name: str = "folder", title: str = "Your folder") -> ImageSet:
    """List the images of a folder without opening them.

    Args:
        folder: The folder.
        name: Names the set.
        title: What the set is called.

    Raises:
        DataError: There is no such folder, or no image in it, or too many files.
    """
    root = folder.resolve()
    if not root.is_dir():
        raise DataError(f"{folder} is no folder; name one that holds a folder for each class.")
    images, skipped, key = [], [], hashlib.sha256()
    for path in _walk(root):
        shown = clean_path(path.relative_to(root))
        reason = _find_reason(path, root)
        if reason:
            skipped.append(SkippedFile(shown, reason))
            continue
        first, *rest = path.relative_to(root).parts
        label = repair_name(first if rest else path.stem)
        images.append(EvaluationImage(shown, label, partial(_read, path, shown)))
        facts = path.stat()
        key.update(f"{shown} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    if not images:
        raise DataError(
            f"{folder} holds no images; it must hold a folder for each class, named by the class "
            "or its WordNet number, with JPEG, PNG or other image files."
        )
    return ImageSet(name, title, tuple(images), tuple(skipped), key.hexdigest())


def clean_path(path: Path) -> str:
    """Write a path within the folder for people."""
    return "/".join(clean_name(part) for part in path.parts)


def _walk(root: Path) -> Iterator[Path]:
    """Yield every file and every link to a folder; what is hidden is left alone."""
    count = 0
    for place, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        links = [name for name in folders if Path(place, name).is_symlink()]
        for name in (*links, *sorted(files)):
            if name.startswith("."):
                continue
            count += 1
            if count > MAX_FILES:
                raise DataError(
                    f"{root.name} holds more than {MAX_FILES:,} files; name a smaller folder."
                )
            yield Path(place, name)


def _find_reason(path: Path, root: Path) -> str:
    """Why a file is left out; empty where it is not."""
    # exists() says no of a link to itself, at which resolve() raises.
    if path.is_symlink() and path.exists() and not path.resolve().is_relative_to(root):
        return "a link that leaves the folder"
    if path.is_dir():
        return "a link to a folder"
    if path.suffix.lower() not in SUFFIXES:
        return "no image file"
    return "" if path.is_file() else "no regular file"


def _read(path: Path, shown: str) -> CheckedImage:
    try:
        with path.open("rb") as file:
            return read_image(file.read(MAX_BYTES + 1), name=path.name)
    except OSError as error:
        raise ImageError(f"{shown} cannot be read; check its permissions.") from error


def _list_samples(name: str, *kinds: SampleKind) -> ImageSet:
    """The samples of some kinds of which it is known what they show."""
    images = [
        EvaluationImage(one.title, one.shows, partial(load_sample, one.key))
        for one in list_samples()
        if one.kind in kinds and one.shows
    ]
    key = "/".join(one.name for one in images)
    return ImageSet(name, list_set_titles()[name], tuple(images), (), key)


def _list_digits() -> ImageSet:
    """The 1,797 digits of scikit-learn, which no network here has learned from."""
    data = load_written_digits()
    rows = torch.cat((data.train, data.test)).reshape(-1, *data.shape)  # (N, D) -> (N, H, W)
    labels = torch.cat((data.train_labels, data.test_labels)).tolist()
    images = [
        EvaluationImage(
            f"{data.classes[label]}, number {place + 1}",
            data.classes[label],
            partial(_draw_field, rows[place].numpy(), f"Written {label}"),
        )
        for place, label in enumerate(labels)
    ]
    return ImageSet("digits", "Written digits", tuple(images), (), "scikit-learn")


def _draw_field(ink: Ink, name: str) -> CheckedImage:
    """Center a digit as MNIST does, white on black, so that LeNet-5 reads it as it is."""
    margin = (INPUT_SIDE - FIELD_SIDE) // 2
    field = np.pad(center_digit(ink), margin)
    return from_array(np.rint(_WHITE * field).astype(np.uint8), name=name)


def choose_images(images: Sequence[EvaluationImage], most: int) -> tuple[EvaluationImage, ...]:
    """Choose at most so many images, of each label equally many where there are enough.

    They come by turns, one of each label, so that also the first few are of all labels.
    """
    by_label: dict[str, list[EvaluationImage]] = {}
    for image in images:
        by_label.setdefault(image.label, []).append(image)
    turns = (image for turn in zip_longest(*by_label.values()) for image in turn if image)
    return tuple(image for image, _ in zip(turns, range(most), strict=False))


def open_image(image: EvaluationImage) -> CheckedImage | SkippedFile:
    """Read an image; where it cannot be opened, say why."""
    try:
        return image.load()
    except CNNVizError as error:
        return SkippedFile(image.name, str(error).rstrip("."))
