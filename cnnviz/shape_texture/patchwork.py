"""A cue conflict without any network: one image's silhouette paved with patches of another."""

from dataclasses import dataclass

import numpy as np

from cnnviz.errors import ImageError
from cnnviz.images.image import Pixels
from cnnviz.images.outlines import Mask, find_edges, find_silhouette

_TRIES = 40  # places to draw for a patch that lies inside the texture's object
_GREY = 200  # the ground, where the shape's own is taken away


@dataclass(frozen=True, slots=True)
class PatchworkOptions:
    """How a silhouette is paved.

    Attributes:
        side: Of a patch, in percent of the image's side, 2 to 50.
        edges: How strongly the shape's edges are drawn over it, 0 to 100 %.
        ground: Whether the shape image's own ground is left around the silhouette.
        seed: Of the patches' places.
    """

    side: int = 15
    edges: int = 50
    ground: bool = False
    seed: int = 0


def make_patchwork(shape: Pixels, texture: Pixels, *, options: PatchworkOptions) -> Pixels:
    """Fill the silhouette of one image with patches of the other.

    Args:
        shape: uint8 (H, W, 3).
        texture: uint8 (H, W, 3), of the same size. Patches are taken from within its silhouette,
            as far as they fit there.
        options: How.

    Returns:
        uint8 (H, W, 3).

    Raises:
        ImageError: The sizes differ, a number is out of range, or the shape image has no
            silhouette.
    """
    if shape.shape != texture.shape:
        raise ImageError(f"The images are {shape.shape} and {texture.shape}; give equal sizes.")
    if not (2 <= options.side <= 50 and 0 <= options.edges <= 100):
        raise ImageError(
            f"side is {options.side} and edges {options.edges}; choose 2 to 50 and 0 to 100."
        )
    inside = find_silhouette(shape)
    if not inside.any():
        raise ImageError("Nothing stands out from this image's border; choose another shape.")
    side = max(2, round(min(shape.shape[:2]) * options.side / 100))
    paved = pave(texture, side=side, inside=find_silhouette(texture), seed=options.seed)
    ground = shape if options.ground else np.full_like(shape, _GREY)
    made = np.where(inside[:, :, None], paved, ground).astype(np.float64)
    lines = (find_edges(shape) & inside)[:, :, None]
    made = np.where(lines, made * (1 - options.edges / 100), made)
    return np.rint(made).astype(np.uint8)


def pave(texture: Pixels, *, side: int, inside: Mask, seed: int) -> Pixels:
    """Cover an image's whole area with square patches of itself from random places.

    Args:
        texture: uint8 (H, W, 3).
        side: Of a patch, at most the image's.
        inside: (H, W): where patches are to be taken from; one that lies there as far as a few
            tries find it is taken.
        seed: Of the places.
    """
    height, width = texture.shape[:2]
    generator = np.random.default_rng(seed)
    paved = np.empty_like(texture)
    for top in range(0, height, side):
        for left in range(0, width, side):
            row, column = _find_place(inside, side=side, generator=generator)
            rows, columns = min(side, height - top), min(side, width - left)
            paved[top : top + rows, left : left + columns] = texture[
                row : row + rows, column : column + columns
            ]
    return paved


def _find_place(inside: Mask, *, side: int, generator: np.random.Generator) -> tuple[int, int]:
    """Of a few random places the first whose patch lies wholly inside, or the one nearest to it."""
    height, width = inside.shape
    best, place = -1.0, (0, 0)
    for _ in range(_TRIES):
        row = int(generator.integers(0, height - side + 1))
        column = int(generator.integers(0, width - side + 1))
        share = float(inside[row : row + side, column : column + side].mean())
        if share > best:
            best, place = share, (row, column)
        if share == 1.0:
            break
    return place
