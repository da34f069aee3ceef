"""All maps of a layer, or all its numbers, and how their values are spread."""

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
    find_strongest,
    order_channels,
    rank_reading,
)
from cnnviz.web.activations.text import tell_map, tell_statistics
from cnnviz.web.components.graph.graph import read_pick
from cnnviz.web.components.maps.maps import Tile, show_sheet, show_units
from cnnviz.web.url_values import check_choice, check_index

MAPS_A_PAGE = 64
_MAPS, _UNITS = "maps", "units"
_TOP_CLASSES = 10
_SIDE_BY_SIDE = 24
_FEW_VALUES = 50  # of fewer a histogram tells nothing


def show_maps(model: LoadedModel, layer: Layer, reading: LayerReading) -> int:
    """Show all maps of a layer, or all its numbers, and return the chosen channel."""
    problems = [_check_channel(layer), *(_check_order() if layer.is_spatial else ())]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        order, over = _choose_order() if layer.is_spatial else (MapOrder.CHANNEL, MapRange.LAYER)
        channel = _choose_channel(layer)
    for problem in filter(None, problems):
        st.warning(problem)
    # A tall sheet takes the whole width, and the statistics go below it.
    tall = layer.is_spatial and layer.shape[0] > _SIDE_BY_SIDE
    sheet, side = (st.container(), st.container()) if tall else st.columns([7, 3], gap="large")
    with sheet:
        if layer.is_spatial:
            _show_sheet(layer, reading, order=order, over=over)
        else:
            _show_units(model, layer, reading)
    with side:
        _show_statistics(
            layer, reading, broad=tall, is_output=layer.name == model.graph.layers[-1].name
        )
    return channel


def _check_order() -> tuple[str | None, str | None]:
    return (
        check_choice("sort", list(MapOrder), aliases={}, noun="order"),
        check_choice("range", list(MapRange), aliases={}, noun="colour range"),
    )


def _choose_order() -> tuple[MapOrder, MapRange]:
    order = st.segmented_control(
        "Sort maps by",
        list(MapOrder),
        default=MapOrder.CHANNEL,
        required=True,
        key="sort",
        bind="query-params",
    )
    over = st.segmented_control(
        "Colour range",
        list(MapRange),
        default=MapRange.LAYER,
        required=True,
        key="range",
        bind="query-params",
    )
    return MapOrder(order), MapRange(over)


def _show_sheet(layer: Layer, reading: LayerReading, *, order: MapOrder, over: MapRange) -> None:
    shown = _cut_page(order_channels(reading.statistics, by=order))
    maps = reading.values[list(shown)]
    packed = show_sheet(
        maps,
        limits=find_limits(maps, over=over, layer_limit=find_layer_limit(reading)),
        tiles=[_name_tile(reading, index, order) for index in shown],
        scale=_write_scale(reading, over),
        key=_MAPS,
        on_pick=lambda: _take_channel(_MAPS, layer),
    )
    if packed.step > 1:
        st.caption(f"Every {packed.step}. row and column; the enlarged map below has them all.")


def _write_scale(reading: LayerReading, over: MapRange) -> tuple[str, str, str]:
    if over is MapRange.MAP:
        return "−max", "+max", "of each map; zero is the ground"
    limit = format_number(find_layer_limit(reading))
    return f"−{limit}", f"+{limit}", "zero is the ground"


def _name_tile(reading: LayerReading, channel: int, order: MapOrder) -> Tile:
    statistics = reading.statistics
    value = statistics.channel_mean if order is MapOrder.MEAN else statistics.channel_maximum
    note = format_number(float(value[channel]))
    return Tile(
        channel=channel,
        name=str(channel),
        note=f"{'mean' if order is MapOrder.MEAN else 'max'} {note}",
        title=f"map {channel}",
        label=f"Map {channel}, {tell_map(reading, channel)}",
    )


def _cut_page(channels: tuple[int, ...]) -> tuple[int, ...]:
    pages = -(-len(channels) // MAPS_A_PAGE)
    if pages == 1:
        return channels
    if not 1 <= st.session_state.get("page", 1) <= pages:
        st.session_state["page"] = 1
    page = st.pagination(pages, key="page", bind="query-params")
    first = (page - 1) * MAPS_A_PAGE
    shown = channels[first : first + MAPS_A_PAGE]
    st.caption(f"Maps {first + 1} to {first + len(shown)} of {len(channels)} in this order.")
    return shown


def _check_channel(layer: Layer) -> str | None:
    noun = "map" if layer.is_spatial else "unit"
    return check_index("channel", count=layer.shape[0], noun=noun)


def _choose_channel(layer: Layer) -> int:
    count = layer.shape[0]
    if not 0 <= (st.session_state.get("channel") or 0) < count:
        st.session_state["channel"] = 0
    channel = st.number_input(
        "Map" if layer.is_spatial else "Unit",
        min_value=0,
        max_value=count - 1,
        value=0,
        key="channel",
        bind="query-params",
        width=140,
    )
    return int(channel or 0)


def reset_choices(reading: LayerReading) -> None:
    """After a change of layer: its strongest channel, its first page, no pinned cell."""
    st.session_state["channel"] = find_strongest(reading.statistics)
    st.session_state["page"] = 1
    st.session_state["row"] = st.session_state["column"] = None


def _take_channel(key: str, layer: Layer) -> None:
    channel = read_pick(key)
    if type(channel) is int and 0 <= channel < layer.shape[0]:
        st.session_state["channel"] = channel


def _show_units(model: LoadedModel, layer: Layer, reading: LayerReading) -> None:
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
        on_pick=lambda: _take_channel(_UNITS, layer),
    )
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
        key="probabilities",
        config={"displayModeBar": False},
        alt="The likeliest classes with their probabilities",
    )


def _show_statistics(layer: Layer, reading: LayerReading, *, broad: bool, is_output: bool) -> None:
    """Show how many cells are dead, and how the values are spread.

    Args:
        layer: The layer.
        reading: What it computed.
        broad: Whether there is room for words beside the chart.
        is_output: Whether it is the network's last layer.
    """
    words, chart = st.columns([2, 3], gap="large") if broad else (st.container(), st.container())
    statistics = reading.statistics
    sentence = tell_statistics(layer, reading, is_output=is_output)
    with words:
        least, mean, most = (
            format_number(value)
            for value in (statistics.minimum, statistics.mean, statistics.maximum)
        )
        st.markdown(f"Values from **{least}** to **{most}**, mean **{mean}**.")
        st.markdown(sentence)
    if reading.values.size < _FEW_VALUES:
        return
    with chart:
        st.plotly_chart(
            draw_histogram(reading.histogram, dead_fraction=statistics.dead_fraction),
            key="histogram",
            config={"displayModeBar": False},
            alt=f"Histogram of the values of {formulas.name_layer(layer)}. {sentence}",
        )
