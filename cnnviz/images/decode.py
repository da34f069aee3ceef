"""From a screened image file to upright eight-bit sRGB pixels, one file at a time.

The image is converted and reduced strip by strip, so that the memory needed beside Pillow's own
decoded image stays small whatever its size and mode.
"""

import hashlib
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
from cnnviz.images.color_profiles import ProfileTransform, read_profile
from cnnviz.images.headers import (
    MAX_PIXELS,
    MAX_STORED_SIDE,
    ImageFormat,
    Screen,
    ScreenedFile,
)
from cnnviz.images.tiff_layout import SampleLayout
from cnnviz.images.tiff_samples import read_samples

MAX_SIDE = 2048

_STRIP_PIXELS = 2_000_000
_SIXTEEN_BIT_MODES = ("I;16", "I;16L", "I;16B", "I;16N")
_TURNED = "Turned upright as its EXIF data says."
_ON_WHITE = "Its transparent parts were put on white."
_ON_BLACK = "Its transparent parts were put on black: on white, nothing of it is seen."
_SEEN = 8  # grey levels
_PNG_DEPTH_AT = 24  # the byte of a PNG file that holds its bits per sample


def _make_more_jpeg(seed: bytes) -> bytes:
    """Make packed pixels as they might go on, more than a block takes, with each restart."""
    noise = hashlib.shake_256(seed).digest(4096).replace(b"\xff", b"\0")
    return b"".join(noise + bytes((0xFF, 0xD0 + number)) for number in range(8)) * 2


_MORE_JPEG = (_make_more_jpeg(b"one"), _make_more_jpeg(b"another"))

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


def decode(screened: ScreenedFile, *, name: str, max_pixels: int = MAX_PIXELS) -> DecodedImage:
    """Decode a file, put it upright, bring it to sRGB and reduce it.

    Args:
        screened: The file, of bounded structure.
        name: What a message calls the file.
        max_pixels: The most that it may have.

    Raises:
        ImageError: If the image has more than `max_pixels`, or is a HEIC photograph and the
            package that reads them is missing.
        Exception: Any of the dozen kinds that Pillow raises on damaged files.
    """
    try:
        with _one_at_a_time, _quiet_pillow():
            if screened.samples is not None:
                _check_size(screened.samples.size, name=name, max_pixels=max_pixels)
                return _decode_samples(screened, screened.samples)
            if screened.format is ImageFormat.HEIC:
                _learn_heic(name)
            with _open(screened.data, screened.format) as image:
                _check_size(image.size, name=name, max_pixels=max_pixels)
                if screened.screen is not None:
                    _check_size(screened.screen.size, name=name, max_pixels=max_pixels)
                return _decode(image, screened)
    except Image.DecompressionBombError as error:  # Pillow's own bound, which is higher
        raise _too_large(name, "far too many pixels", max_pixels) from error


