"""The occlusion page: Zeiler and Fergus's figure, the computation that was saved, and files."""

import streamlit as st

from cnnviz.attribution.fills import make_fill
from cnnviz.attribution.occlusion import Occlusion, OcclusionMap, read_class
from cnnviz.cached import get_input
from cnnviz.figures.format import (
    format_latex,
    format_percent,
    format_probability,
    format_quantity,
)
from cnnviz.figures.occlusion import (
    draw_savings,
    list_convolutions,
    pack_occlusion,
    write_csv,
    write_image,
)
from cnnviz.web.bench import Bench
from cnnviz.web.components.occlusion.occlusion import show_occlusion
from cnnviz.web.files import offer_file
from cnnviz.web.pages.occlusion.controls import OcclusionControls
from cnnviz.web.state import PageState

Page = PageState[OcclusionControls]
_FIGURE = "occlusion.figure"
_CONFIG = {"displayModeBar": False, "scrollZoom": False}


def show_maps(page: Page, occlusion: Occlusion) -> None:
    """Show the maps as far as they are known, and the chosen position's covered image."""
    bench = page.at.bench
    found = read_class(occlusion, target=bench.target)
    preprocessing = bench.model.spec.preprocessing
    x = get_input(bench.network, bench.image)
    fill = make_fill(
        occlusion.options.fill, x, preprocessing=preprocessing, patch=occlusion.options.patch
    )
    row, column = find_square(page, occlusion)
    across = len(occlusion.lefts)

    def pin(place: int) -> None:
        chosen = divmod(place, across)
        page.keep(square=None if chosen == page.values.square else chosen)

    name = bench.name_class(bench.target)
    show_occlusion(
        pack_occlusion(
            preprocessing.view(x),
            preprocessing.view(fill),
            occlusion,
            found,
            classes=bench.model.spec.classes,
        ),
        chosen=row * across + column,
        pinned=page.values.square is not None,
        label=f"The image with a covered square, the drop of {name}, its probability and the top-1 "
        "class, by the position of the square.",
        count=occlusion.done.numel(),
        key=_FIGURE,
        on_pick=pin,
    )


def find_square(page: Page, occlusion: Occlusion) -> tuple[int, int]:
    """Return the pinned position, else the one that takes most from the class."""
    found = read_class(occlusion, target=page.at.bench.target)
    return _find_worst(found) if page.values.square is None else page.values.square


def _find_worst(found: OcclusionMap) -> tuple[int, int]:
    place = int(found.probability.nan_to_num(2.0).argmin())
    row, column = divmod(place, found.probability.shape[1])
    return row, column


def step_square(page: Page, occlusion: Occlusion | None, by: int) -> None:
    """Pin the next position, row by row, or the one before."""
    if occlusion is not None:
        rows, columns = len(occlusion.tops), len(occlusion.lefts)
        row, column = find_square(page, occlusion)
        page.keep(square=divmod((row * columns + column + by) % (rows * columns), columns))


def show_savings(bench: Bench, occlusion: Occlusion) -> None:
    """Show how much of each layer was computed: a lesson on receptive fields."""
    full, computed = count_work(occlusion)
    rows = list_convolutions(occlusion.savings, bench.model.graph)
    if not full or not rows:
        return
    first, last = (format_percent(row.cells) for row in (rows[0][0], rows[-1][0]))
    part, whole = (format_quantity(count) for count in (computed, full))
    share = format_latex(format_percent(computed / full))
    st.subheader("Saved computation", anchor=False)
    words, chart = st.columns([2, 3], gap="large")
    with words:
        st.markdown(
            f"A square of {occlusion.options.patch} pixels changes only the cells whose receptive "
            f"field it touches. The first convolution computes {first} of its cells "
            f"again, the last one {last}. The maps stay exact."
        )
        st.latex(
            rf"\frac{{\text{{{part}}}}}{{\text{{{whole}}}}} = {share}\text{{ of the multiply-adds}}"
        )
    chart.plotly_chart(
        draw_savings(occlusion.savings, bench.model.graph),
        key="occlusion.savings",
        config=_CONFIG,
        alt="Share of each convolution's cells that was computed, from the input upwards",
    )


def count_work(occlusion: Occlusion) -> tuple[int, float]:
    """Return the multiply-adds of a whole pass, and those computed for one position on average."""
    savings = occlusion.savings
    return sum(one.full for one in savings), sum(one.computed for one in savings)


def offer_files(page: Page, occlusion: Occlusion) -> None:
    """Offer the maps as PNG and as CSV."""
    bench = page.at.bench
    found = read_class(occlusion, target=bench.target)
    classes = bench.model.spec.classes
    view = bench.model.spec.preprocessing.view(get_input(bench.network, bench.image))
    files = (
        (
            "Maps as PNG",
            "png",
            lambda: write_image(view, occlusion, found, classes=classes),
        ),
        ("Maps as CSV", "csv", lambda: write_csv(occlusion, found, classes=classes)),
    )
    with st.container(horizontal=True):
        for label, ending, make in files:
            offer_file(label, make, f"occlusion-{bench.network}-{bench.target}.{ending}")


def write_words(page: Page, occlusion: Occlusion | None) -> dict[str, object]:
    """Return what the lesson's names stand for."""
    bench, values = page.at.bench, page.values
    words: dict[str, object] = {
        "class": bench.name_class(bench.target),
        "side": bench.model.spec.preprocessing.shape[1],
        "size": values.size,
        "stride": values.stride,
        "large": min(2 * values.size, bench.model.spec.preprocessing.shape[1] // 2),
        "worst": "unknown",
    }
    if occlusion is not None:
        lowest = read_class(occlusion, target=bench.target).probability.min()
        words["worst"] = format_probability(float(lowest))
    return words


def find_answers(occlusion: Occlusion | None) -> dict[str, float]:
    """Compute the answers to the lesson's questions."""
    if occlusion is None:
        return {}
    return {"positions": float(occlusion.done.numel())}
