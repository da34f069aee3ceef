"""The fields of the workbench's network, effective ones too, and of any architecture."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from cnnviz.cached import get_reading
from cnnviz.figures.receptive_field import (
    FieldRow,
    has_branches,
    list_architecture_rows,
    tabulate_network,
    write_network_csv,
)
from cnnviz.jobs.heavy import compute_each
from cnnviz.networks.zoo.architectures import get_architecture
from cnnviz.receptive_fields.effective import EffectiveField, WeightSource
from cnnviz.runs.receptive_fields import compute_field
from cnnviz.web.components.heat.heat import show_heat
from cnnviz.web.components.patch.patch import show_patch
from cnnviz.web.controls.image import title_image
from cnnviz.web.files import offer_file
from cnnviz.web.jobs import show_heavy
from cnnviz.web.page import link_to
from cnnviz.web.pages.receptive_fields.controls import Page, find_row, list_rows

_PATCH = "receptive_fields.patch"

_list_rows = st.cache_resource(
    max_entries=64, show_spinner="Following the windows through the network …"
)(list_architecture_rows)
Fields = tuple[tuple[str, EffectiveField], ...]


def show_network(page: Page) -> None:
    """Show a layer's cells beside the image; the patch of the one pointed at lights up."""
    bench, row = page.at.bench, find_row(page.at)
    figure, beside = st.columns([3, 1], gap="medium")
    with beside:
        page.draw("layer")
        st.markdown(_describe_field(page, row))
        there = bench.write_address() | {"layer": row.name}
        link_to("activations", "Activation maps", icon=":material/open_in_new:", **there)
    with figure:
        if bench.image is None:
            return
        show_patch(
            row,
            cell=page.values.cell or (row.cells[0] // 2, row.cells[1] // 2),
            on_pin=lambda cell: page.keep(cell=cell),
            values=get_reading(bench.network, bench.image, row.name).values,
            view=bench.view,
            image=title_image(bench.values.image),
            key=_PATCH,
        )


def _describe_field(page: Page, row: FieldRow) -> str:
    high, wide = row.field.size
    return page.text("field", layer=row.title, high=high, wide=wide, jump=row.field.jump[0])


def show_network_rest(page: Page) -> None:
    """Show the effective field of the layer, and the fields of all layers."""
    bench, layer, measure = page.at.bench, page.values.layer, page.values.measure
    st.subheader("Effective receptive field", anchor=False)
    page.draw("measure", width=220)

    show_heavy(
        "Effective receptive field",
        *(bench.network, layer, measure),
        run=compute_each(
            list(WeightSource),
            partial(compute_field, bench.model, layer, measure),
            name="{} weights".format,
        ),
        draw=lambda fields: _show_effective(page, fields),
        slot="effective",
    )
    rows, spec = list_rows(bench.network), bench.model.spec
    st.subheader("Every layer", anchor=False)
    if has_branches(rows):
        st.markdown(page.text("branches"))
    st.dataframe(tabulate_network(rows), hide_index=True, alt=f"Fields of {spec.title}")
    _offer(rows, spec.name)


def _offer(rows: Sequence[FieldRow], name: str) -> None:
    offer_file("Fields as CSV", lambda: write_network_csv(rows), f"fields-{name}.csv")


def _show_effective(page: Page, fields: Fields) -> None:
    row, spec = find_row(page.at), page.at.bench.model.spec
    label = f"Effective fields of {row.title} of {spec.title}"
    show_heat(fields, label=label, key="receptive_fields.heat")
    first = fields[0][1]
    place = {"row": first.row, "column": first.column, "samples": first.samples}
    st.caption(page.text("effective", measure=page.values.measure, **place))


def show_architecture(page: Page) -> None:
    """Show every layer's field, jump and start, of any architecture."""
    network = get_architecture(page.values.architecture)
    figure, beside = st.columns([3, 1], gap="medium")
    rows, maps = _list_rows(network.name)
    with beside:
        page.draw("architecture")
        side = f"Input {network.input_size}×{network.input_size}. "
        st.markdown(side + _describe_field(page, rows[-1]))
        if has_branches(rows):
            st.markdown(page.text("branches"))
        if len(rows) < maps:
            st.markdown(page.text("unknown"))
        _offer(rows, network.name)
    figure.dataframe(
        tabulate_network(rows),
        hide_index=True,
        height=560,
        alt=f"Fields of {network.title}",
        key="receptive_fields.fields",
    )
