"""Sheets of maps, kernels and units, painted in the browser from bytes.

Which of them is chosen is told by choices.send_choices.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnviz.activations.maps import MapRange, Values, find_limits, pack_maps
from cnnviz.figures.colors import Colored
from cnnviz.figures.format import format_number
from cnnviz.figures.tiles import Tile
from cnnviz.images.image import Pixels
from cnnviz.web.components.bundle import create_component

# Of larger maps every second, third, ... row and column is sent: a tile is no larger on a screen.
MAX_SIDE = 112

_maps = create_component("maps")
Pick = Callable[[int], object]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Payload(Colored):
    """What the script reads; its type `Payload` says of each field what it is."""

    mode: str
    rows: int
    columns: int
    step: int = 1
    values: npt.NDArray[Any]
    scale: tuple[str, str, str] | None = None
    tiles: list[Tile]
    captions: int
    name: str
    selectable: bool
    side: int | None = None
    scales: list[float] | None = None
    limits: list[float] | None = None
    label: str = ""


def show_sheet(
    maps: Values,
    *,
    tiles: list[Tile],
    key: str,
    limits: npt.NDArray[np.float64] | None = None,
    scale: tuple[str, str, str] | None = None,
    side: int | None = None,
    on_pick: Pick | None = None,
) -> None:
    """Paint signed maps as a sheet of tiles.

    Args:
        maps: (n, H, W).
        tiles: What is said of each.
        key: Key of the component.
        limits: The magnitude that gets the end of the colour scale, one a map, (n,); None for each
            map's own.
        scale: Texts at the low end, the high end and behind the colour scale; None for no scale.
        side: Side of a tile in CSS pixels; None for one that suits their number.
        on_pick: Called with the channel of the tile that was chosen; None where none can be.
    """
    if limits is None:
        limits = find_limits(maps, over=MapRange.MAP, layer_limit=0)
    _show_signed(maps, limits, tiles, side=side, scale=scale, key=key, on_pick=on_pick)


def show_color_sheet(
    pictures: Pixels,
    *,
    tiles: list[Tile],
    key: str,
    side: int | None = None,
    on_pick: Pick | None = None,
) -> None:
    """Paint pictures in colour, RGB, uint8 (n, H, W, 3), as a sheet of tiles; see `show_sheet`."""
    _show(pictures, tiles, mode="rgb", side=side, key=key, on_pick=on_pick)


def show_units(
    values: Values, *, names: list[str], label: str, key: str, on_pick: Pick | None = None
) -> None:
    """Paint a layer without maps (or a row of weights) as a grid of cells, one a number.

    Args:
        values: (N,).
        names: One a number, for the pointer.
        label: Name of the grid for a screen reader.
        key: Key of the component.
        on_pick: Called with the place of the number that was chosen; None where none can be.
    """
    limit = float(np.abs(values).max())
    limits, scale = np.full(len(values), limit), (format_number(-limit), format_number(limit), "")
    tiles = [Tile(index, title=name) for index, name in enumerate(names)]
    rest = {"mode": "vector", "label": label, "scale": scale}
    _show_signed(values.reshape(-1, 1, 1), limits, tiles, key=key, on_pick=on_pick, **rest)


def _show_signed(
    maps: Values, limits: npt.NDArray[np.float64], tiles: list[Tile], **rest: Any
) -> None:
    packed = pack_maps(maps, max_side=MAX_SIDE)
    how = {"mode": "signed", "scales": packed.scales.tolist(), "limits": limits.tolist()}
    _show(packed.values, tiles, step=packed.step, **(how | rest))


def _show(
    values: npt.NDArray[Any], tiles: list[Tile], *, key: str, on_pick: Pick | None, **rest: Any
) -> None:
    payload = Payload(
        rows=values.shape[1],
        columns=values.shape[2],
        values=values,
        tiles=tiles,
        captions=any(one.name for one in tiles) + any(one.line for one in tiles),
        name=key,
        selectable=on_pick is not None,
        **rest,
    )

    def take(channel: Any) -> None:
        if on_pick is not None and any(channel == tile.channel for tile in tiles):
            on_pick(int(channel))

    _maps.show(payload, key=key, picked=take)
