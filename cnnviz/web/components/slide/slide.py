"""The moving window: input, kernel, map, ReLU and poolings, one cell worked out at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cnnviz.activations.sliding import Grid
from cnnviz.figures.colors import Colored
from cnnviz.web.components.bundle import create_component, take_index

_MAX_TEXT = 1200

_slide = create_component("slide")


@dataclass(frozen=True, slots=True, eq=False)
class Payload(Colored):
    """What the script reads; its type `Payload` says of each field what it is."""

    grids: list[dict[str, Any]]
    kernel: list[list[float]]
    divisor: float
    bias: float
    cell: int | None


def show_slide(
    grids: list[dict[str, Any]],
    kernel: Grid,
    *,
    divisor: int,
    bias: float,
    cell: int | None,
    on_edit: Callable[[str], object],
    on_pin: Callable[[int], object],
    key: str,
) -> None:
    """Draw every grid, and let a window slide over them.

    Args:
        grids: Of figures.sliding.pack_grids.
        kernel: (K, K).
        divisor: What each sum of products is divided by.
        bias: Added to each sum.
        cell: The pinned cell, counted over all computed grids; None for the map's middle.
        on_edit: Called with the kernel's numbers as they were edited.
        on_pin: Called with the clicked cell.
        key: Key of the component.
    """

    def edit(text: Any) -> None:
        if isinstance(text, str):
            on_edit(text[:_MAX_TEXT])

    payload = Payload(grids=grids, kernel=kernel.tolist(), divisor=divisor, bias=bias, cell=cell)
    count = sum(len(one["values"]) * len(one["values"][0]) for one in grids[1:])
    _slide.show(payload, key=key, edited=edit, pinned=take_index(on_pin, count=count))
