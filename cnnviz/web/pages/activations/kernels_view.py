"""The kernels behind a map, the weights behind a unit, a layer's costs, and files to keep."""

from collections.abc import Callable
from functools import partial

import numpy as np
import streamlit as st

from cnnviz.activations.kernels import (
    Kernels,
    color_filters,
    has_kernels,
    order_kernels,
    read_first_filters,
    read_kernels,
    reads_color,
)
from cnnviz.activations.maps import LayerReading
from cnnviz.cached import get_facts
from cnnviz.figures.format import format_bytes, format_number
from cnnviz.figures.formulas import name_layer, write_layer_formulas
from cnnviz.figures.layer_text import describe_kernels, describe_weights
from cnnviz.figures.maps import draw_layer, write_map_csv, write_stack_csv
from cnnviz.figures.sums import name_channel
from cnnviz.figures.tiles import Tile, name_filters, name_kernels
from cnnviz.networks.graph.layers import Layer, LayerKind
from cnnviz.web.components.maps.maps import show_color_sheet, show_sheet, show_units
from cnnviz.web.components.numbers.numbers import show_numbers
from cnnviz.web.files import offer_files
from cnnviz.web.pages.activations.controls import Page

_MAX_KERNELS, _MAX_FILTERS, _MAX_WEIGHTS, _MAX_NUMBERS = 64, 128, 4096, 12
_TILE = 64
_KERNELS, _FILTERS = "activations.kernels", "activations.filters"
_BYTES_A_VALUE = 9


def show_kernels(page: Page, layer: Layer) -> None:
    """Show the kernels behind a map, or say what the layer does in their place."""
    graph, channel = page.at.bench.model.graph, page.values.channel
    if not has_kernels(layer):
        st.subheader("Kernels", anchor=False)
        st.markdown(f"{name_layer(layer)} has none. {page.text(layer.kind)}")
        return
    kernels = read_kernels(graph, layer=layer.name, channel=channel)
    below = graph.find(layer.inputs[0])
    if layer.kind is LayerKind.LINEAR:
        st.subheader(f"Weights of unit {channel}", anchor=False)
        st.markdown(describe_weights(kernels, below, shown=_MAX_WEIGHTS))
        _show_weights(below, kernels)
        return
    st.subheader(f"Kernels of map {channel}", anchor=False)
    is_single = kernels.weights.shape[1:] == (1, 1)
    shown = _MAX_WEIGHTS if is_single else _MAX_KERNELS
    st.markdown(describe_kernels(kernels, below, shown=shown))
    if kernels.in_color:
        tile = Tile(0, title="red, green, blue together", label="The kernel in color")
        filters = color_filters(kernels.weights[None])
        show_color_sheet(filters, tiles=[tile], key="activations.kernel_in_color", side=160)
        st.caption(page.text("in_color"))
    if is_single:
        _show_weights(below, kernels)
        return
    _show_sheet(page, below, kernels)
    _show_first_filters(page, layer)


def _show_sheet(page: Page, below: Layer, kernels: Kernels) -> None:
    """Show the strongest kernels, and a few of them as numbers; colors stay in their order."""
    order = (0, 1, 2) if kernels.in_color else order_kernels(kernels.weights)[:_MAX_KERNELS]
    limit = float(np.abs(kernels.weights).max())
    show_sheet(
        kernels.weights[list(order)],
        limits=np.full(len(order), limit),
        tiles=name_kernels(kernels, below, order),
        scale=(f"−{format_number(limit)}", f"+{format_number(limit)}", "zero is the ground"),
        key=_KERNELS,
        side=_TILE,
    )
    page.draw("numbers")
    if page.values.numbers:
        few = list(order[:_MAX_NUMBERS])
        names = [name_channel(below, kernels.first_channel + index) for index in few]
        key = "activations.kernel_numbers"
        show_numbers(kernels.weights[few], names=names, limit=limit, key=key)
        if len(order) > len(few):
            st.caption(f"The {len(few)} strongest; the file below has all of them.")


def _show_first_filters(page: Page, layer: Layer) -> None:
    graph = page.at.bench.model.graph
    filters = read_first_filters(graph, layer=layer.name)
    if filters is None:
        return
    st.subheader(f"All filters of {name_layer(layer)}", anchor=False)
    page.marks[_FILTERS] = page.values.channel
    shown, pick = filters[:_MAX_FILTERS], lambda channel: page.keep(channel=channel)
    tiles = name_filters(len(shown))
    if reads_color(graph, layer):
        colored = color_filters(shown)
        show_color_sheet(colored, tiles=tiles, key=_FILTERS, side=_TILE, on_pick=pick)
        st.caption("Each filter is scaled by its own largest weight; mid-gray is zero.")
        return
    show_sheet(
        shown.mean(axis=1),
        tiles=tiles,
        scale=("−max", "+max", "of each filter; zero is the ground"),
        key=_FILTERS,
        side=_TILE,
        on_pick=pick,
    )


def _show_weights(below: Layer, kernels: Kernels) -> None:
    """Show weights of a single number each as a grid of cells."""
    weights, name = kernels.weights.reshape(-1)[:_MAX_WEIGHTS], name_layer(below)
    noun, first = "map " if below.is_spatial else "", kernels.first_channel
    names = [f"weight of {name} {noun}{first + index}" for index in range(len(weights))]
    show_units(weights, names=names, label=f"Weights over {name}", key=_KERNELS)


def show_costs(page: Page, layer: Layer) -> None:
    """Work out a layer's size, parameters and multiply-adds with its own numbers."""
    facts = get_facts(page.at.bench.network)[layer.name]
    lines = write_layer_formulas(facts)
    if not lines:
        return
    st.subheader(f"{name_layer(layer)} in numbers", anchor=False)
    for line in lines:
        st.latex(line)
    unread = max((term.unread for term in facts.terms or ()), default=0)
    if unread:
        st.caption(page.text("unread", unread=unread))


def offer_downloads(page: Page, layer: Layer, reading: LayerReading) -> None:
    """Offer the maps as PNG, values and kernels as CSV."""
    model, channel = page.at.bench.model, page.values.channel
    stem, values = f"{model.spec.name}-{layer.name}", reading.values
    files: dict[str, tuple[Callable[[], bytes], str]] = {}
    if layer.is_spatial:
        title, shown = f"{model.spec.title}, {name_layer(layer)}", page.values
        sheet = partial(draw_layer, reading, order=shown.order, over=shown.range, title=title)
        files["Maps as PNG"] = sheet, f"{stem}-maps.png"
        map_csv = (lambda: write_map_csv(values[channel]), f"{stem}-map{channel}.csv")
        files[f"Map {channel} as CSV"] = map_csv
    size = format_bytes(values.size * _BYTES_A_VALUE)
    files[f"Whole layer as CSV (about {size})"] = lambda: write_stack_csv(values), f"{stem}.csv"
    if has_kernels(layer):
        own = read_kernels(model.graph, layer=layer.name, channel=channel)
        files[f"Kernels of {channel} as CSV"] = (
            lambda: write_stack_csv(own.weights, name="input", first=own.first_channel),
            f"{stem}-kernels{channel}.csv",
        )
    st.subheader("Download", anchor=False)
    offer_files(files)
