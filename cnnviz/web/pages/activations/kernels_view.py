"""The kernels behind a map, the weights behind a unit, and all filters of a first layer."""

import numpy as np
import streamlit as st

from cnnviz.figures.format import format_count, format_number
from cnnviz.figures.formulas import name_layer
from cnnviz.graph import Layer, LayerKind
from cnnviz.kernels import (
    Kernels,
    color_filters,
    has_kernels,
    order_kernels,
    read_first_filters,
    read_kernels,
    reads_color,
)
from cnnviz.web.components.maps.maps import Tile, show_color_sheet, show_sheet, show_units
from cnnviz.web.components.numbers.numbers import show_numbers
from cnnviz.web.pages.activations.controls import ActivationsControls
from cnnviz.web.pages.activations.text import KIND_SENTENCES
from cnnviz.web.state import PageState

_MAX_KERNELS = 64
_MAX_FILTERS = 128
_MAX_WEIGHTS = 4096
_MAX_NUMBERS = 12
_TILE = 64
_KERNELS, _FILTERS = "activations.kernels", "activations.filters"


def show_kernels(page: PageState[ActivationsControls], layer: Layer) -> None:
    """Show the kernels behind a map, or say what the layer does in their place."""
    model, channel = page.at.bench.model, page.values.channel
    if not has_kernels(layer):
        st.subheader("Kernels", anchor=False)
        st.markdown(f"{name_layer(layer)} has none. {KIND_SENTENCES[layer.kind]}")
        return
    kernels = read_kernels(model.graph, layer=layer.name, channel=channel)
    below = model.graph.find(layer.inputs[0])
    if layer.kind is LayerKind.LINEAR:
        st.subheader(f"Weights of unit {channel}", anchor=False)
        _tell_weights(below, kernels)
        _show_weights(below, kernels)
        return
    st.subheader(f"Kernels of map {channel}", anchor=False)
    _tell_kernels(below, kernels)
    order = order_kernels(kernels.weights)[:_MAX_KERNELS]
    if kernels.in_color:
        order = (0, 1, 2)  # red, green, blue
        _show_in_color(kernels)
    limit = float(np.abs(kernels.weights).max())
    if kernels.weights.shape[1:] == (1, 1):
        _show_weights(below, kernels)
        return
    show_sheet(
        kernels.weights[list(order)],
        limits=np.full(len(order), limit),
        tiles=[_name_kernel(kernels, below, index) for index in order],
        scale=(f"−{format_number(limit)}", f"+{format_number(limit)}", "zero is the ground"),
        key=_KERNELS,
        side=_TILE,
    )
    page.draw("numbers")
    if page.values.numbers:
        shown = order[:_MAX_NUMBERS]
        show_numbers(
            kernels.weights[list(shown)],
            names=[_name_input(kernels, below, index) for index in shown],
            limit=limit,
            key="activations.kernel_numbers",
        )
        if len(order) > len(shown):
            st.caption(f"The {len(shown)} strongest; the file below has all of them.")
    _show_first_filters(page, layer)


def _tell_kernels(below: Layer, kernels: Kernels) -> None:
    count, height, width = kernels.weights.shape
    bias = "no bias" if kernels.bias is None else f"a bias of {format_number(kernels.bias)}"
    text = (
        f"One kernel of {height}×{width} reads {_name_input(kernels, below, 0)}"
        if count == 1
        else f"{format_count(count)} kernels of {height}×{width}, one for each map of "
        f"{name_layer(below)} that it reads"
    )
    cut = count > _MAX_KERNELS and (height, width) != (1, 1)
    more = f"; the {_MAX_KERNELS} strongest are shown" if cut else ""
    st.markdown(f"{text}{more}. Their products are added up, and {bias}.")


def _tell_weights(below: Layer, kernels: Kernels) -> None:
    count = len(kernels.weights)
    bias = "no bias" if kernels.bias is None else f"a bias of {format_number(kernels.bias)}"
    cut = f", the first {_MAX_WEIGHTS} shown" if count > _MAX_WEIGHTS else ""
    st.markdown(
        f"{format_count(count)} weights, one for each number of {name_layer(below)}{cut}, "
        f"and {bias}."
    )


def _name_input(kernels: Kernels, below: Layer, index: int) -> str:
    if kernels.in_color:
        return ("red", "green", "blue")[index]
    if below.kind is LayerKind.INPUT and below.shape[0] == 1:
        return "the input"
    return f"{name_layer(below)} map {kernels.first_channel + index}"


def _name_kernel(kernels: Kernels, below: Layer, index: int) -> Tile:
    name = _name_input(kernels, below, index)
    strength = format_number(float(np.abs(kernels.weights[index]).sum()))
    short = name if kernels.in_color else str(kernels.first_channel + index)
    return Tile(
        channel=kernels.first_channel + index,
        name=short,
        note="",
        title=f"kernel for {name}",
        label=f"Kernel for {name}, sum of magnitudes {strength}",
    )


def _show_in_color(kernels: Kernels) -> None:
    show_color_sheet(
        color_filters(kernels.weights[None]),
        tiles=[Tile(0, "", "", "red, green, blue together", "The kernel in colour")],
        key="activations.kernel_in_color",
        side=160,
    )
    st.caption(
        "Red, green and blue together: mid-grey is zero, the filter's largest weight is full "
        "colour. Below, the three one by one."
    )


def _show_first_filters(page: PageState[ActivationsControls], layer: Layer) -> None:
    model = page.at.bench.model
    filters = read_first_filters(model.graph, layer=layer.name)
    if filters is None:
        return
    st.subheader(f"All filters of {name_layer(layer)}", anchor=False)
    shown = filters[:_MAX_FILTERS]
    tiles = [
        Tile(index, str(index), "", f"filter {index}", f"Filter {index}")
        for index in range(len(shown))
    ]

    def take_filter(picked: int) -> None:
        page.keep(channel=picked)

    page.marks[_FILTERS] = page.values.channel
    if reads_color(model.graph, layer):
        show_color_sheet(
            color_filters(shown),
            tiles=tiles,
            key=_FILTERS,
            side=_TILE,
            on_pick=take_filter,
        )
        st.caption("Each filter is scaled by its own largest weight; mid-grey is zero.")
        return
    strongest = shown[:, 0] if shown.shape[1] == 1 else shown.mean(axis=1)
    show_sheet(
        strongest,
        limits=np.abs(strongest).max(axis=(1, 2)).astype(np.float64),
        tiles=tiles,
        scale=("−max", "+max", "of each filter; zero is the ground"),
        key=_FILTERS,
        side=_TILE,
        on_pick=take_filter,
    )


def _show_weights(below: Layer, kernels: Kernels) -> None:
    """Show weights of a single number each as a grid of cells."""
    weights = kernels.weights.reshape(-1)[:_MAX_WEIGHTS]
    noun = "map " if below.is_spatial else ""
    show_units(
        weights,
        names=[
            f"weight of {name_layer(below)} {noun}{kernels.first_channel + index}"
            for index in range(len(weights))
        ],
        label=f"Weights over {name_layer(below)}",
        key=_KERNELS,
    )
