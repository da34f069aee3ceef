"""Sheets of maps, kernels and units, painted in the browser from bytes.

Which of them is chosen is told by choices.tell_choices.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnviz.figures.format import format_number
from cnnviz.imaging import Pixels
from cnnviz.maps import PackedMaps, Values, pack_maps
from cnnviz.web.components.bundle import create_component
from cnnviz.web.components.shared.packing import color_tables, encode_bytes, pack

# Of larger maps every second, third, ... row and column is sent: a tile is no larger on a screen.
MAX_SIDE = 112


_maps = create_component("maps")


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


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What the script reads.

    Attributes:
        mode: "signed", "rgb" or "vector".
        rows: Rows of a tile.
        columns: Columns of a tile.
        step: Every which row and column was sent.
        values: Base64 of the bytes of all tiles.
        scale: Texts round the colour scale; None for no scale.
        tiles: What is said of each.
        captions: Whether names stand below.
        name: Under which name the chosen channel is told.
        selectable: Whether one can be chosen.
        colors: Colour scales.
        side: Side of a tile in CSS pixels; None for one that suits their number.
        scales: What a byte is worth in each tile; None for colours.
        limits: The magnitude that gets the end of the colour scale, one a tile.
        label: Name of the grid, for a screen reader.
    """

    mode: str
    rows: int
    columns: int
    step: int
    values: str
    scale: tuple[str, str, str] | None
    tiles: list[dict[str, Any]]
    captions: bool
    name: str
    selectable: bool
    colors: dict[str, dict[str, str]]
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
    on_pick: Callable[[], None] | None = None,
) -> PackedMaps:
    """Paint signed maps as a sheet of tiles.

    Args:
        maps: (n, H, W).
        limits: The magnitude that gets the end of the colour scale, one a map, (n,).
        tiles: What is said of each.
        scale: Texts at the low end, the high end and behind the colour scale; None for no scale.
        key: Key of the component.
        side: Side of a tile in CSS pixels; None for one that suits their number.
        on_pick: Called before the rerun that follows a choice; None where none can be made.

    Returns:
        What was sent, for its step.
    """
    packed = pack_maps(maps, max_side=MAX_SIDE)
    payload = Payload(
        mode="signed",
        rows=packed.values.shape[1],
        columns=packed.values.shape[2],
        step=packed.step,
        side=side,
        values=encode_bytes(packed.values),
        scales=packed.scales.tolist(),
        limits=limits.tolist(),
        scale=scale,
        **_describe(tiles, name=key, selectable=on_pick is not None),
    )
    _maps(key=key, data=pack(payload), on_picked_change=on_pick or _ignore)
    return packed


def show_color_sheet(
    pictures: Pixels,
    *,
    tiles: list[Tile],
    key: str,
    side: int | None = None,
    on_pick: Callable[[], None] | None = None,
) -> None:
    """Paint pictures in colour as a sheet of tiles.

    Args:
        pictures: RGB, uint8 (n, H, W, 3).
        tiles: What is said of each.
        key: Key of the component.
        side: Side of a tile in CSS pixels; None for one that suits their number.
        on_pick: Called before the rerun that follows a choice; None where none can be made.
    """
    payload = Payload(
        mode="rgb",
        rows=pictures.shape[1],
        columns=pictures.shape[2],
        step=1,
        side=side,
        values=encode_bytes(pictures),
        scale=None,
        **_describe(tiles, name=key, selectable=on_pick is not None),
    )
    _maps(key=key, data=pack(payload), on_picked_change=on_pick or _ignore)


def show_units(
    values: Values,
    *,
    names: list[str],
    label: str,
    key: str,
    on_pick: Callable[[], None] | None = None,
) -> None:
    """Paint a layer without maps (or a row of weights) as a grid of cells, one a number.

    Args:
        values: (N,).
        names: One a number, for the pointer.
        label: Name of the grid for a screen reader.
        key: Key of the component.
        on_pick: Called before the rerun that follows a choice; None where none can be made.
    """
    packed = pack_maps(values.reshape(-1, 1, 1), max_side=MAX_SIDE)
    limit = float(np.abs(values).max())
    tiles = [Tile(index, "", "", name, "") for index, name in enumerate(names)]
    payload = Payload(
        mode="vector",
        rows=1,
        columns=1,
        step=1,
        values=encode_bytes(packed.values),
        scales=packed.scales.tolist(),
        limits=[limit] * len(values),
        scale=(format_number(-limit), format_number(limit), ""),
        label=label,
        **_describe(tiles, name=key, selectable=on_pick is not None),
    )
    _maps(key=key, data=pack(payload), on_picked_change=on_pick or _ignore)


def _describe(tiles: list[Tile], *, name: str, selectable: bool) -> dict[str, Any]:
    return {
        "tiles": [asdict(tile) for tile in tiles],
        "captions": any(tile.name for tile in tiles),
        "name": name,
        "selectable": selectable,
        "colors": color_tables(),
    }


def _ignore() -> None:
    """A sheet without a choice has nothing to do."""
