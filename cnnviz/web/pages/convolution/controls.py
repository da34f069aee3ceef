"""What a visitor chooses on the page “Convolution and pooling”, and the window it describes."""

from dataclasses import dataclass
from typing import Any

from cnnviz.activations.sliding import (
    MAX_SIDE,
    Grid,
    Scene,
    list_first_filters,
    parse_grid,
    parse_kernel,
    read_grey,
    slide_windows,
)
from cnnviz.activations.volumes import (
    MAX_CHANNELS,
    MAX_FILTERS,
    Volumes,
    apply_filters,
    choose_channels,
    parse_channels,
    parse_filters,
    read_channels,
)
from cnnviz.figures.receptive_field import fit_square
from cnnviz.web.controls.kinds import choice, coded, number, text
from cnnviz.web.pages.convolution.scenes import FIRST, IMAGE, MODES, NUMBERS, Mode
from cnnviz.web.state import PageState

_LONGEST, _LONGEST_FILTERS = 1200, 4000
CONVOLUTION = ("stride", "padding", "dilation", "divisor", "bias")


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


def _window(name: str, label: str, high: int = 8, low: int = 0) -> Any:
    """Declare a size of the window; 0 stays possible, since the formula has a sentence for it."""
    return number(label, low, high, default=FIRST[name], look="box")


@dataclass(frozen=True)
class ConvolutionControls:
    """The input, the kernels, the two windows, and the cell that is worked out."""

    mode: Mode = choice(Mode, "Mode", titles=MODES, default=FIRST["mode"], look="list")
    source: str = choice((NUMBERS, IMAGE), "Input", default=FIRST["source"])
    numbers: str = text("Numbers", default=FIRST["numbers"], longest=_LONGEST)
    volume: str = text("Channels’ numbers", default=FIRST["volume"], longest=_LONGEST)
    channels: int = number("Channels", 1, MAX_CHANNELS, default=FIRST["channels"])
    filters: str = text("Filters’ kernels", default=FIRST["filters"], longest=_LONGEST_FILTERS)
    filter_count: int = number("Filters", 1, MAX_FILTERS, default=FIRST["filter_count"])
    side: int = number("Side", 3, MAX_SIDE, default=FIRST["side"])
    kernel: str = text("Kernel", default=FIRST["kernel"], longest=_LONGEST)
    stride: int = _window("stride", "Stride S")
    padding: int = _window("padding", "Padding P")
    dilation: int = _window("dilation", "Dilation D")
    divisor: int = _window("divisor", "Divisor d", 9999, low=1)
    bias: float = number(
        "Bias b", -9999.0, 9999.0, default=FIRST["bias"], step=1.0, look="box", pattern="%g"
    )
    pool: int = _window("pool", "Pool size", low=1)
    pool_stride: int = _window("pool_stride", "Pool stride")
    filter: int = number("Filter", 0, _find_last_filter, look="box", follows=("network",))
    cell: int | None = coded(
        "Cell",
        decode=_read_place,
        encode=lambda place: "middle" if place is None else str(place),
        follows=(*(name for name in FIRST if name not in ("divisor", "bias")), "image"),
    )


Page = PageState[ConvolutionControls]


def read_scene(at: Any) -> Scene | None:
    """Slide the windows over the input; None while there is no image.

    Raises:
        ArithmeticInputError: The input or the kernel is no table, or its window does not fit.
    """
    if at.source == NUMBERS:
        grid = parse_grid(at.numbers, name="The input", most=MAX_SIDE)
    elif at.bench.image is None:
        return None
    else:
        grid = read_grey(fit_square(at.bench.image.pixels, size=at.side))
    window = {name: getattr(at, name) for name in CONVOLUTION}
    return slide_windows(
        grid, parse_kernel(at.kernel), pool_size=at.pool, pool_stride=at.pool_stride, **window
    )


def read_volumes(at: Any) -> Volumes | None:
    """Apply the filters to the channels; None while there is no image.

    Raises:
        ArithmeticInputError: The channels or the kernels are no tables, or do not fit.
    """
    if at.source == NUMBERS:
        written = parse_channels(at.volume, name="The input", most=MAX_SIDE)
        inputs = choose_channels(written, at.channels)
    elif at.bench.image is None:
        return None
    else:
        inputs = read_channels(fit_square(at.bench.image.pixels, size=at.side), at.channels)
    kernels = parse_filters(at.filters, channels=at.channels)[: at.filter_count]
    is_transposed = at.mode is Mode.TRANSPOSED
    window = {name: getattr(at, name) for name in CONVOLUTION}
    return apply_filters(inputs, kernels, is_transposed=is_transposed, **window)
