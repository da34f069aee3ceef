"""From a screened image file to upright eight-bit RGB pixels, one file at a time.

The image is converted and reduced strip by strip, so that the memory needed beside Pillow's own
decoded image stays small whatever its size and mode.
"""

import io
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageFile, ImageOps
from PIL.TiffImagePlugin import TiffImageFile

from cnnviz.errors import ImageError
from cnnviz.image_headers import MAX_PIXELS, ImageFormat, ScreenedFile

MAX_SIDE = 2048

_STRIP_PIXELS = 2_000_000
_SIXTEEN_BIT_MODES = ("I;16", "I;16L", "I;16B", "I;16N")
_NUMBER_MODES = ("I", "F")
_BITS_PER_SAMPLE = 258  # the TIFF tag
_PNG_DEPTH_AT = 24  # the byte of a PNG file that holds its bits per sample

# One file is decoded at a time: memory stays that of one image however many are uploaded
# together, and `warnings.catch_warnings` acts on the whole process, not on one thread.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True, eq=False)
class DecodedImage:
    """The pixels of a file.

    Attributes:
        pixels: (H, W, 3) uint8, at most 2048 a side, upright.
        original_size: (width, height) before the reduction, upright.
        notes: One plain sentence for each thing that was done to the image.
    """

    pixels: npt.NDArray[np.uint8]
    original_size: tuple[int, int]
    notes: tuple[str, ...]


def decode(screened: ScreenedFile, *, name: str) -> DecodedImage:
    """Decode a file, put it upright, bring it to RGB and reduce it.

    Args:
        screened: The file, of bounded structure.
        name: What a message calls the file.

    Raises:
        ImageError: If the image has more than 50 megapixels.
        Exception: Any of the dozen kinds that Pillow raises on damaged files.
    """
    try:
        with (
            _one_at_a_time,
            _quiet_pillow(),
            Image.open(io.BytesIO(screened.data), formats=(screened.format,)) as image,
        ):
            if image.width * image.height > MAX_PIXELS:
                raise _too_large(name, f"{image.width} × {image.height} pixels")
            return _decode(image, screened)
    except Image.DecompressionBombError as error:  # Pillow's own bound, which is higher
        raise _too_large(name, "far too many pixels") from error


@contextmanager
def _quiet_pillow() -> Iterator[None]:
    """Keep Pillow's warnings about odd files out of the log, and from being raised."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        yield


def _too_large(name: str, size: str) -> ImageError:
    return ImageError(
        f"{name} has {size}, more than the {MAX_PIXELS // 1_000_000} megapixels that can be "
        "opened; reduce it and try again."
    )


def _decode(image: ImageFile.ImageFile, screened: ScreenedFile) -> DecodedImage:
    notes: list[str] = []
    if screened.frames_left_out or (
        # The further images in a camera's JPEG are previews of the first.
        screened.format is not ImageFormat.JPEG and getattr(image, "is_animated", False)
    ):
        notes.append("The file holds several frames or pages; the first one is used.")
    deep = _has_sixteen_bits(image, screened)
    stored_size = image.size
    if screened.format is ImageFormat.JPEG and max(stored_size) > MAX_SIDE:
        # libjpeg reduces by 2, 4 or 8 while it decodes, in a fraction of the time and memory.
        image.draft(None, _fitted(stored_size))
    if isinstance(image, TiffImageFile):
        _orientation(image, notes)  # only for the note: Pillow turns a TIFF while it loads it
        image.load()
        stored_size, turn = image.size, 1
    else:
        image.load()  # first, for Pillow hides errors of a PNG that it loads to find EXIF data
        turn = _orientation(image, notes)
    reduced = _reduce(image, _converter(image, deep=deep, notes=notes))
    reduced.getexif()[ExifTags.Base.Orientation] = turn
    upright = ImageOps.exif_transpose(reduced)
    original_size = stored_size[::-1] if turn >= 5 else stored_size
    if upright.size != original_size:
        notes.append(
            f"Reduced from {original_size[0]} × {original_size[1]} "
            f"to {upright.width} × {upright.height} pixels."
        )
    return DecodedImage(np.asarray(upright), original_size, tuple(notes))


def _orientation(image: ImageFile.ImageFile, notes: list[str]) -> int:
    """Return the EXIF orientation, 1 (upright) to 8."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # noqa: BLE001 - broken EXIF data raises anything, and must not cost the image
        notes.append("Its EXIF data is damaged, so it may lie on its side.")
        return 1
    if orientation not in range(2, 9):
        return 1
    notes.append("Turned upright as its EXIF data says.")
    return int(orientation)


