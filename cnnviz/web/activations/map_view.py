"""One map of a layer: beside the input, cell by cell, and the kernels that made it."""

from typing import Any

import numpy as np
import streamlit as st

from cnnviz.errors import NetworkError
from cnnviz.figures.format import format_count, format_number
from cnnviz.figures.formulas import name_layer
from cnnviz.figures.sums import name_cell, pack_sum, write_cell_formula
from cnnviz.graph import Layer, LayerKind
from cnnviz.imaging import CheckedImage
from cnnviz.inference import LoadedModel
from cnnviz.kernels import (
    Kernels,
    color_filters,
    has_kernels,
    order_kernels,
    read_first_filters,
    read_kernels,
    reads_color,
)
from cnnviz.maps import LayerReading, MapRange, find_layer_limit, find_limits, find_peak
from cnnviz.web.activations.text import KIND_SENTENCES, tell_field, tell_map
from cnnviz.web.caches import get_cell, get_facts, get_input
from cnnviz.web.components.cell.cell import ShownMap, show_cell
from cnnviz.web.components.choices.choices import read_pin
from cnnviz.web.components.graph.graph import read_pick
from cnnviz.web.components.maps.maps import Tile, show_color_sheet, show_sheet, show_units
from cnnviz.web.components.numbers.numbers import show_numbers
from cnnviz.web.components.sum.sum import show_sum
from cnnviz.web.url_values import check_index

MOST_KERNELS = 64
MOST_FILTERS = 128
_MOST_WEIGHTS = 4096
_MOST_NUMBERS = 12
_TILE = 64
_CELL, _KERNELS, _FILTERS = "cell", "kernels", "filters"


def show_map(
    model: LoadedModel,
    picture: CheckedImage,
    layer: Layer,
    reading: LayerReading,
    *,
    channel: int,
) -> None:
    """Show one map beside the input, and one of its cells worked out."""
    values = reading.values[channel]
    title, place = st.columns([3, 2], vertical_alignment="bottom")
    title.header(f"Map {channel} of {name_layer(layer)}", anchor=False)
    with place:
        pinned = _choose_cell(layer)
    cell = find_peak(values) if pinned is None else pinned
    field = get_facts(model.spec.name)[layer.name].field
    over = MapRange(st.session_state.get("range", MapRange.LAYER))
    (limit,) = find_limits(values[None], over=over, layer_limit=find_layer_limit(reading))
    arithmetic, formula = _work_out(model, picture, layer, (channel, *cell), reading)
    show_cell(
        ShownMap(
            values=values,
            limit=float(limit),
            title=f"{name_layer(layer)}, map {channel}",
            note=tell_map(reading, channel),
            field=field,
            field_note=tell_field(layer, known=field is not None),
        ),
        view=model.spec.preprocessing.view(get_input(model.spec.name, picture)),
        cell=cell,
        pinned=pinned is not None,
        arithmetic=arithmetic,
        on_pin=lambda: _take_pin(layer),
        key=_CELL,
    )
    if formula:
        st.latex(formula)


def show_unit(
    model: LoadedModel,
    picture: CheckedImage,
    layer: Layer,
    reading: LayerReading,
    *,
    channel: int,
) -> None:
    """Show how one number of a layer without maps came about."""
    st.header(f"Unit {channel} of {name_layer(layer)}", anchor=False)
    classes = model.spec.classes
    if layer.name == model.graph.layers[-1].name and len(classes) == layer.shape[0]:
        st.markdown(f"It stands for the class **{classes[channel]}**.")
    arithmetic, formula = _work_out(model, picture, layer, (channel, 0, 0), reading)
    show_sum(arithmetic, key="sum")
    if formula:
        st.latex(formula)


def _choose_cell(layer: Layer) -> tuple[int, int] | None:
    """Show the fields for a cell's row and column; None while no cell is pinned."""
    _, height, width = layer.shape
    places = (("row", height), ("column", width))
    problems = [check_index(key, count=count, noun=key) for key, count in places]
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        for key, count in places:
            index = st.session_state.get(key)
            if index is not None and not 0 <= index < count:
                st.session_state[key] = None
            st.number_input(
                key.capitalize(),
                min_value=0,
                max_value=count - 1,
                value=None,
                placeholder="peak",
                key=key,
                bind="query-params",
                width=130,
            )
    for problem in filter(None, problems):
        st.warning(problem)
    row, column = st.session_state["row"], st.session_state["column"]
    return None if row is None or column is None else (int(row), int(column))


