"""The sliding window, what changes it, and the formulas with its numbers."""

from contextlib import suppress

import streamlit as st

from cnnviz.errors import CNNVizError
from cnnviz.figures.formulas import write_size_formulas
from cnnviz.figures.sliding import describe_sizes, pack_grids, write_map_csv
from cnnviz.layer_facts import SizeTerms
from cnnviz.sliding import KERNELS, Slide, format_grid, parse_kernel
from cnnviz.stacks import StackRow
from cnnviz.web.chrome import show_error
from cnnviz.web.components.slide.slide import show_slide
from cnnviz.web.files import offer_file
from cnnviz.web.pages.convolution.controls import (
    ConvolutionControls,
    Scene,
    list_filters,
    read_input,
    slide_windows,
)
from cnnviz.web.pages.convolution.scenes import NUMBERS, SCENES
from cnnviz.web.state import PageState

Page = PageState[ConvolutionControls]
_FIGURE = "convolution.slide"
_SUM = r"y_{ij} = \frac{1}{d} \sum_{a,b} x_{\,iS + aD,\; jS + bD} \; w_{ab} + b"


def find_scene(page: Page) -> Scene | None:
    """Compute what the page shows; None, with a sentence, where the input or kernel is none."""
    try:
        grid = read_input(page.at)
        return None if grid is None else slide_windows(page.at, grid)
    except CNNVizError as error:
        show_error(error)
        return None


def show_controls(page: Page) -> None:
    """Draw what changes the figure."""
    with st.popover("Examples", icon=":material/auto_awesome_motion:", width="stretch"):
        for title, scene in SCENES.items():
            st.button(
                title,
                key=f"convolution.scene.{title}",
                on_click=page.apply,
                kwargs=scene,
                width="stretch",
            )
    page.draw("source", width="stretch")
    page.draw("numbers" if page.values.source == NUMBERS else "side")
    _show_kernels(page)
    for left, right in (("stride", "padding"), ("dilation", "bias"), ("pool", "pool_stride")):
        for name, column in zip((left, right), st.columns(2, gap="small"), strict=True):
            with column:
                page.draw(name)


def _show_kernels(page: Page) -> None:
    with st.popover("Kernel", icon=":material/grid_3x3:", width="stretch"):
        with st.container(horizontal=True, gap="small"):
            for name, (kernel, divisor) in KERNELS.items():
                st.button(
                    name,
                    key=f"convolution.kernel.{name}",
                    on_click=page.apply,
                    kwargs={"kernel": kernel, "divisor": divisor},
                )
        page.draw("kernel", "divisor")
        found = list_filters(page.at)
        title = page.at.bench.model.spec.title
        if found is None:
            st.caption(f"{title} has no square kernel that reads the image.")
            return
        layer, kernels = found
        page.draw("filter")
        st.button(
            f"Use filter {page.values.filter} of {layer}",
            key="convolution.take",
            on_click=page.apply,
            kwargs={"kernel": format_grid(kernels[page.values.filter]), "divisor": 1},
            help=f"{title}. The kernels for red, green and blue are added and rounded.",
        )


def show_scene(page: Page, scene: Scene) -> None:
    """Draw the grids with the window on them; an edited kernel and a clicked cell are kept."""

    def edit(text: str) -> None:
        with suppress(CNNVizError):  # no table of ours sends what is none
            page.keep(kernel=format_grid(parse_kernel(text)))

    show_slide(
        pack_grids(
            scene.grid, scene.convolved, scene.rectified, scene.pooled, is_grey=scene.is_grey
        ),
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


def step_cell(page: Page, scene: Scene | None, by: int) -> None:
    """Pin the next cell, or the one before."""
    if scene is not None:
        rows, columns = scene.rectified.shape
        middle = (rows - 1) // 2 * columns + (columns - 1) // 2
        place = middle if page.values.cell is None else page.values.cell
        page.keep(cell=(place + by) % scene.count_cells())


def show_formulas(scene: Scene) -> None:
    """Write the sum and the sizes with the page's own numbers."""
    st.subheader("Formulas", anchor=False)
    st.latex(_SUM)
    for slide in (scene.convolved, *scene.pooled[:1]):
        st.markdown(describe_sizes(slide))
        for formula in write_size_formulas((_terms(slide.rows), _terms(slide.columns))):
            st.latex(formula)
    offer_file("Map as CSV", lambda: write_map_csv(scene.convolved.values), "map.csv")


def _terms(row: StackRow) -> SizeTerms:
    return SizeTerms(
        size_in=row.size_below,
        window=row.layer.window,
        size_out=row.size,
        unread=row.unread,
        rounds_up=False,
    )


def write_words(scene: Scene | None) -> dict[str, object]:
    """Return what the lesson's names stand for."""
    if scene is None:
        return {}
    window = scene.convolved.layer.window
    return {
        "side": scene.convolved.columns.size_below,
        "kernel": window.kernel,
        "stride": window.stride,
        "padding": window.padding,
        "dilation": window.dilation,
        "rows": scene.convolved.rows.size,
        "columns": scene.convolved.columns.size,
    }


def find_answers(scene: Scene | None) -> dict[str, float]:
    """Compute the answers to the lesson's questions."""
    if scene is None:
        return {}
    slide: Slide = scene.convolved
    return {
        "size": float(slide.columns.size),
        "products": float(slide.values.size * slide.layer.window.kernel**2),
    }


def write_program(page: Page, scene: Scene) -> dict[str, object]:
    """Return the constants of the page's program."""
    values = page.values
    return {
        "INPUT": format_grid(scene.grid),
        "KERNEL": format_grid(scene.kernel),
        "STRIDE": values.stride,
        "PADDING": values.padding,
        "DILATION": values.dilation,
        "DIVISOR": values.divisor,
        "BIAS": values.bias,
        "POOLING": scene.pooled[0].layer.kind if scene.pooled else None,
        "POOLING_KERNEL": values.pool,
        "POOLING_STRIDE": values.pool_stride,
    }
