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
from cnnviz.gallery import list_samples, load_sample
from cnnviz.graph import LayerKind
from cnnviz.inference import load_model
from cnnviz.receptive_field import compute_fields, compute_path_ranges
from cnnviz.web.caches import get_input, get_reading
from cnnviz.web.chrome import show_error
from cnnviz.web.components.choices.choices import read_pin
from cnnviz.web.components.heat.heat import show_heat
from cnnviz.web.components.patch.patch import show_patch
from cnnviz.web.option_chooser import choose_listed
from cnnviz.web.runnable import list_runnable, offer_others
from cnnviz.web.url_values import check_choice, check_index, keep_within
from cnnviz.zoo import get_network

_NETWORK, _LAYER, _PHOTOGRAPH = "network", "layer", "photo"
_PATCH, _CELL = "patch", ("row", "column")
SAMPLES = 64
LIMIT_SECONDS = 5.0
# One measurement at a time: they would only slow each other down, and the drawing pages too.
_MEASURING = threading.Lock()


def show_network_fields() -> None:
    """Choose a network; show its table of fields and measure a layer's effective field."""
    titles = {listing.name: listing.title for listing in list_runnable()}
    problem = _check(_NETWORK, titles, noun="network with weights")
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        network = st.selectbox(
            "Network",
            list(titles),
            format_func=lambda name: titles.get(name, name),
            key=_NETWORK,
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
    if problem:
        st.warning(problem)
    offer_others()
    _show_on_picture(network, next(row for row in rows if row.name == layer))
    st.subheader("What really moves a cell", anchor=False)
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


def _check(key: str, titles: dict[str, str], *, noun: str) -> str | None:
    """Take a network's or layer's own name for its title; a sentence if it is neither."""
    aliases = {name.lower(): title for name, title in titles.items()}
    keep_within(key, list(titles), fallback=next(iter(titles)))
    return check_choice(key, list(titles.values()), aliases=aliases, noun=noun)


def _choose_layer(rows: tuple[FieldRow, ...]) -> str:
    titles = {row.name: row.title for row in rows if row.kind != LayerKind.INPUT}
    convolutions = [row.name for row in rows if row.kind == LayerKind.CONVOLUTION]
    names = list(titles)
    if problem := _check(_LAYER, titles, noun="layer with maps"):
        st.warning(problem)
    return st.selectbox(
        "Layer",
        names,
        index=names.index(convolutions[-2 if len(convolutions) > 1 else -1]),
        format_func=lambda name: titles.get(name, name),
        key=_LAYER,
        bind="query-params",
        width=220,
    )


def _show_on_picture(network: str, row: FieldRow) -> None:
    """Let a cell be pointed at, and show the patch of a photograph that it sees."""
    samples = {sample.title: sample.key for sample in list_samples()}
    titles = list(samples)
    aliases = {key.lower(): title for title, key in samples.items()}
    st.subheader("On a photograph", anchor=False)
    st.markdown("Point at a cell on the left, or click it to keep it: its patch lights up.")
    title = choose_listed(
        "Photograph", titles, key=_PHOTOGRAPH, noun="photograph", aliases=aliases, width=260
    )
    picture = load_sample(samples[title])
    show_patch(
        row,
        cell=_choose_cell(row),
        on_pin=_take_pin,
        values=get_reading(network, picture, row.name).values,
        view=get_network(network).preprocessing.view(get_input(network, picture)),
        picture=title,
        key=_PATCH,
    )
    st.caption("A cell's colour is how strong its numbers are, all channels together.")


def _choose_cell(row: FieldRow) -> tuple[int, int]:
    """Row and column of the kept cell, bound to the address; the middle one at first."""
    chosen = []
    with st.container(horizontal=True, gap="small"):
        for key, count in zip(_CELL, row.cells, strict=True):
            problem = check_index(key, count=count, noun=key)
            if not 0 <= st.session_state.get(key, 0) < count:  # of a layer with more cells
                del st.session_state[key]
            value = st.number_input(
                key.capitalize(), 0, count - 1, count // 2, key=key, bind="query-params", width=120
            )
            if problem:
                st.warning(problem)
            chosen.append(int(value))
    return chosen[0], chosen[1]


def _take_pin() -> None:
    place = read_pin(_PATCH)
    if place is not None:
        st.session_state[_CELL[0]], st.session_state[_CELL[1]] = place


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
