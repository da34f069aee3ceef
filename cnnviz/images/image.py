"""Untrusted bytes in, checked images out; and small images out as PNG.

What a visitor uploads passes `read_image` and becomes a `CheckedImage`: eight-bit RGB, upright, at
most 2048 pixels a side, with plain sentences on what was done to it. Everything else becomes an
`ImageError`. Colour profiles are not applied, and nothing in a file is ever run.
"""

import hashlib
import io
import unicodedata
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from cnnviz.errors import ImageError
from cnnviz.images.decode import MAX_SIDE, decode
from cnnviz.images.headers import MAX_PIXELS, screen

__all__ = [
    "MAX_BYTES",
    "MAX_PIXELS",
    "MAX_SIDE",
    "CheckedImage",
    "Pixels",
    "clean_name",
    "from_array",
    "read_image",
    "repair_name",
    "resize_for_view",
    "to_png",
    "upscale_nearest",
]

MAX_BYTES = 20 * 2**20
_MAX_NAME = 60
_NAME_TAIL = 12

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class CheckedImage:
    """An image that is safe to use and to keep.

    Attributes:
        pixels: (H, W, 3) uint8, read-only, at most 2048 a side.
        digest: SHA-256 of the shape and the pixels, in hex: the key for caches.
        name: The file's name without folder or odd signs, for captions.
        original_size: (width, height) in pixels before any reduction, upright.
        notes: One plain sentence for each thing that was done to the image.
    """

    pixels: Pixels
    digest: str
    name: str
    original_size: tuple[int, int]
    notes: tuple[str, ...] = ()


def read_image(data: bytes, *, name: str = "image", max_pixels: int = MAX_PIXELS) -> CheckedImage:
    """Check and decode the bytes of an image file.

    Args:
        data: A PNG, JPEG, WebP, GIF, BMP, TIFF or AVIF file of at most 20 MB and 50 megapixels.
        name: The name of the file, for messages and captions.
        max_pixels: The most pixels that it may have, where fewer than 50 million.

    Raises:
        ImageError: If the bytes are no such image, or one too large, damaged or costly to decode.
    """
    name = clean_name(name)
    if not data:
        raise ImageError(f"{name} is empty; choose another image.")
    if len(data) > MAX_BYTES:
        raise ImageError(
            f"{name} is larger than {MAX_BYTES >> 20} MB; make it smaller or save it as JPEG "
            "and try again."
        )
    screened = screen(data, name=name)
    try:
        decoded = decode(screened, name=name, max_pixels=max_pixels)
    except ImageError:
        raise
    except Exception as error:  # Pillow raises a dozen kinds on broken files, AttributeError too
        if _is_of_rare_kind(error):
            raise ImageError(
                f"{name} begins like a {screened.format.name} image but is damaged or of a rare "
                "kind; save it as PNG or JPEG and try again."
            ) from error
        raise ImageError(
            f"{name} is cut short or damaged and could not be decoded; "
            "save it again or choose another image."
        ) from error
    return _checked(
        decoded.pixels, name=name, original_size=decoded.original_size, notes=decoded.notes
    )


def _is_of_rare_kind(error: Exception) -> bool:
    """Whether Pillow says so of a file, by the kind of the error or in its words."""
    kinds = (UnidentifiedImageError, NotImplementedError)
    return isinstance(error, kinds) or "unsupported" in str(error).lower()


def from_array(pixels: Pixels, *, name: str) -> CheckedImage:
    """Make a checked image of an array of our own.

    Args:
        pixels: (H, W) or (H, W, 3) uint8, at most 2048 a side; it is copied.
        name: What captions call it.

    Raises:
        ImageError: If `pixels` is of another type, shape or size.
    """
    _check_pixels(pixels, channels=(3,))
    height, width = pixels.shape[:2]
    if max(height, width) > MAX_SIDE:
        raise ImageError(
            f"pixels is {width} × {height}; reduce it to at most {MAX_SIDE} a side first."
        )
    return _checked(to_rgb(pixels), name=clean_name(name), original_size=(width, height), notes=())


