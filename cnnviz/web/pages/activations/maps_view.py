"""A layer's maps or numbers, how their values are spread, and one of them worked out."""

from functools import partial
from typing import Any

import streamlit as st

from cnnviz.activations import maps
from cnnviz.activations.maps import LayerReading, MapOrder, MapRange
from cnnviz.cached import get_cell, get_facts
from cnnviz.errors import NetworkError
from cnnviz.figures.format import format_number
from cnnviz.figures.formulas import name_layer
from cnnviz.figures.layer_text import (
    describe_dead,
    describe_map,
    describe_missing_field,
    describe_values,
)
from cnnviz.figures.maps import draw_histogram, draw_top
from cnnviz.figures.sums import pack_note, pack_sum, write_cell_formula
from cnnviz.figures.tiles import name_map
from cnnviz.networks.graph.layers import Layer, LayerKind
from cnnviz.web.charts import show_chart
from cnnviz.web.components.cell.cell import show_cell
from cnnviz.web.components.graph.graph import show_network_picture
from cnnviz.web.components.maps.maps import show_sheet, show_units
from cnnviz.web.components.sum.sum import show_sum
from cnnviz.web.page import link_to
from cnnviz.web.pages.activations import controls
from cnnviz.web.pages.activations.controls import Page

_GRAPH, _MAPS, _UNITS = "network_picture", "activations.maps", "activations.units"
_TOP_CLASSES = 10
_MIN_VALUES = 50  # of fewer a histogram tells nothing
_TILES = {4: 110, 9: 96, 16: 72, controls.MAPS_A_SHEET: 52}
_CAPTIONS_UP_TO = 16


def show_layers(page: Page) -> None:
    """Draw the network; a click on a block chooses its layer."""
    model = page.at.bench.model

    def take_layer(picked: object) -> None:
        if any(layer.name == picked for layer in model.graph.layers):
            page.keep(layer=picked)

    page.marks[_GRAPH] = page.values.layer
    show_network_picture(model, on_pick=take_layer, key=_GRAPH)


def choose_maps(page: Page, layer: Layer) -> None:
    """Draw what says which maps are shown, and how, in one row."""
    with st.container(horizontal=True, gap="small", key="activations.row"):
        page.draw("layer", label_visibility="collapsed")
        if layer.is_spatial:
            with st.popover("Maps", icon=":material/tune:", help="Order and color range"):
                page.draw("channel", "order", "range")


def show_maps(page: Page, layer: Layer, reading: LayerReading) -> None:
    """Show the maps of a layer, one sheet at a time, or all its numbers."""
    if not layer.is_spatial:
        _show_units(page, layer, reading)
        return
    values = page.values
    first, limit = (values.sheet - 1) * controls.MAPS_A_SHEET, maps.find_layer_limit(reading)
    shown = controls.list_channels(page.at)[first : first + controls.MAPS_A_SHEET]
    tiled, is_captioned = reading.values[list(shown)], len(shown) <= _CAPTIONS_UP_TO
    is_mean = values.order is MapOrder.MEAN
    scale = ("−max", "+max", "of each map; zero is the ground")
    if values.range is MapRange.LAYER:
        scale = (f"−{format_number(limit)}", f"+{format_number(limit)}", "zero is the ground")
    show_sheet(
        tiled,
        limits=maps.find_limits(tiled, over=values.range, layer_limit=limit),
        tiles=[name_map(reading, one, is_mean=is_mean, is_captioned=is_captioned) for one in shown],
        scale=scale,
        key=_MAPS,
        side=next(side for count, side in _TILES.items() if len(shown) <= count),
        on_pick=partial(_take_channel, page),
    )
    page.marks[_MAPS] = values.channel
    if controls.count_sheets(page.at) > 1:
        page.draw("sheet")


def _take_channel(page: Page, channel: int) -> None:
    """Choose another map, and stay on the sheet."""
    page.keep(channel=channel, sheet=page.values.sheet)


def _show_units(page: Page, layer: Layer, reading: LayerReading) -> None:
    model, count = page.at.bench.model, layer.shape[0]
    classes = model.spec.classes
    is_named = layer is model.graph.output and len(classes) == count
    show_units(
        reading.values.reshape(count, -1).mean(axis=1),
        names=[
            f"unit {index} ({classes[index]})" if is_named else f"unit {index}"
            for index in range(count)
        ],
        label=page.text("units", layer=name_layer(layer), count=count),
        key=_UNITS,
        on_pick=partial(_take_channel, page),
    )
    page.marks[_UNITS] = page.values.channel
    if len(layer.shape) > 1:
        st.caption("Each cell is the mean over the other axes of this layer.")
    if is_named:
        figure = draw_top(maps.rank_reading(reading), classes, count=_TOP_CLASSES)
        alt = "The likeliest classes with their probabilities"
        show_chart(figure, key="activations.probabilities", alt=alt)


