"""The image reader on rare layouts: TIFFs by tifffile and libtiff, and files made byte by byte.

Expected values are worked by hand from the format's definition, in a comment beside each.
"""

import io
import struct
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pytest
import tifffile
from PIL import Image

from cnnviz.errors import ImageError
from cnnviz.images.image import CheckedImage, read_image
from tests.made_pictures import (
    BLUE,
    GOLD,
    GREEN,
    RED,
    WHITE,
    chunk,
    corners,
    four_corners,
    noise,
    png,
    saved,
    tiff,
)

RAMP = np.arange(0, 256, 3, dtype=np.uint8)[:80].reshape(5, 16)
COLOURS = np.stack([RAMP, RAMP[::-1], 255 - RAMP], axis=-1)


def grey(image: CheckedImage) -> npt.NDArray[np.uint8]:
    assert (image.pixels == image.pixels[:, :, :1]).all()
    return image.pixels[:, :, 0]


class TestTiffSamples:
    @pytest.mark.parametrize("order", ["<", ">"])
    @pytest.mark.parametrize("tile", [None, (16, 16)])
    @pytest.mark.parametrize("compression", [None, "zlib"])
    @pytest.mark.parametrize("planar", ["contig", "separate"])
    def test_sixteen_bit_colours(
        self, planar: str, compression: str | None, tile: tuple[int, int] | None, order: str
    ) -> None:
        deep = COLOURS.astype(np.uint16) * 257  # v × 257 is v of 255
        values = np.moveaxis(deep, -1, 0) if planar == "separate" else deep

        image = read_image(
            tiff(
                values,
                photometric="rgb",
                planarconfig=planar,
                compression=compression,
                predictor=compression is not None,
                tile=tile,
                byteorder=order,
            )
        )

        assert image.pixels.tolist() == COLOURS.tolist()
        assert image.notes == ("Its 16-bit values were rescaled to 8 bits.",)

    @pytest.mark.parametrize("bits", [8, 16])
    def test_grey_that_counts_from_white(self, bits: int) -> None:
        values = RAMP.astype(np.uint16) * 257 if bits == 16 else RAMP

        image = read_image(tiff(values, photometric="miniswhite"))

        assert grey(image).tolist() == (255 - RAMP).tolist()

    @pytest.mark.parametrize(("bits", "most"), [(8, 255), (10, 1023), (12, 4095), (16, 65535)])
    def test_fewer_bits_in_sixteen(self, bits: int, most: int) -> None:
        values = np.array([[0, most // 3, most]], dtype=np.uint16)

        image = read_image(tiff(values))

        assert grey(image).tolist() == [[0, 85, 255]]
        assert image.notes == (f"Its {bits}-bit values were rescaled to 8 bits.",)

    def test_twelve_bits_that_are_packed(self) -> None:
        # 000 555 FFF of 4095, and FFF 000 555 in the second row; each row ends at a whole byte.
        rows = bytes.fromhex("000555fff0 fff0005550")
        entries = [(256, 3), (257, 2), (258, 12), (259, 1), (262, 1), (273, 8), (277, 1), (279, 10)]
        table = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries)
        file = b"II*\0" + struct.pack("<I", 18) + rows + struct.pack("<H", 8) + table + bytes(4)

        assert grey(read_image(file)).tolist() == [[0, 85, 255], [255, 0, 85]]

    @pytest.mark.parametrize("predictor", [1, 2])
    def test_sixteen_bits_in_lzw(self, predictor: int) -> None:
        values = Image.fromarray(RAMP.astype(np.uint16) * 257)

        file = saved(values, "TIFF", compression="tiff_lzw", tiffinfo={317: predictor})

        assert grey(read_image(file)).tolist() == RAMP.tolist()

    def test_real_numbers_as_differences_of_bytes(self) -> None:
        values = Image.fromarray(RAMP.astype(np.float32))  # runs from 0 to 237

        file = saved(values, "TIFF", compression="tiff_adobe_deflate", tiffinfo={317: 3})

        expected = np.rint(RAMP / 237 * 255)
        assert grey(read_image(file)).tolist() == expected.tolist()

    @pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
    def test_real_colours_from_nought_to_one(self, kind: str) -> None:
        values = np.array([[[0, 0.25, 0.5]]], dtype=kind)

        image = read_image(tiff(values, photometric="rgb"))

        assert image.pixels.tolist() == [[[0, 64, 128]]]  # 63.75 and 127.5, to the even number

    @pytest.mark.parametrize(
        ("alpha", "expected"),
        # 200 of 255 at 51 of 255, a fifth: 200/5 + 255 × 4/5, or 200 + 204, at most 255.
        [("unassalpha", [244, 255]), ("assocalpha", [255, 255]), ("unspecified", [200, 100])],
    )
    def test_a_fourth_sample_of_sixteen_bits(self, alpha: str, expected: list[int]) -> None:
        values = np.array([[[200] * 3 + [51], [100] * 3 + [0]]], dtype=np.uint16) * 257

        image = read_image(tiff(values, photometric="rgb", extrasamples=[alpha]))

        assert grey(image).tolist() == [expected]

    @pytest.mark.parametrize("order", ["<", ">"])
    @pytest.mark.parametrize("values", [COLOURS, COLOURS.astype(np.uint16) * 257])
    def test_bigtiff(self, values: npt.NDArray[Any], order: str) -> None:
        file = tiff(values, photometric="rgb", bigtiff=True, byteorder=order, compression="zlib")

        assert read_image(file).pixels.tolist() == COLOURS.tolist()

    def test_one_that_lies_on_its_side(self) -> None:
        deep = np.asarray(four_corners()).astype(np.uint16) * 257

        image = read_image(tiff(deep, photometric="rgb", extratags=[(274, "H", 1, 6, True)]))

        assert image.original_size == (4, 6)
        assert corners(image) == [BLUE, RED, GOLD, GREEN]

    def test_colours_of_another_kind_are_refused_by_name(self) -> None:
        file = tiff(RAMP.astype(np.uint16))
        interpretation = struct.pack("<HHI", 262, 3, 1)
        assert interpretation + b"\1" in file
        lab = file.replace(interpretation + b"\1", interpretation + b"\x08")  # CIE L*a*b*

        with pytest.raises(ImageError, match="is a TIFF of a rare kind"):
            read_image(lab)

    def test_tags_that_point_at_the_same_numbers_again_and_again(self) -> None:
        numbers = bytes(4 * 65_536)
        entries = struct.pack("<HHII", 330, 4, 65_536, 8) * 4000
        file = b"II*\0" + struct.pack("<I", 8 + len(numbers)) + numbers
        file += struct.pack("<H", 4000) + entries + bytes(4)

        with pytest.raises(ImageError, match="takes too long to decode"):
            read_image(file)


class TestThumbnails:
    def write(self, photograph: npt.NDArray[Any], **options: Any) -> bytes:
        file = io.BytesIO()
        with tifffile.TiffWriter(file) as writer:
            writer.write(RAMP, subifds=1, subfiletype=1, metadata=None)
            writer.write(photograph, subfiletype=0, metadata=None, **options)
        return file.getvalue()

    def test_the_largest_image_is_used(self) -> None:
        large = np.repeat(np.repeat(COLOURS, 4, axis=0), 4, axis=1)

        image = read_image(self.write(large, photometric="rgb"))

        assert image.pixels.tolist() == large.tolist()
        assert image.notes == ("The file begins with a thumbnail; its largest image is used.",)

    def test_a_raw_photograph_is_refused_by_name(self) -> None:
        file = self.write(np.zeros((40, 64), np.uint16), photometric="cfa")

        with pytest.raises(ImageError, match=r"^a\.dng is a camera's raw photograph .*DNG"):
            read_image(file, name="a.dng")

    def test_a_dng_of_finished_colours_too(self) -> None:
        file = tiff(COLOURS, photometric="rgb", extratags=[(50706, "B", 4, (1, 4, 0, 0), True)])

        with pytest.raises(ImageError, match="raw photograph"):
            read_image(file)


def _digest_of(data: bytes) -> str | None:
    try:
        return read_image(data).digest
    except ImageError:
        return None


class TestEndOfJpeg:
    OPTIONS: ClassVar[tuple[dict[str, Any], ...]] = (
        {},
        {"progressive": True},
        {"restart_marker_blocks": 4},
        {"subsampling": 0},
    )

    @pytest.mark.parametrize("options", OPTIONS)
    def test_all_pixels_are_there_without_the_last_two_bytes(self, options: dict[str, Any]) -> None:
        file = saved(Image.fromarray(noise(40, 56, 3)), "JPEG", **options)

        for short in (file[:-2], file[:-1], file[:-2] + bytes(20)):
            assert read_image(short).digest == read_image(file).digest

    @pytest.mark.parametrize("options", OPTIONS)
    def test_no_other_end_is_taken_for_whole(self, options: dict[str, Any]) -> None:
        file = saved(Image.fromarray(noise(40, 56, 3)), "JPEG", **options)
        whole = read_image(file).digest

        seen = {_digest_of(file[:end]) for end in range(len(file) - 120, len(file) - 2)}

        assert seen <= {None, whole}
        assert _digest_of(file[:-40]) is None

    def test_twelve_bits_are_named(self) -> None:
        file = saved(four_corners(16, 16), "JPEG")
        at = file.index(b"\xff\xc0") + 4

        with pytest.raises(ImageError, match="is a JPEG of 12 bits, which cannot be opened"):
            read_image(file[:at] + b"\x0c" + file[at + 1 :])


class TestBmp:
    MASKS = struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)  # red, green, blue, alpha

    def bmp(self, pixels: bytes, *, size: int) -> bytes:
        head = struct.pack("<IiiHHIIiiII", size, 2, 1, 1, 32, 3, len(pixels), 0, 0, 0, 0)
        head = (head + self.MASKS + b"BGRs").ljust(size, b"\0")
        return b"BM" + struct.pack("<IHHI", 0, 0, 0, 14 + size) + head + pixels

    @pytest.mark.parametrize("size", [108, 124])  # of the headers of versions 4 and 5
    @pytest.mark.parametrize(("alpha", "first"), [(0, (3, 2, 1)), (255, (255, 255, 255))])
    def test_alpha_counts_unless_it_is_nought_everywhere(
        self, size: int, alpha: int, first: tuple[int, ...]
    ) -> None:
        image = read_image(self.bmp(bytes((1, 2, 3, 0, 4, 5, 6, alpha)), size=size))

        assert image.pixels.tolist() == [[list(first), [6, 5, 4]]]

    def test_an_unknown_order_of_bits_is_named(self) -> None:
        file = self.bmp(bytes(8), size=108).replace(self.MASKS[:4], struct.pack("<I", 0x3FF00000))

        with pytest.raises(ImageError, match=r"begins like a BMP image but is .*of a rare kind"):
            read_image(file)


class TestPngClearColour:
    @pytest.mark.parametrize(
        ("depth", "row", "clear", "expected"),
        [  # a sample s of so many bits is s × 255 / (2^bits − 1)
            (1, 0b0110_0000, 1, [0, 255, 255, 0]),
            (1, 0b0110_0000, 0, [0, 255, 255, 0]),  # white on a clear ground: put on black
            (2, 0b0001_1011, 1, [0, 255, 170, 255]),
            (2, 0b0001_1011, 2, [0, 85, 255, 255]),
        ],
    )
    def test_in_one_or_two_bits(
        self, depth: int, row: int, clear: int, expected: list[int]
    ) -> None:
        extra = chunk(b"tRNS", struct.pack(">H", clear))

        image = read_image(png(4, 1, depth=depth, colour=0, rows=bytes((0, row)), extra=extra))

        assert grey(image).tolist() == [expected]

    def test_in_four_bits(self) -> None:
        extra = chunk(b"tRNS", struct.pack(">H", 5))

        image = read_image(png(4, 1, depth=4, colour=0, rows=b"\0\x45\x5f", extra=extra))

        assert grey(image).tolist() == [[68, 255, 255, 255]]  # 4 × 17; 5 is clear; 15 × 17


class TestGifScreen:
    def gif(self, *, clear: int | None = None, place: tuple[int, int] = (3, 1)) -> bytes:
        """A screen of 8×5, background red, with a green frame of 4×2."""
        frame = Image.new("P", (4, 2), 1)
        frame.putpalette([*RED, *GREEN])
        options: dict[str, Any] = {} if clear is None else {"transparency": clear}
        file = bytearray(saved(frame, "GIF", **options))
        file[6:10] = struct.pack("<2H", 8, 5)
        at = file.index(b",\0\0\0\0\4\0\2\0")
        file[at + 1 : at + 5] = struct.pack("<2H", *place)
        return bytes(file)

    @pytest.mark.parametrize("clear", [None, 0])
    def test_what_the_first_frame_leaves_is_white(self, clear: int | None) -> None:
        expected = np.full((5, 8, 3), WHITE)
        expected[1:3, 3:7] = GREEN

        image = read_image(self.gif(clear=clear))

        assert image.pixels.tolist() == expected.tolist()
        assert "Its first frame does not fill the screen; the rest is white." in image.notes

    def test_a_frame_across_the_edge_enlarges_the_screen(self) -> None:
        assert read_image(self.gif(place=(6, 1))).original_size == (10, 5)

    def test_a_huge_screen_is_refused(self) -> None:
        file = self.gif().replace(struct.pack("<2H", 8, 5), struct.pack("<2H", 60_000, 60_000))

        with pytest.raises(ImageError, match="60000 × 60000 pixels"):
            read_image(file)


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"\xff\x0a", "a JPEG XL image"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 image"),
        (b"II*\0\x10\0\0\0CR\x02\0", "a camera's raw photograph"),
        (b"IIU\0\x08\0\0\0", "a camera's raw photograph"),
    ],
)
def test_other_kinds_are_named(start: bytes, what: str) -> None:
    with pytest.raises(ImageError, match=f"^image is {what}"):
        read_image(start.ljust(100, b"\0"))
