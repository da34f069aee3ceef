"""Inputs and windows worth seeing, the lectures' among them."""

from dataclasses import dataclass

from cnnviz.gallery import list_samples
from cnnviz.sliding import KERNELS

NUMBERS, PICTURE = "Numbers", "Picture"

_EDGE, _ = KERNELS["edge"]
_SOBEL, _ = KERNELS["Sobel ↔"]
_GAUSS, _GAUSS_SUM = KERNELS["Gaussian blur"]
_BOX, _BOX_SUM = KERNELS["box blur"]
# A bright square on a dark ground.
_SQUARE = ", ".join(
    (
        "0 0 0 0 0 0 0",
        "0 0 0 0 0 0 0",
        "0 0 9 9 9 0 0",
        "0 0 9 9 9 0 0",
        "0 0 9 9 9 0 0",
        "0 0 0 0 0 0 0",
        "0 0 0 0 0 0 0",
    )
)
_SLOPE = ", ".join(
    " ".join(str(row + column) for column in range(1, 8)) for row in range(7)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that the controls can say, under one title.

    Attributes:
        title: On its button.
        input: NUMBERS or PICTURE.
        numbers: The input's numbers.
        sample: Title of the sample picture.
        side: Pixels a side of the picture.
        kernel: The kernel's numbers.
        divisor: What each sum is divided by.
        bias: Added to each sum.
        stride: Of the convolution.
        padding: Of the convolution.
        dilation: Of the convolution.
        pool: Side of the pooling window.
        pool_stride: Stride of the pooling.
    """

    title: str
    input: str = NUMBERS
    numbers: str = _SQUARE
    sample: str = ""
    side: int = 16
    kernel: str = _EDGE
    divisor: int = 1
    bias: float = 0.0
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    pool: int = 2
    pool_stride: int = 2


FIRST = Scene("a square's edges")
# The pooling of the lecture is of the input itself: a 1×1 kernel of 1 hands it on.
LECTURE_POOLING = Scene(
    "2×2 pooling", numbers="1 1 2 4, 5 6 7 8, 3 2 1 0, 1 2 3 4", kernel="1"
)  # fmt: skip
SCENES = (
    FIRST,
    LECTURE_POOLING,
    Scene("7×7 by strides of 3", numbers=_SLOPE, kernel=_BOX, divisor=_BOX_SUM, stride=3),
    Scene("same size", padding=1),
    Scene("dilated", numbers=_SLOPE, kernel=_SOBEL, dilation=2),
    Scene("blur a digit", PICTURE, sample="Written 3", kernel=_GAUSS, divisor=_GAUSS_SUM),
    Scene("edges of a photograph", PICTURE, sample=list_samples()[0].title, side=28, kernel=_SOBEL),
)
