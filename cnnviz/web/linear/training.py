"""The linear classifier of the page: its data, its training, and its templates."""

from pathlib import Path

import streamlit as st

from cnnviz.figures.format import format_count, format_number, format_percent
from cnnviz.figures.linear import draw_color_templates, draw_training, pack_templates
from cnnviz.imaging import upscale_nearest
from cnnviz.linear.data import PixelRows, find_class_folder, load_photographs, load_written_digits
from cnnviz.linear.regression import LinearClassifier, train_classifier
from cnnviz.web.adversarial.work import Report, Work, get_result
from cnnviz.web.components.strip.strip import show_strip
from cnnviz.web.home.strip import Strip
from cnnviz.web.url_values import check_choice, keep_within

_DIGITS, _PHOTOGRAPHS = "written digits", "photographs"
_STEPS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 300, 500, 1000)
_DECAYS = ("none", "0.001", "0.01", "0.1", "1")
_READING_SECONDS, _PHOTO_STEP_SECONDS = 5.0, 0.02
_TILE = 132

Trained = tuple[PixelRows, LinearClassifier]


def train_here() -> Trained | None:
    """Show the controls, train, and return data and classifier; None while that goes on."""
    folder = find_class_folder()
    kinds = [_DIGITS, *([_PHOTOGRAPHS] if folder else [])]
    problems = [
        check_choice("data", kinds, aliases={}, noun="set of pictures"),
        check_choice("decay", _DECAYS, aliases={"0": "none"}, noun="weight decay"),
    ]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
        kind = _DIGITS
        if folder:
            keep_within("data", kinds, fallback=_DIGITS)
            kind = st.segmented_control(
                "Pictures", kinds, default=_DIGITS, required=True, key="data", bind="query-params"
            )
        steps = st.select_slider(
            "Training steps", _STEPS, value=300, key="training", bind="query-params", width=320
        )
        decay = st.segmented_control(
            "Weight decay",
            _DECAYS,
            default="none",
            required=True,
            key="decay",
            bind="query-params",
        )
    for problem in filter(None, problems):
        st.warning(problem)
    chosen = folder if kind == _PHOTOGRAPHS else None
    work: Work[Trained] = Work(
        key="linear",
        identity=(str(chosen), steps, decay),
        title="Training the classifier",
        seconds=_READING_SECONDS + steps * _PHOTO_STEP_SECONDS if chosen else 0.1,
        run=lambda report: _train(chosen, steps, 0.0 if decay == "none" else float(decay), report),
    )
    return get_result(work)


def _train(folder: Path | None, steps: int, decay: float, report: Report) -> Trained:
    report(0.0, "reading the pictures", None)
    data = load_photographs(folder) if folder else load_written_digits()
    return data, train_classifier(data, steps=steps, decay=decay, report=report)


def show_training(trained: Trained) -> None:
    """Show the templates, how good they are, and how they came about."""
    data, classifier = trained
    last = classifier.curve[-1]
    templates, curve = st.columns([1, 1], gap="large")
    with templates:
        st.subheader("The weights are templates", anchor=False)
        _show_templates(trained)
        st.caption(
            "One weight a pixel and class: where ink speaks for the class (orange) and against it "
            "(blue)."
            if len(data.shape) == 2
            else "One weight a pixel, colour and class, around middle grey."
        )
    with curve:
        st.subheader("Training, a moment ago", anchor=False)
        st.plotly_chart(
            draw_training(classifier),
            key="training_curve",
            config={"displayModeBar": False},
            alt="Accuracy against the training step",
        )
        with st.container(horizontal=True, gap="large"):
            st.metric("right on held-out pictures", format_percent(last.test), width="content")
            st.metric("weights", format_count(classifier.weights.numel()), width="content")
        st.caption(
            f"{format_count(len(data.train))} pictures to learn from and "
            f"{format_count(len(data.test))} to measure on; "
            f"all at once in every step of size {format_number(classifier.rate)}. Loss "
            f"{format_number(last.loss)}."
        )


def _show_templates(trained: Trained) -> None:
    data, classifier = trained
    if len(data.shape) == 2:
        strip = Strip(
            panels=pack_templates(classifier, data),
            layout="tiles",
            label="The template of each class.",
        )
        show_strip(strip, key="templates")
        return
    with st.container(horizontal=True, gap="small"):
        drawn = draw_color_templates(classifier, data)
        for name, template in zip(data.classes, drawn, strict=True):
            st.image(
                upscale_nearest(template, min_size=_TILE),
                caption=name,
                width=_TILE,
                output_format="PNG",
                alt=f"The template of {name}",
            )
