"""The linear classifier of the page: its data, its training, and its templates."""

from collections.abc import Iterator
from pathlib import Path

import streamlit as st

from cnnviz.cache import estimate_bytes
from cnnviz.figures.format import format_count, format_number, format_percent
from cnnviz.figures.linear import draw_color_templates, draw_training, pack_templates
from cnnviz.figures.strip import Strip
from cnnviz.heavy import HeavyResult, find_result
from cnnviz.imaging import upscale_nearest
from cnnviz.linear.data import (
    PixelRows,
    find_class_folder,
    load_faces,
    load_photographs,
    load_written_digits,
)
from cnnviz.linear.regression import LinearClassifier, train_in_steps
from cnnviz.web.components.strip.strip import show_strip
from cnnviz.web.jobs import show_result
from cnnviz.web.pages.linear.controls import Classifier, LinearControls

_TILE = 132

Trained = tuple[PixelRows, LinearClassifier]


def train_here(values: LinearControls) -> Trained | None:
    """Train the chosen classifier; while that takes long, show its templates grow."""
    folder = find_class_folder() if values.classifier == Classifier.PHOTOGRAPHS else None
    heavy = HeavyResult(
        key=repr(("linear", values.classifier, str(folder), values.steps, values.decay)),
        title="Softmax regression",
        run=lambda: _train(values, folder),
        size=estimate_bytes,
        seconds=180,
    )

    def draw(trained: Trained) -> None:
        if find_result(heavy.key) is None:
            _show_templates(trained, key="linear.growing")

    return show_result(heavy, draw=draw, slot="linear.training")


def _train(values: LinearControls, folder: Path | None) -> Iterator[tuple[float, str, Trained]]:
    if folder is not None:
        data = load_photographs(folder)
    else:
        data = load_faces() if values.classifier == Classifier.FACES else load_written_digits()
    run = train_in_steps(data, steps=int(values.steps), decay=float(values.decay))
    for share, step, classifier in run:
        yield share, step, (data, classifier)


def show_training(trained: Trained) -> None:
    """Show the templates, and how the accuracy grew."""
    data, classifier = trained
    last = classifier.curve[-1]
    templates, curve = st.columns(2, gap="large")
    with templates:
        st.subheader("Templates", anchor=False)
        _show_templates(trained, key="linear.templates")
        st.caption(
            "One weight for each pixel and class. Orange weights are positive, blue ones negative."
            if len(data.shape) == 2
            else "One weight for each pixel, color and class. Middle gray is zero."
        )
    with curve:
        st.subheader("Training", anchor=False)
        st.plotly_chart(
            draw_training(classifier),
            key="linear.curve",
            config={"displayModeBar": False},
            alt="Accuracy against the training step",
        )
        st.metric("Held-out accuracy", format_percent(last.test), width="content")
        st.caption(
            f"{format_count(len(data.train))} training images, {format_count(len(data.test))} "
            f"held-out images, {format_count(classifier.weights.numel())} weights. Each step uses "
            f"all training images. Learning rate {format_number(classifier.rate)}, loss "
            f"{format_number(last.loss)}."
        )


def _show_templates(trained: Trained, *, key: str) -> None:
    data, classifier = trained
    if len(data.shape) == 2:
        panels = pack_templates(classifier, data)
        show_strip(Strip(panels, label="The template of each class.", layout="tiles"), key=key)
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
