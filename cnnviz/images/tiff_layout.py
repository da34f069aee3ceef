"""How a TIFF file lays out its images: which one is the photograph, and how its samples lie.

A TIFF holds a list of images, each with tags. Cameras put a thumbnail first, and Pillow reads some
layouts wrongly without a word: 16-bit planes, 16-bit samples that count from white, packed samples
of 12 bits. Those are described here for `tiff_samples`, which reads them in Pillow's place.

Source: TIFF 6.0 (Adobe 1992), and its supplements for BigTIFF and DNG.
"""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from cnnviz.errors import ImageError

MAX_STRIPS = 65_536
_MAX_IMAGES = 64
_MAX_ENTRIES = 4096
# Of all tags that are read, together: a small file may point at the same numbers again and again.
_MAX_NUMBERS = 8 * MAX_STRIPS
# Types whose values are whole numbers: BYTE, SHORT, LONG, IFD, LONG8, IFD8.
_INTEGERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
# Bytes of a value of each type, by the type's number.
_SIZES = (0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8)
_REDUCED, _OLD_REDUCED = 1, 2
_FILTER_ARRAY, _LINEAR_RAW = 32803, 34892
_LOSSLESS = frozenset((1, 5, 8, 32773, 32946, 34925, 50000))


class Tag(IntEnum):
    """The tags that are read."""

    SUBFILE, OLD_SUBFILE, WIDTH, HEIGHT, BITS, COMPRESSION = 254, 255, 256, 257, 258, 259
    PHOTOMETRIC, FILL_ORDER, STRIPS, ORIENTATION, SAMPLES = 262, 266, 273, 274, 277
    STRIP_ROWS, STRIP_BYTES, PLANAR, PREDICTOR, TILE_WIDTH = 278, 279, 284, 317, 322
    TILE_HEIGHT, TILES, TILE_BYTES, SUB_IMAGES, EXTRA, FORMAT = 323, 324, 325, 330, 338, 339
    PROFILE, DNG_VERSION = 34675, 50706


_BEHIND_THE_END = (struct.error, OverflowError)
_TAGS = frozenset(map(int, Tag))


class Alpha(StrEnum):
    """What the sample behind the colours means."""

    NONE = "none"
    STRAIGHT = "straight"
    MULTIPLIED = "multiplied into the colors"


class SampleKind(StrEnum):
    """What the bits of a sample mean."""

    UNSIGNED = "unsigned integer"
    SIGNED = "signed integer"
    REAL = "real number"


_KINDS = {1: SampleKind.UNSIGNED, 2: SampleKind.SIGNED, 3: SampleKind.REAL}
_ALPHAS = {1: Alpha.MULTIPLIED, 2: Alpha.STRAIGHT}
_COLOURS = {0: 1, 1: 1, 2: 3, 5: 4}  # by photometric interpretation: grey, RGB, CMYK
_BITS = {
    SampleKind.UNSIGNED: (*range(1, 17), 24, 32, 64),
    SampleKind.SIGNED: (8, 16, 32, 64),
    SampleKind.REAL: (16, 32, 64),
}


@dataclass(frozen=True, slots=True, eq=False)
class TiffImage:
    """One image of a TIFF file.

    Attributes:
        offset: Where its tags begin in the file.
        tags: The whole numbers of each tag that is read.
        big: Whether the file is a BigTIFF.
        order: "<" where the least byte of a number comes first, else ">".
        is_bounded: Whether no decoder can take its counts otherwise, or needs too long for them.
        profile: Its colour profile; empty if it has none.
    """

    offset: int
    tags: dict[int, tuple[int, ...]]
    big: bool
    order: str
    is_bounded: bool
    profile: bytes

    def get(self, tag: Tag, default: int) -> int:
        """Return the first value of a tag."""
        values = self.tags.get(tag, ())
        return values[0] if values else default

    @property
    def pixels(self) -> int:
        """How many it has."""
        return self.get(Tag.WIDTH, 0) * self.get(Tag.HEIGHT, 0)

    @property
    def is_reduced(self) -> bool:
        """Whether it is a small version of another image of the file."""
        reduced = self.get(Tag.SUBFILE, 0) & _REDUCED
        return bool(reduced) or self.get(Tag.OLD_SUBFILE, 0) == _OLD_REDUCED

    @property
    def is_raw(self) -> bool:
        """Whether it is what a camera's sensor measured."""
        return self.get(Tag.PHOTOMETRIC, 0) in (_FILTER_ARRAY, _LINEAR_RAW)


