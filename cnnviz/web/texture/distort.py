"""One picture robbed of its shape or its texture, live; and a whole set, as curves."""

from collections.abc import Iterator, Sequence

import streamlit as st

from cnnviz.corruptions import Corruption, corrupt
from cnnviz.errors import CNNVizError
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
from cnnviz.web.chrome import show_error
from cnnviz.web.components.cues.cues import Shown, show_cues
from cnnviz.web.jobs import HeavyResult, show_result
from cnnviz.web.picture_chooser import choose_picture
from cnnviz.web.texture.controls import choose_distortions, choose_followed, offer_undistorted
from cnnviz.web.texture.sets import choose_set

_FIRST = "coffee"


def show_distortions(models: Sequence[LoadedModel]) -> None:
    """Distort a picture with sliders, then a set of pictures step by step."""
    stage = st.container()  # above the gallery
    picture = choose_picture(models[0], first=_FIRST)
    with stage:
        if picture is None:
            st.info("Choose a picture; what is left of it and what the networks say appears here.")
        else:
            _show_distorted(models, from_array(cut_square(picture.pixels), name=picture.name))
    st.header("Over all pictures", anchor=False)
    st.markdown(
        "How many pictures does each network still name as before, while one distortion grows? A "
        "network that needs the shape loses them as soon as patches change places."
    )
    _show_curves(models)


def _show_distorted(models: Sequence[LoadedModel], clean: CheckedImage) -> None:
    figure = st.container()
    strengths = choose_distortions()
    try:
        made = from_array(corrupt(clean.pixels, strengths), name=clean.name)
    except CNNVizError as error:
        show_error(error)
        return
    told = ", ".join(f"{one.lower()} {format_setting(value)}" for one, value in strengths.items())
    cards = [
        pack_distorted_card(
            model, get_prediction(model.spec.name, clean), get_prediction(model.spec.name, made)
        )
        for model in models
    ]
    with figure:
        show_cues(
            (
                Shown(clean.pixels, "Picture", f"{clean.name}, its middle square"),
                Shown(made.pixels, "Distorted", told or "nothing is done to it yet"),
            ),
            cards,
            key="distorted",
        )
        st.caption(
            "Blue is the class that a network gives the undistorted picture; where it has gone "
            "over to another, that stands in orange."
        )
    with st.container(horizontal=True):
        offer_undistorted()
        st.download_button(
            "Distorted picture as PNG",
            to_png(made.pixels),
            file_name="distorted.png",
            mime="image/png",
            icon=":material/download:",
            on_click="ignore",
        )


def _show_curves(models: Sequence[LoadedModel]) -> None:
    corruption = choose_followed()
    pictures, naming = choose_set(models)

    def begin() -> Iterator[tuple[float, str, tuple[RobustnessCurve, ...]]]:
        for share, curves in follow_distortion(models, pictures, corruption, naming=naming):
            yield share, f"{corruption.lower()}, {len(curves[0].kept)} strengths done", curves

    names = "/".join(f"{model.spec.name}:{model.card.sha256}" for model in models)
    digests = "/".join(one.digest[:16] for one in pictures)
    found = show_result(
        HeavyResult(
            key=f"robust/{corruption}/{names}/{naming}/{digests}",
            title="The curves",
            run=begin,
            size=lambda _curves: 4096,
        ),
        draw=lambda curves: _show(curves, corruption, naming),
    )
    if found is not None:
        st.download_button(
            "Counts as CSV",
            write_rows_csv(tabulate_robustness(found, corruption)),
            file_name=f"{corruption.name.lower()}.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )


def _show(curves: tuple[RobustnessCurve, ...], corruption: Corruption, naming: Naming) -> None:
    if not any(curve.total for curve in curves):
        st.info(
            "None of these networks names a picture of the set rightly. Count all by their own "
            "first guess, or start the server with a folder of photographs in CNNVIZ_PHOTOS whose "
            "files are named by their class."
        )
        return
    st.plotly_chart(
        draw_robustness(curves, corruption),
        key="robustness",
        config={"displaylogo": False, "toImageButtonOptions": {"filename": "robustness"}},
        alt=f"How many pictures each network still names as before, against {corruption.lower()}",
    )
    how = "names rightly undistorted" if naming is Naming.TRUTH else "has a first guess for, all"
    told = ", ".join(f"{curve.title} {curve.total}" for curve in curves)
    st.caption(
        f"Counted are the pictures that a network {how}: {told}. One picture of ten is ten percent "
        "of a curve: with so few, look for steep falls and not for small differences."
    )
