"""Images by the short text that names each of them in a link.

That is the key of a sample ("cat", "digit-3"), or "drawing." with the packed strokes.
"""

from contextlib import suppress
from functools import cache, lru_cache

from cnnviz.digits.mnist import Stroke, check_strokes, draw_strokes, sample_digits
from cnnviz.digits.strokes import pack_strokes, unpack_strokes
from cnnviz.errors import CNNVizError
from cnnviz.images.image import CheckedImage, resize_for_view, to_png
from cnnviz.images.samples import SampleKind, list_samples, load_sample

DRAWING = "drawing."
_DIGIT = "digit-"
_THUMBNAIL = 96
_HEADINGS = {
    SampleKind.PHOTOGRAPH: "Photographs",
    SampleKind.DETAIL: "Parts of photographs",
    SampleKind.PAIR: "Two objects",
    SampleKind.TEXTURE: "Textures",
    SampleKind.PATTERN: "Patterns",
    SampleKind.YOURS: "Your photographs",
}


@cache
def list_titles() -> dict[str, str]:
    """Return the titles of all samples by key, the photographs first."""
    titles = {sample.key: sample.title for sample in list_samples()}
    return titles | {f"{_DIGIT}{digit}": f"Written {digit}" for digit in range(10)}


@cache
def list_credits() -> dict[str, str]:
    """Return author and licence of all samples by key."""
    return {sample.key: sample.credit for sample in list_samples()}


@cache
def list_groups() -> dict[str, str]:
    """Return the heading under which the gallery shows each sample, by key."""
    groups = {one.key: one.topic or _HEADINGS[one.kind] for one in list_samples()}
    return groups | dict.fromkeys((f"{_DIGIT}{digit}" for digit in range(10)), "Written digits")


@cache
def list_labels() -> dict[str, str]:
    """Return what ImageNet calls the samples, where that is known, by key."""
    return {one.key: one.shows.replace("|", ", ") for one in list_samples() if one.shows}


@lru_cache(maxsize=64)
def load_named(name: str) -> CheckedImage:
    """Return the sample or drawing of a name.

    Raises:
        CNNVizError: There is none, or a sample's file cannot be read.
    """
    if name.startswith(DRAWING):
        return draw_strokes(unpack_strokes(name.removeprefix(DRAWING)), name="drawing")
    return load_sample(name)


def find_strokes(name: str) -> tuple[Stroke, ...]:
    """Return the strokes of a drawing or of a sample digit; none for any other image."""
    if name.startswith(DRAWING):
        return unpack_strokes(name.removeprefix(DRAWING))
    if name.startswith(_DIGIT):
        return sample_digits()[int(name.removeprefix(_DIGIT))]
    return ()


def name_drawing(strokes: object) -> str:
    """Return the name of a drawing that came from a pad.

    Raises:
        DrawingError: It is none.
    """
    return DRAWING + pack_strokes(check_strokes(strokes))


def list_gallery() -> tuple[CheckedImage, ...]:
    """Return the sample photographs and patterns, and the photographs of the server's owner.

    Parts of photographs, photographs side by side, and drawn objects are left out, and what cannot
    be read.
    """
    images = []
    for sample in list_samples():
        if sample.kind in (SampleKind.DETAIL, SampleKind.PAIR, SampleKind.DRAWN):
            continue
        with suppress(CNNVizError):
            images.append(load_named(sample.key))
    return tuple(images)


@lru_cache(maxsize=256)
def make_thumbnail(key: str) -> bytes:
    """Return a sample's thumbnail as a PNG file.

    Raises:
        CNNVizError: There is no such sample, or its file cannot be read.
    """
    # Not by `load_named`: these would push out the images that are looked at.
    return draw_thumbnail(load_sample(key))


def draw_thumbnail(image: CheckedImage) -> bytes:
    """Return an image's thumbnail as a PNG file."""
    return to_png(resize_for_view(image.pixels, max_side=_THUMBNAIL))