@contextmanager
def _quiet_pillow() -> Iterator[None]:
    """Keep Pillow's warnings about odd files out of the log, and from being raised."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        yield


def _open(data: bytes, kind: ImageFormat) -> ImageFile.ImageFile:
    return Image.open(io.BytesIO(data), formats=(kind,))


def _learn_heic(name: str) -> None:
    """Let Pillow read HEIC files; most visitors bring none, so nobody waits for it at the start."""
    try:
        from pillow_heif import register_heif_opener
    except ImportError as error:
        raise ImageError(
            f"{name} is a HEIC photograph, which cannot be opened here; "
            "save it as PNG or JPEG and try again."
        ) from error
    register_heif_opener(thumbnails=False)


def _check_size(size: tuple[int, int], *, name: str, max_pixels: int) -> None:
    if size[0] * size[1] > max_pixels:
        raise _too_large(name, f"{size[0]} × {size[1]} pixels", max_pixels)
    if max(size) > MAX_STORED_SIDE:
        raise ImageError(
            f"{name} has {size[0]} × {size[1]} pixels, more than {MAX_STORED_SIDE:,} a side; crop "
            "it and try again."
        )


def _too_large(name: str, size: str, max_pixels: int) -> ImageError:
    return ImageError(
        f"{name} has {size}, more than the {max_pixels // 1_000_000} megapixels that can be "
        "opened; reduce it and try again."
    )


def _decode(image: ImageFile.ImageFile, screened: ScreenedFile) -> DecodedImage:
    if screened.lacks_end and not _has_all_pixels(screened):
        raise OSError("pixels are missing at the end")
    notes = list(screened.notes)
    if screened.frames_left_out or (
        # The further images in a camera's JPEG are previews of the first.
        screened.format is not ImageFormat.JPEG and getattr(image, "is_animated", False)
    ):
        notes.append("The file holds several frames or pages; the first one is used.")
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
    if screened.format is ImageFormat.PNG:
        _fit_clear_color(image, depth=screened.data[_PNG_DEPTH_AT], notes=notes)
    profile = _find_profile(image, screened.profile or image.info.get("icc_profile") or b"")
    reduced = _reduce(image, _converter(image, screened.format, profile=profile, notes=notes))
    if _ON_WHITE in notes and _is_empty(reduced):
        on_black = _reduce(image, partial(_put_on, "black"))
        if not _is_empty(on_black):
            reduced = on_black
            notes[notes.index(_ON_WHITE)] = _ON_BLACK
    if screened.screen is not None:
        reduced = _put_on_screen(reduced, image.size, screened.screen)
        stored_size = screened.screen.size
        notes.append("Its first frame does not fill the screen; the rest is white.")
    return _finish(reduced, stored_size, turn=turn, profile=profile, notes=notes)


def _has_all_pixels(screened: ScreenedFile) -> bool:
    """Whether a JPEG without its end holds all pixels, so that what stands behind changes nothing.

    Where pixels are missing, the decoder takes what stands behind for them.
    """
    digests = set()
    for behind in (b"", *_MORE_JPEG):
        data = screened.data[:-2] + behind + screened.data[-2:]
        digest = hashlib.sha256()
        with _open(data, screened.format) as image:
            for strip in _list_strips(image):
                digest.update(strip.tobytes())
        digests.add(digest.digest())
    return len(digests) == 1


def _decode_samples(screened: ScreenedFile, layout: SampleLayout) -> DecodedImage:
    read = read_samples(screened.data, layout)
    notes = [*screened.notes, *read.notes]
    if layout.orientation != 1:
        notes.append(_TURNED)
    profile = _find_profile(read.image, layout.image.profile)
    to_rgb = _converter(read.image, screened.format, profile=profile, notes=notes)
    reduced = _reduce(read.image, to_rgb)
    return _finish(reduced, layout.size, turn=layout.orientation, profile=profile, notes=notes)


def _finish(
    reduced: Image.Image,
    stored_size: tuple[int, int],
    *,
    turn: int,
    profile: ProfileTransform | None,
    notes: list[str],
) -> DecodedImage:
    """Bring an RGB image to sRGB and put it upright."""
    if profile is not None and profile.mode != "CMYK":  # from which its strips came already
        reduced = profile.apply(reduced.convert(profile.mode))
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
    notes.append(_TURNED)
    return int(orientation)


def _fit_clear_color(image: Image.Image, *, depth: int, notes: list[str]) -> None:
    """Bring a PNG's transparent color to the depth to which Pillow brings its samples."""
    clear = image.info.get("transparency")
    if depth == 16:
        notes.append("Its 16-bit values were rescaled to 8 bits.")
    if depth == 16 and isinstance(clear, tuple):
        # Pillow keeps the high byte of each sample, but all 16 bits of the clear colour.
        image.info["transparency"] = tuple(sample >> 8 for sample in clear)
    elif image.mode in ("1", "L") and isinstance(clear, int) and depth < 8:
        most = 2**depth - 1
        image.info["transparency"] = (clear & most) * 255 // most


def _find_profile(image: Image.Image, profile: bytes) -> ProfileTransform | None:
    """Return the transform of a color profile that is for an image of this mode."""
    grey = image.mode in ("1", "L", "LA", *_SIXTEEN_BIT_MODES)
    mode = "L" if grey else "CMYK" if image.mode == "CMYK" else "RGB"
    transform = None if image.mode == "LAB" else read_profile(profile)
    return transform if transform is not None and transform.mode == mode else None


