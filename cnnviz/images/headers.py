"""What an image file says about itself, read before Pillow may touch it.

Pillow bounds what one block of a file may unpack to, but not how many blocks there are. Files of
less than 20 MB kept it busy for a minute and a half (a JPEG of two thousand empty scans) or took
1.5 GB (a TIFF of five million strips). So the structure is walked here first, in one pass that
decodes nothing. What this walk and Pillow might read differently is refused or left out.
"""

import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from cnnviz.errors import ImageError
from cnnviz.images.tiff_layout import SampleLayout, Tag, describe_samples, list_images, point_at

MAX_PIXELS = 50_000_000
# Pillow decodes row by row, so fifty million rows of one pixel took it eight seconds.
MAX_STORED_SIDE = 1_000_000
MAX_BLOCKS = 200_000
MAX_JPEG_SEGMENTS = 10_000
# Each passes over the whole image. Encoders write 10 for YCbCr, 14 for RGB and 18 for CMYK.
MAX_JPEG_SCANS = 24
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
# Baseline, extended and progressive, packed by Huffman's codes or arithmetically.
_JPEG_FRAMES = (0xC0, 0xC1, 0xC2, 0xC9, 0xCA)
_JPEG_OTHER_FRAMES = frozenset((0xC3, 0xC5, 0xC6, 0xC7, 0xCB, 0xCD, 0xCE, 0xCF))
_BMP_RUN_LENGTHS = (1, 2)
_RAW = "a camera's raw photograph (such as DNG)"
_TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
# A display's or camera's profile has a few kilobytes; one in a PNG is packed, and may be a bomb.
MAX_PROFILE_BYTES = 1 << 18


class ImageFormat(StrEnum):
    """The formats that are opened, by Pillow's names."""

    PNG = "PNG"
    JPEG = "JPEG"
    WEBP = "WEBP"
    GIF = "GIF"
    BMP = "BMP"
    TIFF = "TIFF"
    AVIF = "AVIF"
    HEIC = "HEIF"


@dataclass(frozen=True, slots=True)
class Screen:
    """Where a GIF's first frame lies: the size of its screen, and the frame's left and top."""

    width: int
    height: int
    left: int
    top: int

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return self.width, self.height


@dataclass(frozen=True, slots=True, eq=False)
class ScreenedFile:
    """A file whose structure is bounded, so that it may be decoded.

    Attributes:
        format: The one format that Pillow shall try.
        data: The bytes to decode; of a PNG or GIF only the parts that make the first image.
        frames_left_out: Whether there were further frames that `data` does not hold.
        screen: The screen around a frame that does not fill it.
        lacks_end: Whether `data` is a JPEG whose end was put behind it here: whether all of its
            pixels are there shows only when it is decoded.
        samples: How a TIFF's samples lie, where Pillow would read them wrongly.
        profile: The colour profile of a PNG; the other formats keep theirs in `data`.
        notes: One plain sentence for each thing that was chosen.
    """

    format: ImageFormat
    data: bytes
    frames_left_out: bool = False
    screen: Screen | None = None
    lacks_end: bool = False
    samples: SampleLayout | None = None
    profile: bytes = b""
    notes: tuple[str, ...] = ()


class _RefusedError(Exception):
    """The file is of a kind that is not opened; the message names the kind."""


def screen(data: bytes, *, name: str) -> ScreenedFile:
    """Tell the format from the first bytes and refuse what no decoder should be given.

    Args:
        data: The whole file.
        name: What a message calls the file.

    Raises:
        ImageError: If the file is of no known format, or is built to keep a decoder busy.
    """
    try:
        screened = _screen(data)
    except _RefusedError as refused:
        raise ImageError(
            f"{name} is {refused}, which cannot be opened here; "
            "save it as PNG or JPEG and try again."
        ) from refused
    if screened is None:
        raise ImageError(
            f"{name} is damaged, or built in a way that takes too long to decode; "
            "open it in an image editor, save it as PNG or JPEG and try again."
        )
    return screened


