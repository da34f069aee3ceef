"""What a visitor chooses on the activations page."""

from dataclasses import dataclass
from typing import Any

from cnnviz.activations.maps import LayerReading, MapOrder, MapRange, find_strongest, order_channels
from cnnviz.cached import get_reading
from cnnviz.web.controls import inside
from cnnviz.web.controls.kinds import choice, flag, number
from cnnviz.web.state import PageState

MAPS_A_SHEET = 36


def read_maps(at: Any) -> LayerReading | None:
    """Return what the chosen layer computes for the image; None without an image."""
    image = at.bench.image
    return None if image is None else get_reading(at.bench.network, image, at.layer)


def _find_shape(at: Any) -> tuple[int, ...]:
    shape: tuple[int, ...] = at.bench.model.graph.find(at.layer).shape
    return shape


def _find_strongest(at: Any) -> int:
    reading = read_maps(at)
    return 0 if reading is None else find_strongest(reading.statistics)


def count_sheets(at: Any) -> int:
    """Return how many sheets the maps of the layer take."""
    return -(-_find_shape(at)[0] // MAPS_A_SHEET)


def list_channels(at: Any) -> tuple[int, ...]:
    """Return all channels in the chosen order."""
    reading = read_maps(at)
    if reading is None or reading.values.ndim != 3:
        return tuple(range(_find_shape(at)[0]))
    return order_channels(reading.statistics, by=at.order)


def _find_sheet(at: Any) -> int:
    """The sheet that shows the chosen channel."""
    return list_channels(at).index(at.channel) // MAPS_A_SHEET + 1


def _find_size(at: Any) -> tuple[int, int]:
    shape = _find_shape(at)
    return (shape[1], shape[2]) if len(shape) == 3 else (1, 1)


@dataclass(frozen=True)
class ActivationsControls:
    """The layer, one of its maps, one of the map's cells, and how the maps are shown."""

    layer: str = inside.layer()
    order: MapOrder = choice(MapOrder, "Order", look="list")
    range: MapRange = choice(MapRange, "Color range", look="list")
    channel: int = inside.channel("Map", default=_find_strongest, follows=("image",))
    sheet: int = number("Sheet", 1, count_sheets, default=_find_sheet, follows=("channel", "order"))
    cell: tuple[int, int] | None = inside.cell(
        size=_find_size, follows=("layer", "channel", "image")
    )
    numbers: bool = flag("Kernels as numbers")


Page = PageState[ActivationsControls]
