"""The image reader, on files made here byte by byte or by Pillow's writers.

Expected values are worked by hand from the format's definition, in a comment beside each.
"""

import io
import pickle
import re
import struct
import subprocess
import sys
import threading
import tracemalloc
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

from cnnviz.errors import ImageError
from cnnviz.imaging import (
    MAX_BYTES,
    CheckedImage,
    clean_name,
    from_array,
    read_image,
    resize_for_view,
    to_png,
    upscale_nearest,
)

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


class TestGoodFiles:
    @pytest.mark.parametrize(
        ("kind", "options"),
        [
            ("PNG", {}),
            ("GIF", {}),
            ("BMP", {}),
            ("TIFF", {}),
            ("TIFF", {"compression": "tiff_adobe_deflate"}),
            ("WEBP", {"lossless": True}),
        ],
    )
    def test_lossless_formats_give_the_very_pixels(
        self, kind: str, options: dict[str, Any]
    ) -> None:
        picture = four_corners()

        image = read_image(saved(picture, kind, **options), name="a.file")

        assert image.pixels.tolist() == np.asarray(picture).tolist()
        assert (image.original_size, image.notes, image.name) == ((6, 4), (), "a.file")

    @pytest.mark.parametrize("kind", ["JPEG", "AVIF"])
    def test_lossy_formats_come_close(self, kind: str) -> None:
        image = read_image(saved(Image.new("RGB", (32, 24), (200, 100, 50)), kind, quality=95))

        assert image.pixels.shape == (24, 32, 3)
        assert np.abs(image.pixels.astype(int) - (200, 100, 50)).max() <= 4

    @pytest.mark.parametrize(("mode", "value"), [("1", 255), ("L", 77)])
    def test_grey_becomes_three_equal_channels(self, mode: str, value: int) -> None:
        image = read_image(saved(Image.new(mode, (3, 2), value), "PNG"))

        assert image.pixels.tolist() == [[[value] * 3] * 3] * 2

    def test_pixels_are_read_only(self) -> None:
        image = read_image(saved(four_corners(), "PNG"))

        with pytest.raises(ValueError, match="read-only"):
            image.pixels[0, 0, 0] = 1

    def test_digest_tells_pictures_apart_and_not_files(self) -> None:
        wide = read_image(saved(Image.new("RGB", (6, 4), RED), "PNG"), name="a.png")
        again = read_image(saved(Image.new("RGB", (6, 4), RED), "BMP"), name="b.bmp")
        high = read_image(saved(Image.new("RGB", (4, 6), RED), "PNG"))

        assert wide.digest == again.digest
        assert wide.digest != high.digest  # the same bytes in another shape
        assert len(wide.digest) == 64

    def test_a_camera_file_with_a_film_behind_the_picture(self) -> None:
        trailer = np.random.default_rng(1).bytes(200_000)

        image = read_image(saved(four_corners(64, 64), "JPEG") + trailer)

        assert image.original_size == (64, 64)

    def test_a_camera_file_with_a_preview_is_no_animation(self) -> None:
        both = saved(four_corners(64, 48), "MPO", save_all=True, append_images=[four_corners(8, 8)])

        image = read_image(both)

        assert (image.original_size, image.notes) == ((64, 48), ())


