"""Files to keep from the activations page, made when they are asked for."""

import numpy as np
import streamlit as st

from cnnviz.figures.format import format_bytes, format_number
from cnnviz.figures.formulas import name_layer
from cnnviz.figures.maps import draw_sheet, write_map_csv, write_stack_csv
from cnnviz.graph import Layer
from cnnviz.inference import LoadedModel
from cnnviz.kernels import has_kernels, read_kernels
from cnnviz.maps import (
    LayerReading,
    MapOrder,
    MapRange,
    find_layer_limit,
    find_limits,
    order_channels,
)
from cnnviz.web.files import offer_file
from cnnviz.web.pages.activations.controls import ActivationsControls, read_maps
from cnnviz.web.state import PageState

_MOST_TILES = 256
_BYTES_A_VALUE = 9


def offer_downloads(page: PageState[ActivationsControls], layer: Layer) -> None:
    """Offer the maps as PNG, values and kernels as CSV."""
    model, channel, reading = page.at.bench.model, page.values.channel, read_maps(page.at)
    if reading is None:
        return
    st.subheader("Download", anchor=False)
    stem = f"{model.spec.name}-{layer.name}"
    order, over = page.values.order, page.values.range
    with st.container(horizontal=True):
        if layer.is_spatial:
            offer_file(
                "Maps as PNG",
                lambda: _draw(model, layer, reading, order=order, over=over),
                f"{stem}-maps.png",
            )
            offer_file(
                f"Map {channel} as CSV",
                lambda: write_map_csv(reading.values[channel]),
                f"{stem}-map{channel}.csv",
            )
        size = format_bytes(reading.values.size * _BYTES_A_VALUE)
        offer_file(
            f"Whole layer as CSV (about {size})",
            lambda: write_stack_csv(reading.values),
            f"{stem}.csv",
        )
        if has_kernels(layer):
            kernels = read_kernels(model.graph, layer=layer.name, channel=channel)
            offer_file(
                f"Kernels of {channel} as CSV",
                lambda: write_stack_csv(kernels.weights, name="input", first=kernels.first_channel),
                f"{stem}-kernels{channel}.csv",
            )


def _draw(
    model: LoadedModel, layer: Layer, reading: LayerReading, *, order: MapOrder, over: MapRange
) -> bytes:
    channels = order_channels(reading.statistics, by=order)[:_MOST_TILES]
    maps = reading.values[list(channels)]
    return draw_sheet(
        maps,
        limits=find_limits(maps, over=over, layer_limit=find_layer_limit(reading)),
        captions=[
            f"{channel}: {format_number(float(np.max(reading.values[channel])))}"
            for channel in channels
        ],
        title=f"{model.spec.title}, {name_layer(layer)}",
    )