def show_statistics(page: Page, layer: Layer, reading: LayerReading) -> None:
    """Show how many cells are dead, and how the values are spread."""
    statistics, name = reading.statistics, name_layer(layer)
    if reading.values.size < _MIN_VALUES:
        return
    is_output = layer is page.at.bench.model.graph.output
    sentence = describe_dead(layer, reading, is_output=is_output)
    st.subheader(f"Values of {name}", anchor=False)
    words, chart = st.columns([2, 3], gap="large")
    words.markdown(f"{describe_values(reading)} {sentence}")
    figure = draw_histogram(reading.histogram, dead_fraction=statistics.dead_fraction)
    with chart:
        alt = f"Histogram of the values of {name}. {sentence}"
        show_chart(figure, key="activations.histogram", alt=alt)


def show_map(page: Page, layer: Layer, reading: LayerReading) -> None:
    """Show one map beside the input, and one of its cells worked out."""
    bench, channel, cell = page.at.bench, page.values.channel, page.values.cell
    values = reading.values[channel]
    place = maps.find_peak(values) if cell is None else cell
    field = get_facts(bench.network)[layer.name].field
    whole = maps.find_layer_limit(reading)
    (limit,) = maps.find_limits(values[None], over=page.values.range, layer_limit=whole)
    arithmetic, formula = _work_out(page, layer, (channel, *place), reading)
    show_cell(
        values,
        limit=float(limit),
        title=f"{name_layer(layer)}, map {channel}",
        note=describe_map(reading, channel),
        field=field,
        field_note="" if field is not None else describe_missing_field(layer),
        view=bench.view,
        cell=place,
        pinned=cell is not None,
        arithmetic=arithmetic,
        on_pin=lambda cell: page.keep(cell=cell),
        key="activations.cell",
    )
    if formula:
        st.latex(formula)


def show_unit(page: Page, layer: Layer, reading: LayerReading) -> None:
    """Show how one number of a layer without maps came about."""
    model, channel = page.at.bench.model, page.values.channel
    page.draw("channel", width=130)
    if layer is model.graph.output and len(model.spec.classes) == layer.shape[0]:
        st.markdown(f"Class **{model.spec.classes[channel]}**")
    arithmetic, formula = _work_out(page, layer, (channel, 0, 0), reading)
    show_sum(arithmetic, key="activations.sum")
    if formula:
        st.latex(formula)


def _work_out(
    page: Page, layer: Layer, place: tuple[int, int, int], reading: LayerReading
) -> tuple[dict[str, Any], str | None]:
    """A cell's arithmetic and formula; for a kind that is not worked out, the sentence why."""
    bench = page.at.bench
    try:
        cell = get_cell(bench.network, bench.image, layer.name, place)
    except NetworkError as error:
        return pack_note(layer, place, reading.values, note=str(error)), None
    graph = bench.model.graph
    return pack_sum(cell, graph), write_cell_formula(cell, graph)


def show_links(page: Page) -> None:
    """Offer the other pages on what is shown here."""
    values, bench = page.values, page.at.bench.write_address()
    inside = bench | {"layer": values.layer, "channel": str(values.channel)}
    links = [
        ("attribution", "Attribution", bench),
        ("occlusion", "Occlusion", bench),
        ("receptive_fields", "Receptive field", inside),
    ]
    if values.layer != "input":
        inside = inside | {"objective": "channel", "view": "Optimization"}
        links.append(("excites", "Feature visualization", inside))
    with st.container(horizontal=True, gap="small"):
        for name, label, address in links:
            link_to(name, label, icon=":material/open_in_new:", **address)


def list_words(page: Page, layer: Layer) -> dict[str, object]:
    """Return what the lesson's names stand for."""
    layers, reading = page.at.bench.model.graph.layers, controls.read_maps(page.at)
    convolutions = [one for one in layers if one.kind is LayerKind.CONVOLUTION] or list(layers)
    first, last = convolutions[0], convolutions[-1]
    return {
        "layer": name_layer(layer),
        "first_convolution": first.name,
        "last_convolution": last.name,
        "first_channels": first.shape[0],
        "last_channels": last.shape[0],
        "limit": "" if reading is None else format_number(maps.find_layer_limit(reading)),
    }


def list_answers(page: Page, layer: Layer) -> dict[str, float]:
    """Return the answers to the lesson's questions about this layer."""
    facts = get_facts(page.at.bench.network)[layer.name]
    answers = {"parameters": float(facts.parameters)}
    return answers | ({"size": float(layer.shape[1])} if layer.is_spatial else {})
