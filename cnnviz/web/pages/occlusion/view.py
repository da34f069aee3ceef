"""The occlusion page: Zeiler and Fergus's figure, the computation that was saved, and files."""

from dataclasses import replace
from functools import partial

import streamlit as st

from cnnviz.attribution.occlusion.cover import Occlusion, OcclusionOptions, read_class
from cnnviz.attribution.occlusion.fills import make_fill
from cnnviz.attribution.occlusion.strongest import StrongestMap
from cnnviz.cached import get_input
from cnnviz.figures import occlusion as figures
from cnnviz.figures.format import format_percent, format_probability, format_quantity
from cnnviz.images.image import to_png
from cnnviz.runs.occlusion import follow_map, refine_map
from cnnviz.web.charts import show_chart
from cnnviz.web.components.occlusion.occlusion import show_occlusion
from cnnviz.web.files import offer_file, offer_files
from cnnviz.web.jobs import show_heavy
from cnnviz.web.made_images import show_inline
from cnnviz.web.pages.occlusion.controls import Page

_FIGURE = "occlusion.figure"
_SECONDS = 300.0


def show_maps(page: Page) -> Occlusion | None:
    """Cover the image position by position, and show the maps as they come in."""
    bench, values = page.at.bench, page.values
    options = OcclusionOptions(patch=values.size, stride=values.stride, fill=values.fill)
    x = get_input(bench.network, bench.image)
    return show_heavy(
        "Occlusion map",
        *(bench.network, bench.image.digest, options),
        run=refine_map(bench.model, x, options),
        draw=partial(_draw_maps, page),
        slot="occlusion",
        seconds=_SECONDS,
    )


def _draw_maps(page: Page, occlusion: Occlusion) -> None:
    """Show the maps as far as they are known, and the chosen position's covered image."""
    bench = page.at.bench
    found = read_class(occlusion, target=bench.target)
    x, preprocessing = get_input(bench.network, bench.image), bench.model.spec.preprocessing
    options, across = occlusion.options, len(occlusion.lefts)
    fill = make_fill(options.fill, x, preprocessing=preprocessing, patch=options.patch)
    row, column = find_square(page, occlusion)

    def pin(place: int) -> None:
        chosen = divmod(place, across)
        page.renew()
        page.keep(square=None if chosen == page.values.square else chosen)

    classes, covered = bench.model.spec.classes, preprocessing.view(fill)
    show_occlusion(
        figures.pack_occlusion(bench.view, covered, occlusion, found, classes=classes),
        chosen=row * across + column,
        pinned=page.values.square is not None,
        label=page.text("figure", target=bench.name_class(bench.target)),
        count=occlusion.done.numel(),
        key=_FIGURE,
        on_pick=pin,
    )


def find_square(page: Page, occlusion: Occlusion) -> tuple[int, int]:
    """Return the pinned position, else the one that takes most from the class."""
    if page.values.square is not None:
        return page.values.square
    return read_class(occlusion, target=page.at.bench.target).find_lowest()


def step_square(page: Page, occlusion: Occlusion | None, by: int) -> None:
    """Pin the next position, row by row, or the one before."""
    if occlusion is not None:
        rows, columns = len(occlusion.tops), len(occlusion.lefts)
        row, column = find_square(page, occlusion)
        page.keep(square=divmod((row * columns + column + by) % (rows * columns), columns))


def show_savings(page: Page, occlusion: Occlusion) -> None:
    """Show how much of each layer was computed: a lesson on receptive fields."""
    savings, graph = occlusion.savings, page.at.bench.model.graph
    rows = figures.list_convolutions(savings, graph)
    full, computed = figures.count_work(savings)
    if full and computed == full:
        st.caption(page.text("no_savings", work=format_quantity(full)))
        return
    if not full or not rows:
        return
    first, last = (format_percent(rows[end][0].cells) for end in (0, -1))
    st.subheader("Saved computation", anchor=False)
    words, chart = st.columns([2, 3], gap="large")
    with words:
        st.markdown(page.text("savings", patch=occlusion.options.patch, first=first, last=last))
        st.latex(figures.write_work(savings))
    with chart:
        alt = page.text("savings_chart")
        show_chart(figures.draw_savings(savings, graph), key="occlusion.savings", alt=alt)


def show_whole_figure(page: Page, occlusion: Occlusion) -> None:
    """Show the paper's figure with the strongest map of a layer, and offer it as PNG."""
    bench = page.at.bench
    found, classes = read_class(occlusion, target=bench.target), bench.model.spec.classes
    name = bench.name_class(bench.target)
    st.subheader("Strongest map under occlusion", anchor=False)
    st.caption(page.text("strongest"))
    page.draw("layer", width=320)

    def draw(strongest: StrongestMap) -> None:
        shown = bench.model.graph.find(strongest.layer).title
        pixels = figures.draw_figure(
            bench.view, occlusion, found, classes=classes, strongest=replace(strongest, layer=shown)
        )
        show_inline(pixels, words=page.text("whole", target=name, layer=shown))
        if isinstance(strongest.projection, str):
            st.caption(page.text("no_projection", reason=strongest.projection))
        offer_file("Figure as PNG", lambda: to_png(pixels), f"occlusion-{bench.network}-figure.png")

    x, layer = get_input(bench.network, bench.image), page.values.layer
    show_heavy(
        "Strongest map",
        *(bench.network, bench.image.digest, occlusion.options, layer),
        run=partial(follow_map, bench.model, x, occlusion, layer),
        draw=draw,
        slot="occlusion.strongest",
        start="Cover again and follow the strongest map",
        seconds=_SECONDS,
    )


def offer_maps(page: Page, occlusion: Occlusion) -> None:
    """Offer the maps as PNG and as CSV."""
    bench = page.at.bench
    found, classes = read_class(occlusion, target=bench.target), bench.model.spec.classes
    view, stem = bench.view, f"occlusion-{bench.network}-{bench.target}"

    def draw() -> bytes:
        return figures.write_image(view, occlusion, found, classes=classes)

    def write() -> bytes:
        return figures.write_csv(occlusion, found, classes=classes)

    offer_files({"Maps as PNG": (draw, f"{stem}.png"), "Maps as CSV": (write, f"{stem}.csv")})


def write_words(page: Page, occlusion: Occlusion | None) -> dict[str, object]:
    """Return what the lesson's names stand for."""
    bench, values, worst = page.at.bench, page.values, "unknown"
    if occlusion is not None:
        lowest = read_class(occlusion, target=bench.target).probability.min()
        worst = format_probability(float(lowest))
    side = bench.model.spec.preprocessing.shape[1]
    return {
        "class": bench.name_class(bench.target),
        "side": side,
        "size": values.size,
        "stride": values.stride,
        "large": min(2 * values.size, side // 2),
        "worst": worst,
    }