def _put_on_screen(frame: Image.Image, frame_size: tuple[int, int], screen: Screen) -> Image.Image:
    """Put a frame, perhaps reduced already, on its white screen of at most 2048 a side."""
    scale = min(1.0, MAX_SIDE / max(screen.size))
    size, inner = (
        (max(1, round(width * scale)), max(1, round(height * scale)))
        for width, height in (screen.size, frame_size)
    )
    image = Image.new("RGB", size, "white")
    resized = frame if frame.size == inner else frame.resize(inner, Image.Resampling.LANCZOS)
    image.paste(resized, (round(screen.left * scale), round(screen.top * scale)))
    return image


def _reduce(image: Image.Image, to_rgb: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """Bring the image to RGB and to at most 2048 a side, by area means and then Lanczos."""
    width, height = image.size
    step = max(1, max(width, height) // MAX_SIDE)
    reduced = Image.new("RGB", (-(-width // step), -(-height // step)))
    top = 0
    for strip in _list_strips(image, step=step):
        reduced.paste(to_rgb(strip).reduce(step), (0, top // step))
        top += strip.height
    if max(reduced.size) <= MAX_SIDE:
        return reduced
    return reduced.resize(_fitted(image.size), Image.Resampling.LANCZOS)


def _list_strips(image: Image.Image, *, step: int = 1) -> Iterator[Image.Image]:
    """Go through an image in strips whose height divides by `step`, but for the last."""
    rows = step * max(1, _STRIP_PIXELS // (image.width * step))
    for top in range(0, image.height, rows):
        yield image.crop((0, top, image.width, min(top + rows, image.height)))


def _fitted(size: tuple[int, int]) -> tuple[int, int]:
    """Return the size with the longer side brought down to 2048 and neither side below 1."""
    scale = MAX_SIDE / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _converter(
    image: Image.Image,
    kind: ImageFormat,
    *,
    profile: ProfileTransform | None,
    notes: list[str],
) -> Callable[[Image.Image], Image.Image]:
    """Choose how a strip of this image becomes RGB, and note what that changes."""
    clear = image.info.get("transparency")  # one colour, or the alphas of a palette
    alphas = image.getchannel("A").getextrema() if "A" in image.getbands() else (255, 255)
    if kind is ImageFormat.BMP and alphas == (0, 0):
        return _without_alpha  # the fourth byte is there, and nothing was written into it
    if clear is not None or alphas[0] != 255:
        notes.append(_ON_WHITE)
    if profile is not None:
        notes.append(f"Its colors were brought from the profile “{profile.name}” to sRGB.")
    elif image.mode == "CMYK":
        notes.append("Its CMYK colors were converted to RGB without their color profile.")
    if image.mode in _SIXTEEN_BIT_MODES:
        return partial(_from_sixteen_bits, clear=clear)
    if image.has_transparency_data:
        return partial(_put_on, "white")
    if profile is not None and image.mode == "CMYK":
        return profile.apply
    return lambda strip: strip.convert("RGB")


def _without_alpha(strip: Image.Image) -> Image.Image:
    strip.putalpha(255)
    return strip.convert("RGB")


def _from_sixteen_bits(strip: Image.Image, *, clear: int | None) -> Image.Image:
    values = np.asarray(strip).astype(np.uint32)
    grey = ((values * 255 + 32767) // 65535).astype(np.uint8)
    if clear is not None:
        grey[values == clear] = 255
    return Image.fromarray(grey).convert("RGB")


def _put_on(ground: str, strip: Image.Image) -> Image.Image:
    below = Image.new("RGBA", strip.size, ground)
    return Image.alpha_composite(below, strip.convert("RGBA")).convert("RGB")


def _is_empty(image: Image.Image) -> bool:
    """Whether nobody sees anything on it."""
    low, high = np.asarray(image.convert("L").getextrema())
    return bool(high - low < _SEEN)
