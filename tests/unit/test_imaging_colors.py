"""The image reader on colour profiles and HEIC photographs.

Expected values are worked out with published matrices, in a comment beside each.
"""

import io
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms

from cnnviz.errors import ImageError
from cnnviz.images.image import read_image
from tests.made_pictures import BLUE, GOLD, GREEN, RED, corners, four_corners, noise, saved, tiff
from tests.made_profiles import (
    ADOBE_RGB,
    DISPLAY_P3,
    SRGB,
    black_only_profile,
    grey_profile,
    rgb_profile,
)


class TestColourProfiles:
    # With the published matrices (Lindbloom), IEC 61966-2-1 and gamma 563/256 and 2.2.
    CASES = (
        (rgb_profile(ADOBE_RGB, gamma=563 / 256), (100, 150, 120), (66.0, 151.4, 119.3)),
        (rgb_profile(DISPLAY_P3, gamma=2.2), (180, 100, 90), (194.2, 94.6, 85.5)),
        # Of linear light 128/255 = 0.502: 255 × (1.055 × 0.502^(1/2.4) − 0.055) = 187.8
        (rgb_profile(SRGB, gamma=1.0), (128, 0, 255), (187.8, 0, 255)),
    )

    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP", "AVIF"])
    @pytest.mark.parametrize(("profile", "colour", "expected"), CASES)
    def test_is_applied(
        self, kind: str, profile: bytes, colour: tuple[int, ...], expected: tuple[float, ...]
    ) -> None:
        options: dict[str, Any] = {
            "JPEG": {"subsampling": 0, "quality": 100},
            "WEBP": {"lossless": True},
            "AVIF": {"quality": 100},
        }
        picture = Image.new("RGB", (32, 32), colour)

        image = read_image(saved(picture, kind, icc_profile=profile, **options.get(kind, {})))

        assert np.abs(image.pixels - np.array(expected)).max() <= 3
        assert image.notes == ("Its colors were brought from the profile “test” to sRGB.",)

    def test_is_applied_to_sixteen_bits(self) -> None:
        profile, colour, expected = self.CASES[0]
        deep = np.full((4, 4, 3), colour, dtype=np.uint16) * 257

        image = read_image(tiff(deep, photometric="rgb", iccprofile=profile))

        assert np.abs(image.pixels - np.array(expected)).max() <= 1

    def test_of_grey(self) -> None:
        file = saved(Image.new("L", (4, 4), 128), "PNG", icc_profile=grey_profile(gamma=1.0))

        assert (read_image(file).pixels == 188).all()

    def test_of_inks(self) -> None:
        picture = Image.new("CMYK", (4, 2), (200, 90, 40, 0))
        picture.paste((0, 0, 0, 255), (2, 0, 4, 2))

        image = read_image(saved(picture, "TIFF", icc_profile=black_only_profile()))

        # Only K prints there: white without it, black where it covers.
        assert image.pixels[0, :, 0].tolist() == [255, 255, 0, 0]
        assert image.notes == ("Its colors were brought from the profile “black only” to sRGB.",)

    @pytest.mark.parametrize(
        "profile",
        [
            ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
            grey_profile(gamma=1.0),  # for no image in colour
            b"no profile",
        ],
        ids=["sRGB", "grey", "damaged"],
    )
    def test_nothing_is_done(self, profile: bytes) -> None:
        picture = Image.fromarray(noise(8, 8, 3))

        image = read_image(saved(picture, "PNG", icc_profile=profile))

        assert (image.pixels.tolist(), image.notes) == (np.asarray(picture).tolist(), ())


class TestHeic:
    def heic(self, picture: Image.Image, **options: Any) -> bytes:
        file = io.BytesIO()
        pillow_heif.from_pillow(picture).save(file, quality=95, **options)
        return file.getvalue()

    def test_a_photograph(self) -> None:
        image = read_image(self.heic(four_corners(64, 48)))

        seen = np.array(corners(image), dtype=int)
        assert np.abs(seen - np.array([RED, GREEN, BLUE, GOLD])).max() <= 8
        assert (image.original_size, image.notes) == ((64, 48), ())

    def test_on_its_side_and_with_a_profile(self) -> None:
        exif = Image.Exif()
        exif[0x0112] = 6
        picture = Image.new("RGB", (64, 48), (180, 100, 90))
        picture.info["icc_profile"] = rgb_profile(DISPLAY_P3, gamma=2.2)

        image = read_image(self.heic(picture, exif=exif.tobytes()))

        assert image.original_size == (48, 64)
        assert np.abs(image.pixels - np.array((194.2, 94.6, 85.5))).max() <= 4

    @pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
    def test_truncated(self, share: float) -> None:
        file = self.heic(Image.fromarray(noise(48, 64, 3)))

        with pytest.raises(ImageError, match="damaged"):
            read_image(file[: int(len(file) * share)])
