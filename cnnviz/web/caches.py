"""What visitors share: readings and worked cells, by network, picture and layer.

The keys are names and the digests of pictures. Every cache has a bound, and what it returns is
never written to.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st
from torch import Tensor

from cnnviz.cells import CellExplanation, explain_cell
from cnnviz.comparison import Answer, ask
from cnnviz.cost import CostTable, measure_costs
from cnnviz.figures.network import NetworkLayout, lay_out_network
from cnnviz.imaging import CheckedImage
from cnnviz.inference import Prediction, load_model, predict
from cnnviz.layer_facts import LayerFacts, describe_layers
from cnnviz.maps import LayerReading, read_layer


def get_facts(network: str) -> dict[str, LayerFacts]:
    """Return what is known of every layer of a network, by name."""
    return describe_layers(load_model(network).graph)


@st.cache_resource(max_entries=32, show_spinner=False)
def get_layout(network: str) -> NetworkLayout:
    """Return where a network's layers stand in its drawing."""
    return lay_out_network(load_model(network).graph)


def _digest(picture: CheckedImage) -> str:
    return picture.digest


_BY_DIGEST: dict[str | type[Any], Callable[[Any], Any]] = {CheckedImage: _digest}


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=_BY_DIGEST)
def get_input(network: str, picture: CheckedImage) -> Tensor:
    """Return a picture as a network's input, (1, C, H, W)."""
    return load_model(network).spec.preprocessing.prepare(picture.pixels)


# The largest layer of the networks to come, VGG's 64 maps of 224×224, takes 13 MB.
@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=_BY_DIGEST)
def get_reading(network: str, picture: CheckedImage, layer: str) -> LayerReading:
    """Return what a layer computes for a picture."""
    return read_layer(load_model(network), get_input(network, picture), layer=layer)


@st.cache_resource(max_entries=256, show_spinner=False, hash_funcs=_BY_DIGEST)
def get_cell(
    network: str, picture: CheckedImage, layer: str, place: tuple[int, int, int]
) -> CellExplanation:
    """Return a cell (channel, row, column) worked out.

    Raises:
        NetworkError: It is of a kind that is not worked out.
    """
    channel, row, column = place
    return explain_cell(
        load_model(network),
        get_input(network, picture),
        layer=layer,
        channel=channel,
        row=row,
        column=column,
    )


# At 224×224 an answer takes about 200 KB.
@st.cache_resource(max_entries=128, show_spinner=False, hash_funcs=_BY_DIGEST)
def get_answer(network: str, picture: CheckedImage) -> Answer:
    """Return what a network makes of a picture."""
    return ask(load_model(network), picture)


# A thousand classes take 12 KB.
@st.cache_resource(max_entries=1024, show_spinner=False, hash_funcs=_BY_DIGEST)
def get_prediction(network: str, picture: CheckedImage) -> Prediction:
    """Return what a network says of a picture."""
    model = load_model(network)
    return predict(model, model.spec.preprocessing.prepare(picture.pixels))


@st.cache_resource(max_entries=128, show_spinner=False)
def get_costs(network: str) -> CostTable:
    """Return what a loaded network costs at the size of its input."""
    model = load_model(network)
    return measure_costs(model.module, input_shape=model.spec.preprocessing.shape)
