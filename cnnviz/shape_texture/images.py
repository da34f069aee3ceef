"""Images to measure with, and which class of a network each of them shows, where that is known.

A sample's truth is written down here; a photograph's is its file's name (“n02391049_zebra.jpg”,
“zebra 2.png”) or the name of its folder, by WordNet number or by word.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from PIL import Image

from cnnviz.environment import find_class_folder
from cnnviz.errors import CNNVizError
from cnnviz.images.image import CheckedImage, Pixels, read_image, repair_name
from cnnviz.images.samples import SampleKind, list_samples, load_sample

SIDE = 240  # divisible by 2, 3, 4, 5, 6, 8, 10, 12, 15 and 16 patches a side
_MAX = 120
_MAX_OF_CLASS = 4
_SUFFIXES = (".jpg", ".jpeg", ".png")
_KINDS = (SampleKind.PHOTOGRAPH, SampleKind.TEXTURE, SampleKind.YOURS)


@dataclass(frozen=True, slots=True, eq=False)
class LabelledImage:
    """An image of the set.

    Attributes:
        name: For captions.
        digest: Of the image, for caches.
        pixels: Its middle as a square of 240 pixels, uint8 (240, 240, 3).
        truth: What it shows: names, with a bar between those that are all right; may be empty.
    """

    name: str
    digest: str
    pixels: Pixels
    truth: str

    @property
    def short_name(self) -> str:
        """Its name up to the comma, without the numbers of a file's name."""
        words = [word for word in self.name.replace("_", " ").split() if not word[1:].isdigit()]
        return " ".join(words).partition(",")[0]


def cut_square(pixels: Pixels) -> Pixels:
    """Return the middle square of an image at 240 pixels a side: what all networks are shown."""
    height, width = pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    image = Image.fromarray(pixels[top : top + side, left : left + side])
    return np.array(image.resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def list_images(uploads: Sequence[CheckedImage] = ()) -> tuple[LabelledImage, ...]:
    """Return the images that there are: uploads, samples, and those of the owner's folders.

    At most 120, of a class folder at most four. One that cannot be read is left out.
    """
    found = [_label(image, _cut_suffix(image.name)) for image in uploads]
    for sample in list_samples():
        if sample.kind not in _KINDS:
            continue
        try:
            image = load_sample(sample.key)
        except CNNVizError:
            continue
        own = sample.key.removeprefix("photo:") if sample.kind is SampleKind.YOURS else ""
        found.append(_label(image, sample.shows or _cut_suffix(own)))
    found += _read_folders()
    unlike = {one.digest: one for one in found}
    return tuple(unlike.values())[:_MAX]


def _label(image: CheckedImage, truth: str) -> LabelledImage:
    return LabelledImage(
        name=image.name, digest=image.digest, pixels=cut_square(image.pixels), truth=truth
    )


def _cut_suffix(name: str) -> str:
    return name.rsplit(".", 1)[0]


def _read_folders() -> list[LabelledImage]:
    """A few images of each folder in CNNVIZ_CLASSES, which is named by its class."""
    folder = find_class_folder()
    if folder is None:
        return []
    found: list[LabelledImage] = []
    try:
        for place in sorted(path for path in folder.iterdir() if path.is_dir()):
            files = sorted(
                path
                for path in place.iterdir()
                if path.suffix.lower() in _SUFFIXES and path.is_file()
            )
            for path in files[:_MAX_OF_CLASS]:
                with suppress(OSError, CNNVizError):  # one that cannot be read, among others
                    image = read_image(path.read_bytes(), name=path.name)
                    found.append(_label(image, repair_name(place.name)))
            if len(found) >= _MAX:
                break
    except OSError:
        return found
    return found
