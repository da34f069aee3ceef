"""Which network, and which of its layers: by list, or by its picture."""

from collections.abc import Sequence

import streamlit as st

from cnnviz.graph import Layer, LayerKind
from cnnviz.inference import LoadedModel, load_model
from cnnviz.web.components.graph.graph import read_pick, show_network_picture
from cnnviz.web.option_chooser import choose_listed
from cnnviz.web.runnable import choose_runnable

_PICTURE = "network_picture"
_SHOWN = "shown_layer"


def choose_network(*, prefer: Sequence[str] = ()) -> LoadedModel:
    """Show the list of networks and return the chosen one.

    Args:
        prefer: Names of the networks to begin with, the first that can run; else the oldest.

    Raises:
        CNNVizError: It cannot be built, or its weights are broken.
    """
    name = choose_runnable(prefer=prefer)
    with st.spinner("Loading the network …", show_time=True):
        return load_model(name)


def choose_layer(model: LoadedModel, *, usual: str | None = None) -> tuple[Layer, bool]:
    """Show the list of a network's layers.

    Args:
        model: The network.
        usual: Name of the layer to begin with; None for the first convolution.

    Returns:
        The chosen layer, and whether it is another one than in the visitor's last run.
    """
    layers = dict(zip(title_layers(model.graph.layers), model.graph.layers, strict=True))
    titles = list(layers)
    aliases = {layer.name.lower(): title for title, layer in layers.items()}
    if usual is None:
        every = model.graph.layers
        convolutions = (layer for layer in every if layer.kind is LayerKind.CONVOLUTION)
        usual = next(convolutions, every[0]).name
    default = aliases[usual.lower()]
    layer = layers[
        choose_listed("Layer", titles, key="layer", noun="layer", default=default, aliases=aliases)
    ]
    shown = (model.spec.name, layer.name)
    changed = st.session_state.get(_SHOWN, shown) != shown
    st.session_state[_SHOWN] = shown
    return layer, changed


def show_layers(model: LoadedModel) -> None:
    """Draw the network; a click on a block chooses its layer."""
    titles = dict(
        zip(
            (entry.name for entry in model.graph.layers),
            title_layers(model.graph.layers),
            strict=True,
        )
    )

    def take_layer() -> None:
        title = titles.get(read_pick(_PICTURE))
        if title is not None:
            st.session_state["layer"] = title

    show_network_picture(model, on_pick=take_layer, key=_PICTURE)


def title_layers(layers: Sequence[Layer]) -> list[str]:
    """Return layers' titles, each made the only one of its kind."""
    titles: list[str] = []
    for layer in layers:
        titles.append(layer.title if layer.title not in titles else f"{layer.title}, {layer.name}")
    return titles