def to_rgb(pixels: Pixels) -> Pixels:
    """Return (H, W), (H, W, 1) or (H, W, 3) as (H, W, 3): gray is the same in all three."""
    planes = pixels[:, :, None] if pixels.ndim == 2 else pixels
    return np.repeat(planes, 3, axis=2) if planes.shape[2] == 1 else planes


def repair_name(name: str) -> str:
    """Return a file's name as text: bytes that are no UTF-8 become the replacement character."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def clean_name(name: str) -> str:
    """Return the last part of a path with nothing that Markdown or HTML would read as markup.

    Letters, digits and accents of all scripts stay, as do spaces and `.-_(),+`; a name of more than
    60 signs loses its middle.
    """
    last = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    plain = "".join(
        sign if unicodedata.category(sign)[0] in "LNM" or sign in " .-_(),+" else "_"
        for sign in last
    ).strip()
    if len(plain) > _MAX_NAME:
        plain = f"{plain[: _MAX_NAME - _NAME_TAIL - 1]}…{plain[-_NAME_TAIL:]}"
    return plain or "image"


def to_png(pixels: Pixels) -> bytes:
    """Encode (H, W), (H, W, 3) or (H, W, 4) uint8 as a PNG file.

    Raises:
        ImageError: If `pixels` is of another type or shape.
    """
    _check_pixels(pixels, channels=(3, 4))
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def resize_for_view(pixels: Pixels, *, max_side: int) -> Pixels:
    """Shrink (H, W) or (H, W, 3) uint8 to at most `max_side` a side; a smaller one stays as it is.

    Raises:
        ImageError: If `pixels` is of another type or shape, or `max_side` is below 1.
    """
    _check_pixels(pixels, channels=(3,))
    if max_side < 1:
        raise ImageError(f"max_side is {max_side}; give at least 1.")
    height, width = pixels.shape[:2]
    scale = max_side / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.array(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))


def upscale_nearest(
    pixels: Pixels, *, factor: int | None = None, min_size: int | None = None
) -> Pixels:
    """Enlarge a small map by repeating each pixel, so that a browser does not smooth it.

    Args:
        pixels: (H, W) or (H, W, C).
        factor: How many times each pixel is repeated both ways.
        min_size: In place of `factor`: the length that the longer side reaches at the least.

    Raises:
        ImageError: If not exactly one of `factor` and `min_size` is given, or it is below 1.
    """
    if (factor is None) == (min_size is None):
        raise ImageError("upscale_nearest takes factor or min_size: give exactly one of them.")
    given = min_size if factor is None else factor
    if given is None or given < 1:
        raise ImageError(f"factor or min_size is {given}; give at least 1.")
    repeats = -(-given // max(pixels.shape[:2])) if factor is None else given
    return pixels.repeat(repeats, axis=0).repeat(repeats, axis=1)


def _checked(
    pixels: Pixels, *, name: str, original_size: tuple[int, int], notes: tuple[str, ...]
) -> CheckedImage:
    own = np.array(pixels, dtype=np.uint8, order="C")
    own.setflags(write=False)
    digest = hashlib.sha256(f"{own.shape[0]} {own.shape[1]} ".encode())
    digest.update(own.tobytes())
    return CheckedImage(own, digest.hexdigest(), name, original_size, notes)


def _check_pixels(pixels: Pixels, *, channels: tuple[int, ...]) -> None:
    grey = pixels.ndim == 2
    coloured = pixels.ndim == 3 and pixels.shape[-1] in channels
    if pixels.dtype != np.uint8 or pixels.size == 0 or not (grey or coloured):
        raise ImageError(
            f"pixels is {pixels.dtype} of shape {pixels.shape}; give uint8 of shape (H, W) or "
            f"(H, W, {' or '.join(map(str, channels))})."
        )
