"""Sample images to try a network on.

They come from three places: photographs that scikit-image, scikit-learn and matplotlib carry
inside their own packages, also parts of them and two side by side; objects and patterns drawn here;
and, where the environment variable CNNVIZ_PHOTOS names a folder, the JPEG and PNG files that lie in
it. Nothing is downloaded, and no package is imported: files are read in place. What is not
installed is not listed, and nothing is drawn before it is asked for.
"""

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from PIL import Image

from cnnviz.environment import find_named_path
from cnnviz.errors import GalleryError
from cnnviz.images.drawn import TOPICS, patterns
from cnnviz.images.image import (
    MAX_BYTES,
    CheckedImage,
    Pixels,
    clean_name,
    from_array,
    read_image,
    repair_name,
)

PHOTOS_VARIABLE = "CNNVIZ_PHOTOS"
MAX_PHOTOS = 200

_PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png")
_PAIR_SIDE = 448


class SampleKind(StrEnum):
    """Where a sample belongs in the gallery."""

    PHOTOGRAPH = "photograph"
    DETAIL = "part of a photograph"
    PAIR = "two objects"
    TEXTURE = "texture"
    DRAWN = "drawn object"
    PATTERN = "pattern"
    YOURS = "yours"


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """An image that can be loaded by its key.

    Attributes:
        key: What names it in a link.
        title: What a caption calls it.
        credit: Author and licence.
        kind: The part of the gallery that shows it.
        shows: What ImageNet calls it, with a bar between names that are all right; empty where that
            is not known.
        topic: What a drawn object is about.
    """

    key: str
    title: str
    credit: str
    kind: SampleKind
    shows: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class _Packaged:
    sample: Sample
    package: str
    file: str


def _packaged(
    key: str,
    title: str,
    credit: str,
    file: str,
    *,
    kind: SampleKind = SampleKind.PHOTOGRAPH,
    package: str = "skimage",
    shows: str = "",
) -> _Packaged:
    sample = Sample(key, title, credit, kind, shows)
    return _Packaged(sample, package, f"{_FOLDERS[package]}/{file}")


_FOLDERS = {
    "skimage": "data",
    "sklearn": "datasets/images",
    "matplotlib": "mpl-data/sample_data",
}


# Authors and licences as the docstrings of skimage.data and scikit-learn's own list state them; for
# Grace Hopper, matplotlib's pull request 1599, which brought her portrait in.
_PACKAGED = (
    _packaged(
        "cat",
        "Chelsea the cat",
        "Stéfan van der Walt, CC0, in scikit-image",
        "chelsea.png",
        shows="tabby|Egyptian cat|tiger cat",
    ),
    _packaged(
        "coffee",
        "Coffee cup",
        "Rachel Michetti, CC0, in scikit-image",
        "coffee.png",
        shows="espresso|cup|coffee mug",
    ),
    _packaged(
        "astronaut",
        "Eileen Collins, astronaut",
        "NASA, public domain, in scikit-image",
        "astronaut.png",
    ),
    _packaged(
        "grace-hopper",
        "Grace Hopper, computer scientist",
        "Public domain, in matplotlib",
        "grace_hopper.jpg",
        package="matplotlib",
        shows="military uniform",
    ),
    _packaged(
        "rocket",
        "Falcon 9 lifting off",
        "SpaceX, public domain, in scikit-image",
        "rocket.jpg",
        shows="projectile|missile",
    ),
    _packaged(
        "motorcycle",
        "Motorcycle in a workshop",
        "Middlebury 2014 stereo benchmark, D. Scharstein and others, in scikit-image",
        "motorcycle_left.png",
        shows="moped|motor scooter",
    ),
    _packaged(
        "palace",
        "Tower of the Summer Palace",
        "danielbuechele on Flickr, CC BY 2.0, in scikit-learn",
        "china.jpg",
        package="sklearn",
        shows="palace",
    ),
    _packaged(
        "flower",
        "Dahlia",
        "vultilion on Flickr, CC BY 2.0, in scikit-learn",
        "flower.jpg",
        package="sklearn",
    ),
    _packaged(
        "camera", "Photographer", "Lav Varshney, CC0, in scikit-image", "camera.png", shows="tripod"
    ),
    _packaged(
        "coins",
        "Greek coins",
        "Brooklyn Museum, no known copyright restrictions, in scikit-image",
        "coins.png",
    ),
    _packaged(
        "clock",
        "Clock, blurred by motion",
        "Stéfan van der Walt, public domain, in scikit-image",
        "clock_motion.png",
        shows="analog clock|wall clock",
    ),
    _packaged(
        "brick",
        "Brick wall",
        "CC0Textures, CC0, in scikit-image",
        "brick.png",
        kind=SampleKind.TEXTURE,
    ),
    _packaged(
        "grass", "Grass", "linolafett, CC0, in scikit-image", "grass.png", kind=SampleKind.TEXTURE
    ),
    _packaged(
        "gravel",
        "Gravel",
        "CC0Textures, CC0, in scikit-image",
        "gravel.png",
        kind=SampleKind.TEXTURE,
    ),
)


