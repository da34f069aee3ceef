"""Inputs and filters on which a convolution is easy to follow, as people write them."""

from cnnviz.activations.sliding import KERNELS

# A bright square on a dark ground.
_DARK, _BRIGHT = ["0 0 0 0 0 0 0"] * 2, ["0 0 9 9 9 0 0"] * 3
SQUARE = ", ".join((*_DARK, *_BRIGHT, *_DARK))
SLOPE = ", ".join(
    " ".join(str(row + column) for column in range(1, 8)) for row in range(7)
)  # fmt: skip

_STRIPE = "2 2 0 0 0, 2 2 0 0 0, 2 2 0 0 0, 2 2 0 0 0, 2 2 0 0 0"
_CORNER = "0 0 0 0 0, 0 0 0 0 0, 0 0 1 1 1, 0 0 1 1 1, 0 0 1 1 1"
_SPOT = "0 0 0 0 0, 0 0 0 0 0, 0 0 3 0 0, 0 0 0 0 0, 0 0 0 0 0"
# Three channels, each with a shape of its own.
SHAPES = "; ".join((_STRIPE, _CORNER, _SPOT))

ONES, _MINUS, _NONE = "1 1 1, 1 1 1, 1 1 1", "-1 -1 -1, -1 -1 -1, -1 -1 -1", "0 0 0, 0 0 0, 0 0 0"
_ACROSS, _DOWN, _IDENTITY = (KERNELS[name][0] for name in ("Sobel ↔", "Sobel ↕", "identity"))
# Edges of all colors, red against green, the other edges, and blue alone.
FILTERS = " / ".join(
    "; ".join(kernels)
    for kernels in ((_ACROSS,) * 3, (ONES, _MINUS, _NONE), (_DOWN,) * 3, (_NONE, _NONE, _IDENTITY))
)
