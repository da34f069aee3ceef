"""Blocks drawn from their graphs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from cnnviz.cost import CostTable, compute_costs
from cnnviz.figures.block_layout import COLORS, BlockLayout, lay_out_block
from cnnviz.figures.block_text import describe_box, write_box
from cnnviz.web.components.bundle import create_component
from cnnviz.web.components.shared.packing import pack
from cnnviz.zoo.block_pairs import get_pair
from cnnviz.zoo.blocks import get_block

_LEGEND = [
    ["convolution", "convolution"],
    ["linear", "linear"],
    ["pooling", "pooling"],
    ["activation", "activation"],
    ["normalization", "normalisation"],
    ["join", "sum +, product ×, joined ∥"],
    ["other", "other"],
]


_blocks = create_component("block")


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What the script reads.

    Attributes:
        plans: The drawings: boxes, lines, title and label of each.
        selected: Name of the box to point out.
        colors: Of each kind, on the light and the dark ground.
        legend: Kinds and their names.
        file: What a saved drawing is called, without its ending.
    """

    plans: list[dict[str, Any]]
    selected: str | None
    colors: Mapping[str, Sequence[str]]
    legend: list[list[str]]
    file: str


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A module with its costs and its drawing.

    Attributes:
        table: Its costs.
        layout: Where its layers stand.
    """

    table: CostTable
    layout: BlockLayout


@st.cache_resource(max_entries=256, show_spinner=False)
def get_drawn(name: str, channels: int, size: int) -> Drawn:
    """Return a block at these channels and size.

    Raises:
        CNNVizError: A kernel does not fit.
    """
    block = get_block(name)
    table = compute_costs(lambda: block.build(channels), input_shape=(channels, size, size))
    return Drawn(table=table, layout=lay_out_block(table))


@st.cache_resource(max_entries=256, show_spinner=False)
def get_side(name: str, place: int, channels: int, size: int) -> Drawn:
    """Return one side of a comparison at these channels and size."""
    side = get_pair(name).sides[place]
    table = compute_costs(lambda: side.build(channels), input_shape=(channels, size, size))
    return Drawn(table=table, layout=lay_out_block(table))


def show_drawings(
    drawings: Sequence[tuple[str, Drawn]],
    *,
    selected: str | None,
    on_pick: Callable[[], None] | None,
    file: str,
    key: str,
) -> None:
    """Draw one module, whose boxes can be picked, or two side by side.

    Args:
        drawings: Titles and modules; a single one shows no title.
        selected: Name of the box to point out.
        on_pick: Called before the rerun that follows a click on a box.
        file: Name of the file that the drawing is saved as.
        key: Key of the component.
    """
    _blocks(
        key=key,
        data=pack(
            Payload(
                plans=[
                    {
                        **pack_layout(drawn),
                        "title": title if len(drawings) > 1 else "",
                        "label": f"Graph of {title}",
                    }
                    for title, drawn in drawings
                ],
                selected=selected,
                colors=COLORS,
                legend=_LEGEND,
                file=file,
            )
        ),
        on_picked_change=on_pick or (lambda: None),
    )


def read_pick(key: str) -> Any:
    """Return what was picked in the component of this key, None if nothing was."""
    return st.session_state[key].get("picked")


def pack_layout(drawn: Drawn) -> dict[str, Any]:
    """Pack a layout as the script draws it."""
    layout = drawn.layout
    return {
        "boxes": [
            {
                "name": box.name,
                "title": box.title,
                "form": box.form,
                "color": box.color,
                "sign": box.sign,
                "lane": box.lane,
                "lines": list(write_box(box, table=drawn.table)),
                "tell": describe_box(box, table=drawn.table),
            }
            for box in layout.boxes
        ],
        "ties": [[tie.source, tie.target, tie.around] for tie in layout.ties],
        "lanes": layout.lanes,
        "arounds": layout.arounds,
    }
