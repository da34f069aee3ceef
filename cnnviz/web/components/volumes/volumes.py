"""Filters over several channels: inputs, maps, and the arithmetic of one cell."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cnnviz.activations.volumes import Volumes
from cnnviz.figures.colors import Colored
from cnnviz.figures.sliding import pack_volumes
from cnnviz.web.components.bundle import create_component, take_index

_volumes = create_component("volumes")


@dataclass(frozen=True, slots=True, eq=False)
class Payload(Colored):
    """What the script reads; its type `Payload` says of each field what it is."""

    inputs: list[dict[str, Any]]
    maps: list[list[list[float]]]
    kernels: list[list[list[list[float]]]]
    window: dict[str, int]
    transposed: bool
    divisor: int
    bias: float
    cell: int | None


def show_volumes(
    volumes: Volumes,
    *,
    is_image: bool,
    cell: int | None,
    on_pin: Callable[[int], object],
    key: str,
) -> None:
    """Draw the channels and the maps.

    Args:
        volumes: What the filters made of the input.
        is_image: Whether the channels are levels of an image, 0 to 255.
        cell: The pinned cell, counted over all maps (over all channels where it is transposed);
            None for the middle.
        on_pin: Called with the clicked cell.
        key: Key of the component.
    """
    packed = pack_volumes(volumes, is_image=is_image)
    pinned = volumes.inputs if volumes.is_transposed else volumes.maps
    pin = take_index(on_pin, count=int(pinned.size))
    _volumes.show(Payload(**packed, cell=cell), key=key, pinned=pin)
