"""What an image file says about itself, read before Pillow may touch it.

Pillow bounds what one block of a file may unpack to, but not how many blocks there are. Files of
less than 20 MB kept it busy for a minute and a half (a JPEG of two thousand empty scans) or took
1.5 GB (a TIFF of five million strips). So the structure is walked here first, in one pass that
decodes nothing. What this walk and Pillow might read differently is refused or left out.
"""

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from cnnviz.errors import ImageError

MAX_PIXELS = 50_000_000
MAX_BLOCKS = 200_000
MAX_STRIPS = 65_536
MAX_JPEG_SEGMENTS = 10_000
MAX_JPEG_SCANS = 100
MAX_JPEG_PADDING = 65_536

_PNG_CHUNKS = frozenset((b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"eXIf", b"IEND"))
_GIF_FRAME, _GIF_EXTENSION, _GIF_CONTROL, _GIF_END = 0x2C, 0x21, 0xF9, 0x3B
# A marker is FF and a code; FF00 is an escaped FF, FFD0 to FFD7 are restarts, FFFF is padding.
_JPEG_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])")
_JPEG_END, _JPEG_SCAN = 0xD9, 0xDA
# Frames, tables, scans, application data and comments: the segments that every reader can skip.
_JPEG_SEGMENTS = frozenset(
    (*range(0xC0, 0xC8), *range(0xC9, 0xD0), *range(0xDA, 0xDE), *range(0xE0, 0xF0), 0xFE)
)
_TIFF_STRIP_OFFSETS, _TIFF_TILE_WIDTH, _TIFF_TILE_LENGTH, _TIFF_TILE_OFFSETS = 273, 322, 323, 324
_TIFF_INTEGERS = {3: "H", 4: "I"}
_BMP_RUN_LENGTHS = (1, 2)


class ImageFormat(StrEnum):
    """The formats that are opened, by Pillow's names."""

    PNG = "PNG"
    JPEG = "JPEG"
    WEBP = "WEBP"
    GIF = "GIF"
    BMP = "BMP"
    TIFF = "TIFF"
    AVIF = "AVIF"


@dataclass(frozen=True, slots=True, eq=False)
class ScreenedFile:
    """A file whose structure is bounded, so that it may be decoded.

    Attributes:
        format: The one format that Pillow shall try.
        data: The bytes to decode; of a PNG or GIF only the parts that make the first image.
        frames_left_out: Whether there were further frames that `data` does not hold.
    """

    format: ImageFormat
    data: bytes
    frames_left_out: bool = False


def screen(data: bytes, *, name: str) -> ScreenedFile:
    """Tell the format from the first bytes and refuse what no decoder should be given.

    Args:
        data: The whole file.
        name: What a message calls the file.

    Raises:
        ImageError: If the file is of no known format, or is built to keep a decoder busy.
    """
    kind = _format_of(data)
    if kind is None:
        raise ImageError(
            f"{name} is {_describe(data)}, which cannot be opened here; "
            "save it as PNG or JPEG and try again."
        )
    if kind in _REBUILDERS:
        screened = _REBUILDERS[kind](data)
    else:
        bounded = kind not in _CHECKS or _CHECKS[kind](data)
        screened = ScreenedFile(kind, data) if bounded else None
    if screened is None:
        raise ImageError(
            f"{name} is damaged, or built in a way that takes too long to decode; "
            "open it in a picture editor, save it as PNG or JPEG and try again."
        )
    return screened


def _format_of(data: bytes) -> ImageFormat | None:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return ImageFormat.PNG
    if data.startswith(b"\xff\xd8\xff"):
        return ImageFormat.JPEG
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return ImageFormat.WEBP
    if data.startswith((b"GIF87a", b"GIF89a")):
        return ImageFormat.GIF
    if data.startswith(b"BM"):
        return ImageFormat.BMP
    if data.startswith((b"II*\0", b"MM\0*")):
        return ImageFormat.TIFF
    # The brands that the file claims follow its first eight bytes, four letters each.
    if data[4:8] == b"ftyp" and (b"avif" in data[8:64] or b"avis" in data[8:64]):
        return ImageFormat.AVIF
    return None


def _describe(data: bytes) -> str:
    """Name the kinds of file that people most often take for an image."""
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in start:
        return "an SVG drawing"
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page"
    if start.startswith(b"%pdf"):
        return "a PDF document"
    if start.startswith(b"%!ps"):
        return "a PostScript document"
    if data[4:8] == b"ftyp" and any(brand in data[8:64] for brand in (b"heic", b"heix", b"mif1")):
        return "a HEIC photograph"
    return "no PNG, JPEG, WebP, GIF, BMP, TIFF or AVIF file"


