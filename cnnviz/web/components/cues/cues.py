"""The component that shows images side by side, and a card for each network below them."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from cnnviz.figures.texture import Card
from cnnviz.images.image import Pixels, resize_for_view, to_png, upscale_nearest
from cnnviz.web.components.bundle import create_component

_SIDE = 256

_cues = create_component("cues")


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What the script reads; its type `Payload` says of each field what it is."""

    images: list[dict[str, str]]
    cards: Sequence[Card]


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """An image of the row.

    Attributes:
        pixels: uint8 (H, W, 3).
        title: What stands above it.
        caption: What stands below it.
        tone: "shape", "texture", or empty.
    """

    pixels: Pixels
    title: str
    caption: str
    tone: str = ""


def show_cues(images: Sequence[Shown], cards: Sequence[Card], *, key: str) -> None:
    """Show the images and the cards; the cards wrap where the window is narrow."""
    row = [
        {"png": _encode(one.pixels), "title": one.title, "caption": one.caption, "tone": one.tone}
        for one in images
    ]
    _cues.show(Payload(images=row, cards=cards), key=key)


def _encode(pixels: Pixels) -> str:
    """PNG at a size that a browser need not enlarge much, each pixel of a small one a square."""
    if max(pixels.shape[:2]) < _SIDE // 2:
        pixels = upscale_nearest(pixels, min_size=_SIDE)
    sized = resize_for_view(pixels, max_side=_SIDE)
    return base64.b64encode(to_png(sized)).decode("ascii")