# Left and right: pairs of which the networks know both.
_PAIRS = (("cat", "coffee"), ("cat", "motorcycle"), ("coffee", "rocket"))


# What the thousand classes of ImageNet name within a photograph: the class, the photograph's key,
# and the part's edges in pixels, left, top, right and bottom.
_DETAILS = (
    ("tripod", "Tripod", "tripod", "camera", (205, 102, 512, 409)),
    ("disk-brake", "Brake disc of a motorcycle", "disk brake", "motorcycle", (314, 232, 504, 422)),
    ("tie", "Tie of a uniform", "Windsor tie", "grace-hopper", (159, 324, 353, 518)),
)


def list_samples() -> tuple[Sample, ...]:
    """Return the samples that this installation has, in the order to show them."""
    packaged = (sample for sample, _ in _found_packaged())
    pairs = (sample for sample, _, _ in _found_pairs())
    details = (sample for sample, _, _ in _found_details())
    drawn = (sample for sample, _ in (*_DRAWN, *_PATTERNS))
    return (*packaged, *details, *pairs, *drawn, *(sample for sample, _ in _own_photos()))


def load_sample(key: str) -> CheckedImage:
    """Load the sample of this key, or the digit that was written for CNNViz (“digit-3”).

    Raises:
        GalleryError: If there is no such sample, or its file cannot be read.
        ImageError: If one of the user's own photographs is no image that can be opened.
    """
    digit = key.removeprefix("digit-")
    if digit != key and digit in map(str, range(10)):
        return _draw_digit(int(digit))
    for sample, draw in (*_DRAWN, *_PATTERNS):
        if sample.key == key:
            return from_array(draw(), name=sample.title)
    for sample, left, right in _found_pairs():
        if sample.key == key:
            halves = [_cut_half(load_sample(half).pixels) for half in (left, right)]
            return from_array(np.concatenate(halves, axis=1), name=sample.title)
    for sample, whole, (left_edge, top, right_edge, bottom) in _found_details():
        if sample.key == key:
            part = load_sample(whole).pixels[top:bottom, left_edge:right_edge]
            return from_array(np.ascontiguousarray(part), name=sample.title)
    for sample, path in (*_found_packaged(), *_own_photos()):
        if sample.key == key:
            return _read(path, sample)
    others = (SampleKind.YOURS, SampleKind.DRAWN)
    keys = ", ".join(sample.key for sample in list_samples() if sample.kind not in others)
    raise GalleryError(
        f"There is no sample image {clean_name(key)}; choose one of {keys}, or of the drawn "
        f"objects, such as {_DRAWN[0][0].key}."
    )


def load_image(
    source: str, *, strokes: Sequence[Sequence[tuple[float, float]]] = ()
) -> CheckedImage:
    """Load an image by whatever names it, for programs; never give it what a visitor wrote.

    Args:
        source: Key of a sample or of a written digit, or the path of a file.
        strokes: A drawing, points from 0 to 1; where there is one it is taken, not the source.

    Raises:
        GalleryError: There is no such sample, digit or file.
        ImageError: The file is no image that can be opened.
    """
    if strokes:
        return _draw(strokes, name="drawing")
    path = Path(source)
    if path.suffix and path.is_file():
        return read_image(path.read_bytes(), name=path.name)
    if path.suffix and not source.startswith("photo:"):
        raise GalleryError(
            f"There is no file “{clean_name(source)}” here; write its path, or choose a sample."
        )
    return load_sample(source)


def _draw(strokes: Sequence[Sequence[tuple[float, float]]], *, name: str) -> CheckedImage:
    from cnnviz.digits.mnist import draw_strokes  # it needs torch, and no other sample does

    return draw_strokes(strokes, name=name)


