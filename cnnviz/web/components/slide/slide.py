"""The moving window: input, kernel, map, ReLU and poolings, one cell worked out at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cnnviz.figures.strip import pack_tables
from cnnviz.sliding import Grid, Slide
from cnnviz.stacks import StackKind
from cnnviz.web.components.bundle import create_component
from cnnviz.web.components.shared.packing import pack
from cnnviz.web.convolution.controls import Choices, list_numbers

_POOLINGS = {StackKind.MAX_POOLING: "max", StackKind.AVERAGE_POOLING: "average"}


_slide = create_component("slide")


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What the script reads.

    Attributes:
        grids: The input, the map, and what is made of it.
        kernel: Its rows.
        divisor: What its sums are divided by.
        bias: What is added then.
        tables: Colour scales.
    """

    grids: list[dict[str, Any]]
    kernel: list[list[float]]
    divisor: float
    bias: float
    tables: dict[str, dict[str, str]]


def show_slide(
    choices: Choices,
    *,
    convolved: Slide,
    rectified: Grid,
    pooled: tuple[Slide, ...],
    on_edit: Callable[[], None],
    key: str,
) -> None:
    """Draw every grid, and let a window slide over them.

    Its trigger `edited` holds the kernel's numbers while `on_edit` runs.

    Args:
        choices: The input and the kernel.
        convolved: What the kernel made of the input.
        rectified: The map after ReLU.
        pooled: Poolings of the rectified map; none where the window does not fit.
        on_edit: Called before the rerun that follows an edit.
        key: Key of the component.
    """
    grids: list[dict[str, Any]] = [
        _pack("Input", choices.grid) | {"grey": choices.grey},
        _pack("Map", convolved.values) | {"reads": 0, "step": "convolution"} | _window(convolved),
        _pack("After ReLU", rectified) | {"reads": 1, "step": "relu"},
    ]
    for slide in pooled:
        word = _POOLINGS[slide.layer.kind]
        title = f"{word.capitalize()} pooling"
        grids.append(_pack(title, slide.values) | {"reads": 2, "step": word} | _window(slide))
    _slide(
        key=key,
        data=pack(
            Payload(
                grids=grids,
                kernel=choices.kernel.tolist(),
                divisor=choices.divisor,
                bias=choices.bias,
                tables=pack_tables(),
            )
        ),
        on_edited_change=on_edit,
    )


def _pack(title: str, grid: Grid) -> dict[str, Any]:
    return {"title": title, "values": list_numbers(grid)}


def _window(slide: Slide) -> dict[str, Any]:
    window = slide.layer.window
    return {
        "window": {
            "kernel": window.kernel,
            "stride": window.stride,
            "padding": window.padding,
            "dilation": window.dilation,
        },
        "unread": [list(slide.unread_rows), list(slide.unread_columns)],
    }
