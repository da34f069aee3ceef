"""The image reader on good files: formats, orientation, depth and colour.

Expected values are worked by hand from the format's definition, in a comment beside each.
"""

import struct
from typing import Any, ClassVar

import numpy as np
import pytest
from PIL import Image

from cnnviz.images.image import read_image
from tests.made_pictures import BLUE, GOLD, GREEN, RED, chunk, corners, four_corners, png, saved


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
            "Its CMYK colors were converted to RGB without their color profile.",
        )

    def test_lab(self) -> None:
        picture = Image.new("LAB", (4, 4), (255, 128, 128))  # lightness 100, no colour: white

        assert (read_image(saved(picture, "TIFF")).pixels >= 250).all()