@dataclass(frozen=True, slots=True, eq=False)
class SampleLayout:
    """How the samples of an image lie in the file.

    Attributes:
        size: (width, height) in pixels, as stored.
        bits: Of one sample.
        kind: What they mean.
        samples: In one pixel.
        colours: How many of them are colours, the first ones: 1 (grey), 3 (RGB) or 4 (CMYK).
        from_white: Whether 0 is white.
        alpha: What the sample behind the colours means.
        is_planar: Whether each sample has a plane of its own.
        predictor: 1 (none), 2 (differences of neighbours) or 3 (the same, of bytes).
        orientation: EXIF orientation, 1 (upright) to 8.
        image: The tags.
    """

    size: tuple[int, int]
    bits: int
    kind: SampleKind
    samples: int
    colours: int
    from_white: bool
    alpha: Alpha
    is_planar: bool
    predictor: int
    orientation: int
    image: TiffImage

    @property
    def columns(self) -> int:
        """Pixels in a row of one block: of a tile, or of the whole image."""
        return self.image.get(Tag.TILE_WIDTH, self.size[0])

    @property
    def blocks_across(self) -> int:
        """How many blocks lie side by side."""
        return -(-self.size[0] // self.columns)

    @property
    def samples_together(self) -> int:
        """How many samples of a pixel lie side by side."""
        return 1 if self.is_planar else self.samples

    @property
    def row_bytes(self) -> int:
        """Bytes of a row of one block; it ends at a whole byte."""
        return -(-self.columns * self.samples_together * self.bits // 8)


def list_images(data: bytes) -> list[TiffImage]:
    """Read the tags of the images of a TIFF file: the first, its sub-images, and those behind.

    Args:
        data: The whole file.

    Returns:
        At most 64 images; fewer where the file is damaged or its tags hold too many numbers.
    """
    reader = _Reader(data)
    images: list[TiffImage] = []
    waiting, seen = [reader.first], {0}
    while waiting and len(images) < _MAX_IMAGES:
        offset = waiting.pop(0)
        if offset in seen:
            continue
        seen.add(offset)
        try:
            image, following = reader.read_image(offset)
        except _BEHIND_THE_END:
            continue  # cut short, which Pillow will find
        images.append(image)
        waiting = [*image.tags.get(Tag.SUB_IMAGES, ())[:_MAX_IMAGES], following, *waiting]
    return images


class _Reader:
    """Reads numbers of a file in its byte order, and only so many."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._order = "<" if data.startswith(b"II") else ">"
        self._big = data[2:4] in (b"+\0", b"\0+")
        self._place = "Q" if self._big else "I"
        self._numbers_left = _MAX_NUMBERS
        self.first = self._read(self._place, 8 if self._big else 4)

    def _read(self, form: str, start: int) -> int:
        """Read one number; 0 behind the end of the file."""
        try:
            return int(struct.unpack_from(self._order + form, self._data, start)[0])
        except _BEHIND_THE_END:
            return 0

    def read_image(self, offset: int) -> tuple[TiffImage, int]:
        """Read the tags at an offset, and the offset of the next image.

        Raises:
            struct.error: They lie behind the end of the file.
            OverflowError: The same, far behind.
        """
        count_form, entry_size = ("Q", 20) if self._big else ("H", 12)
        (count,) = struct.unpack_from(self._order + count_form, self._data, offset)
        start = offset + struct.calcsize(self._order + count_form)
        end = start + entry_size * min(count, _MAX_ENTRIES)
        tags: dict[int, tuple[int, ...]] = {}
        bounded, profile = count <= _MAX_ENTRIES, b""
        for at in range(start, end, entry_size):
            entry = struct.unpack_from(f"{self._order}HH{self._place}", self._data, at)
            bounded &= _is_count_bounded(*entry)
            tag, kind, number = entry
            place = self._find_values(kind, number, end=at + entry_size)
            if tag == Tag.PROFILE:
                profile = self._data[place : place + number]
            elif tag in _TAGS and kind in _INTEGERS and number <= MAX_STRIPS:
                # Of a tag that stands twice, readers take the first or the last: bound the larger.
                tags[tag] = max(tags.get(tag, ()), self._read_values(kind, number, place))
        bounded &= self._numbers_left > 0
        following = self._read(self._place, start + entry_size * count)
        image = TiffImage(offset, tags, self._big, self._order, bounded, profile)
        return image, following

    def _find_values(self, kind: int, number: int, *, end: int) -> int:
        """Find the values of an entry: within it, at its end, where they are few."""
        inside = end - struct.calcsize(self._order + self._place)
        size = _SIZES[kind] * number if kind < len(_SIZES) else 0
        return inside if size <= end - inside else self._read(self._place, inside)

    def _read_values(self, kind: int, number: int, place: int) -> tuple[int, ...]:
        self._numbers_left -= number
        if self._numbers_left < 0:
            return ()
        return struct.unpack_from(f"{self._order}{number}{_INTEGERS[kind]}", self._data, place)


def _is_count_bounded(tag: int, kind: int, count: int) -> bool:
    if tag in (Tag.STRIPS, Tag.TILES):
        return count <= MAX_STRIPS
    if tag in (Tag.TILE_WIDTH, Tag.TILE_HEIGHT):
        return kind in (3, 4) and count == 1
    return True


def describe_samples(image: TiffImage) -> SampleLayout | None:
    """Describe an image that Pillow would read wrongly or not at all; None for any other.

    Raises:
        ImageError: It is of a kind that is not read here either.
    """
    bits = image.tags.get(Tag.BITS) or (1,)
    formats = image.tags.get(Tag.FORMAT) or (1,)
    planar = image.get(Tag.PLANAR, 1) == 2 and image.get(Tag.SAMPLES, 1) > 1
    compression, photometric = image.get(Tag.COMPRESSION, 1), image.get(Tag.PHOTOMETRIC, 1)
    usual = max(bits) <= 8 and set(bits) <= {1, 2, 4, 8} and set(formats) <= {1, 4}
    unread = planar or (image.big and image.order == ">")
    # What a lossy coder packed, and palettes, are Pillow's to read, as ever.
    if usual and not (unread and compression in _LOSSLESS and photometric in _COLOURS):
        return None
    layout = _describe(image, bits=bits[0], format_=formats[0], planar=planar)
    alike = len(set(bits)) == len(set(formats)) == 1
    if layout is None or not alike or compression not in _LOSSLESS:
        raise ImageError(
            f"{bits[0]} bits, sample format {formats[0]}, compression {compression}, "
            f"photometric interpretation {photometric}"
        )
    return layout


def _describe(image: TiffImage, *, bits: int, format_: int, planar: bool) -> SampleLayout | None:
    kind, colours = _KINDS.get(format_), _COLOURS.get(image.get(Tag.PHOTOMETRIC, 1), 0)
    samples, predictor = image.get(Tag.SAMPLES, 1), image.get(Tag.PREDICTOR, 1)
    if kind is None or bits not in _BITS[kind] or not 0 < colours <= samples:
        return None
    if predictor not in (1, 2, 3) or (predictor > 1 and bits not in (8, 16, 32, 64)):
        return None
    if predictor == 3 and kind is not SampleKind.REAL:
        return None
    size = (image.get(Tag.WIDTH, 0), image.get(Tag.HEIGHT, 0))
    if min(size) < 1 or image.get(Tag.TILE_WIDTH, 1) < 1 or image.get(Tag.TILE_HEIGHT, 1) < 1:
        return None
    extra = image.tags.get(Tag.EXTRA, ())
    alpha = Alpha.NONE
    if samples > colours and colours != _COLOURS[5]:
        # Four samples without a word of the fourth: alpha, as Pillow and libtiff take it.
        alpha = _ALPHAS.get(extra[0], Alpha.NONE) if extra else Alpha.STRAIGHT
    orientation = image.get(Tag.ORIENTATION, 1)
    return SampleLayout(
        size=size,
        bits=bits,
        kind=kind,
        samples=samples,
        colours=colours,
        from_white=image.get(Tag.PHOTOMETRIC, 1) == 0,
        alpha=alpha,
        is_planar=planar,
        predictor=predictor,
        orientation=orientation if orientation in range(1, 9) else 1,
        image=image,
    )


def point_at(data: bytes, image: TiffImage) -> bytes:
    """Return the file with another of its images as the first."""
    form, start = ("Q", 8) if image.big else ("I", 4)
    offset = struct.pack(image.order + form, image.offset)
    return data[:start] + offset + data[start + len(offset) :]


def rewrite_as_bytes(data: bytes, layout: SampleLayout) -> Iterator[bytes]:
    """Rewrite a file for each of its planes as an image of grey bytes, its samples cut into bytes.

    Such an image is read rightly whatever unpacks it: it has `blocks_across * row_bytes` columns,
    and the predictor is not undone.

    Args:
        data: The whole file.
        layout: How the samples lie.
    """
    image = layout.image
    planes = layout.samples if layout.is_planar else 1
    for plane in range(min(planes, layout.colours + (layout.alpha is not Alpha.NONE))):
        tags: dict[int, tuple[int, ...]] = {
            Tag.WIDTH: (layout.blocks_across * layout.row_bytes,),
            Tag.HEIGHT: (layout.size[1],),
            Tag.BITS: (8,),
            Tag.COMPRESSION: (image.get(Tag.COMPRESSION, 1),),
            Tag.PHOTOMETRIC: (1,),
            Tag.FILL_ORDER: (image.get(Tag.FILL_ORDER, 1),),
            Tag.SAMPLES: (1,),
            Tag.STRIP_ROWS: (min(image.get(Tag.STRIP_ROWS, layout.size[1]), layout.size[1]),),
        }
        if Tag.TILES in image.tags:
            del tags[Tag.STRIP_ROWS]
            tags[Tag.TILE_WIDTH] = (layout.row_bytes,)
            tags[Tag.TILE_HEIGHT] = image.tags.get(Tag.TILE_HEIGHT, (layout.size[1],))
        for tag in (Tag.STRIPS, Tag.STRIP_BYTES, Tag.TILES, Tag.TILE_BYTES):
            if tag in image.tags:
                share = math.ceil(len(image.tags[tag]) / planes)
                tags[tag] = image.tags[tag][plane * share : (plane + 1) * share]
        yield _write_classic(data, tags, image.order)


def _write_classic(data: bytes, tags: dict[int, tuple[int, ...]], order: str) -> bytes:
    """Put an image with these tags, all of them 32-bit numbers, in front of a file's old ones."""
    start = len(data) + len(data) % 2
    behind = start + 2 + 12 * len(tags) + 4
    entries, values = b"", b""
    for tag, numbers in sorted(tags.items()):
        packed = struct.pack(f"{order}{len(numbers)}I", *(n & 0xFFFFFFFF for n in numbers))
        if len(numbers) == 1:
            field = packed
        else:
            field, values = struct.pack(f"{order}I", behind + len(values)), values + packed
        entries += struct.pack(f"{order}HHI", tag, 4, len(numbers)) + field
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", start)
    table = struct.pack(f"{order}H", len(tags)) + entries + bytes(4) + values
    return head + data[8:].ljust(start - 8, b"\0") + table
