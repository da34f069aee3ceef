"""One kernel slid over one grid of numbers: convolution, ReLU and pooling, window by window.

With kernel w, stride S, padding P, dilation D and the padded grid x, a cell of the map is

    y[i, j] = Σ x[i·S + a·D, j·S + b·D] · w[a, b] / d + bias

where d divides the kernel's whole numbers (9 for a box blur). The kernel isn't turned round, as in
every deep-learning library: mathematicians call that cross-correlation.

Source: Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning".
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cnnviz.activations.kernels import read_first_filters
from cnnviz.errors import ArithmeticInputError, CNNVizError
from cnnviz.images.image import Pixels
from cnnviz.networks.graph.layers import Graph
from cnnviz.receptive_fields.stacks import (
    StackKind,
    StackLayer,
    StackRow,
    grow_layer,
    list_read_cells,
)
from cnnviz.receptive_fields.theoretical import Window

Grid = npt.NDArray[np.float64]

MAX_SIDE = 32
MAX_KERNEL = 11
_LARGEST = 9999.0

# The lectures' kernels, each with what its whole numbers are divided by; Sobel and Feldman 1968.
KERNELS: dict[str, tuple[str, int]] = {
    "edge": ("-1 -1 -1, -1 8 -1, -1 -1 -1", 1),
    "sharpen": ("0 -1 0, -1 5 -1, 0 -1 0", 1),
    "box blur": ("1 1 1, 1 1 1, 1 1 1", 9),
    "Gaussian blur": ("1 2 1, 2 4 2, 1 2 1", 16),
    "Sobel ↔": ("-1 0 1, -2 0 2, -1 0 1", 1),
    "Sobel ↕": ("-1 -2 -1, 0 0 0, 1 2 1", 1),
    "identity": ("0 0 0, 0 1 0, 0 0 0", 1),
}


@dataclass(frozen=True, slots=True, eq=False)
class Slide:
    """What a window made of a grid.

    Attributes:
        layer: The window, and what is done in it.
        rows: The window's arithmetic along the rows.
        columns: The window's arithmetic along the columns.
        values: (H_out, W_out).
        unread_rows: Rows of the grid below that no window reads.
        unread_columns: Columns of the grid below that no window reads.
    """

    layer: StackLayer
    rows: StackRow
    columns: StackRow
    values: Grid
    unread_rows: tuple[int, ...]
    unread_columns: tuple[int, ...]


def parse_grid(text: str, *, name: str, most: int) -> Grid:
    """Read a table of numbers: rows separated by commas, numbers by spaces, “1 0, 0 -1”.

    Args:
        text: The table.
        name: What a sentence about it calls it.
        most: How many rows or columns it may have.

    Returns:
        (H, W).

    Raises:
        ArithmeticInputError: It is no such table.
    """
    rows = [line.split() for line in text.replace("−", "-").split(",") if line.strip()]
    if not rows:
        raise ArithmeticInputError(f"{name} is empty; write its rows, such as “1 0, 0 -1”.")
    if len({len(row) for row in rows}) > 1:
        counts = ", ".join(str(len(row)) for row in rows)
        raise ArithmeticInputError(
            f"{name} has rows of {counts} numbers; give every row as many as the first."
        )
    if max(len(rows), len(rows[0])) > most:
        raise ArithmeticInputError(
            f"{name} is {len(rows)}×{len(rows[0])}; take at most {most}×{most}."
        )
    return np.array([[_parse_number(word, name=name) for word in row] for row in rows])


def _parse_number(word: str, *, name: str) -> float:
    try:
        number = float(word)
    except ValueError:
        number = math.nan
    if not abs(number) <= _LARGEST:  # also where it is no number
        raise ArithmeticInputError(
            f"“{word[:20]}” in {name[0].lower()}{name[1:]} is no number from −{_LARGEST:.0f} to "
            f"{_LARGEST:.0f}; separate numbers with spaces and rows with commas."
        )
    return number


def parse_kernel(text: str) -> Grid:
    """Read a square kernel, (K, K), at most MAX_KERNEL a side.

    Raises:
        ArithmeticInputError: It is no table of numbers, or not square.
    """
    kernel = parse_grid(text, name="The kernel", most=MAX_KERNEL)
    if kernel.shape[0] != kernel.shape[1]:
        raise ArithmeticInputError(
            f"The kernel is {kernel.shape[0]}×{kernel.shape[1]}; make it square."
        )
    return kernel


def format_grid(grid: Grid) -> str:
    """Write a table as `parse_grid` reads it, three decimals at most."""
    return ", ".join(" ".join(map(_format_number, row)) for row in grid)


def _format_number(value: float) -> str:
    # The sum turns −0 into 0.
    return f"{round(value, 3) + 0.0:.3f}".rstrip("0").rstrip(".")


def check_divisor(divisor: int) -> None:
    """Refuse a divisor of sums that is below 1.

    Raises:
        ArithmeticInputError: It is.
    """
    if divisor < 1:
        raise ArithmeticInputError(f"The divisor is {divisor}; it must be 1 or more.")


def convolve(
    grid: Grid,
    kernel: Grid,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    divisor: int = 1,
    bias: float = 0.0,
) -> Slide:
    """Slide a kernel over a grid and sum the products of each window.

    Args:
        grid: (H, W).
        kernel: (K, K).
        stride: Cells from one window to the next.
        padding: Zeros on each side.
        dilation: Cells from one tap of the kernel to the next.
        divisor: What every sum is divided by.
        bias: Added to every sum.

    Raises:
        ArithmeticInputError: A number is out of range, or the kernel does not fit.
    """
    check_divisor(divisor)
    window = Window(kernel=len(kernel), stride=stride, padding=padding, dilation=dilation)
    layer = StackLayer(kind=StackKind.CONVOLUTION, window=window)
    rows, columns = _place(layer, grid)
    cut = _cut_windows(np.pad(grid, padding), rows, columns)
    values = (cut * kernel).sum(axis=(2, 3)) / divisor + bias
    return _finish(layer, rows, columns, values)


def pool(grid: Grid, *, kind: StackKind, kernel: int = 2, stride: int = 2) -> Slide:
    """Keep each window's maximum or average.

    Args:
        grid: (H, W).
        kind: Which pooling.
        kernel: Side of the window.
        stride: Cells from one window to the next.

    Raises:
        ArithmeticInputError: A number is out of range, or the window does not fit.
    """
    layer = StackLayer(kind=kind, window=Window(kernel=kernel, stride=stride))
    rows, columns = _place(layer, grid)
    cut = _cut_windows(grid, rows, columns)
    reduce = np.max if kind is StackKind.MAX_POOLING else np.mean
    return _finish(layer, rows, columns, reduce(cut, axis=(2, 3)))


def rectify(grid: Grid) -> Grid:
    """Set what is negative to zero: ReLU, max(0, x)."""
    return np.maximum(grid, 0.0)


def _place(layer: StackLayer, grid: Grid) -> tuple[StackRow, StackRow]:
    """The layer's arithmetic along both axes."""
    height, width = grid.shape
    try:
        return grow_layer(layer, None, size=height), grow_layer(layer, None, size=width)
    except ArithmeticInputError as error:
        raise ArithmeticInputError(f"The {layer.title} does not work: {error}") from error


