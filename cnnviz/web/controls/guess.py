"""What the network says of the image: its top classes, whether any may fit, and all its classes."""

import streamlit as st

from cnnviz.figures.format import format_number, format_percent, format_probability
from cnnviz.imaging import CheckedImage
from cnnviz.inference import LoadedModel, Prediction
from cnnviz.open_set import ClassFit, describe_fit
from cnnviz.web.bench import Bench
from cnnviz.web.controls.inside import title_classes

_LIKELIEST = 2
_KEY = "bench.classes"


def show_guess(bench: Bench) -> None:
    """Say in one line what the network takes the image for, with its classes one click away."""
    prediction, image = bench.prediction, bench.image
    if prediction is None or image is None:
        return
    fit = describe_fit(bench.model, prediction)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="guess"):
        shares = [
            (bench.name_class(index), float(prediction.probabilities[index]))
            for index in prediction.ranking[:_LIKELIEST]
        ]
        likely = " · ".join(f"{name} **{format_probability(share)}**" for name, share in shares)
        st.markdown(likely, help=_tell_preparation(bench.model, image), width="content")
        _offer_classes(bench, prediction)
    if fit is not None and fit.none_may_fit:
        st.markdown(
            f":orange[:material/help: None of its {fit.classes} classes may fit this image.]",
            help=_tell_rates(fit),
        )
    for note in image.notes:
        st.caption(note)


def _tell_preparation(model: LoadedModel, image: CheckedImage) -> str:
    """Say what is done to an image before the network sees it."""
    return " ".join((model.spec.preprocessing.description, *image.notes))


def _tell_rates(fit: ClassFit) -> str:
    """Say how the threshold decides, and how often it is right."""
    score, threshold = format_number(fit.value), format_number(fit.separation.threshold)
    kept = format_percent(1 - fit.separation.kept)
    lines = [
        f"The score of the logits is {score}, below the threshold {threshold}.",
        f"{kept} of images of its own classes are below it, too.",
    ]
    counts = fit.separation.photographs
    if counts is not None:
        lines.append(
            f"Of {counts.unknown} photographs of other classes, {counts.detected} are below it."
        )
    return " ".join(lines)


def _offer_classes(bench: Bench, prediction: Prediction) -> None:
    """Offer the list of all classes with their probabilities, which can be searched."""
    names = title_classes(bench.model.spec.classes)
    window = st.popover(
        f"{len(names)} classes",
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
        st.dataframe(
            {
                "Class": [names[index] for index in ranking],
                "Probability": [
                    format_probability(float(prediction.probabilities[index])) for index in ranking
                ],
            },
            hide_index=True,
            height=260,
        )
