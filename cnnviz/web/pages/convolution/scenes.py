"""Inputs and windows worth seeing, the lectures' among them."""

from enum import StrEnum
from typing import Any

from cnnviz.activations.examples import FILTERS, ONES, SHAPES, SLOPE, SQUARE
from cnnviz.activations.sliding import KERNELS
from cnnviz.images.samples import list_samples

NUMBERS, IMAGE = "Numbers", "Image"


class Mode(StrEnum):
    """What slides over what."""

    SINGLE = "one channel"
    CHANNELS = "channels"
    TRANSPOSED = "transposed"


MODES = {
    Mode.SINGLE: "One channel",
    Mode.CHANNELS: "Channels and filters",
    Mode.TRANSPOSED: "Transposed convolution",
}

_EDGE, _ = KERNELS["edge"]
_SOBEL, _ = KERNELS["Sobel ↔"]
_GAUSS, _GAUSS_SUM = KERNELS["Gaussian blur"]
_BOX, _BOX_SUM = KERNELS["box blur"]
FIRST: dict[str, Any] = {
    "mode": Mode.SINGLE,
    "volume": SHAPES,
    "channels": 3,
    "filters": FILTERS,
    "filter_count": 2,
    "source": NUMBERS,
    "numbers": SQUARE,
    "side": 16,
    "kernel": _EDGE,
    "divisor": 1,
    "bias": 0.0,
    "stride": 1,
    "padding": 0,
    "dilation": 1,
    "pool": 2,
    "pool_stride": 2,
}
# The pooling of the lecture is of the input itself: a 1×1 kernel of 1 hands it on.
LECTURE_POOLING = FIRST | {"numbers": "1 1 2 4, 5 6 7 8, 3 2 1 0, 1 2 3 4", "kernel": "1"}
# Everything that the controls can say, by the title on the button.
SCENES: dict[str, dict[str, Any]] = {
    "Edges of a square": FIRST,
    "2×2 pooling": LECTURE_POOLING,
    "7×7, stride 3": FIRST | {"numbers": SLOPE, "kernel": _BOX, "divisor": _BOX_SUM, "stride": 3},
    "Same size": FIRST | {"padding": 1},
    "Dilated kernel": FIRST | {"numbers": SLOPE, "kernel": _SOBEL, "dilation": 2},
    "Blurred digit": FIRST
    | {"source": IMAGE, "image": "digit-3", "kernel": _GAUSS, "divisor": _GAUSS_SUM},
    "Three channels": FIRST | {"mode": Mode.CHANNELS},
    "Colors of a photograph": FIRST
    | {
        "mode": Mode.CHANNELS,
        "source": IMAGE,
        "image": list_samples()[0].key,
        "side": 24,
        "divisor": _BOX_SUM,
    },
    "Transposed, stride 2": FIRST
    | {"mode": Mode.TRANSPOSED, "volume": "1 2, 3 4", "channels": 1, "filter_count": 1, "stride": 2}
    | {"filters": ONES},
    "Bilinear, twice as large": FIRST
    | {"mode": Mode.TRANSPOSED, "volume": "1 2 3, 4 5 6, 7 8 9", "channels": 1, "stride": 2}
    | {"filters": _GAUSS, "filter_count": 1, "divisor": 4, "padding": 1},
    "Edges of a photograph": FIRST
    | {"source": IMAGE, "image": list_samples()[0].key, "side": 28, "kernel": _SOBEL},
}
