"""One image without a part of its shape or its texture, live; and a whole set, as curves."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import streamlit as st

from cnnviz.cached import get_prediction
from cnnviz.corruptions import Corruption, corrupt
from cnnviz.figures import texture as figures
from cnnviz.figures.format import format_setting
from cnnviz.heavy import HeavyResult
from cnnviz.imaging import from_array, to_png
from cnnviz.inference import LoadedModel
from cnnviz.texture.bias import Naming
from cnnviz.texture.images import cut_square
from cnnviz.texture.trials import RobustnessCurve, follow_distortion
from cnnviz.web.charts import show_chart
from cnnviz.web.components.cues.cues import Shown, show_cues
from cnnviz.web.files import offer_file
from cnnviz.web.jobs import show_result
from cnnviz.web.pages.texture.controls import Page, find_strengths
from cnnviz.web.pages.texture.view import list_set, tell_set, write_key

Curves = tuple[RobustnessCurve, ...]


def show_distorted(page: Page, models: Sequence[LoadedModel]) -> Callable[[], None] | None:
    """Show an image without a part of its shape or texture, and what networks predict of it.

    Returns:
        What draws its file and the curves of the set below the stage; None without an image.
    """
    image, strengths = page.at.bench.image, find_strengths(page.values)
    if image is None:
        return None
    clean = from_array(cut_square(image.pixels), name=image.name)
    made = from_array(corrupt(clean.pixels, strengths), name=clean.name)
    told = ", ".join(f"{one.lower()} {format_setting(value)}" for one, value in strengths.items())
    cards = []
    for model in models:
        before, now = (get_prediction(model.spec.name, one) for one in (clean, made))
        cards.append(figures.pack_distorted_card(model, before, now))
    shown = (
        Shown(clean.pixels, "Image", f"{clean.name}, center crop"),
        Shown(made.pixels, "Distorted image", told or "no distortion"),
    )
    show_cues(shown, cards, key="texture.distorted")
    st.caption("Blue: the top-1 class of the undistorted image. Orange: another class leads.")

    def show_below() -> None:
        offer_file("Distorted image as PNG", lambda: to_png(made.pixels), "distorted.png")
        _show_curves(page, models)

    return show_below


def _show_curves(page: Page, models: Sequence[LoadedModel]) -> None:
    """Show how many images of the set each network still predicts as before."""
    st.subheader("Robustness over a set of images", anchor=False)
    st.markdown(page.text("robustness"))
    page.draw("follow", "naming")
    tell_set(page, models)
    corruption, naming, images = page.values.follow, page.values.naming, list_set()

    def run() -> Iterator[tuple[float, str, Curves]]:
        for share, curves in follow_distortion(models, images, corruption, naming=naming):
            yield share, f"{corruption.lower()}, {len(curves[0].kept)} strengths done", curves

    key = f"robust/{corruption}/{naming}/{write_key(models)}"
    found = show_result(
        HeavyResult(key=key, title="Robustness curves", run=run),
        draw=partial(_draw, page, corruption),
        slot="texture.curves",
        start="Compute the curves",
    )
    if found is not None:
        rows = figures.tabulate_robustness(found, corruption)
        name = f"{corruption.name.lower()}.csv"
        offer_file("Counts as CSV", lambda: figures.write_rows_csv(rows), name)


def _draw(page: Page, corruption: Corruption, curves: Curves) -> None:
    if not any(curve.total for curve in curves):
        st.info(page.text("no_images"))
        return
    alt = f"How many images each network still predicts as before, against {corruption.lower()}"
    figure = figures.draw_robustness(curves, corruption)
    show_chart(figure, key="texture.robustness", alt=alt, file="robustness")
    is_truth = page.values.naming is Naming.TRUTH
    how = "that a network predicts correctly" if is_truth else "of the set"
    told = ", ".join(f"{curve.title} {curve.total}" for curve in curves)
    st.caption(f"Counted are the undistorted images {how}: {told}. Few images make large steps.")