class TestOrientation:
    # EXIF: where the stored 0th row and 0th column lie on the picture as it should be seen.
    # 1 top, left · 2 top, right · 3 bottom, right · 4 bottom, left
    # 5 left, top · 6 right, top · 7 right, bottom · 8 left, bottom
    SEEN: ClassVar = {
        1: [RED, GREEN, BLUE, GOLD],
        2: [GREEN, RED, GOLD, BLUE],
        3: [GOLD, BLUE, GREEN, RED],
        4: [BLUE, GOLD, RED, GREEN],
        5: [RED, BLUE, GREEN, GOLD],
        6: [BLUE, RED, GOLD, GREEN],
        7: [GOLD, GREEN, BLUE, RED],
        8: [GREEN, GOLD, RED, BLUE],
    }

    @pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "JPEG", "AVIF"])
    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_every_orientation(self, kind: str, orientation: int) -> None:
        exif = Image.Exif()
        exif[0x0112] = orientation
        options: dict[str, Any] = {"WEBP": {"lossless": True}, "JPEG": {"subsampling": 0}}
        file = saved(four_corners(96, 64), kind, exif=exif, **options.get(kind, {}))

        image = read_image(file)

        seen = np.array(corners(image), dtype=int)
        assert np.abs(seen - np.array(self.SEEN[orientation])).max() <= 16  # JPEG and AVIF blur
        size = (96, 64) if orientation < 5 else (64, 96)
        assert image.original_size == size
        assert image.pixels.shape == (size[1], size[0], 3)
        turned = ("Turned upright as its EXIF data says.",)
        assert image.notes == (() if orientation == 1 else turned)

    def test_orientation_behind_the_pixels_of_a_png(self) -> None:
        exif = b"MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, 3, 0, 0)
        file = saved(four_corners(), "PNG")
        file = file.replace(chunk(b"IEND", b""), chunk(b"eXIf", exif) + chunk(b"IEND", b""))

        assert corners(read_image(file)) == self.SEEN[3]

    def test_unknown_orientation_is_left_alone(self) -> None:
        exif = Image.Exif()
        exif[0x0112] = 99

        assert corners(read_image(saved(four_corners(), "PNG", exif=exif))) == self.SEEN[1]

    def test_broken_exif_does_not_cost_the_picture(self) -> None:
        file = saved(four_corners(), "PNG")
        broken = file[:33] + chunk(b"eXIf", b"no exif at all") + file[33:]

        image = read_image(broken)

        assert corners(image) == self.SEEN[1]
        assert image.notes == ("Its EXIF data is damaged, so it may lie on its side.",)


class TestDepth:
    def test_sixteen_bit_grey_is_rescaled(self) -> None:
        # 255 v / 65535 = v / 257: 0, 1, 128 and 255 times 257; 257 + 128 = 385 is nearer to 1,
        # 257 + 129 = 386 nearer to 2.
        values = (0, 257, 385, 386, 128 * 257, 65535)
        rows = b"\0" + struct.pack(">6H", *values)

        image = read_image(png(6, 1, depth=16, colour=0, rows=rows))

        assert image.pixels[0].tolist() == [[v] * 3 for v in (0, 1, 1, 2, 128, 255)]
        assert image.notes == ("Its 16-bit values were rescaled to 8 bits.",)

    @pytest.mark.parametrize("order", ["<", ">"])
    def test_sixteen_bit_tiff_of_both_byte_orders(self, order: str) -> None:
        values = np.array([[0, 128 * 257, 65535]], dtype=f"{order}u2")

        image = read_image(saved(Image.fromarray(values), "TIFF"))

        assert image.pixels[0, :, 0].tolist() == [0, 128, 255]

    def test_sixteen_bit_colour(self) -> None:
        rows = b"\0" + struct.pack(">6H", 0, 0x7F7F, 0xFFFF, 0x8080, 0x0101, 0)

        image = read_image(png(2, 1, depth=16, colour=2, rows=rows))

        assert image.pixels[0].tolist() == [[0, 0x7F, 255], [0x80, 1, 0]]
        assert image.notes == ("Its 16-bit values were rescaled to 8 bits.",)

    def test_sixteen_bit_colours_that_are_transparent(self) -> None:
        grey = b"\0" + struct.pack(">2H", 0x0102, 0x0100)
        colour = b"\0" + struct.pack(">6H", 0x0102, 0x0304, 0x0506, 0x0200, 0x0400, 0x0600)

        one = read_image(
            png(2, 1, depth=16, colour=0, rows=grey, extra=chunk(b"tRNS", b"\x01\x02"))
        )
        other = read_image(
            png(2, 1, depth=16, colour=2, rows=colour, extra=chunk(b"tRNS", bytes(range(1, 7))))
        )

        assert one.pixels[0].tolist() == [[255] * 3, [1] * 3]
        assert other.pixels[0].tolist() == [[255] * 3, [2, 4, 6]]
        assert one.notes[1:] == other.notes[1:] == ("Its transparent parts were put on white.",)

    def test_real_numbers_are_rescaled_from_least_to_greatest(self) -> None:
        values = np.array([[-1.0, 0.0, 3.0, np.nan, np.inf, -np.inf]], dtype=np.float32)

        image = read_image(saved(Image.fromarray(values), "TIFF"))

        # (v + 1) × 255 / 4: 0, 63.75, 255; what is no number is least, the infinite are the ends.
        assert image.pixels[0, :, 0].tolist() == [0, 64, 255, 0, 255, 0]
        assert image.notes == ("Its numbers from -1 to 3 were rescaled to 0 to 255.",)

    @pytest.mark.parametrize(("value", "grey"), [(9.0, 9), (1e9, 255), (np.nan, 0)])
    def test_one_real_number_everywhere(self, value: float, grey: int) -> None:
        flat = np.full((2, 2), value, dtype=np.float32)

        assert (read_image(saved(Image.fromarray(flat), "TIFF")).pixels == grey).all()

    def test_thirty_two_bit_integers(self) -> None:
        values = np.array([[-100, 0, 100_000, 200_000]], dtype=np.int32)

        image = read_image(saved(Image.fromarray(values), "TIFF"))

        # (v + 100) × 255 / 200100: 0, 0.13, 127.56, 255
        assert image.pixels[0, :, 0].tolist() == [0, 0, 128, 255]


