"""All maps of a layer, or all its numbers, and how their values are spread."""

from functools import partial

import streamlit as st

from cnnviz.figures import formulas
from cnnviz.figures.format import format_number
from cnnviz.figures.maps import draw_histogram, draw_probabilities
from cnnviz.graph import Layer
from cnnviz.inference import LoadedModel
from cnnviz.maps import (
    LayerReading,
    MapOrder,
    MapRange,
    find_layer_limit,
    find_limits,
    rank_reading,
)
from cnnviz.web.components.maps.maps import Tile, show_sheet, show_units
from cnnviz.web.pages.activations.controls import (
    MAPS_A_SHEET,
    ActivationsControls,
    count_sheets,
    list_channels,
    read_maps,
)
from cnnviz.web.pages.activations.text import tell_map, tell_statistics
from cnnviz.web.state import PageState

_MAPS, _UNITS = "activations.maps", "activations.units"
_TOP_CLASSES = 10
_FEW_VALUES = 50  # of fewer a histogram tells nothing
_TILES = {4: 110, 9: 96, 16: 72, MAPS_A_SHEET: 52}
_CAPTIONS_UP_TO = 16


def show_maps(page: PageState[ActivationsControls], layer: Layer) -> None:
    """Show the maps of a layer, one sheet at a time, or all its numbers."""
    reading = read_maps(page.at)
    if reading is None:
        return
    if not layer.is_spatial:
        _show_units(page, layer, reading)
        return
    _show_sheet(page, reading)
    if count_sheets(page.at) > 1:
        page.draw("sheet")


def choose_maps(page: PageState[ActivationsControls], layer: Layer) -> None:
    """Draw what says which maps are shown, and how, in one row."""
    with st.container(horizontal=True, gap="small", key="activations.row"):
        page.draw("layer", label_visibility="collapsed")
        if layer.is_spatial:
            with st.popover("Maps", icon=":material/tune:", help="Order and color range"):
                page.draw("channel", "order", "range")


def _show_sheet(page: PageState[ActivationsControls], reading: LayerReading) -> None:
    values = page.values
    first = (values.sheet - 1) * MAPS_A_SHEET
    shown = list_channels(page.at)[first : first + MAPS_A_SHEET]
    maps = reading.values[list(shown)]
    show_sheet(
        maps,
        limits=find_limits(maps, over=values.range, layer_limit=find_layer_limit(reading)),
        tiles=[
            _name_tile(reading, index, values.order, captioned=len(shown) <= _CAPTIONS_UP_TO)
            for index in shown
        ],
        scale=_write_scale(reading, values.range),
        key=_MAPS,
        side=next(side for count, side in _TILES.items() if len(shown) <= count),
        on_pick=partial(_take_channel, page),
    )
    page.marks[_MAPS] = page.values.channel


def _write_scale(reading: LayerReading, over: MapRange) -> tuple[str, str, str]:
    if over is MapRange.MAP:
        return "−max", "+max", "of each map; zero is the ground"
    limit = format_number(find_layer_limit(reading))
    return f"−{limit}", f"+{limit}", "zero is the ground"


def _name_tile(reading: LayerReading, channel: int, order: MapOrder, *, captioned: bool) -> Tile:
    statistics = reading.statistics
    value = statistics.channel_mean if order is MapOrder.MEAN else statistics.channel_maximum
    note = format_number(float(value[channel]))
    return Tile(
        channel=channel,
        name=str(channel) if captioned else "",
        note=f"{'mean' if order is MapOrder.MEAN else 'max'} {note}" if captioned else "",
        title=f"map {channel}",
        label=f"Map {channel}, {tell_map(reading, channel)}",
    )


def _take_channel(page: PageState[ActivationsControls], channel: int) -> None:
    if channel in list_channels(page.at):
        sheet = page.values.sheet
        page.keep(channel=channel)
        page.keep(sheet=sheet)


def _show_units(page: PageState[ActivationsControls], layer: Layer, reading: LayerReading) -> None:
    model = page.at.bench.model
    is_output = layer.name == model.graph.layers[-1].name
    classes = model.spec.classes
    named = is_output and len(classes) == layer.shape[0]
    names = [
        f"unit {index}" + (f" ({classes[index]})" if named else "")
        for index in range(layer.shape[0])
    ]
    values = reading.values.reshape(layer.shape[0], -1).mean(axis=1)
    show_units(
        values,
        names=names,
        label=f"{formulas.name_layer(layer)}, {layer.shape[0]} numbers. Arrow keys go from one to "
        "the next, Enter chooses one.",
        key=_UNITS,
        on_pick=partial(_take_channel, page),
    )
    page.marks[_UNITS] = page.values.channel
    if len(layer.shape) > 1:
        st.caption("Each cell is the mean over the other axes of this layer.")
    if named:
        _show_classes(model, reading)


def _show_classes(model: LoadedModel, reading: LayerReading) -> None:
    prediction = rank_reading(reading)
    top = prediction.ranking[:_TOP_CLASSES]
    st.plotly_chart(
        draw_probabilities(
            [model.spec.classes[index] for index in top],
            [float(prediction.probabilities[index]) for index in top],
        ),
        key="activations.probabilities",
        config={"displayModeBar": False},
        alt="The likeliest classes with their probabilities",
    )


def show_statistics(page: PageState[ActivationsControls], layer: Layer) -> None:
    """Show how many cells are dead, and how the values are spread."""
    reading = read_maps(page.at)
    if reading is None or reading.values.size < _FEW_VALUES:
        return
    statistics = reading.statistics
    is_output = layer.name == page.at.bench.model.graph.layers[-1].name
    sentence = tell_statistics(layer, reading, is_output=is_output)
    st.subheader(f"Values of {formulas.name_layer(layer)}", anchor=False)
    words, chart = st.columns([2, 3], gap="large")
    least, mean, most = (
        format_number(value) for value in (statistics.minimum, statistics.mean, statistics.maximum)
    )
    words.markdown(f"Values from **{least}** to **{most}**, mean **{mean}**. {sentence}")
    chart.plotly_chart(
        draw_histogram(reading.histogram, dead_fraction=statistics.dead_fraction),
        key="activations.histogram",
        config={"displayModeBar": False},
        alt=f"Histogram of the values of {formulas.name_layer(layer)}. {sentence}",
    )
