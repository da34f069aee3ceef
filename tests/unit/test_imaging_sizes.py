"""Frames, reduction, arrays and names: what becomes of a picture once it is read.

Expected values are worked by hand from the format's definition, in a comment beside each.
"""

import io

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from cnnviz.errors import ImageError
from cnnviz.images.image import (
    clean_name,
    from_array,
    read_image,
    resize_for_view,
    to_png,
    upscale_nearest,
)
from tests.made_pictures import BLUE, GOLD, GREEN, RED, corners, four_corners, noise, saved


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
