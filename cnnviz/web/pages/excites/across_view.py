"""One class as each network has it, and whether the others recognize the image."""

from collections.abc import Iterator

import plotly.graph_objects as go
import streamlit as st

from cnnviz.figures.synthesis import pad_images, tile_images
from cnnviz.figures.transfer import describe_transfer, draw_ranks, draw_scores
from cnnviz.imaging import to_png
from cnnviz.synthesis.across import AcrossCell, grow_across
from cnnviz.synthesis.regularizers import PRESETS, Preset
from cnnviz.synthesis.transfer_score import list_scores
from cnnviz.web.files import offer_file
from cnnviz.web.jobs import HeavyResult, show_result
from cnnviz.web.made_images import show_images
from cnnviz.web.pages.excites.controls import Page
from cnnviz.web.runnable import list_runnable
from cnnviz.zoo.registry import get_listing

_STEPS = 128
_SIDE = 150

Cells = tuple[AcrossCell, ...]


def show_across(page: Page) -> None:
    """Make the image of the chosen class for each network that knows it."""
    bench = page.at.bench
    model = bench.model
    label = model.spec.classes[bench.target]
    names = [listing.name for listing in list_runnable()]

    def run() -> Iterator[tuple[float, str, Cells]]:
        settings = PRESETS[Preset.OLAH]
        for share, cells in grow_across(names, label, settings=settings, steps=_STEPS):
            yield share, f"network {len(cells) + 1}", cells

    cells = show_result(
        HeavyResult(
            key=f"across/{label}/{names}/{model.card.sha256}",
            title=f"{label} across networks",
            run=run,
            size=lambda cells: sum(0 if one.pixels is None else one.pixels.nbytes for one in cells),
        ),
        draw=lambda cells: _show_cells(cells, label),
        slot="excites",
    )
    if not cells:
        return
    _show_readings(cells, label)
    made = [cell.pixels for cell in cells if cell.pixels is not None]
    if made:
        offer_file(
            "Sheet as PNG",
            lambda: to_png(tile_images(pad_images(made))),
            f"{label}-networks.png",
            key="excites.across_png",
        )


def _show_cells(cells: Cells, label: str) -> None:
    made = [cell for cell in cells if cell.pixels is not None]
    if made:
        show_images(
            pad_images([cell.pixels for cell in made if cell.pixels is not None]),
            [cell.title for cell in made],
            [str(cell.year) for cell in made],
            key="excites.across",
            side=_SIDE,
        )
    for cell in cells:
        if cell.pixels is None:
            st.caption(f"{cell.title} has no image of {label}: it {cell.note}.")


def _show_readings(cells: Cells, label: str) -> None:
    """Show the rank at which each network has the class on each image."""
    if len(cells) < 2:
        st.info(f"Only one network here knows the class {label}.")
        return
    if any(cell.readings for cell in cells):
        st.markdown(f"Rank of **{label}** for each network (column) on each image (row)")
        _show_matrix(
            draw_ranks(cells), key="excites.readings", words=f"Rank of {label} on each image"
        )


def _show_matrix(figure: go.Figure, *, key: str, words: str) -> None:
    st.plotly_chart(figure, key=key, config={"displayModeBar": False}, alt=words)


def show_scores(page: Page) -> None:
    """Show the same over all classes, from the networks' model cards."""
    model = page.at.bench.model
    st.subheader("Transfer over all classes", anchor=False)
    st.markdown(describe_transfer(model))
    scores = list_scores(model.spec.classes)
    if not scores:
        return
    page.draw("counted")
    titles = {name: get_listing(name).title for name in scores}
    _show_matrix(
        draw_scores(scores, titles, counted=page.values.counted),
        key="excites.scores",
        words="How many images made for each network each other network recognizes",
    )
    st.caption(
        "One image of each class. First column: images of which the network itself is at least "
        f"99 % sure. Others: images whose class another network names ({page.values.counted}). "
        "`python -m cnnviz.synthesis.transfer` measures them; model cards keep them."
    )