class TestColour:
    def test_alpha_goes_on_white(self) -> None:
        # v a / 255 + 255 (255 − a) / 255 for a = 255, 128, 0:
        # 200 → 200, 227.4, 255 · 100 → 100, 177.2, 255 · 0 → 0, 127, 255
        rows = b"\0" + bytes((200, 100, 0, 255, 200, 100, 0, 128, 200, 100, 0, 0))

        image = read_image(png(3, 1, depth=8, colour=6, rows=rows))

        assert image.pixels[0].tolist() == [[200, 100, 0], [227, 177, 127], [255, 255, 255]]
        assert image.notes == ("Its transparent parts were put on white.",)

    def test_grey_with_alpha(self) -> None:
        image = read_image(png(2, 1, depth=8, colour=4, rows=bytes((0, 0, 128, 80, 0))))

        assert image.pixels[0].tolist() == [[127] * 3, [255] * 3]

    def test_opaque_alpha_is_not_worth_a_note(self) -> None:
        image = read_image(saved(Image.new("RGBA", (2, 2), (*RED, 255)), "PNG"))

        assert (corners(image), image.notes) == ([RED] * 4, ())

    def test_palette_with_alpha_in_it(self) -> None:
        extra = chunk(b"PLTE", bytes((*RED, *GREEN, *BLUE))) + chunk(b"tRNS", bytes((255, 0, 128)))

        image = read_image(png(3, 1, depth=8, colour=3, rows=bytes((0, 0, 1, 2)), extra=extra))

        assert image.pixels[0].tolist() == [[255, 0, 0], [255, 255, 255], [127, 127, 255]]
        assert image.notes == ("Its transparent parts were put on white.",)

    def test_one_transparent_colour(self) -> None:
        rows = bytes((0, *RED, *GREEN))
        extra = chunk(b"tRNS", struct.pack(">3H", *GREEN))

        image = read_image(png(2, 1, depth=8, colour=2, rows=rows, extra=extra))

        assert image.pixels[0].tolist() == [[255, 0, 0], [255, 255, 255]]

    def test_transparent_gif(self) -> None:
        picture = Image.new("P", (2, 1))
        picture.putpalette([*RED, *GREEN])
        picture.putpixel((1, 0), 1)

        image = read_image(saved(picture, "GIF", transparency=1))

        assert image.pixels[0].tolist() == [[255, 0, 0], [255, 255, 255]]

    @pytest.mark.parametrize("kind", ["TIFF", "JPEG"])
    def test_cmyk(self, kind: str) -> None:
        # R = (255 − C)(255 − K) / 255 and so on: 200 × 255 / 255, 100 × 255 / 255, 255
        picture = Image.new("CMYK", (16, 16), (55, 155, 0, 0))

        image = read_image(saved(picture, kind))

        assert np.abs(image.pixels.astype(int) - (200, 100, 255)).max() <= 3
        assert image.notes == (
            "Its CMYK colours were converted to RGB without their colour profile.",
        )

    def test_lab(self) -> None:
        picture = Image.new("LAB", (4, 4), (255, 128, 128))  # lightness 100, no colour: white

        assert (read_image(saved(picture, "TIFF")).pixels >= 250).all()