def _rebuild_png(data: bytes) -> ScreenedFile | None:
    """Keep the chunks that make the image, so that no packed text or profile is unpacked."""
    view = memoryview(data)
    kept, frames, start = [view[:8]], 1, 8
    for _ in range(MAX_BLOCKS):
        if start + 8 > len(data):
            break  # cut short, which Pillow will find
        length, kind = struct.unpack_from(">I4s", data, start)
        end = start + 12 + length
        if kind in _PNG_CHUNKS:
            kept.append(view[start:end])
        elif kind == b"acTL":
            frames = int.from_bytes(view[start + 8 : start + 12], "big")
        if kind == b"IEND":
            break
        start = end
    else:
        return None
    return ScreenedFile(ImageFormat.PNG, b"".join(kept), frames_left_out=frames > 1)


def _rebuild_gif(data: bytes) -> ScreenedFile | None:
    """Keep the palette, the last control block before the first frame, and that frame."""
    head_end = start = 13 + _gif_palette_size(data[10:11])
    control, frame_start, frame_end = b"", 0, 0
    in_blocks = another_frame = False
    for _ in range(MAX_BLOCKS):
        byte = data[start] if start < len(data) else None
        if byte is None or (byte == _GIF_END and not in_blocks):
            break
        if in_blocks:
            start += 1 + byte
            in_blocks = byte != 0
            frame_end = frame_end or (start if frame_start and not in_blocks else 0)
        elif byte == _GIF_FRAME:
            another_frame = frame_start > 0
            if another_frame:
                break
            frame_start, in_blocks = start, True
            start += 11 + _gif_palette_size(data[start + 9 : start + 10])
        elif byte == _GIF_EXTENSION:
            if data[start + 1 : start + 3] == bytes((_GIF_CONTROL, 4)) and not frame_start:
                control = data[start : start + 8]
            in_blocks = True
            start += 2
        else:
            start += 1  # a stray byte between blocks, which readers pass over
    else:
        return None
    frame = data[frame_start : frame_end or len(data)] if frame_start else b""
    kept = data[:head_end] + control + frame
    return ScreenedFile(ImageFormat.GIF, kept, frames_left_out=another_frame)


def _gif_palette_size(flags: bytes) -> int:
    """Return the bytes of the palette that follows these flags: 3 for each of 2 to 256 colours."""
    return 3 << (flags[0] & 7) + 1 if flags and flags[0] & 0x80 else 0


def _jpeg_is_bounded(data: bytes) -> bool:
    """Count scans: each passes over the whole image, even when it takes only a few bytes."""
    scans, padding, start = 0, 0, 2
    for _ in range(MAX_JPEG_SEGMENTS):
        marker = _JPEG_MARKER.search(data, start)
        if marker is None:
            return True  # cut short, which Pillow will find
        code = marker[1][0]
        if code == _JPEG_END and scans > 0:
            return True
        if scans == 0:
            padding += marker.start() - start
        scans += code == _JPEG_SCAN
        length = int.from_bytes(data[marker.end() : marker.end() + 2], "big")
        skippable = code in _JPEG_SEGMENTS and length >= 2
        if not skippable or scans > MAX_JPEG_SCANS or padding > MAX_JPEG_PADDING:
            return False
        start = marker.end() + length
    return False


def _tiff_is_bounded(data: bytes) -> bool:
    """Look at the number of strips or tiles and the size of one tile, all unpacked at once."""
    order = "<" if data.startswith(b"II") else ">"
    sides = {_TIFF_TILE_WIDTH: 1, _TIFF_TILE_LENGTH: 1}
    try:
        (start,) = struct.unpack_from(f"{order}I", data, 4)
        (entries,) = struct.unpack_from(f"{order}H", data, start)
        for at in range(start + 2, start + 2 + 12 * entries, 12):
            tag, kind, count = struct.unpack_from(f"{order}HHI", data, at)
            if tag in (_TIFF_STRIP_OFFSETS, _TIFF_TILE_OFFSETS) and count > MAX_STRIPS:
                return False
            if tag in sides:
                if kind not in _TIFF_INTEGERS or count != 1:
                    return False
                (side,) = struct.unpack_from(order + _TIFF_INTEGERS[kind], data, at + 8)
                sides[tag] = max(side, sides[tag])
    except struct.error:
        return True  # cut short, which Pillow will find
    return sides[_TIFF_TILE_WIDTH] * sides[_TIFF_TILE_LENGTH] <= MAX_PIXELS


def _bmp_is_bounded(data: bytes) -> bool:
    """Refuse run-length coding, which Pillow undoes in Python: ten seconds for 20 MB."""
    return int.from_bytes(data[30:34], "little") not in _BMP_RUN_LENGTHS


_REBUILDERS: dict[ImageFormat, Callable[[bytes], ScreenedFile | None]] = {
    ImageFormat.PNG: _rebuild_png,
    ImageFormat.GIF: _rebuild_gif,
}
_CHECKS: dict[ImageFormat, Callable[[bytes], bool]] = {
    ImageFormat.JPEG: _jpeg_is_bounded,
    ImageFormat.TIFF: _tiff_is_bounded,
    ImageFormat.BMP: _bmp_is_bounded,
}
