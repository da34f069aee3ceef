"""One picture robbed of its shape or its texture, live; and a whole set, as curves."""

from collections.abc import Iterator, Sequence

import streamlit as st

from cnnviz.corruptions import Corruption, corrupt
from cnnviz.figures.format import format_setting
from cnnviz.figures.texture import (
    draw_robustness,
    pack_distorted_card,
    tabulate_robustness,
    write_rows_csv,
)
from cnnviz.imaging import CheckedImage, from_array, to_png
from cnnviz.inference import LoadedModel
from cnnviz.texture.bias import Naming
from cnnviz.texture.images import cut_square
from cnnviz.texture.trials import RobustnessCurve, follow_distortion
from cnnviz.web.caches import get_prediction
from cnnviz.web.components.cues.cues import Shown, show_cues
from cnnviz.web.files import offer_file
from cnnviz.web.jobs import HeavyResult, show_result
from cnnviz.web.pages.texture.controls import TextureControls, find_strengths
from cnnviz.web.pages.texture.sets import list_set, tell_set
from cnnviz.web.state import PageState

Page = PageState[TextureControls]


def show_distorted(page: Page, models: Sequence[LoadedModel], image: CheckedImage) -> None:
    """Show an image without a part of its shape or texture, and what networks predict of it."""
    clean, strengths = make_clean(image), find_strengths(page.values)
    made = from_array(corrupt(clean.pixels, strengths), name=clean.name)
    told = ", ".join(f"{one.lower()} {format_setting(value)}" for one, value in strengths.items())
    cards = [
        pack_distorted_card(
            model, get_prediction(model.spec.name, clean), get_prediction(model.spec.name, made)
        )
        for model in models
    ]
    show_cues(
        (
            Shown(clean.pixels, "Image", f"{clean.name}, center crop"),
            Shown(made.pixels, "Distorted image", told or "no distortion"),
        ),
        cards,
        key="texture.distorted",
    )
    st.caption("Blue: the top-1 class of the undistorted image. Orange: another class leads.")


def make_clean(image: CheckedImage) -> CheckedImage:
    """Return an image's middle square."""
    return from_array(cut_square(image.pixels), name=image.name)


def offer_distorted(page: Page, image: CheckedImage) -> None:
    """Offer the distorted image as a file."""
    offer_file(
        "Distorted image as PNG",
        lambda: to_png(corrupt(make_clean(image).pixels, find_strengths(page.values))),
        "distorted.png",
    )


def show_curves(page: Page, models: Sequence[LoadedModel]) -> None:
    """Show how many images of the set each network still predicts as before."""
    st.subheader("Robustness over a set of images", anchor=False)
    st.markdown(
        "One distortion grows. How many images still have the same top-1 class? A network that "
        "uses the shape loses them as soon as patches change places."
    )
    page.draw("follow", "naming")
    tell_set(models)
    corruption, naming, images = page.values.follow, page.values.naming, list_set()

    def begin() -> Iterator[tuple[float, str, tuple[RobustnessCurve, ...]]]:
        for share, curves in follow_distortion(models, images, corruption, naming=naming):
            yield share, f"{corruption.lower()}, {len(curves[0].kept)} strengths done", curves

    names = "/".join(f"{model.spec.name}:{model.card.sha256}" for model in models)
    digests = "/".join(one.digest[:16] for one in images)
    found = show_result(
        HeavyResult(
            key=f"robust/{corruption}/{names}/{naming}/{digests}",
            title="Robustness curves",
            run=begin,
            size=lambda _curves: 4096,
        ),
        draw=lambda curves: _show(curves, corruption, naming),
        slot="texture.curves",
        start="Compute the curves",
    )
    if found is not None:
        offer_file(
            "Counts as CSV",
            lambda: write_rows_csv(tabulate_robustness(found, corruption)),
            f"{corruption.name.lower()}.csv",
        )


def _show(curves: tuple[RobustnessCurve, ...], corruption: Corruption, naming: Naming) -> None:
    if not any(curve.total for curve in curves):
        st.info(
            "No network predicts an image of the set correctly. Choose all images, or start the "
            "server with a folder of photographs in CNNVIZ_PHOTOS whose files are named by their "
            "class."
        )
        return
    st.plotly_chart(
        draw_robustness(curves, corruption),
        key="texture.robustness",
        config={"displaylogo": False, "toImageButtonOptions": {"filename": "robustness"}},
        alt=f"How many images each network still predicts as before, against {corruption.lower()}",
    )
    how = "that a network predicts correctly" if naming is Naming.TRUTH else "of the set"
    told = ", ".join(f"{curve.title} {curve.total}" for curve in curves)
    st.caption(f"Counted are the undistorted images {how}: {told}. Few images make large steps.")
