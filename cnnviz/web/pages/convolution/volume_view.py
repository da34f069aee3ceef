"""Several channels and filters, convolved or transposed: the figure, and its formulas."""

import streamlit as st

from cnnviz.activations.examples import FILTERS
from cnnviz.activations.kernels import read_first_filters
from cnnviz.activations.volumes import MAX_FILTERS, Volumes, format_filters
from cnnviz.figures.calculator import write_costs, write_sizes
from cnnviz.figures.sliding import describe_volumes
from cnnviz.web.components.volumes.volumes import show_volumes
from cnnviz.web.pages.convolution.controls import Page, list_filters
from cnnviz.web.pages.convolution.scenes import NUMBERS, Mode

_FORMULAS = {
    Mode.CHANNELS: r"y_{fij} = \frac{1}{d} \sum_c \sum_{a,b} x_{c,\,iS + aD,\; jS + bD} \;"
    r" w_{fcab} + b",
    Mode.TRANSPOSED: r"y_{f,\,iS + aD - P,\; jS + bD - P} \mathrel{+}= \frac{1}{d}"
    r" \sum_c x_{cij} \; w_{fcab}",
}


def show_volume_controls(page: Page) -> None:
    """Draw what changes the channels, the filters and their window."""
    page.draw("volume" if page.values.source == NUMBERS else "side")
    page.draw_row("channels", "filter_count")
    with st.popover("Kernels", icon=":material/grid_3x3:", width="stretch"):
        _show_kernels(page)
    for names in (("stride", "padding"), ("dilation", "divisor")):
        page.draw_row(*names)
    page.draw("bias")


def _show_kernels(page: Page) -> None:
    page.draw("filters")
    st.button(
        "Edges and colors",
        key="convolution.usual",
        on_click=page.apply,
        kwargs={"filters": FILTERS},
    )
    graph, title = page.at.bench.model.graph, page.at.bench.model.spec.title
    small = list_filters(page.at)  # of the layer that reads the image; None where they are large
    read = [one for one in graph.layers if small is not None and one.title == small[0]]
    found = read_first_filters(graph, layer=read[0].name) if read else None
    if found is None:
        st.caption(page.text("no_filters", network=title))
        return
    first = page.values.filter
    page.draw("filter")
    taken = found[first : first + MAX_FILTERS].astype(float)
    st.button(
        f"Use filters {first} to {first + len(taken) - 1} of {read[0].title}",
        key="convolution.take_filters",
        on_click=page.apply,
        kwargs={
            "filters": format_filters(taken),
            "channels": taken.shape[1],
            "filter_count": len(taken),
            "divisor": 1,
        },
        help=page.text("color_filters", network=title),
    )


def show_volume_scene(page: Page, volumes: Volumes) -> None:
    """Draw channels and maps; a clicked cell is kept."""
    show_volumes(
        volumes,
        is_image=page.values.source != NUMBERS,
        cell=page.values.cell,
        on_pin=lambda place: page.keep(cell=place),
        key="convolution.volumes",
    )


def show_volume_formulas(page: Page, volumes: Volumes) -> None:
    """Write the sum, the sizes and the costs with the page's own numbers."""
    st.subheader("Formulas", anchor=False)
    st.latex(_FORMULAS[page.values.mode])
    st.markdown(describe_volumes(volumes))
    for formula in write_sizes(volumes.count):
        st.latex(formula)
    for formula in write_costs(volumes.count, volumes.count.parts[0]):
        st.latex(formula)
