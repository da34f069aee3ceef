"""The fields of the workbench's network: a cell's patch, and the effective field, measured."""

from collections.abc import Iterator
from typing import Any

import streamlit as st

from cnnviz.cached import get_input, get_reading
from cnnviz.effective_field import EffectiveField, WeightSource, compute_effective_field
from cnnviz.figures.receptive_field import has_branches, tabulate_network, write_network_csv
from cnnviz.heavy import HeavyResult
from cnnviz.web.components.heat.heat import show_heat
from cnnviz.web.components.patch.patch import show_patch
from cnnviz.web.controls.image import title_image
from cnnviz.web.files import offer_file
from cnnviz.web.jobs import show_result
from cnnviz.web.page import link_to
from cnnviz.web.pages.receptive_fields.controls import (
    ReceptiveFieldsControls,
    find_row,
    list_rows,
)
from cnnviz.web.state import PageState

_PATCH = "receptive_fields.patch"
_SAMPLES = 64
_LIMIT_SECONDS = 5.0
_BYTES_A_PIXEL = 8

Fields = tuple[tuple[str, EffectiveField], ...]


def show_network(page: PageState[ReceptiveFieldsControls]) -> None:
    """Show a layer's cells beside the image; the patch of the one pointed at lights up."""
    bench, row = page.at.bench, find_row(page.at)
    figure, beside = st.columns([3, 1], gap="medium")
    with beside:
        page.draw("layer")
        high, wide = row.field.size
        jump = row.field.jump[0]
        st.markdown(
            f"One cell of **{row.title}** sees **{high}×{wide}** pixels. The field of the next "
            f"cell begins {jump} pixels further on."
        )
        inside = {"layer": row.name}
        link_to(
            "activations",
            "Activation maps",
            icon=":material/open_in_new:",
            **bench.write_address() | inside,
        )
    with figure:
        if bench.image is None:
            return
        show_patch(
            row,
            cell=page.values.cell or (row.cells[0] // 2, row.cells[1] // 2),
            on_pin=lambda cell: page.keep(cell=cell),
            values=get_reading(bench.network, bench.image, row.name).values,
            view=bench.model.spec.preprocessing.view(get_input(bench.network, bench.image)),
            picture=title_image(bench.values.image),
            key=_PATCH,
        )


def show_network_rest(page: PageState[ReceptiveFieldsControls]) -> None:
    """Show the effective field of the layer, and the fields of all layers."""
    st.subheader("Effective receptive field", anchor=False)
    page.draw("measure", width=220)
    show_result(
        _ask_for(page.at), draw=lambda fields: _show_effective(page, fields), slot="effective"
    )
    rows, spec = list_rows(page.at.bench.network), page.at.bench.model.spec
    st.subheader("Every layer", anchor=False)
    if has_branches(rows):
        st.markdown("Branches and shortcuts give paths of unlike fields.")
    st.dataframe(tabulate_network(rows), hide_index=True, alt=f"Fields of {spec.title}")
    offer_file(
        "Fields as CSV",
        lambda: write_network_csv(rows),
        f"fields-{spec.name}.csv",
        key="receptive_fields.csv.network",
    )


def _ask_for(at: Any) -> HeavyResult[Fields]:
    """Declare the effective fields of the layer, for random weights and for trained ones."""
    model, layer, measure = at.bench.model, at.layer, at.measure

    def run() -> Iterator[tuple[float, str, Fields]]:
        found: Fields = ()
        for count, weights in enumerate(WeightSource, start=1):
            field = compute_effective_field(
                model,
                layer=layer,
                weights=weights,
                measure=measure,
                samples=_SAMPLES,
                limit_seconds=_LIMIT_SECONDS,
            )
            found = (*found, (f"{weights} weights".capitalize(), field))
            yield count / len(WeightSource), f"{weights} weights", found

    return HeavyResult(
        key=f"effective field {at.bench.network} {layer} {measure}",
        title="Effective receptive field",
        run=run,
        size=lambda fields: sum(_BYTES_A_PIXEL * field.energy.numel() for _, field in fields),
    )


def _show_effective(page: PageState[ReceptiveFieldsControls], fields: Fields) -> None:
    row, spec = find_row(page.at), page.at.bench.model.spec
    show_heat(
        fields,
        label=f"Effective fields of {row.title} of {spec.title}",
        key="receptive_fields.heat",
    )
    first = fields[0][1]
    st.caption(
        f"How strongly each input pixel changes the cell in row {first.row}, column "
        f"{first.column}: {page.values.measure} of the gradient over {first.samples} random "
        "inputs, drawn as its square root. Dashed: the theoretical field."
    )
