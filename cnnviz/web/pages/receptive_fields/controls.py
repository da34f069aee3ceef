"""What a visitor chooses on the receptive-fields page."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import streamlit as st

from cnnviz.errors import NetworkError
from cnnviz.figures.receptive_field import FieldRow, choose_convolution, list_field_rows
from cnnviz.networks.graph.layers import LayerKind
from cnnviz.networks.load import load_model
from cnnviz.networks.zoo.architectures import list_titles
from cnnviz.receptive_fields.effective import Measure
from cnnviz.receptive_fields.stacks import MAX_CHANNELS, MAX_SIZE
from cnnviz.web.controls import inside
from cnnviz.web.controls.kinds import choice, flag, number, text
from cnnviz.web.state import PageState

MAX_NOTATION = 400


class View(StrEnum):
    """Whose fields are shown."""

    NETWORK = "network"
    STACK = "stack"
    ARCHITECTURE = "architecture"


_VIEWS = {
    View.NETWORK: "Trained network",
    View.STACK: "Stack of layers",
    View.ARCHITECTURE: "Any architecture",
}


@st.cache_resource(max_entries=16, show_spinner=False)
def list_rows(network: str) -> tuple[FieldRow, ...]:
    """Return the layers of a network whose field is known, the input first."""
    return list_field_rows(load_model(network).graph)


def _list_layers(at: Any) -> dict[str, str]:
    rows = list_rows(at.bench.network)
    titles = {row.name: row.title for row in rows if row.kind != LayerKind.INPUT}
    if not titles:
        raise NetworkError(
            f"{at.bench.model.spec.title} has no layer whose cells all see a window of one size; "
            "choose another network."
        )
    return titles


def _find_layer(at: Any) -> str:
    side, named = at.bench.model.spec.preprocessing.shape[-1], _list_layers(at)
    found = choose_convolution(list_rows(at.bench.network), side=side)
    return list(named)[-1] if found is None else found.name


def find_row(at: Any) -> FieldRow:
    """Return the chosen layer with its field."""
    return next(row for row in list_rows(at.bench.network) if row.name == at.layer)


@dataclass(frozen=True)
class ReceptiveFieldsControls:
    """A layer of the workbench's network, a stack or two, and an architecture."""

    view: View = choice(_VIEWS, "Show")
    layer: str = choice(
        _list_layers, "Layer", default=_find_layer, look="list", follows=("network",)
    )
    cell: tuple[int, int] | None = inside.cell(
        size=lambda at: find_row(at).cells, follows=("layer",)
    )
    measure: Measure = choice(Measure, "Gradients averaged by", look="list")
    stack: str = text("Stack", default="3, 3, 3", longest=MAX_NOTATION)
    against: str = text("Against", default="7", longest=MAX_NOTATION)
    size: int = number("Input side", 1, MAX_SIZE, default=13, look="box")
    channels: int = number("Channels C", 1, MAX_CHANNELS, default=64, look="box")
    ground: bool = flag("Image under it")
    architecture: str = choice(
        lambda _at: list_titles(), "Architecture", default="resnet50_paper", look="list"
    )


Page = PageState[ReceptiveFieldsControls]
