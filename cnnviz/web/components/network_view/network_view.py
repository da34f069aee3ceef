"""The whole network at once: its parts with their strongest maps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnnviz.digits import INK_VALUE, PAPER_VALUE, Stroke
from cnnviz.figures.attribution import pack_image
from cnnviz.figures.colors import Colored
from cnnviz.figures.network import KIND_COLORS
from cnnviz.figures.whole_network import Frame, NetworkDrawing, pack_node
from cnnviz.imaging import Pixels
from cnnviz.stages import Part
from cnnviz.strongest_maps import StrongestMaps
from cnnviz.web.components.bundle import Take, create_component

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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Payload(Colored):
    """What the script reads.

    Attributes:
        network: Name of the network.
        key: Of the network and the image: where it changes, all maps do.
        nodes: One a part, of figures.whole_network.pack_node.
        ties: From node to node, by their numbers.
        frames: The opened parts.
        opened: Names of opened parts.
        image: What the network sees; None where the input is drawn as ink.
        answer: The most probable classes.
        pad: None without a pad.
        most: Maps that a part has at most.
        label: All of it in words, for screen readers.
        kinds: Colours of each kind, on the light and the dark ground.
        follows: Under which name the chosen part is told by choices.tell_choices.
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
) -> Payload:
    """Pack a network for the browser.

    Args:
        drawing: Where the parts stand.
        network: Name of the network.
        image: Digest of the image; its maps are shown.
        parts: By name, those of the drawing's nodes among them.
        maps: By layer name.
        pixels: What the network sees, uint8 (H, W, 3); None where the input is drawn as ink.
        rest: Further fields of `Payload`.
    """
    return Payload(
        network=network,
        key=f"{network}.{image}",
        nodes=[
            pack_node(node, parts[node.name], maps.get(parts[node.name].shown))
            for node in drawing.nodes
        ],
        ties=drawing.ties,
        frames=drawing.frames,
        image=None if pixels is None else pack_image(pixels),
        kinds=KIND_COLORS,
        **rest,
    )


def show_network_view(
    payload: Payload, *, key: str, on_pick: Take, on_open: Take, on_draw: Take, on_enter: Take
) -> None:
    """Draw a network with its maps.

    Args:
        payload: Of `pack_network`.
        key: Key of the component.
        on_pick: A part was chosen: {"part", "channel"}.
        on_open: A part was opened or closed: the names of those that are open.
        on_draw: A stroke is done: the drawing.
        on_enter: A layer was entered: {"part", "channel"}.
    """
    _network_view.show(
        payload, key=key, picked=on_pick, opened=on_open, strokes=on_draw, entered=on_enter
    )
