"""What a visitor chooses on the receptive-fields page."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import streamlit as st

from cnnviz.effective_field import Measure
from cnnviz.figures.receptive_field import FieldRow, list_field_rows
from cnnviz.graph import LayerKind
from cnnviz.inference import load_model
from cnnviz.receptive_field import compute_fields, compute_path_ranges
from cnnviz.stacks import MAX_CHANNELS, MAX_SIZE
from cnnviz.web.controls import inside
from cnnviz.web.controls.kinds import choice, flag, number, text
from cnnviz.zoo.architectures import get_architecture, list_architectures

MAX_NOTATION = 400


class View(StrEnum):
    """Whose fields are shown."""

    NETWORK = "network"
    STACK = "stack"
    ARCHITECTURE = "architecture"


@st.cache_resource(max_entries=16, show_spinner=False)
def list_rows(network: str) -> tuple[FieldRow, ...]:
    """Return the layers of a network whose field is known, the input first."""
    graph = load_model(network).graph
    return list_field_rows(graph, compute_fields(graph), compute_path_ranges(graph))


def _list_layers(at: Any) -> dict[str, str]:
    rows = list_rows(at.bench.network)
    return {row.name: row.title for row in rows if row.kind != LayerKind.INPUT}


def _find_layer(at: Any) -> str:
    """The deepest convolution whose field is at most half of the image."""
    side = at.bench.model.spec.preprocessing.shape[-1]
    rows = [row for row in list_rows(at.bench.network) if row.kind == LayerKind.CONVOLUTION]
    small = [row for row in rows if 2 * max(row.field.size) <= side]
    found = small[-1] if small else rows[0] if rows else list_rows(at.bench.network)[-1]
    return found.name


def find_row(at: Any) -> FieldRow:
    """Return the chosen layer with its field."""
    return next(row for row in list_rows(at.bench.network) if row.name == at.layer)


@dataclass(frozen=True)
class ReceptiveFieldsControls:
    """A layer of the workbench's network, a stack or two, and an architecture."""

    view: View = choice(
        View,
        "Show",
        titles={
            View.NETWORK: "Trained network",
            View.STACK: "Stack of layers",
            View.ARCHITECTURE: "Any architecture",
        },
    )
    layer: str = choice(
        lambda at: list(_list_layers(at)),
        "Layer",
        titles=_list_layers,
        default=_find_layer,
        look="list",
        follows=("network",),
    )
    cell: tuple[int, int] | None = inside.cell(
        size=lambda at: find_row(at).cells, follows=("layer",)
    )
    measure: Measure = choice(Measure, "Gradients averaged by", look="list")
    stack: str = text(
        "Stack",
        default="3, 3, 3",
        longest=MAX_NOTATION,
        help="A layer is its kernel, then s stride, p padding, d dilation; m or a in front makes "
        "it a max or average pooling: 11s4p2, m3s2, 3d2. The first layer is next to the input.",
    )
    against: str = text("Against", default="7", longest=MAX_NOTATION)
    size: int = number("Input side", 1, MAX_SIZE, default=13, look="box")
    channels: int = number("Channels C", 1, MAX_CHANNELS, default=64, look="box")
    ground: bool = flag("Image under it")
    architecture: str = choice(
        lambda at: [entry.name for entry in list_architectures()],  # noqa: ARG005
        "Architecture",
        titles=lambda at: {one.name: one.title for one in list_architectures()},  # noqa: ARG005
        default=get_architecture("resnet50_paper").name,
        look="list",
    )