def _take_pin(layer: Layer) -> None:
    place = read_pin(_CELL)
    if place is None:
        st.session_state["row"] = st.session_state["column"] = None
    elif 0 <= place[0] < layer.shape[1] and 0 <= place[1] < layer.shape[2]:
        st.session_state["row"], st.session_state["column"] = place


def _work_out(
    model: LoadedModel,
    picture: CheckedImage,
    layer: Layer,
    place: tuple[int, int, int],
    reading: LayerReading,
) -> tuple[dict[str, Any], str | None]:
    """A cell's arithmetic and formula; for a kind that is not worked out, the sentence why."""
    try:
        cell = get_cell(model.spec.name, picture, layer.name, place)
    except NetworkError as error:
        channel, row, column = place
        value = reading.values[channel]
        return {
            "kind": "note",
            "title": name_cell(layer, *place),
            "note": str(error),
            "value": float(value[row, column] if layer.is_spatial else value.mean()),
            "bias": 0.0,
        }, None
    return pack_sum(cell, model.graph), write_cell_formula(cell, model.graph)


def show_kernels(model: LoadedModel, layer: Layer, *, channel: int) -> None:
    """Show the kernels behind a map, or say what the layer does in their place."""
    if not has_kernels(layer):
        st.header("Kernels", anchor=False)
        st.markdown(f"{name_layer(layer)} has none. {KIND_SENTENCES[layer.kind]}")
        return
    kernels = read_kernels(model.graph, layer=layer.name, channel=channel)
    below = model.graph.find(layer.inputs[0])
    if layer.kind is LayerKind.LINEAR:
        st.header(f"The weights of unit {channel}", anchor=False)
        _tell_weights(below, kernels)
        _show_weights(below, kernels)
        return
    st.header(f"The kernels of map {channel}", anchor=False)
    _tell_kernels(below, kernels)
    order = order_kernels(kernels.weights)[:MOST_KERNELS]
    if kernels.in_color:
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
    if st.toggle("As numbers", key="numbers", bind="query-params"):
        shown = order[:_MOST_NUMBERS]
        show_numbers(
            kernels.weights[list(shown)],
            names=[_name_input(kernels, below, index) for index in shown],
            limit=limit,
            key="kernel_numbers",
        )
        if len(order) > len(shown):
            st.caption(f"The {len(shown)} strongest; the file below has all of them.")
    _show_first_filters(model, layer)


def _tell_kernels(below: Layer, kernels: Kernels) -> None:
    count, height, width = kernels.weights.shape
    bias = "no bias" if kernels.bias is None else f"a bias of {format_number(kernels.bias)}"
    text = (
        f"One kernel of {height}×{width} reads {_name_input(kernels, below, 0)}"
        if count == 1
        else f"{format_count(count)} kernels of {height}×{width}, one for each map of "
        f"{name_layer(below)} that it reads"
    )
    cut = count > MOST_KERNELS and (height, width) != (1, 1)
    more = f"; the {MOST_KERNELS} strongest are shown" if cut else ""
    st.markdown(f"{text}{more}. Their products are added up, and {bias}.")


def _tell_weights(below: Layer, kernels: Kernels) -> None:
    count = len(kernels.weights)
    bias = "no bias" if kernels.bias is None else f"a bias of {format_number(kernels.bias)}"
    cut = f", the first {_MOST_WEIGHTS} shown" if count > _MOST_WEIGHTS else ""
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
        key="kernel_in_color",
        side=160,
    )
    st.caption(
        "Red, green and blue together: mid-grey is zero, the filter's largest weight is full "
        "colour. Below, the three one by one."
    )


def _show_first_filters(model: LoadedModel, layer: Layer) -> None:
    filters = read_first_filters(model.graph, layer=layer.name)
    if filters is None:
        return
    st.subheader(f"All filters of {name_layer(layer)}", anchor=False)
    shown = filters[:MOST_FILTERS]
    tiles = [
        Tile(index, str(index), "", f"filter {index}", f"Filter {index}")
        for index in range(len(shown))
    ]

    def take_filter() -> None:
        picked = read_pick(_FILTERS)
        if type(picked) is int and 0 <= picked < len(filters):
            st.session_state["channel"] = picked

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
    weights = kernels.weights.reshape(-1)[:_MOST_WEIGHTS]
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
