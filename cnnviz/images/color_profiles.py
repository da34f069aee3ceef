"""Colour profiles of images: from a camera's or display's colours to those of the web, sRGB."""

import io
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from PIL import Image, ImageCms

_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
# sRGB's own profile, written by another program, differs by a rounding.
_SAME_WITHIN = 3
_MAX_NAME = 40


@dataclass(frozen=True, slots=True, eq=False)
class ProfileTransform:
    """How to bring an image's colours to sRGB.

    Attributes:
        mode: The mode that the image must have: "RGB", "L" or "CMYK".
        name: What the profile calls itself.
    """

    mode: str
    name: str
    _transform: Any

    def apply(self, image: Image.Image) -> Image.Image:
        """Return an image of this mode in sRGB, of mode RGB."""
        converted = ImageCms.applyTransform(image, self._transform)
        assert converted is not None  # noqa: S101 - it is None only where asked to work in place
        return converted


def read_profile(profile: bytes) -> ProfileTransform | None:
    """Read a colour profile; None where it is damaged, of another kind, or changes nothing.

    Args:
        profile: An ICC profile.
    """
    if not profile:
        return None
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = _MODES.get(opened.profile.xcolor_space.strip(), "")
        if not mode:
            return None
        transform = ImageCms.buildTransform(
            opened, _srgb(), mode, "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC
        )
        name = ImageCms.getProfileDescription(opened)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError, AttributeError):
        return None
    read = ProfileTransform(mode, _clean(name), transform)
    return read if mode == "CMYK" or _changes_colours(read) else None


@cache
def _srgb() -> Any:
    return ImageCms.createProfile("sRGB")


def _changes_colours(transform: ProfileTransform) -> bool:
    steps = np.linspace(0, 255, 9).round().astype(np.uint8)
    if transform.mode == "L":
        samples, rgb = steps[None], np.repeat(steps[None, :, None], 3, axis=2)
    else:
        rgb = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
        samples = rgb
    converted = np.asarray(transform.apply(Image.fromarray(samples)), dtype=int)
    return bool(np.abs(converted - rgb).max() > _SAME_WITHIN)


def _clean(name: str) -> str:
    plain = "".join(sign for sign in name if sign.isalnum() or sign in " .-()").strip()
    return plain[:_MAX_NAME].strip() or "unnamed"
