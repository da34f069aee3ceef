"""Classes to learn from a few images: built in, a folder of the owner's, or the visitor's own.

Images to train on and held-out images never share a pixel: pieces of a photograph and of a texture
are disjoint, and files are split.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from PIL import Image

from cnnviz.environment import find_class_folder
from cnnviz.errors import DataError
from cnnviz.evaluation.image_sets import EvaluationImage, SkippedFile, choose_images, load_set
from cnnviz.images.image import CheckedImage, Pixels, from_array
from cnnviz.images.samples import load_sample

MIN_CLASSES, MAX_CLASSES = 2, 8
MAX_IMAGES = 60  # of a class
_HELD_OUT = 0.4  # of each class
_PHOTOGRAPHS = {
    "cat": "cat",
    "coffee": "coffee",
    "rocket": "rocket",
    "palace": "palace",
    "flower": "flower",
}
_COLUMNS, _ROWS = 10, 6  # pieces of a photograph
_DIGITS = "01234"
_SHAPES, _GROUNDS = ("disc", "square"), ("grass", "brick")
_SHAPE_IMAGES = 30  # of a class to train on, and again held out
_SIDE = 160  # of an image with a shape, in pixels
_SHAPE_SIDES = (48, 80)


@dataclass(frozen=True, slots=True, eq=False)
class TransferSet:
    """Classes, each with images to train on and held-out images.

    Attributes:
        name: Names the set in an address.
        title: What it is called.
        classes: Names, in the order of the labels.
        train: To train on, one of each class by turns.
        test: Set aside, one of each class by turns.
        skipped: Files that are left out.
        key: Changes with the images, for caches.
    """

    name: str
    title: str
    classes: tuple[str, ...]
    train: tuple[EvaluationImage, ...]
    test: tuple[EvaluationImage, ...]
    skipped: tuple[SkippedFile, ...]
    key: str


def take_each(images: Iterable[EvaluationImage], most: int) -> tuple[EvaluationImage, ...]:
    """Return the first so many images of each label."""
    counts: dict[str, int] = {}
    kept = []
    for image in images:
        counts[image.label] = counts.get(image.label, 0) + 1
        if counts[image.label] <= most:
            kept.append(image)
    return tuple(kept)


def make_set(
    name: str,
    title: str,
    images: Sequence[EvaluationImage],
    *,
    key: str,
    skipped: Sequence[SkippedFile] = (),
) -> TransferSet:
    """Split images by their labels; two fifths of each class, at least one, are held out.

    Args:
        name: Names the set.
        title: What it is called.
        images: Labelled; the first 60 of each label are taken.
        key: Changes with the images.
        skipped: Files that were left out before.

    Raises:
        DataError: There are fewer than two or more than eight classes, or a class has one image.
    """
    groups: dict[str, list[EvaluationImage]] = {}
    for image in images:
        groups.setdefault(image.label, []).append(image)
    if not MIN_CLASSES <= len(groups) <= MAX_CLASSES:
        are = "is 1 class" if len(groups) == 1 else f"are {len(groups)} classes"
        raise DataError(f"There {are}; give {MIN_CLASSES} to {MAX_CLASSES}.")
    train, test = [], []
    for label, group in groups.items():
        if len(group) < 2:
            raise DataError(
                f"“{label}” has 1 image; add one more, since one is to train on and one held out."
            )
        aside = max(1, round(_HELD_OUT * min(len(group), MAX_IMAGES)))
        test += group[:aside]
        train += group[aside:MAX_IMAGES]
    every = len(images)
    return TransferSet(
        name=name,
        title=title,
        classes=tuple(groups),
        train=choose_images(train, every),
        test=choose_images(test, every),
        skipped=tuple(skipped),
        key=key,
    )


def list_built_in() -> dict[str, str]:
    """Return the titles of the sets that need no upload, by name."""
    titles = {name: title for name, (title, _) in _BUILT_IN.items()}
    return titles | ({"folder": "Your folder"} if find_class_folder() is not None else {})


def list_folder_classes() -> tuple[str, ...]:
    """Return the classes of the folder that CNNVIZ_CLASSES names.

    Raises:
        DataError: The folder cannot be read.
    """
    return tuple(dict.fromkeys(image.label for image in load_set("folder").images))


def load_transfer_set(name: str, *, classes: Sequence[str] = ()) -> TransferSet:
    """Return a set that needs no upload.

    Args:
        name: From `list_built_in`.
        classes: Which of the folder's; the first five where none is given.

    Raises:
        DataError: There is no such set, or the folder cannot be read.
    """
    if name == "folder":
        found = load_set("folder")
        chosen = tuple(classes) or list_folder_classes()[:5]
        images = [image for image in found.images if image.label in chosen]
        key = f"folder {found.key} {'/'.join(sorted(chosen))}"
        return make_set(name, found.title, images, key=key)
    if name not in _BUILT_IN:
        raise DataError(f"There is no set “{name}”; choose one of {', '.join(_BUILT_IN)}.")
    return _BUILT_IN[name][1]()


@lru_cache(maxsize=1)
def _cut_photographs() -> TransferSet:
    """Pieces of five sample photographs; which photograph a piece is of is its class."""
    images = []
    for key, label in _PHOTOGRAPHS.items():
        order = np.random.default_rng(0).permutation(_COLUMNS * _ROWS)
        for number, place in enumerate(order.tolist(), start=1):
            load = partial(_cut_piece, key, place, f"{label} {number}")
            images.append(EvaluationImage(f"{label} {number}", label, load))
    return make_set("pieces", _BUILT_IN["pieces"][0], images, key="pieces")


@lru_cache(maxsize=len(_PHOTOGRAPHS))
def _load_photograph(key: str) -> Pixels:
    return load_sample(key).pixels


def _cut_piece(key: str, place: int, name: str) -> CheckedImage:
    whole = _load_photograph(key)
    row, column = divmod(place, _COLUMNS)
    high, wide = whole.shape[0] // _ROWS, whole.shape[1] // _COLUMNS
    piece = whole[row * high : (row + 1) * high, column * wide : (column + 1) * wide]
    return from_array(piece, name=name)


@lru_cache(maxsize=1)
def _choose_digits() -> TransferSet:
    digits = [image for image in load_set("digits").images if image.label in _DIGITS]
    images = take_each(sorted(digits, key=lambda image: image.label), MAX_IMAGES)
    return make_set("digits", _BUILT_IN["digits"][0], images, key="digits")


@lru_cache(maxsize=1)
def _compose_shapes() -> TransferSet:
    """Discs on grass and squares on brick; of those held out, half on the other's ground."""
    train: list[EvaluationImage] = []
    test: list[EvaluationImage] = []
    for label, ground in zip(_SHAPES, _GROUNDS, strict=True):
        (other,) = set(_GROUNDS) - {ground}
        for number in range(_SHAPE_IMAGES):
            for images, behind in ((train, ground), (test, (ground, other)[number % 2])):
                seed = (_SHAPES.index(label), number, images is test)
                name = f"{label} on {behind} {number + 1}"
                load = partial(_compose, label, behind, seed, name)
                images.append(EvaluationImage(name, label, load))
    every = len(train)
    return TransferSet(
        name="backgrounds",
        title=_BUILT_IN["backgrounds"][0],
        classes=_SHAPES,
        train=choose_images(train, every),
        test=choose_images(test, every),
        skipped=(),
        key="backgrounds",
    )


