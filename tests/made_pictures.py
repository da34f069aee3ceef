"""Picture files made byte by byte or by Pillow's writers, for the tests of the image reader."""

import io
import struct
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt
import tifffile
from PIL import Image

from cnnviz.images.image import CheckedImage

RED, GREEN, BLUE, GOLD = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 215, 0)
WHITE, BLACK = (255, 255, 255), (0, 0, 0)
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(
    width: int, height: int, *, depth: int, colour: int, rows: bytes, extra: bytes = b""
) -> bytes:
    """A PNG of raw rows, each of which starts with its filter byte."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows))
    return SIGNATURE + body + chunk(b"IEND", b"")


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def tiff(values: npt.NDArray[Any], **options: Any) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, values, metadata=None, **options)
    return file.getvalue()


def noise(*shape: int) -> npt.NDArray[np.uint8]:
    return np.random.default_rng(7).integers(0, 256, shape, dtype=np.uint8)


def corners(image: CheckedImage) -> list[tuple[int, ...]]:
    """The colours at the top left, top right, bottom left and bottom right."""
    return [tuple(image.pixels[y, x].tolist()) for y in (0, -1) for x in (0, -1)]


def four_corners(width: int = 6, height: int = 4) -> Image.Image:
    """Red, green, blue and gold quarters, in the order of `corners`."""
    image = Image.new("RGB", (width, height))
    half_width, half_height = width // 2, height // 2
    places = ((0, 0), (half_width, 0), (0, half_height), (half_width, half_height))
    for place, colour in zip(places, (RED, GREEN, BLUE, GOLD), strict=True):
        image.paste(colour, (*place, place[0] + half_width, place[1] + half_height))
    return image
