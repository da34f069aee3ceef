"""What the network says of the image: its top classes, whether any may fit, and all its classes."""

import streamlit as st

from cnnviz.figures.format import format_count, format_share
from cnnviz.figures.open_set_text import describe_rates
from cnnviz.networks.class_names import title_classes
from cnnviz.networks.load import Prediction
from cnnviz.networks.open_set import describe_fit
from cnnviz.web.bench import Bench

_LIKELIEST = 2
_KEY = "bench.classes"


def show_guess(bench: Bench) -> None:
    """Say in one line what the network takes the image for, with its classes one click away."""
    prediction, image = bench.prediction, bench.image
    if prediction is None or image is None or bench.fault:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="guess"):
        likely = " · ".join(
            f"{bench.name_class(index)} **{format_share(prediction, index)}**"
            for index in prediction.ranking[:_LIKELIEST]
        )
        preparation = bench.model.spec.preprocessing.description
        st.markdown(likely, help=" ".join((preparation, *image.notes)), width="content")
        _offer_classes(bench, prediction)
    fit = describe_fit(bench.model, prediction)
    if fit is not None and fit.none_may_fit:
        st.markdown(
            f":orange[:material/help: None of its {format_count(fit.classes)} classes may fit "
            "this image.]",
            help=describe_rates(fit),
        )
    for note in image.notes:
        st.caption(note)


def _offer_classes(bench: Bench, prediction: Prediction) -> None:
    """Offer the list of all classes with their probabilities, which can be searched."""
    names = title_classes(bench.model.spec.classes)
    window = st.popover(
        f"{format_count(len(names))} classes",
        type="tertiary",
        help="All classes of the network",
        key=_KEY,
        on_change="rerun",
    )
    if not window.open:
        return
    with window:
        sought = st.text_input("Search", key=f"{_KEY}.search", placeholder="Part of a name")
        ranking = [index for index in prediction.ranking if sought.lower() in names[index].lower()]
        columns = {
            "Class": [names[index] for index in ranking],
            "Probability": [format_share(prediction, index) for index in ranking],
        }
        st.dataframe(columns, hide_index=True, height=260)