def _compose(label: str, ground: str, seed: tuple[int, int, bool], name: str) -> CheckedImage:
    """A shape of a color of its own on a texture: its left half to train, its right half apart."""
    dice = np.random.default_rng(seed)
    texture = _load_texture(ground)
    half = texture.shape[1] // 2
    left = int(dice.integers(half - _SIDE)) + half * seed[2]
    top = int(dice.integers(texture.shape[0] - _SIDE))
    image = texture[top : top + _SIDE, left : left + _SIDE].copy()
    side = int(dice.integers(*_SHAPE_SIDES))
    row, column = dice.integers(_SIDE - side, size=2)
    rows, columns = np.indices((side, side)) - (side - 1) / 2
    inside = (
        rows**2 + columns**2 <= (side / 2) ** 2
        if label == "disc"
        else np.full((side, side), fill_value=True)
    )
    image[row : row + side, column : column + side][inside] = dice.integers(40, 216, size=3)
    return from_array(image, name=name)


@lru_cache(maxsize=len(_GROUNDS))
def _load_texture(key: str) -> Pixels:
    whole = Image.fromarray(load_sample(key).pixels)
    return np.array(whole.resize((512, 512), Image.Resampling.BICUBIC))


_BUILT_IN: Mapping[str, tuple[str, Callable[[], TransferSet]]] = {
    "pieces": ("Pieces of photographs", _cut_photographs),
    "digits": ("Written digits", _choose_digits),
    "backgrounds": ("Shapes on backgrounds", _compose_shapes),
}
