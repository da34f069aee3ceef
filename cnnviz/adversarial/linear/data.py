"""Images as plain rows of pixels, for a linear classifier.

The written digits are those of scikit-learn's `load_digits`: 1,797 of 8×8 pixels. The faces are
scikit-image's `lfw_subset`: 100 faces and 100 patches without one, of 25×25 pixels. Both files are
read in place, because importing the packages takes seconds. Photographs come from the folder that
the environment variable CNNVIZ_CLASSES names, which holds one folder of images for each class, or
are the samples themselves: many parts of each, so that each is a class of its own.
"""

import importlib.util
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from cnnviz.environment import CLASSES_VARIABLE
from cnnviz.errors import DataError, ImageError
from cnnviz.images.image import MAX_BYTES, Pixels, clean_name, read_image, resize_for_view
from cnnviz.images.samples import SampleKind, list_samples, load_sample

MAX_CLASSES = 10
MAX_IMAGES = 200  # of a class
PHOTO_SIDE = 32

_DIGITS = "datasets/data/digits.csv.gz"
_DIGIT_SIDE = 8
_DIGIT_LEVELS = 16
_FACES = "data/lfw_subset.npy"
_FACE_SIDE = 25
_FACE_COUNT = 100  # then as many patches without a face
_SUFFIXES = (".jpg", ".jpeg", ".png")
_PARTS, _MIN_PART, _BRIGHTNESS, _MIRRORED, _WHOLE = 40, 0.8, (0.8, 1.2), 0.5, 256
_HELD_OUT = 5  # one in five is only measured on


@dataclass(frozen=True, slots=True, eq=False)
class PixelRows:
    """Labelled images as rows of values from 0 to 1.

    Attributes:
        title: What they are, for people.
        classes: Names, in the order of the labels.
        shape: (H, W) or (H, W, 3), to which a row is folded.
        train: To learn from, (N, D).
        train_labels: (N,).
        test: Never learnt from, (M, D).
        test_labels: (M,).
    """

    title: str
    classes: tuple[str, ...]
    shape: tuple[int, ...]
    train: Tensor
    train_labels: Tensor
    test: Tensor
    test_labels: Tensor


@lru_cache(maxsize=1)
def load_written_digits() -> PixelRows:
    """Load the 1,797 written digits.

    Raises:
        DataError: scikit-learn is not installed, or without its data.
    """
    rows, labels = read_written_digits()
    side = _DIGIT_SIDE
    return _split("written digits", tuple("0123456789"), (side, side), rows, labels)


def read_written_digits() -> tuple[Tensor, Tensor]:
    """Read the written digits in the order of their file: rows, (1797, 64), and labels, (1797,).

    Raises:
        DataError: scikit-learn is not installed, or without its data.
    """
    table = np.loadtxt(_find_file("sklearn", _DIGITS), delimiter=",", dtype=np.float32)
    rows = torch.from_numpy(table[:, :-1] / _DIGIT_LEVELS)
    return rows, torch.from_numpy(table[:, -1].astype(np.int64))


@lru_cache(maxsize=1)
def load_faces() -> PixelRows:
    """Load the 100 faces and the 100 patches without one.

    Raises:
        DataError: scikit-image is not installed, or without its data.
    """
    values = np.load(_find_file("skimage", _FACES), allow_pickle=False)
    rows = torch.from_numpy(values.reshape(len(values), -1).astype(np.float32))  # (200, 625)
    labels = (torch.arange(len(rows)) >= _FACE_COUNT).long()
    return _split("faces", ("face", "no face"), (_FACE_SIDE, _FACE_SIDE), rows, labels)


def _find_file(package: str, name: str) -> Path:
    """Find a data file of an installed package without importing it."""
    spec = importlib.util.find_spec(package)
    for folder in (spec and spec.submodule_search_locations) or ():
        if (path := Path(folder, name)).is_file():
            return path
    raise DataError(
        f"{name} comes with {package}, which is not installed here. Run “pip install -r "
        "requirements.txt” again."
    )


@lru_cache(maxsize=1)
def load_photographs(folder: Path) -> PixelRows:
    """Read photographs as 32×32 pixels in colour, at most ten classes of 200.

    Args:
        folder: Holds one folder for each class, named by it, with JPEG or PNG files.

    Raises:
        DataError: There are fewer than two such folders with at least ten images each.
    """
    found: dict[str, list[Tensor]] = {}
    for place in _list_places(folder):
        images = _read_rows(place)
        if len(images) >= 2 * _HELD_OUT:
            found[clean_name(place.name)] = images
        if len(found) == MAX_CLASSES:
            break
    if len(found) < 2:
        raise DataError(
            f"{folder}, named by {CLASSES_VARIABLE}, must hold two or more folders with at least "
            "ten JPEG or PNG files each."
        )
    rows = torch.stack([row for each in found.values() for row in each])  # (N, D)
    counts = torch.tensor([len(each) for each in found.values()])
    labels = torch.arange(len(found)).repeat_interleave(counts)
    shape = (PHOTO_SIDE, PHOTO_SIDE, 3)
    return _split("photographs", tuple(found), shape, rows, labels)