def _has_sixteen_bits(image: ImageFile.ImageFile, screened: ScreenedFile) -> bool:
    if isinstance(image, TiffImageFile):
        return 16 in image.tag_v2.get(_BITS_PER_SAMPLE, ())
    return screened.format is ImageFormat.PNG and screened.data[_PNG_DEPTH_AT] == 16


def _reduce(image: Image.Image, to_rgb: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """Bring the image to RGB and to at most 2048 a side, by area means and then Lanczos."""
    width, height = image.size
    step = max(1, max(width, height) // MAX_SIDE)
    rows = step * max(1, _STRIP_PIXELS // (width * step))
    reduced = Image.new("RGB", (-(-width // step), -(-height // step)))
    for top in range(0, height, rows):
        strip = image.crop((0, top, width, min(top + rows, height)))
        reduced.paste(to_rgb(strip).reduce(step), (0, top // step))
    if max(reduced.size) <= MAX_SIDE:
        return reduced
    return reduced.resize(_fitted(image.size), Image.Resampling.LANCZOS)


def _fitted(size: tuple[int, int]) -> tuple[int, int]:
    """Return the size with the longer side brought down to 2048 and neither side below 1."""
    scale = MAX_SIDE / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _converter(
    image: Image.Image, *, deep: bool, notes: list[str]
) -> Callable[[Image.Image], Image.Image]:
    """Choose how a strip of this image becomes RGB, and note what that changes."""
    if deep:
        notes.append("Its 16-bit values were rescaled to 8 bits.")
    clear = image.info.get("transparency")  # one colour, or the alphas of a palette
    if clear is not None or ("A" in image.getbands() and not _is_opaque(image)):
        notes.append("Its transparent parts were put on white.")
    if image.mode in _SIXTEEN_BIT_MODES:
        return partial(_from_sixteen_bits, clear=clear)
    if image.mode in _NUMBER_MODES:
        low, high = _number_range(image)
        notes.append(f"Its numbers from {low:g} to {high:g} were rescaled to 0 to 255.")
        return partial(_from_numbers, low=low, high=high)
    if deep and isinstance(clear, tuple):
        # Pillow keeps the high byte of each sample, but all 16 bits of the clear colour.
        image.info["transparency"] = tuple(sample >> 8 for sample in clear)
    if image.has_transparency_data:
        return _on_white
    if image.mode == "CMYK":
        notes.append("Its CMYK colours were converted to RGB without their colour profile.")
    return lambda strip: strip.convert("RGB")


def _from_sixteen_bits(strip: Image.Image, *, clear: int | None) -> Image.Image:
    values = np.asarray(strip).astype(np.uint32)
    grey = ((values * 255 + 32767) // 65535).astype(np.uint8)
    if clear is not None:
        grey[values == clear] = 255
    return Image.fromarray(grey).convert("RGB")


def _number_range(image: Image.Image) -> tuple[float, float]:
    """Return the least and greatest finite value, or 0 and 255 where these are the same."""
    lows, highs = [], []
    rows = max(1, _STRIP_PIXELS // image.width)
    for top in range(0, image.height, rows):
        values = _numbers(image.crop((0, top, image.width, min(top + rows, image.height))))
        finite = values[np.isfinite(values)]
        if finite.size:
            lows.append(finite.min())
            highs.append(finite.max())
    if not lows or min(lows) == max(highs):
        return 0.0, 255.0
    return float(min(lows)), float(max(highs))


def _from_numbers(strip: Image.Image, *, low: float, high: float) -> Image.Image:
    values = np.nan_to_num(_numbers(strip), nan=low, posinf=high, neginf=low).clip(low, high)
    grey = np.rint((values - low) * (255 / (high - low))).astype(np.uint8)
    return Image.fromarray(grey).convert("RGB")


def _numbers(strip: Image.Image) -> npt.NDArray[np.float64]:
    with np.errstate(invalid="ignore"):  # a signalling NaN, which is only a NaN afterwards
        return np.asarray(strip).astype(np.float64)


def _is_opaque(image: Image.Image) -> bool:
    return image.getchannel("A").getextrema()[0] == 255


def _on_white(strip: Image.Image) -> Image.Image:
    white = Image.new("RGBA", strip.size, "white")
    return Image.alpha_composite(white, strip.convert("RGBA")).convert("RGB")