class TestFrames:
    @pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF", "AVIF"])
    def test_the_first_of_several_is_used(self, kind: str) -> None:
        frames = [Image.new("RGB", (16, 16), colour) for colour in (RED, GREEN, BLUE)]

        image = read_image(saved(frames[0], kind, save_all=True, append_images=frames[1:]))

        assert np.abs(image.pixels.astype(int) - RED).max() <= 8  # WebP and AVIF lose a little
        assert image.notes == ("The file holds several frames or pages; the first one is used.",)

    def test_a_gif_with_comments_and_a_stray_byte(self) -> None:
        file = saved(four_corners(), "GIF")
        start = file.index(b",")
        comment = b"!\xfe\x05hello\x00"

        image = read_image(file[:start] + comment + b"\x00" + comment + file[start:])

        assert (corners(image), image.notes) == ([RED, GREEN, BLUE, GOLD], ())


class TestReduction:
    def test_a_long_picture(self) -> None:
        picture = Image.new("RGB", (5000, 1000), RED)
        picture.paste(BLUE, (2500, 0, 5000, 1000))

        image = read_image(saved(picture, "PNG"))

        assert image.pixels.shape == (410, 2048, 3)  # 1000 × 2048 / 5000 = 409.6
        assert image.original_size == (5000, 1000)
        assert image.notes == ("Reduced from 5000 × 1000 to 2048 × 410 pixels.",)
        assert corners(image) == [RED, BLUE, RED, BLUE]
        assert (image.pixels[:, :1000] == RED).all()
        assert (image.pixels[:, 1048:] == BLUE).all()

    @pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
    def test_a_turned_one(self, kind: str) -> None:
        exif = Image.Exif()
        exif[0x0112] = 6

        image = read_image(
            saved(four_corners(4800, 3000), kind, exif=exif, compression="tiff_adobe_deflate")
        )

        assert image.original_size == (3000, 4800)
        assert image.pixels.shape == (2048, 1280, 3)
        assert image.notes == (
            "Turned upright as its EXIF data says.",
            "Reduced from 3000 × 4800 to 1280 × 2048 pixels.",
        )
        seen = np.array(corners(image), dtype=int)
        assert np.abs(seen - np.array([BLUE, RED, GOLD, GREEN])).max() <= 16

    def test_a_mean_of_squares(self) -> None:
        # Each 2 × 2 square of a checkerboard of single pixels has the mean 127.5.
        board = (np.indices((4096, 16)).sum(axis=0) % 2 * 255).astype(np.uint8)

        image = read_image(saved(Image.fromarray(board), "PNG"))

        assert image.pixels.shape == (2048, 8, 3)
        assert set(np.unique(image.pixels)) <= {127, 128}

    def test_one_row_of_a_million_pixels(self) -> None:
        image = read_image(saved(Image.new("L", (1_000_000, 1), 90), "PNG"))

        assert image.pixels.shape == (1, 2048, 3)
        assert (image.pixels == 90).all()


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
NO_PICTURES = {
    "svg": (SVG, "an SVG drawing"),
    "html": (b"\n<!DOCTYPE html><html><body>hello</body></html>", "a web page"),
    "pdf": (b"%PDF-1.7\n", "a PDF document"),
    "eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n", "a PostScript"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64), "a HEIC photograph"),
    "text": (b"just a text", "no PNG, JPEG,"),
    "pickle": (pickle.dumps({"pixels": [1, 2, 3]}), "no PNG, JPEG,"),
    "bigtiff": (b"II+\0\x08\0\0\0" + bytes(32), "no PNG, JPEG,"),
    "ppm": (b"P6 1 1 255\nabc", "no PNG, JPEG,"),
    "noughts": (bytes(1000), "no PNG, JPEG,"),
}


