"""What a visitor chooses on the page “Convolution and pooling”, and the window it describes."""

from dataclasses import dataclass
from typing import Any

from cnnviz.errors import CNNVizError
from cnnviz.figures.receptive_field import fit_square
from cnnviz.sliding import (
    MAX_SIDE,
    Grid,
    Slide,
    convolve,
    list_first_filters,
    parse_grid,
    parse_kernel,
    pool,
    read_grey,
    rectify,
)
from cnnviz.stacks import StackKind
from cnnviz.web.controls.kinds import choice, coded, number, text
from cnnviz.web.pages.convolution.scenes import FIRST, IMAGE, NUMBERS

_LONGEST = 1200
_POOLINGS = (StackKind.MAX_POOLING, StackKind.AVERAGE_POOLING)


def list_filters(at: Any) -> tuple[str, list[Grid]] | None:
    """Return the layer and the kernels that read the image in the workbench's network."""
    found = list_first_filters(at.bench.model.graph)
    return None if found is None else (found[0], list(found[1]))


def _find_last_filter(at: Any) -> int:
    found = list_filters(at)
    return 0 if found is None else len(found[1]) - 1


def _read_place(written: str) -> int | None:
    if written == "middle":
        return None
    place = int(written[:9])
    if place < 0:
        raise ValueError("Cells are counted from 0.")
    return place


def _window(name: str, label: str, high: int, note: str, low: int = 0) -> Any:
    """Declare a size of the window; 0 stays possible, since the formula has a sentence for it."""
    return number(label, low, high, default=FIRST[name], look="box", help=note)


@dataclass(frozen=True)
class ConvolutionControls:
    """The input, the kernel, the two windows, and the cell that is worked out."""

    source: str = choice((NUMBERS, IMAGE), "Input", default=FIRST["source"])
    numbers: str = text(
        "Numbers",
        default=FIRST["numbers"],
        longest=_LONGEST,
        help="Separate rows with commas and numbers with spaces.",
    )
    side: int = number(
        "Side", 3, MAX_SIDE, default=FIRST["side"], help="The image is scaled to this many pixels."
    )
    kernel: str = text(
        "Kernel",
        default=FIRST["kernel"],
        longest=_LONGEST,
        help="Separate rows with commas and numbers with spaces. The table edits it too.",
    )
    stride: int = _window("stride", "Stride S", 8, "Cells from one window to the next.")
    padding: int = _window("padding", "Padding P", 8, "Zeros on each side of the input.")
    dilation: int = _window("dilation", "Dilation D", 8, "Cells between the kernel's taps.")
    divisor: int = _window("divisor", "Divisor d", 9999, "Divides each sum.", low=1)
    bias: float = number(
        "Bias b",
        -9999.0,
        9999.0,
        default=FIRST["bias"],
        step=1.0,
        look="box",
        pattern="%g",
        help="Added to each sum.",
    )
    pool: int = _window("pool", "Pool size", 8, "Side of the pooling window.", low=1)
    pool_stride: int = _window("pool_stride", "Pool stride", 8, "Of the pooling window.")
    filter: int = number(
        "Filter", 0, _find_last_filter, look="box", follows=("network",), help="Counted from 0."
    )
    cell: int | None = coded(
        "Cell",
        decode=_read_place,
        encode=lambda place: "middle" if place is None else str(place),
        follows=(*(name for name in FIRST if name not in ("divisor", "bias")), "image"),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What the windows made of the input.

    Attributes:
        grid: The input, (H, W).
        is_grey: Whether the input is an image's grey levels, 0 to 255.
        kernel: (K, K).
        convolved: The convolution.
        rectified: Its map after ReLU.
        pooled: Max and average pooling of it; none where their window does not fit.
        problem: Why it does not fit.
    """

    grid: Grid
    is_grey: bool
    kernel: Grid
    convolved: Slide
    rectified: Grid
    pooled: tuple[Slide, ...]
    problem: CNNVizError | None

    def count_cells(self) -> int:
        """Return how many cells are computed, over all grids."""
        return 2 * self.rectified.size + sum(slide.values.size for slide in self.pooled)


def read_input(at: Any) -> Grid | None:
    """Return the input's numbers, (H, W); None while there is no image.

    Raises:
        ArithmeticInputError: The text is no table of numbers.
    """
    if at.source == NUMBERS:
        return parse_grid(at.numbers, name="The input", most=MAX_SIDE)
    if at.bench.image is None:
        return None
    return read_grey(fit_square(at.bench.image.pixels, size=at.side))


def slide_windows(at: Any, grid: Grid) -> Scene:
    """Slide the kernel over the input, and pool the map after ReLU in both ways.

    Raises:
        ArithmeticInputError: The kernel is no table, or its window does not fit.
    """
    kernel = parse_kernel(at.kernel)
    convolved = convolve(
        grid,
        kernel,
        stride=at.stride,
        padding=at.padding,
        dilation=at.dilation,
        divisor=at.divisor,
        bias=at.bias,
    )
    rectified = rectify(convolved.values)
    problem: CNNVizError | None = None
    pooled: tuple[Slide, ...] = ()
    try:
        pooled = tuple(
            pool(rectified, kind=kind, kernel=at.pool, stride=at.pool_stride) for kind in _POOLINGS
        )
    except CNNVizError as error:
        problem = error
    return Scene(
        grid=grid,
        is_grey=at.source == IMAGE,
        kernel=kernel,
        convolved=convolved,
        rectified=rectified,
        pooled=pooled,
        problem=problem,
    )
