"""The sliding window, what changes it, and the formulas with its numbers."""

from contextlib import suppress

import streamlit as st

from cnnviz.activations.sliding import KERNELS, Scene, format_grid, parse_kernel
from cnnviz.errors import CNNVizError
from cnnviz.figures import sliding as figures
from cnnviz.web.chrome import show_error
from cnnviz.web.components.slide.slide import show_slide
from cnnviz.web.files import offer_file
from cnnviz.web.pages.convolution.controls import Page, list_filters
from cnnviz.web.pages.convolution.scenes import IMAGE, NUMBERS, SCENES, Mode
from cnnviz.web.pages.convolution.volume_view import show_volume_controls

_FIGURE = "convolution.slide"
_SUM = r"y_{ij} = \frac{1}{d} \sum_{a,b} x_{\,iS + aD,\; jS + bD} \; w_{ab} + b"


def show_controls(page: Page) -> None:
    """Draw what changes the figure."""
    with st.popover("Examples", icon=":material/auto_awesome_motion:", width="stretch"):
        page.draw_presets("scene", SCENES)
    page.draw("mode", label_visibility="collapsed")
    page.draw("source", width="stretch")
    if page.values.mode is not Mode.SINGLE:
        show_volume_controls(page)
        return
    page.draw("numbers" if page.values.source == NUMBERS else "side")
    with st.popover("Kernel", icon=":material/grid_3x3:", width="stretch"):
        _show_kernels(page)
    for names in (("stride", "padding"), ("dilation", "bias"), ("pool", "pool_stride")):
        page.draw_row(*names)


def _show_kernels(page: Page) -> None:
    kernels = {
        name: {"kernel": kernel, "divisor": divisor} for name, (kernel, divisor) in KERNELS.items()
    }
    with st.container(horizontal=True, gap="small"):
        page.draw_presets("kernel", kernels, width="content")
    page.draw("kernel", "divisor")
    found, title = list_filters(page.at), page.at.bench.model.spec.title
    if found is None:
        st.caption(page.text("no_filters", network=title))
        return
    layer, filters = found
    page.draw("filter")
    st.button(
        f"Use filter {page.values.filter} of {layer}",
        key="convolution.take",
        on_click=page.apply,
        kwargs={"kernel": format_grid(filters[page.values.filter]), "divisor": 1},
        help=page.text("filters", network=title),
    )


def show_scene(page: Page, scene: Scene) -> None:
    """Draw the grids with the window on them; an edited kernel and a clicked cell are kept."""

    def edit(text: str) -> None:
        with suppress(CNNVizError):  # no table of ours sends what is none
            page.keep(kernel=format_grid(parse_kernel(text)))

    show_slide(
        figures.pack_grids(scene, is_grey=page.values.source == IMAGE),
        scene.kernel,
        divisor=page.values.divisor,
        bias=page.values.bias,
        cell=page.values.cell,
        on_edit=edit,
        on_pin=lambda place: page.keep(cell=place),
        key=_FIGURE,
    )
    if scene.problem is not None:
        show_error(scene.problem)


def step_cell(page: Page, shape: tuple[int, int], count: int, by: int) -> None:
    """Pin the next cell, or the one before.

    Args:
        page: The page.
        shape: Rows and columns of the first grid of those whose cells are counted.
        count: Cells of all of them.
        by: 1 or −1.
    """
    rows, columns = shape
    middle = (rows - 1) // 2 * columns + (columns - 1) // 2
    place = middle if page.values.cell is None else page.values.cell
    page.keep(cell=(place + by) % count)


def show_formulas(scene: Scene) -> None:
    """Write the sum and the sizes with the page's own numbers."""
    st.subheader("Formulas", anchor=False)
    st.latex(_SUM)
    for slide in (scene.convolved, *scene.pooled[:1]):
        st.markdown(figures.describe_sizes(slide))
        for formula in figures.write_slide_formulas(slide):
            st.latex(formula)
    offer_file("Map as CSV", lambda: figures.write_map_csv(scene.convolved.values), "map.csv")
