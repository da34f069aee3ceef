"""Images beside their Grad-CAM, for pages that look at single predictions of an evaluation."""

from collections.abc import Sequence

from cnnviz.figures.synthesis import pad_images
from cnnviz.images.image import Pixels, resize_for_view, to_rgb
from cnnviz.runs.pairs import Pair
from cnnviz.web.made_images import show_images

_SIDE = 224


def show_pairs(
    pairs: Sequence[Pair], told: Sequence[tuple[str, str]], *, key: str, side: int
) -> None:
    """Show the pairs drawn so far.

    Args:
        pairs: Those that are drawn.
        told: What is predicted and a note on it, of all pairs.
        key: Key of the component.
        side: Of an image on the screen, in CSS pixels.
    """
    tiles: list[Pixels] = []
    names, notes = [], []
    for (said, note), (view, cam) in zip(told, pairs, strict=False):
        for pixels, name, line in ((view, said, note), (cam, "Grad-CAM", said)):
            if pixels is not None:
                tiles.append(resize_for_view(to_rgb(pixels), max_side=_SIDE))
                names.append(name)
                notes.append(line)
    show_images(pad_images(tiles), names, notes, key=key, side=side)