def _draw_digit(digit: int) -> CheckedImage:
    from cnnviz.digits.mnist import sample_digits

    return _draw(sample_digits()[digit], name=f"Written {digit}")


def _read(path: Path, sample: Sample) -> CheckedImage:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)  # one more than read_image takes, and never much more
    except OSError as error:
        raise GalleryError(
            f"The sample image {sample.title} cannot be read any more; choose another."
        ) from error
    return read_image(data, name=sample.title)


def _found_packaged() -> Iterator[tuple[Sample, Path]]:
    """Yield the packaged samples whose package is installed and holds the file."""
    for entry in _PACKAGED:
        # Finding a top-level package reads no code of it: importing skimage takes a second.
        spec = importlib.util.find_spec(entry.package)
        for folder in (spec and spec.submodule_search_locations) or ():
            path = Path(folder, entry.file)
            if path.is_file():
                yield entry.sample, path
                break


def _found_details() -> Iterator[tuple[Sample, str, tuple[int, int, int, int]]]:
    """Yield the parts of photographs that are there, with the key of the whole and the edges."""
    found = {sample.key: sample for sample, _ in _found_packaged()}
    for key, title, shows, whole, edges in _DETAILS:
        if whole in found:
            credit = f"Part of: {found[whole].credit}"
            yield Sample(key, title, credit, SampleKind.DETAIL, shows), whole, edges


def _found_pairs() -> Iterator[tuple[Sample, str, str]]:
    """Yield the pairs whose two samples are there, with the keys of the left and the right one."""
    found = {sample.key: sample for sample, _ in _found_packaged()}
    for left, right in _PAIRS:
        if left in found and right in found:
            title = f"{found[left].title} and {found[right].title.lower()}"
            credit = f"Left: {found[left].credit}. Right: {found[right].credit}"
            shows = f"{found[left].shows}|{found[right].shows}"
            yield Sample(f"{left}-and-{right}", title, credit, SampleKind.PAIR, shows), left, right


def _cut_half(pixels: Pixels) -> Pixels:
    """Fill half of a square with the middle of an image."""
    height, width = pixels.shape[:2]
    half = (_PAIR_SIDE // 2, _PAIR_SIDE)
    # The largest part of the image that is twice as high as wide.
    across, down = min(width, height / 2), min(height, 2 * width)
    left, top = (width - across) / 2, (height - down) / 2
    box = (left, top, left + across, top + down)
    return np.array(Image.fromarray(pixels).resize(half, Image.Resampling.BICUBIC, box=box))


def _own_photos() -> Iterator[tuple[Sample, Path]]:
    """Yield the JPEG and PNG files of the folder that CNNVIZ_PHOTOS names, by name.

    A key is only ever compared with the keys listed here, so none can lead out of the folder.
    """
    folder = find_named_path(PHOTOS_VARIABLE)
    if folder is None:
        return
    try:
        paths = sorted(
            path
            for path in folder.iterdir()
            if path.suffix.lower() in _PHOTO_SUFFIXES and path.is_file()
        )
    except OSError:
        return  # a folder that is not there holds no photographs
    for path in paths[:MAX_PHOTOS]:
        title = clean_name(path.stem).replace("_", " ")
        key = f"photo:{repair_name(path.name)}"
        yield Sample(key, title, f"From {PHOTOS_VARIABLE}", SampleKind.YOURS), path


def _pattern(key: str, title: str) -> Sample:
    return Sample(key, title, "Drawn by CNNViz", SampleKind.PATTERN)


_PATTERNS: tuple[tuple[Sample, Callable[[], Pixels]], ...] = (
    (_pattern("checkerboard", "Checkerboard"), patterns.draw_checkerboard),
    (_pattern("vertical-stripes", "Vertical stripes"), patterns.draw_vertical_stripes),
    (_pattern("horizontal-stripes", "Horizontal stripes"), patterns.draw_horizontal_stripes),
    (_pattern("edge", "One edge"), patterns.draw_edge),
    (_pattern("dot", "One white dot"), patterns.draw_dot),
)


_DRAWN: tuple[tuple[Sample, Callable[[], Pixels]], ...] = tuple(
    (
        Sample(
            drawing.key,
            f"{drawing.title}, drawn",
            "Drawn by CNNViz; not a photograph",
            SampleKind.DRAWN,
            shows=drawing.label,
            topic=topic,
        ),
        drawing.draw,
    )
    for topic, drawings in TOPICS.items()
    for drawing in drawings
)