class TestRefusals:
    @pytest.mark.parametrize("kind", NO_PICTURES)
    def test_no_picture_renamed_to_png(self, kind: str) -> None:
        data, what = NO_PICTURES[kind]

        with pytest.raises(ImageError, match=rf"^cat\.png is {what}.*save it as PNG or JPEG"):
            read_image(data, name="cat.png")

    def test_zip(self) -> None:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("cat.png", saved(four_corners(), "PNG"))

        with pytest.raises(ImageError, match="no PNG, JPEG"):
            read_image(file.getvalue())

    def test_a_pickle_is_not_opened(self, tmp_path: Path) -> None:
        victim = tmp_path / "touched"

        class Trap:
            def __reduce__(self) -> tuple[object, tuple[object, ...]]:
                return Path.touch, (victim,)

        for data in (pickle.dumps(Trap()), SIGNATURE + pickle.dumps(Trap())):
            with pytest.raises(ImageError):
                read_image(data)
        assert not victim.exists()

    def test_nothing(self) -> None:
        with pytest.raises(ImageError, match=r"^empty\.png is empty; choose another picture\.$"):
            read_image(b"", name="empty.png")

    def test_twenty_megabytes_and_one_byte(self) -> None:
        file = saved(four_corners(), "PNG")

        with pytest.raises(ImageError, match="larger than 20 MB"):
            read_image(file.ljust(MAX_BYTES + 1, b"\0"))
        assert read_image(file.ljust(MAX_BYTES, b"\0")).original_size == (6, 4)

    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "AVIF"])
    @pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
    def test_truncated(self, kind: str, share: float) -> None:
        file = saved(Image.fromarray(noise(48, 64, 3)), kind)

        with pytest.raises(ImageError, match=r"damaged|no PNG, JPEG"):
            read_image(file[: int(len(file) * share)], name="half")

    def test_truncated_between_the_scans_of_a_jpeg(self) -> None:
        file = saved(Image.fromarray(noise(64, 64, 3)), "JPEG", progressive=True)

        with pytest.raises(ImageError, match="cut short or damaged"):
            read_image(file[: file.rindex(b"\xff\xda")])

    def test_a_png_whose_pixels_do_not_unpack(self) -> None:
        rows = zlib.compress(bytes(50 * 51))
        broken = rows[:10] + bytes((rows[10] ^ 0xFF,)) + rows[11:]
        header = chunk(b"IHDR", struct.pack(">IIBBBBB", 50, 50, 8, 0, 0, 0, 0))
        file = SIGNATURE + header + chunk(b"IDAT", broken) + chunk(b"IEND", b"")

        with pytest.raises(ImageError, match="cut short or damaged"):
            read_image(file)

    @pytest.mark.parametrize(("width", "height"), [(7072, 7072), (60_000, 60_000), (2**31 - 1, 9)])
    def test_too_many_pixels(self, width: int, height: int) -> None:
        file = png(width, height, depth=8, colour=0, rows=b"\0")

        with pytest.raises(ImageError, match="more than the 50 megapixels"):
            read_image(file)

    def test_just_enough_pixels(self) -> None:
        # 50,000 × 1,000 is 50 megapixels to the dot; at one bit each they fit in 6.25 MB.
        rows = (b"\0" + b"\xaa" * 6250) * 1000

        image = read_image(png(50_000, 1_000, depth=1, colour=0, rows=rows))

        assert image.original_size == (50_000, 1_000)

    def test_messages_name_the_file_plainly(self) -> None:
        with pytest.raises(ImageError, match=r"^_b_cat_\.png is no PNG, JPEG.*\.$"):
            read_image(b"x", name="C:\\fake\\<b>cat\n.png")


def tiff(*entries: tuple[int, int, int, int]) -> bytes:
    """A TIFF directory without pixels; an entry is (tag, type, count, value)."""
    body = b"".join(
        struct.pack("<HHI", tag, kind, count)
        + struct.pack("<HH" if kind == 3 else "<I", *((value, 0) if kind == 3 else (value,)))
        for tag, kind, count, value in entries
    )
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + body + bytes(4)


