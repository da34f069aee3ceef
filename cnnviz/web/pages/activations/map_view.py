"""One map of a layer beside the input, cell by cell, with the arithmetic of one."""

from typing import Any

import streamlit as st

from cnnviz.cached import get_cell, get_facts, get_input
from cnnviz.errors import NetworkError
from cnnviz.figures.formulas import name_layer
from cnnviz.figures.sums import name_cell, pack_sum, write_cell_formula
from cnnviz.graph import Layer
from cnnviz.maps import LayerReading, find_layer_limit, find_limits, find_peak
from cnnviz.web.bench import Bench
from cnnviz.web.components.cell.cell import ShownMap, show_cell
from cnnviz.web.components.sum.sum import show_sum
from cnnviz.web.pages.activations.controls import ActivationsControls, read_maps
from cnnviz.web.pages.activations.text import tell_field, tell_map
from cnnviz.web.state import PageState

_CELL = "activations.cell"


def show_map(page: PageState[ActivationsControls], layer: Layer) -> None:
    """Show one map beside the input, and one of its cells worked out."""
    bench, reading, channel = page.at.bench, read_maps(page.at), page.values.channel
    if reading is None:
        return
    values, cell = reading.values[channel], page.values.cell
    place = find_peak(values) if cell is None else cell
    field = get_facts(bench.network)[layer.name].field
    (limit,) = find_limits(
        values[None], over=page.values.range, layer_limit=find_layer_limit(reading)
    )
    arithmetic, formula = _work_out(bench, layer, (channel, *place), reading)
    show_cell(
        ShownMap(
            values=values,
            limit=float(limit),
            title=f"{name_layer(layer)}, map {channel}",
            note=tell_map(reading, channel),
            field=field,
            field_note=tell_field(layer, known=field is not None),
        ),
        view=bench.model.spec.preprocessing.view(get_input(bench.network, bench.image)),
        cell=place,
        pinned=cell is not None,
        arithmetic=arithmetic,
        on_pin=lambda cell: page.keep(cell=cell),
        key=_CELL,
    )
    if formula:
        st.latex(formula)


def show_unit(page: PageState[ActivationsControls], layer: Layer) -> None:
    """Show how one number of a layer without maps came about."""
    bench, reading, channel = page.at.bench, read_maps(page.at), page.values.channel
    if reading is None:
        return
    page.draw("channel", width=130)
    classes = bench.model.spec.classes
    if layer.name == bench.model.graph.layers[-1].name and len(classes) == layer.shape[0]:
        st.markdown(f"Class **{classes[channel]}**")
    arithmetic, formula = _work_out(bench, layer, (channel, 0, 0), reading)
    show_sum(arithmetic, key="activations.sum")
    if formula:
        st.latex(formula)


def _work_out(
    bench: Bench,
    layer: Layer,
    place: tuple[int, int, int],
    reading: LayerReading,
) -> tuple[dict[str, Any], str | None]:
    """A cell's arithmetic and formula; for a kind that is not worked out, the sentence why."""
    image = bench.image
    if image is None:  # the page draws nothing without one
        raise NetworkError("Choose an image first.")
    try:
        cell = get_cell(bench.network, image, layer.name, place)
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
    graph = bench.model.graph
    return pack_sum(cell, graph), write_cell_formula(cell, graph)