def list_photograph_classes(folder: Path) -> tuple[str, ...]:
    """Return the classes that a folder seems to hold, without reading an image.

    Raises:
        DataError: It cannot be read.
    """
    places = [one for one in _list_places(folder) if len(_list_files(one)) >= 2 * _HELD_OUT]
    return tuple(clean_name(place.name) for place in places)


@lru_cache(maxsize=1)
def load_sample_parts() -> PixelRows:
    """Cut every sample photograph 40 times to 32×32 pixels in colour, a class each.

    A part is a square of four fifths of the shorter side or more, near the middle, mirrored or not,
    and darker or brighter.

    Raises:
        DataError: There are fewer than two samples.
    """
    samples = [one for one in list_samples() if one.kind is SampleKind.PHOTOGRAPH]
    if len(samples) < 2:
        raise DataError(
            "The sample photographs come with scikit-image, scikit-learn and matplotlib, which are "
            "not installed here. Run “pip install -r requirements.txt” again."
        )
    dice = np.random.default_rng(0)
    whole = [resize_for_view(load_sample(one.key).pixels, max_side=_WHOLE) for one in samples]
    rows = [_cut_part(pixels, dice) for pixels in whole for _ in range(_PARTS)]
    labels = torch.arange(len(samples)).repeat_interleave(_PARTS)
    shape = (PHOTO_SIDE, PHOTO_SIDE, 3)
    names = tuple(one.title.partition(",")[0] for one in samples)
    return _split("parts of sample photographs", names, shape, torch.stack(rows), labels)


def _cut_part(pixels: Pixels, dice: np.random.Generator) -> Tensor:
    """A random part as a row of values from 0 to 1, (D,)."""
    shorter = min(pixels.shape[:2])
    side = shorter * dice.uniform(_MIN_PART, 1)
    away = (shorter - side) / 2
    top, left = ((size - side) / 2 + dice.uniform(-away, away) for size in pixels.shape[:2])
    small = Image.fromarray(pixels).resize(
        (PHOTO_SIDE, PHOTO_SIDE),
        Image.Resampling.BICUBIC,
        box=(left, top, left + side, top + side),
    )
    values = np.array(small, dtype=np.float32) / 255 * dice.uniform(*_BRIGHTNESS)
    mirrored = values[:, ::-1] if dice.random() < _MIRRORED else values
    return torch.from_numpy(np.clip(mirrored, 0, 1).ravel().astype(np.float32))


def _list_places(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError as error:
        raise DataError(
            f"{CLASSES_VARIABLE} names “{folder}”, which cannot be read. Name a folder that holds "
            "one folder of images for each class."
        ) from error


def _list_files(place: Path) -> list[Path]:
    return sorted(
        path
        for path in place.rglob("*")
        if path.suffix.lower() in _SUFFIXES and path.is_file()  # a pipe would be waited for
    )


def _read_rows(place: Path) -> list[Tensor]:
    """The images of one class; what is no image is left out."""
    rows = []
    for path in _list_files(place)[:MAX_IMAGES]:
        try:
            with path.open("rb") as file:
                pixels = read_image(file.read(MAX_BYTES + 1), name=path.name).pixels
        except (OSError, ImageError):
            continue
        side = min(pixels.shape[:2])
        left, top = (pixels.shape[1] - side) / 2, (pixels.shape[0] - side) / 2
        small = Image.fromarray(pixels).resize(
            (PHOTO_SIDE, PHOTO_SIDE),
            Image.Resampling.BICUBIC,
            box=(left, top, left + side, top + side),
        )
        rows.append(torch.from_numpy(np.array(small, dtype=np.float32).ravel() / 255))
    return rows


def _split(
    title: str, classes: tuple[str, ...], shape: tuple[int, ...], rows: Tensor, labels: Tensor
) -> PixelRows:
    held_out = torch.arange(len(rows)) % _HELD_OUT == 0
    return PixelRows(
        title=title,
        classes=classes,
        shape=shape,
        train=rows[~held_out],
        train_labels=labels[~held_out],
        test=rows[held_out],
        test_labels=labels[held_out],
    )