def costly_files() -> dict[str, bytes]:
    grey = saved(Image.new("L", (64, 64), 128), "JPEG", progressive=True)
    scan = grey[grey.rindex(b"\xff\xda") : -2]
    small = png(1, 1, depth=8, colour=0, rows=b"\0\0")
    gif = saved(Image.new("L", (1, 1)), "GIF")
    frame = gif.index(b",")
    basic = ((256, 4, 1, 16), (257, 4, 1, 16), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1))
    run_lengths = bytearray(saved(Image.new("L", (4, 4)), "BMP"))
    run_lengths[30] = 1
    return {
        "a JPEG of many scans": grey[:-2] + scan * 100 + grey[-2:],
        "a JPEG of many segments": grey[:2] + b"\xff\xe5\0\2" * 20_000 + grey[2:],
        "a JPEG of much padding": grey[:2] + b"\xff" * 100_000 + grey[2:],
        "a JPEG with a part that readers skip differently": grey[:2] + b"\xff\xf0\0\2" + grey[2:],
        "a PNG of many chunks": small[:33] + chunk(b"prVt", b"") * 250_000 + small[33:],
        "a GIF of many blocks": gif[:frame] + b"!\xfe" + b"\1A" * 250_000 + b"\0" + gif[frame:],
        "a TIFF of many strips": tiff(*basic, (273, 4, 5_000_000, 8)),
        "a TIFF of one huge tile": tiff(*basic, (322, 4, 1, 40_000), (323, 4, 1, 40_000)),
        "a TIFF of strange tiles": tiff(*basic, (322, 16, 1, 8), (323, 4, 1, 16)),
        "a BMP in run lengths": bytes(run_lengths),
    }


class TestCostlyFiles:
    @pytest.mark.parametrize("kind", costly_files())
    def test_is_refused_before_it_is_decoded(
        self, kind: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object, **__: object) -> None:
            pytest.fail("Pillow was given the file.")

        file = costly_files()[kind]
        monkeypatch.setattr(Image, "open", fail)

        with pytest.raises(ImageError, match="takes too long to decode; open it in a picture"):
            read_image(file)

    def test_as_many_scans_as_any_program_writes_are_fine(self) -> None:
        file = saved(Image.fromarray(noise(64, 64, 3)), "JPEG", progressive=True)

        assert 5 < file.count(b"\xff\xda") < 20
        assert read_image(file).original_size == (64, 64)

    @pytest.mark.parametrize("kind", [b"zTXt", b"iTXt", b"iCCP"])
    def test_packed_text_in_a_png_is_never_unpacked(self, kind: bytes) -> None:
        packed = zlib.compress(bytes(20_000_000), 9)  # 19 KB
        start = {b"zTXt": b"k\0\0", b"iTXt": b"k\0\1\0\0\0", b"iCCP": b"k\0\0"}[kind]
        bomb = chunk(kind, start + packed) * 20
        file = png(1, 1, depth=8, colour=0, rows=b"\0\x2a", extra=bomb)

        tracemalloc.start()
        try:
            image = read_image(file)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

        assert image.pixels.tolist() == [[[42, 42, 42]]]
        assert peak < 1_000_000

    def test_a_small_file_of_144_megapixels_takes_no_memory(self, tmp_path: Path) -> None:
        pytest.importorskip("resource", reason="needs a Unix system, to ask for the peak memory")
        packer = zlib.compressobj(1)
        row = bytes(12_001)
        rows = b"".join(packer.compress(row * 1000) for _ in range(12)) + packer.flush()
        header = chunk(b"IHDR", struct.pack(">IIBBBBB", 12_000, 12_000, 8, 0, 0, 0, 0))
        file = tmp_path / "bomb.png"
        file.write_bytes(SIGNATURE + header + chunk(b"IDAT", rows) + chunk(b"IEND", b""))
        script = (
            "import resource, sys; from pathlib import Path\n"
            "from cnnviz.errors import ImageError; from cnnviz.imaging import read_image\n"
            "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
            "data = Path(sys.argv[1]).read_bytes(); before = peak()\n"
            "try: read_image(data)\n"
            "except ImageError as error: print(peak() - before); print(error)\n"
        )

        done = subprocess.run(
            [sys.executable, "-c", script, str(file)], capture_output=True, text=True, check=True
        )

        growth, message = done.stdout.splitlines()
        assert file.stat().st_size < 1_000_000
        unit = 1 if sys.platform == "darwin" else 1024
        assert int(growth) * unit < 16_000_000  # the plugins' code; the pixels would be 144 MB
        assert message.startswith("image has 12000 × 12000 pixels, more than the 50 megapixels")