def _screen(data: bytes) -> ScreenedFile | None:
    """Return the file to decode; None if it is built to keep a decoder busy."""
    kind = _format_of(data)
    if kind is None:
        raise _RefusedError(_describe(data))
    if kind in _REBUILDERS:
        return _REBUILDERS[kind](data)
    if kind is ImageFormat.BMP and not _bmp_is_bounded(data):
        return None
    return ScreenedFile(kind, data)


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
    if data.startswith(_TIFF_STARTS):
        return ImageFormat.TIFF
    # The brands that the file claims follow its first eight bytes, four letters each.
    if data[4:8] == b"ftyp" and (b"avif" in data[8:64] or b"avis" in data[8:64]):
        return ImageFormat.AVIF
    if data[4:8] == b"ftyp" and any(brand in data[8:64] for brand in _HEIF_BRANDS):
        return ImageFormat.HEIC
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
    if data.startswith((b"\xff\x0a", b"\0\0\0\x0cJXL ")):
        return "a JPEG XL image"
    if data.startswith((b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  ")):
        return "a JPEG 2000 image"
    if data.startswith((b"IIU\0", b"IIRO", b"FUJIFILMCCD-RAW")) or data[4:11] == b"ftypcrx":
        return _RAW
    return "no PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF or HEIC file"


def _rebuild_png(data: bytes) -> ScreenedFile | None:
    """Keep the chunks that make the image, so that no packed text or profile is unpacked."""
    view = memoryview(data)
    kept, frames, start, profile = [view[:8]], 1, 8, b""
    for _ in range(MAX_BLOCKS):
        if start + 8 > len(data):
            break  # cut short, which Pillow will find
        length, kind = struct.unpack_from(">I4s", data, start)
        end = start + 12 + length
        if kind in _PNG_CHUNKS:
            kept.append(view[start:end])
        elif kind == b"acTL":
            frames = int.from_bytes(view[start + 8 : start + 12], "big")
        elif kind == b"iCCP":
            profile = profile or _unpack_profile(data[start + 8 : end - 4])
        if kind == b"IEND":
            break
        start = end
    else:
        return None
    return ScreenedFile(
        ImageFormat.PNG, b"".join(kept), frames_left_out=frames > 1, profile=profile
    )


def _unpack_profile(chunk: bytes) -> bytes:
    """Unpack a colour profile: its name, a zero, the way of packing, and the packed bytes.

    Of one that is larger than any that cameras write, as of a broken one, nothing is returned.
    """
    packed = chunk[chunk.find(b"\0") + 2 :]
    unpacker = zlib.decompressobj()
    try:
        profile = unpacker.decompress(packed, MAX_PROFILE_BYTES)
    except zlib.error:
        return b""
    return profile if unpacker.eof else b""


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
    head, frame, screen = _fit_screen(data[:head_end], frame)
    return ScreenedFile(
        ImageFormat.GIF, head + control + frame, frames_left_out=another_frame, screen=screen
    )


def _fit_screen(head: bytes, frame: bytes) -> tuple[bytes, bytes, Screen | None]:
    """Make the screen as large as a frame that does not fill it: Pillow would colour the rest.

    Returns:
        The head and the frame, and the screen where the frame was smaller.
    """
    if len(frame) < 10 or len(head) < 13:
        return head, frame, None
    width, height = struct.unpack_from("<2H", head, 6)
    left, top, across, down = struct.unpack_from("<4H", frame, 1)
    if (left, top) == (0, 0) and across >= width and down >= height:
        return head, frame, None
    screen = Screen(max(width, left + across), max(height, top + down), left, top)
    head = head[:6] + frame[5:9] + head[10:]
    return head, frame[:1] + bytes(4) + frame[5:], screen


def _gif_palette_size(flags: bytes) -> int:
    """Return the bytes of the palette that follows these flags: 3 for each of 2 to 256 colours."""
    return 3 << (flags[0] & 7) + 1 if flags and flags[0] & 0x80 else 0


def _screen_jpeg(data: bytes) -> ScreenedFile | None:
    """Count scans: each passes over the whole image, even when it takes only a few bytes."""
    scans, padding, start = 0, 0, 2
    progress = _JpegProgress()
    for _ in range(MAX_JPEG_SEGMENTS):
        marker = _JPEG_MARKER.search(data, start)
        if marker is None:
            if not progress.is_complete:
                return ScreenedFile(ImageFormat.JPEG, data)  # cut short, which Pillow will find
            ended = data.rstrip(b"\xff") + b"\xff\xd9"
            return ScreenedFile(ImageFormat.JPEG, ended, lacks_end=True)
        code = marker[1][0]
        if code == _JPEG_END and scans > 0:
            return ScreenedFile(ImageFormat.JPEG, data)
        if scans == 0:
            padding += marker.start() - start
        scans += code == _JPEG_SCAN
        length = int.from_bytes(data[marker.end() : marker.end() + 2], "big")
        skippable = code in _JPEG_SEGMENTS and length >= 2
        if not skippable or scans > MAX_JPEG_SCANS or padding > MAX_JPEG_PADDING:
            return None
        start = marker.end() + length
        progress.note(code, data[marker.end() + 2 : start])
    return None


class _JpegProgress:
    """Which numbers of a JPEG its scans have brought so far."""

    def __init__(self) -> None:
        self._missing: dict[int, set[int]] = {}

    @property
    def is_complete(self) -> bool:
        """Whether there is a frame, and scans for all of its coefficients to the last bit."""
        return bool(self._missing) and not any(self._missing.values())

    def note(self, code: int, segment: bytes) -> None:
        """Take a segment into account.

        Raises:
            _RefusedError: It announces an image of a kind that Pillow does not read.
        """
        if code in _JPEG_OTHER_FRAMES:
            raise _RefusedError("a lossless or hierarchical JPEG")
        if code in _JPEG_FRAMES and len(segment) >= 6:
            if segment[0] != 8:
                raise _RefusedError(f"a JPEG of {segment[0]} bits")
            self._missing = {component: set(range(64)) for component in segment[6::3]}
        elif code == _JPEG_SCAN and len(segment) >= 4:
            first, last, bits = segment[-3:]
            for component in segment[1:-3:2]:
                if bits & 15 == 0:  # what is left of the number after this scan
                    self._missing.get(component, set()).difference_update(range(first, last + 1))


def _screen_tiff(data: bytes) -> ScreenedFile | None:
    """Choose the largest image where the first is a small version of another."""
    if data[8:10] == b"CR":
        raise _RefusedError(_RAW)
    images = list_images(data)
    if not images:
        return ScreenedFile(ImageFormat.TIFF, data)  # cut short, which Pillow will find
    chosen = images[0]
    if any(image.is_raw for image in images) or Tag.DNG_VERSION in chosen.tags:
        raise _RefusedError(_RAW)
    if chosen.is_reduced:
        chosen = max(images, key=lambda image: image.pixels)
    sides = [chosen.get(tag, 1) for tag in (Tag.TILE_WIDTH, Tag.TILE_HEIGHT)]
    if not chosen.is_bounded or sides[0] * sides[1] > MAX_PIXELS:
        return None
    try:
        samples = describe_samples(chosen)
    except ImageError as error:
        raise _RefusedError(f"a TIFF of a rare kind ({error})") from error
    if chosen is images[0]:
        return ScreenedFile(ImageFormat.TIFF, data, samples=samples)
    note = "The file begins with a thumbnail; its largest image is used."
    return ScreenedFile(ImageFormat.TIFF, point_at(data, chosen), samples=samples, notes=(note,))


def _bmp_is_bounded(data: bytes) -> bool:
    """Refuse run-length coding, which Pillow undoes in Python: ten seconds for 20 MB."""
    return int.from_bytes(data[30:34], "little") not in _BMP_RUN_LENGTHS


_REBUILDERS: dict[ImageFormat, Callable[[bytes], ScreenedFile | None]] = {
    ImageFormat.PNG: _rebuild_png,
    ImageFormat.GIF: _rebuild_gif,
    ImageFormat.JPEG: _screen_jpeg,
    ImageFormat.TIFF: _screen_tiff,
}
