"""The whole network with its strongest maps, packed for the browser."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from cnnviz.activations.strongest_maps import StrongestMaps
from cnnviz.digits.mnist import INK_VALUE, PAPER_VALUE, Stroke
from cnnviz.figures.attribution import pack_image
from cnnviz.figures.colors import Colored
from cnnviz.figures.format import format_quantity, format_shape
from cnnviz.figures.network import KIND_COLORS
from cnnviz.figures.whole_network import Frame, NetworkDrawing, Node
from cnnviz.images.image import Pixels
from cnnviz.networks.graph.stages import Part


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkView(Colored):
    """The whole network as the browser draws it.

    Attributes:
        network: Name of the network.
        key: Of the network and the image: where it changes, all maps do.
        nodes: One a part, see `_pack_node`.
        ties: From node to node, by their numbers.
        frames: The opened parts.
        opened: Names of opened parts.
        image: What the network sees; None where the input is drawn as ink.
        answer: The most probable classes.
        pad: None without a pad.
        most: Maps that a part has at most.
        label: All of it in words, for screen readers.
        kinds: Colours of each kind, on the light and the dark ground.
        follows: Under which name the chosen part is told by choices.send_choices.
    """

    network: str
    key: str
    nodes: list[dict[str, Any]]
    ties: Sequence[tuple[int, int]]
    frames: Sequence[Frame]
    opened: Sequence[str]
    image: dict[str, Any] | None
    answer: Sequence[AnswerRow]
    pad: PadData | None
    most: int
    label: str
    kinds: Mapping[str, tuple[str, str]]
    follows: str


def pack_network(
    drawing: NetworkDrawing,
    *,
    network: str,
    image: str,
    parts: Mapping[str, Part],
    maps: Mapping[str, StrongestMaps],
    pixels: Pixels | None,
    **rest: Any,
) -> NetworkView:
    """Pack a network for the browser.

    Args:
        drawing: Where the parts stand.
        network: Name of the network.
        image: Digest of the image; its maps are shown.
        parts: By name, those of the drawing's nodes among them.
        maps: By layer name.
        pixels: What the network sees, uint8 (H, W, 3); None where the input is drawn as ink.
        rest: Further fields of `NetworkView`.
    """
    return NetworkView(
        network=network,
        key=f"{network}.{image}",
        nodes=[
            _pack_node(node, parts[node.name], maps.get(parts[node.name].shown))
            for node in drawing.nodes
        ],
        ties=drawing.ties,
        frames=drawing.frames,
        image=None if pixels is None else pack_image(pixels),
        kinds=KIND_COLORS,
        **rest,
    )


def _pack_node(node: Node, part: Part, maps: StrongestMaps | None) -> dict[str, Any]:
    values = np.zeros((0, 1, 1), dtype=np.int8) if maps is None else maps.values
    count, rows, columns = values.shape
    return asdict(node) | {
        "can_open": bool(part.parts),
        "lines": _describe_node(node),
        "layer": part.shown,
        "maps": count,
        "vector": count > 0 and rows == columns == 1,
        "rows": rows,
        "columns": columns,
        "channels": () if maps is None else maps.channels,
        "scale": 0.0 if maps is None else maps.scale,
        "values": values,
    }


def _describe_node(node: Node) -> tuple[str, ...]:
    """Say what a part is, in short lines."""
    repeated = f"{node.count} equal parts" if node.count > 1 else ""
    parameters = f"{format_quantity(node.parameters)} parameters" if node.parameters else ""
    done = f"{format_quantity(node.multiply_adds)} multiply-adds" if node.multiply_adds else ""
    shape = format_shape(node.shape)
    return tuple(filter(None, (repeated, node.note, shape, parameters, done)))