class TestGoodManners:
    def test_pillow_settings_stay_as_they_were(self) -> None:
        before = (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES)

        read_image(saved(four_corners(), "PNG"))

        assert before == (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES)

    def test_warning_filters_stay_as_they_were(self) -> None:
        before = list(warnings.filters)

        read_image(saved(four_corners(), "PNG"))
        with pytest.raises(ImageError):
            read_image(png(10_000, 10_000, depth=8, colour=0, rows=b"\0"))

        assert list(warnings.filters) == before

    @pytest.mark.parametrize("action", ["error", "always"])
    def test_no_warning_leaks(self, action: str) -> None:
        # 100 megapixels is where Pillow warns of a decompression bomb; broken tags warn too.
        exif = b"Exif\0\0II*\0\x08\0\0\0\x05\0" + b"\x12\x01\x03\0\xff\0\0\0\x03\0\0\0" * 5
        file = saved(four_corners(32, 32), "JPEG", exif=exif)

        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter(action)  # type: ignore[arg-type]
            read_image(file)
            with pytest.raises(ImageError):
                read_image(png(10_000, 10_000, depth=8, colour=0, rows=b"\0"))

        assert seen == []

    def test_several_threads(self) -> None:
        files = [saved(Image.new("RGB", (40, 30), (v, v, v)), "PNG") for v in range(8)]
        seen: dict[int, set[int]] = {}

        def read(value: int) -> None:
            seen[value] = {int(read_image(files[value]).pixels[0, 0, 0]) for _ in range(20)}

        threads = [threading.Thread(target=read, args=(value,)) for value in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert seen == {value: {value} for value in range(8)}


def small_files() -> list[bytes]:
    colour = Image.fromarray(noise(12, 16, 3))
    grey, clear = colour.convert("L"), colour.copy()
    clear.putalpha(grey)
    deep = Image.fromarray(noise(12, 16).astype(np.uint16) * 257)
    exif = Image.Exif()
    exif[0x0112] = 6
    more = {"save_all": True, "append_images": [colour.rotate(90)]}
    return [
        saved(colour, "PNG", exif=exif),
        saved(clear, "PNG"),
        saved(grey.convert("P"), "PNG", transparency=3),
        saved(deep, "PNG"),
        saved(colour, "PNG", **more),
        saved(colour, "JPEG", exif=exif),
        saved(colour, "JPEG", progressive=True),
        saved(colour.convert("CMYK"), "JPEG"),
        saved(colour, "GIF", transparency=0, **more),
        saved(colour, "WEBP", exif=exif),
        saved(clear, "WEBP", lossless=True),
        saved(colour, "WEBP", **more),
        saved(colour, "BMP"),
        saved(grey.convert("1"), "BMP"),
        saved(colour, "TIFF", exif=exif),
        saved(deep, "TIFF"),
        saved(grey.convert("F"), "TIFF"),
        saved(colour, "TIFF", compression="tiff_adobe_deflate", **more),
        saved(colour, "TIFF", compression="jpeg"),
        saved(clear, "AVIF", exif=exif),
    ]


SMALL_FILES = small_files()


def check(data: bytes) -> None:
    """What holds for any bytes: a sound picture, or one sentence."""
    try:
        image = read_image(data, name="fuzz")
    except ImageError as error:
        sentence = str(error)
    else:
        sentence = "fuzz is a picture."
        height, width, channels = image.pixels.shape
        assert image.pixels.dtype == np.uint8
        assert channels == 3
        assert 1 <= min(height, width) <= max(height, width) <= 2048
        assert not image.pixels.flags.writeable
    assert re.fullmatch(r"fuzz (is|has|begins) .*\.", sentence)


class TestFuzz:
    @settings(max_examples=100, deadline=None)
    @given(
        data=st.binary(max_size=300), start=st.sampled_from([b"", *(f[:24] for f in SMALL_FILES)])
    )
    def test_any_bytes(self, data: bytes, start: bytes) -> None:
        check(start + data)

    @settings(max_examples=400, deadline=None)
    @given(
        file=st.sampled_from(SMALL_FILES),
        changes=st.lists(
            st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8
        ),
        near_the_start=st.booleans(),
        kept=st.one_of(st.just(1.0), st.floats(0, 1)),
    )
    def test_damaged_files(
        self,
        file: bytes,
        changes: list[tuple[float, int]],
        near_the_start: bool,
        kept: float,
    ) -> None:
        damaged = bytearray(file)
        reach = 120 if near_the_start else len(file)
        for place, value in changes:
            damaged[int(place * min(reach, len(file)))] = value
        check(bytes(damaged[: int(kept * len(damaged))]))


class TestOwnArrays:
    def test_grey_array(self) -> None:
        image = from_array(np.array([[0, 9]], dtype=np.uint8), name="dot")

        assert image.pixels.tolist() == [[[0, 0, 0], [9, 9, 9]]]
        assert (image.name, image.original_size, image.notes) == ("dot", (2, 1), ())

    def test_the_array_is_copied(self) -> None:
        pixels = noise(4, 5, 3)

        image = from_array(pixels, name="noise")
        pixels[:] = 0

        assert image.pixels.any()
        assert not image.pixels.flags.writeable
        assert image.digest == from_array(noise(4, 5, 3), name="other").digest

    @pytest.mark.parametrize(
        "pixels",
        [
            np.zeros((4, 5)),
            np.zeros((4, 5, 4), dtype=np.uint8),
            np.zeros((4,), dtype=np.uint8),
            np.zeros((0, 5, 3), dtype=np.uint8),
            np.zeros((1, 2049), dtype=np.uint8),
        ],
    )
    def test_other_arrays_are_refused(self, pixels: npt.NDArray[np.uint8]) -> None:
        with pytest.raises(ImageError, match=r"^pixels is .*(give|reduce)"):
            from_array(pixels, name="wrong")


class TestPictures:
    @pytest.mark.parametrize("shape", [(3, 4), (3, 4, 3), (3, 4, 4)])
    def test_png_and_back(self, shape: tuple[int, ...]) -> None:
        pixels = noise(*shape)

        with Image.open(io.BytesIO(to_png(pixels))) as image:
            assert image.format == "PNG"
            assert np.array_equal(np.asarray(image), pixels)

    def test_png_of_floats_is_refused(self) -> None:
        with pytest.raises(ImageError, match="pixels is float64"):
            to_png(np.zeros((2, 2)))  # type: ignore[arg-type]

    def test_nearest_by_factor(self) -> None:
        pixels = np.array([[1, 2], [3, 4]], dtype=np.uint8)

        assert upscale_nearest(pixels, factor=2).tolist() == [
            [1, 1, 2, 2],
            [1, 1, 2, 2],
            [3, 3, 4, 4],
            [3, 3, 4, 4],
        ]

    @pytest.mark.parametrize(("min_size", "side"), [(1, 10), (10, 10), (11, 20), (95, 100)])
    def test_nearest_by_size(self, min_size: int, side: int) -> None:
        scaled = upscale_nearest(noise(10, 5, 3), min_size=min_size)

        assert scaled.shape == (side, side // 2, 3)

    @pytest.mark.parametrize(
        "options", [{}, {"factor": 2, "min_size": 9}, {"factor": 0}, {"min_size": -1}]
    )
    def test_nearest_needs_one_size(self, options: dict[str, int]) -> None:
        with pytest.raises(ImageError, match="factor"):
            upscale_nearest(noise(2, 2), **options)

    @pytest.mark.parametrize("shape", [(100, 50), (100, 50, 3)])
    def test_view_is_shrunk_and_keeps_its_shape(self, shape: tuple[int, ...]) -> None:
        view = resize_for_view(np.full(shape, 77, dtype=np.uint8), max_side=40)

        assert view.shape == (40, 20, *shape[2:])
        assert (view == 77).all()

    def test_view_is_never_enlarged(self) -> None:
        pixels = noise(10, 20, 3)

        assert resize_for_view(pixels, max_side=20) is pixels

    def test_view_of_no_size_is_refused(self) -> None:
        with pytest.raises(ImageError, match="max_side is 0"):
            resize_for_view(noise(2, 2), max_side=0)


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("cat.png", "cat.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\IMG_2024 (1).jpg", "IMG_2024 (1).jpg"),
        ("<b>*[a](b)`$.png", "_b___a_(b)__.png"),
        ("Katze im Gra\u0308s 猫.png", "Katze im Gräs 猫.png"),
        ("a\nb\x00\u202ec", "a_b__c"),
        ("x" * 100 + ".jpeg", "x" * 47 + "…" + "x" * 7 + ".jpeg"),
        ("", "image"),
        ("folder/", "image"),
    ],
)
def test_clean_name(name: str, clean: str) -> None:
    assert clean_name(name) == clean
