"""The whole network at once: its parts with their strongest maps."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from cnnviz.digits import INK_VALUE, PAPER_VALUE, Stroke
from cnnviz.figures.format import format_quantity
from cnnviz.figures.network import KIND_COLORS
from cnnviz.figures.whole_network import NetworkDrawing, Node
from cnnviz.stages import Part
from cnnviz.strongest_maps import StrongestMaps
from cnnviz.web.components.bundle import create_component
from cnnviz.web.components.shared.packing import color_tables, encode_bytes, pack

_network_view = create_component("network_view")


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """A class with its probability, as a number and as text."""

    name: str
    probability: float
    text: str


@dataclass(frozen=True, slots=True)
class PadData:
    """A drawing pad beside the network.

    Attributes:
        strokes: What is on it.
        pen: Diameter of the pen as a fraction of the pad's side.
        classes: Names of the network's classes.
        paper: Value of bare paper in the network's input.
        ink: Value of full ink.
    """

    strokes: tuple[Stroke, ...]
    pen: float
    classes: tuple[str, ...]
    paper: float = PAPER_VALUE
    ink: float = INK_VALUE


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What the script reads.

    Attributes:
        network: Name of the network.
        key: Of the network and the image: where it changes, all maps do.
        nodes: One a part, see `_pack_node`.
        ties: From node to node, by their numbers.
        frames: The opened parts, see figures.whole_network.Frame.
        opened: Names of opened parts.
        image: What the network sees, in colours; None where the input is drawn as ink.
        answer: The most probable classes.
        pad: None without a pad.
        most: Maps that a part has at most.
        label: All of it in words, for screen readers.
        kinds: Colours of each kind, on the light and the dark ground.
        tables: The colour scales.
    """

    network: str
    key: str
    nodes: list[dict[str, Any]]
    ties: list[list[int]]
    frames: list[dict[str, Any]]
    opened: list[str]
    image: dict[str, Any] | None
    answer: list[dict[str, Any]]
    pad: dict[str, Any] | None
    most: int
    label: str
    kinds: dict[str, list[str]]
    tables: dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True, eq=False)
class NetworkViewData:
    """What is drawn.

    Attributes:
        network: Name of the network.
        image: Digest of the image; its maps are shown.
        drawing: Where the parts stand.
        parts: The parts of its nodes, in their order.
        opened: Names of opened parts.
        maps: By layer name.
        pixels: What the network sees, uint8 (H, W, 3); None where the input is drawn as ink.
        answer: The most probable classes.
        pad: None without a pad.
        most: Maps that a part has at most.
        label: All of it in words, for screen readers.
    """

    network: str
    image: str
    drawing: NetworkDrawing
    parts: dict[str, Part]
    opened: tuple[str, ...]
    maps: dict[str, StrongestMaps]
    pixels: npt.NDArray[np.uint8] | None
    answer: tuple[AnswerRow, ...]
    pad: PadData | None
    most: int
    label: str


def show_network_view(
    data: NetworkViewData,
    *,
    key: str,
    on_pick: Callable[[], None],
    on_open: Callable[[], None],
    on_draw: Callable[[], None],
    on_enter: Callable[[], None],
) -> None:
    """Draw a network with its maps.

    Which part is chosen is told by choices.tell_choices under `network_view`.

    Args:
        data: What to draw.
        key: Key of the component; its state is found with `read_event`.
        on_pick: A part was chosen: “picked” is {"part", "channel"}.
        on_open: A part was opened or closed: “opened” lists those that are open.
        on_draw: A stroke is done: “strokes” is the drawing.
        on_enter: A layer was entered: “entered” is {"part", "channel"}.
    """
    _network_view(
        key=key,
        data=pack(pack_network(data)),
        on_picked_change=on_pick,
        on_opened_change=on_open,
        on_strokes_change=on_draw,
        on_entered_change=on_enter,
    )


def read_event(key: str, name: str) -> Any:
    """Return what the component of this key last reported under a name; None if nothing."""
    return st.session_state[key].get(name)


def pack_network(data: NetworkViewData) -> Payload:
    """Pack a network for the browser."""
    return Payload(
        network=data.network,
        key=f"{data.network}.{data.image}",
        nodes=[_pack_node(node, data) for node in data.drawing.nodes],
        ties=[list(tie) for tie in data.drawing.ties],
        frames=[asdict(frame) for frame in data.drawing.frames],
        opened=list(data.opened),
        image=_pack_image(data.pixels),
        answer=[asdict(row) for row in data.answer],
        pad=None if data.pad is None else asdict(data.pad),
        most=data.most,
        label=data.label,
        kinds={kind: list(colors) for kind, colors in KIND_COLORS.items()},
        tables=color_tables(),
    )


def _pack_image(pixels: npt.NDArray[np.uint8] | None) -> dict[str, Any] | None:
    if pixels is None:
        return None
    return {"rows": pixels.shape[0], "columns": pixels.shape[1], "values": encode_bytes(pixels)}


def _pack_node(node: Node, data: NetworkViewData) -> dict[str, Any]:
    part = data.parts[node.name]
    maps = data.maps.get(part.shown)
    values = np.zeros((0, 1, 1), dtype=np.int8) if maps is None else maps.values
    count, rows, columns = values.shape
    return {
        "name": node.name,
        "title": node.title,
        "label": node.label,
        "note": node.note,
        "kind": node.kind,
        "color": node.color,
        "sign": node.sign,
        "isSkipped": node.is_skipped,
        "count": node.count,
        "column": node.column,
        "lane": node.lane,
        "lanes": node.lanes,
        "size": node.size,
        "frame": node.frame,
        "canOpen": bool(part.parts),
        "lines": list(_tell_node(node)),
        "layer": part.shown,
        "maps": count,
        "vector": count > 0 and rows == columns == 1,
        "rows": rows,
        "columns": columns,
        "channels": [] if maps is None else list(maps.channels),
        "scale": 0.0 if maps is None else maps.scale,
        "values": encode_bytes(values),
    }


def _tell_node(node: Node) -> tuple[str, ...]:
    """Say what a part is, in short lines."""
    repeated = f"{node.count} equal parts" if node.count > 1 else ""
    parameters = f"{format_quantity(node.parameters)} parameters" if node.parameters else ""
    done = f"{format_quantity(node.multiply_adds)} multiply-adds" if node.multiply_adds else ""
    shape = "×".join(map(str, node.shape))
    return tuple(filter(None, (repeated, node.note, shape, parameters, done)))
