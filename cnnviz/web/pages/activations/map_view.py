"""One map of a layer beside the input, cell by cell, with the arithmetic of one."""

from typing import Any

import streamlit as st

from cnnviz.cached import get_cell, get_facts, get_input
from cnnviz.errors import NetworkError
from cnnviz.figures.formulas import name_layer
from cnnviz.figures.layer_text import describe_map, describe_missing_field
from cnnviz.figures.sums import name_cell, pack_sum, write_cell_formula
from cnnviz.graph import Layer
from cnnviz.maps import LayerReading, find_layer_limit, find_limits, find_peak
from cnnviz.web.components.cell.cell import ShownMap, show_cell
from cnnviz.web.components.sum.sum import show_sum
from cnnviz.web.page import link_to
from cnnviz.web.pages.activations.controls import Page

_CELL = "activations.cell"


def show_map(page: Page, layer: Layer, reading: LayerReading) -> None:
    """Show one map beside the input, and one of its cells worked out."""
    bench, channel, cell = page.at.bench, page.values.channel, page.values.cell
    values = reading.values[channel]
    place = find_peak(values) if cell is None else cell
    field = get_facts(bench.network)[layer.name].field
    whole = find_layer_limit(reading)
    (limit,) = find_limits(values[None], over=page.values.range, layer_limit=whole)
    arithmetic, formula = _work_out(page, layer, (channel, *place), reading)
    show_cell(
        ShownMap(
            values=values,
            limit=float(limit),
            title=f"{name_layer(layer)}, map {channel}",
            note=describe_map(reading, channel),
            field=field,
            field_note="" if field is not None else describe_missing_field(layer),
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


def show_unit(page: Page, layer: Layer, reading: LayerReading) -> None:
    """Show how one number of a layer without maps came about."""
    model, channel = page.at.bench.model, page.values.channel
    page.draw("channel", width=130)
    if layer is model.graph.layers[-1] and len(model.spec.classes) == layer.shape[0]:
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
