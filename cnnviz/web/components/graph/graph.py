"""The picture of a network from which a layer is chosen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from cnnviz.figures.format import format_count
from cnnviz.figures.formulas import describe_shape, name_layer, write_field
from cnnviz.figures.network import KIND_COLORS, Block, Unit
from cnnviz.graph import Layer
from cnnviz.inference import LoadedModel
from cnnviz.layer_facts import LayerFacts
from cnnviz.web.caches import get_facts, get_layout
from cnnviz.web.components.bundle import create_component
from cnnviz.web.components.shared.packing import pack

_MOST_SIGNS = 12
_SHORT_WORDS = {"depthwise": "dw", " convolution": " conv", "linear layer": "linear"}
_LEGEND = {
    "convolution": "convolution",
    "pooling": "pooling",
    "linear": "linear",
    "activation": "activation",
    "normalization": "normalization",
    "join": "sum, concatenation",
    "other": "other",
}


_graph = create_component("graph")


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What the script reads.

    Attributes:
        blocks: One a layer, see `_pack_block`.
        ties: From block to block, by their numbers.
        units: Blocks of a long network, see `_pack_unit`; empty for a short one.
        colors: Of each kind, on the light and the dark ground.
        legend: Kinds and their names.
    """

    blocks: list[dict[str, Any]]
    ties: list[list[int]]
    units: list[dict[str, Any]]
    colors: dict[str, list[str]]
    legend: list[list[str]]


def show_network_picture(model: LoadedModel, *, on_pick: Callable[[], None], key: str) -> None:
    """Draw a network as blocks; a click calls `on_pick`, which finds the name with `read_pick`.

    Which layer is chosen is told by choices.tell_choices.

    Args:
        model: The network.
        on_pick: Called before the rerun that follows a choice.
        key: Key of the component.
    """
    layout = get_layout(model.spec.name)
    facts = get_facts(model.spec.name)
    kinds = {block.color for block in layout.blocks}
    _graph(
        key=key,
        data=pack(
            Payload(
                blocks=[_pack_block(block, facts[block.name]) for block in layout.blocks],
                ties=[list(tie) for tie in layout.ties],
                units=[_pack_unit(unit) for unit in layout.units],
                colors={kind: list(colors) for kind, colors in KIND_COLORS.items()},
                legend=[[kind, text] for kind, text in _LEGEND.items() if kind in kinds],
            )
        ),
        on_picked_change=on_pick,
    )


def read_pick(key: str) -> Any:
    """Return what was picked in the component of this key, None if nothing was."""
    return st.session_state[key].get("picked")


def _pack_block(block: Block, facts: LayerFacts) -> dict[str, Any]:
    layer = facts.layer
    shape = "×".join(map(str, layer.shape))
    return {
        "name": block.name,
        "column": block.column,
        "lane": block.lane,
        "height": block.height,
        "thickness": block.thickness,
        "color": block.color,
        "sign": block.sign,
        "spatial": layer.is_spatial,
        "label": _shorten(layer),
        "shape": shape,
        "facts": list(tell_facts(facts)),
    }


def _shorten(layer: Layer) -> str:
    """A layer's name within its block, short enough to stand below its picture."""
    name = name_layer(layer).rpartition(", ")[2]
    for word, short in _SHORT_WORDS.items():
        name = name.replace(word, short)
    return name if len(name) <= _MOST_SIGNS else f"{name[: _MOST_SIGNS - 1]}…"


def _pack_unit(unit: Unit) -> dict[str, Any]:
    return {
        "title": unit.title,
        "note": unit.note,
        "first": unit.first,
        "last": unit.last,
        "stage": unit.stage,
        "height": unit.height,
        "thickness": unit.thickness,
        "color": unit.color,
        "sign": unit.sign,
    }


def tell_facts(facts: LayerFacts) -> tuple[str, ...]:
    """Say what a layer is, in short lines: title, kind, shape, parameters, receptive field."""
    layer = facts.layer
    parameters = f"{format_count(facts.parameters)} parameters" if facts.parameters else None
    lines = (layer.title, str(layer.kind), describe_shape(layer), parameters, write_field(facts))
    return tuple(line for line in lines if line)