def _cut_windows(padded: Grid, rows: StackRow, columns: StackRow) -> Grid:
    """Every window of a grid, (H_out, W_out, K, K)."""
    window = rows.layer.window
    taps = window.dilation * np.arange(window.kernel)
    down = window.stride * np.arange(rows.size)[:, None] + taps  # (H_out, K)
    across = window.stride * np.arange(columns.size)[:, None] + taps  # (W_out, K)
    windows: Grid = padded[down[:, None, :, None], across[None, :, None, :]]
    return windows


def _finish(layer: StackLayer, rows: StackRow, columns: StackRow, values: Grid) -> Slide:
    return Slide(
        layer=layer,
        rows=rows,
        columns=columns,
        values=values,
        unread_rows=_list_unread(rows),
        unread_columns=_list_unread(columns),
    )


def _list_unread(row: StackRow) -> tuple[int, ...]:
    read = list_read_cells((row,))[0]
    return tuple(place for place in range(row.size_below) if place not in read)


def list_first_filters(graph: Graph) -> tuple[str, Grid] | None:
    """Find the kernels that read the image, as they act on a grey one.

    Where the image is grey, red, green and blue are equal, and a filter's three kernels act as
    their sum.

    Returns:
        The layer's title and its kernels (N, K, K); None where no square kernel of at most
        MAX_KERNEL a side reads the image.
    """
    for layer in graph.layers:
        filters = read_first_filters(graph, layer=layer.name) if layer.inputs else None
        if filters is None:
            continue
        kernels = filters.astype(np.float64).sum(axis=1)  # (N, C, K, K) -> (N, K, K)
        square = kernels.shape[1] == kernels.shape[2] <= MAX_KERNEL
        return (layer.title, kernels) if square else None
    return None


def read_grey(pixels: Pixels) -> Grid:
    """Take an image as numbers: its grey levels, (H, W, 3) uint8 to (H, W), 0 black to 255 white.

    Source: ITU-R BT.601: 0.299 of the red, 0.587 of the green and 0.114 of the blue.
    """
    levels: Grid = np.rint(pixels.astype(np.float64) @ np.array([0.299, 0.587, 0.114]))
    return levels


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What windows made of an input: a convolution, a ReLU, and poolings.

    Attributes:
        grid: The input, (H, W).
        kernel: (K, K).
        convolved: The convolution.
        rectified: Its map after ReLU.
        pooled: Max and average pooling of it; none where their window does not fit.
        problem: Why it does not fit.
    """

    grid: Grid
    kernel: Grid
    convolved: Slide
    rectified: Grid
    pooled: tuple[Slide, ...] = ()
    problem: CNNVizError | None = None

    def count_cells(self) -> int:
        """Return how many cells are computed, over all grids."""
        return 2 * self.rectified.size + sum(slide.values.size for slide in self.pooled)


def slide_windows(
    grid: Grid, kernel: Grid, *, pool_size: int, pool_stride: int, **window: float
) -> Scene:
    """Slide a kernel over an input, and pool the map after ReLU in both ways.

    Args:
        grid: (H, W).
        kernel: (K, K).
        pool_size: Side of the pooling window.
        pool_stride: Cells from one pooling window to the next.
        window: See `convolve`.

    Raises:
        ArithmeticInputError: The kernel's window does not fit.
    """
    convolved = convolve(grid, kernel, **window)  # type: ignore[arg-type]
    rectified = rectify(convolved.values)
    kinds = (StackKind.MAX_POOLING, StackKind.AVERAGE_POOLING)
    try:
        pooled = tuple(
            pool(rectified, kind=kind, kernel=pool_size, stride=pool_stride) for kind in kinds
        )
    except CNNVizError as error:
        return Scene(grid, kernel, convolved, rectified, problem=error)
    return Scene(grid, kernel, convolved, rectified, pooled)
