"""Sheets of maps, kernels and units, painted in the browser from bytes.

Which of them is chosen is told by choices.tell_choices.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnviz.figures.colors import Colored
from cnnviz.figures.format import format_number
from cnnviz.imaging import Pixels
from cnnviz.maps import Values, pack_maps
from cnnviz.web.components.bundle import create_component

# Of larger maps every second, third, ... row and column is sent: a tile is no larger on a screen.
MAX_SIDE = 112

_maps = create_component("maps")
Pick = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Tile:
    """What is said of one tile.

    Attributes:
        channel: Its number, reported when it is picked.
        name: Short name below it.
        note: What stands beside the name.
        title: Name at the pointer.
        label: Name for a screen reader.
    """

    channel: int
    name: str
    note: str
    title: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Payload(Colored):
    """What the script reads.

    Attributes:
        mode: "signed", "rgb" or "vector".
        rows: Rows of a tile.
        columns: Columns of a tile.
        step: Every which row and column was sent.
        values: The bytes of all tiles.
        scale: Texts round the colour scale; None for no scale.
        tiles: What is said of each.
        captions: Whether names stand below.
        name: Under which name the chosen channel is told.
        selectable: Whether one can be chosen.
        side: Side of a tile in CSS pixels; None for one that suits their number.
        scales: What a byte is worth in each tile; None for colours.
        limits: The magnitude that gets the end of the colour scale, one a tile.
        label: Name of the grid, for a screen reader.
    """

    mode: str
    rows: int
    columns: int
    step: int = 1
    values: npt.NDArray[Any]
    scale: tuple[str, str, str] | None = None
    tiles: list[Tile]
    captions: bool
    name: str
    selectable: bool
    side: int | None = None
    scales: list[float] | None = None
    limits: list[float] | None = None
    label: str = ""


def show_sheet(
    maps: Values,
    *,
    limits: npt.NDArray[np.float64],
    tiles: list[Tile],
    scale: tuple[str, str, str] | None,
    key: str,
    side: int | None = None,
    on_pick: Pick | None = None,
) -> None:
    """Paint signed maps as a sheet of tiles.

    Args:
        maps: (n, H, W).
        limits: The magnitude that gets the end of the colour scale, one a map, (n,).
        tiles: What is said of each.
        scale: Texts at the low end, the high end and behind the colour scale; None for no scale.
        key: Key of the component.
        side: Side of a tile in CSS pixels; None for one that suits their number.
        on_pick: Called with the channel of the tile that was chosen; None where none can be.
    """
    packed = pack_maps(maps, max_side=MAX_SIDE)
    _show(
        packed.values,
        tiles,
        mode="signed",
        step=packed.step,
        side=side,
        scales=packed.scales.tolist(),
        limits=limits.tolist(),
        scale=scale,
        key=key,
        on_pick=on_pick,
    )


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
    packed = pack_maps(values.reshape(-1, 1, 1), max_side=MAX_SIDE)
    limit = float(np.abs(values).max())
    _show(
        packed.values,
        [Tile(index, "", "", name, "") for index, name in enumerate(names)],
        mode="vector",
        scales=packed.scales.tolist(),
        limits=[limit] * len(values),
        scale=(format_number(-limit), format_number(limit), ""),
        label=label,
        key=key,
        on_pick=on_pick,
    )


def _show(
    values: npt.NDArray[Any], tiles: list[Tile], *, key: str, on_pick: Pick | None, **rest: Any
) -> None:
    payload = Payload(
        rows=values.shape[1],
        columns=values.shape[2],
        values=values,
        tiles=tiles,
        captions=any(tile.name for tile in tiles),
        name=key,
        selectable=on_pick is not None,
        **rest,
    )

    def take(channel: Any) -> None:
        if on_pick is not None and any(channel == tile.channel for tile in tiles):
            on_pick(int(channel))

    _maps.show(payload, key=key, picked=take)
