"""The fields of a whole network: the theoretical ones as a table, an effective one measured."""

import threading

import streamlit as st

from cnnviz.effective_field import (
    EffectiveField,
    Measure,
    WeightSource,
    compute_effective_field,
)
from cnnviz.errors import NetworkError
from cnnviz.figures.receptive_field import (
    FieldRow,
    has_branches,
    list_field_rows,
    tabulate_network,
    write_network_csv,
)
from cnnviz.graph import LayerKind
from cnnviz.inference import load_model
from cnnviz.receptive_field import compute_fields, compute_path_ranges
from cnnviz.web.chrome import show_error
from cnnviz.web.field_component import show_heat
from cnnviz.web.runnable import list_runnable, offer_others
from cnnviz.zoo import get_network

SAMPLES = 64
LIMIT_SECONDS = 5.0
# One measurement at a time: they would only slow each other down, and the drawing pages too.
_MEASURING = threading.Lock()


def show_network_fields() -> None:
    """Choose a network; show its table of fields and measure a layer's effective field."""
    titles = {listing.name: listing.title for listing in list_runnable()}
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        network = st.selectbox(
            "Network",
            list(titles),
            format_func=lambda name: titles.get(name, name),
            key="network",
            bind="query-params",
            width=200,
        )
        rows = _list_rows(network)
        layer = _choose_layer(rows)
        measure = st.segmented_control(
            "Gradients averaged by",
            list(Measure),
            default=Measure.SQUARES,
            required=True,
            key="measure",
            bind="query-params",
        )
    offer_others()
    _show_effective(network, layer, Measure(measure))
    st.markdown(
        f"Every layer of {titles[network]}: field, jump and start follow from the windows alone."
        + (" Branches and shortcuts give paths of unlike fields." if has_branches(rows) else "")
        + " On a picture of your own, [Activations and filters](activations) shows what lies "
        "behind any cell."
    )
    st.dataframe(tabulate_network(rows), hide_index=True, alt=f"Fields of {titles[network]}")
    st.download_button(
        "Fields as CSV", write_network_csv(rows), f"fields-{network}.csv", "text/csv"
    )


def _choose_layer(rows: tuple[FieldRow, ...]) -> str:
    titles = {row.name: row.title for row in rows if row.kind != LayerKind.INPUT}
    convolutions = [row.name for row in rows if row.kind == LayerKind.CONVOLUTION]
    names = list(titles)
    return st.selectbox(
        "Layer",
        names,
        index=names.index(convolutions[-2 if len(convolutions) > 1 else -1]),
        format_func=lambda name: titles.get(name, name),
        key="layer",
        bind="query-params",
        width=220,
    )


def _show_effective(network: str, layer: str, measure: Measure) -> None:
    fields: list[tuple[str, EffectiveField]] = []
    with st.spinner("Measuring gradients …", show_time=True):
        for weights in (WeightSource.RANDOM, WeightSource.TRAINED):
            try:
                fields.append(
                    (f"{weights} weights".capitalize(), _measure(network, layer, weights, measure))
                )
            except NetworkError as error:
                show_error(error)
    if not fields:
        return
    spec = get_network(network)
    label = f"Effective fields of {spec.layer_titles.get(layer, layer)} of {spec.title}"
    show_heat(fields, label=label, key="heat")
    first = fields[0][1]
    st.caption(
        f"How strongly each input pixel moves the cell in row {first.row}, column {first.column}, "
        f"all channels together: {measure} of the gradient over {first.samples} random inputs; "
        "drawn as its square root so that faint pixels show. Dashed: the theoretical field. "
        "Below each map, the row through its middle."
    )


@st.cache_resource(max_entries=16, show_spinner=False)
def _list_rows(network: str) -> tuple[FieldRow, ...]:
    graph = load_model(network).graph
    return list_field_rows(graph, compute_fields(graph), compute_path_ranges(graph))


@st.cache_resource(max_entries=128, show_spinner=False)
def _measure(network: str, layer: str, weights: WeightSource, measure: Measure) -> EffectiveField:
    with _MEASURING:
        return compute_effective_field(
            load_model(network),
            layer=layer,
            weights=weights,
            measure=measure,
            samples=SAMPLES,
            limit_seconds=LIMIT_SECONDS,
        )
