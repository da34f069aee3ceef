"""The linear classifier of the page: its training and its templates."""

from functools import partial

import numpy as np
import streamlit as st

from cnnviz.adversarial.linear.case import Classifier, Trained
from cnnviz.environment import find_class_folder
from cnnviz.figures.format import format_count, format_number, format_percent
from cnnviz.figures.linear import draw_color_templates, draw_training, pack_templates
from cnnviz.figures.strip import Strip
from cnnviz.jobs.heavy import HeavyResult, find_result
from cnnviz.runs.linear import train_classifier
from cnnviz.web.charts import show_chart
from cnnviz.web.components.strip.strip import show_strip
from cnnviz.web.jobs import show_result
from cnnviz.web.made_images import show_images
from cnnviz.web.pages.linear.controls import Page

_TILE = 132


def train_here(page: Page) -> Trained | None:
    """Train the chosen classifier; while that takes long, show its templates grow."""
    values = page.values
    folder = find_class_folder() if values.classifier == Classifier.PHOTOGRAPHS else None
    run = partial(
        train_classifier, values.classifier, folder, int(values.steps), float(values.decay)
    )
    key = repr(("linear", values.classifier, str(folder), values.steps, values.decay))
    heavy = HeavyResult(key=key, title="Softmax regression", run=run, seconds=180)

    def draw(trained: Trained) -> None:
        if find_result(key) is None:
            _show_templates(trained, key="linear.growing")

    return show_result(heavy, draw=draw, slot="linear.training")


def show_training(page: Page, trained: Trained) -> None:
    """Show the templates, and how the accuracy grew."""
    data, classifier = trained
    last = classifier.curve[-1]
    templates, curve = st.columns(2, gap="large")
    with templates:
        st.subheader("Templates", anchor=False)
        _show_templates(trained, key="linear.templates")
        st.caption(page.text("gray" if len(data.shape) == 2 else "color"))
    with curve:
        st.subheader("Training", anchor=False)
        alt = "Accuracy against the training step"
        show_chart(draw_training(classifier), key="linear.curve", alt=alt)
        st.metric("Held-out accuracy", format_percent(last.test), width="content")
        st.caption(
            page.text(
                "training",
                train=format_count(len(data.train)),
                test=format_count(len(data.test)),
                weights=format_count(classifier.weights.numel()),
                rate=format_number(classifier.rate),
                loss=format_number(last.loss),
            )
        )


def _show_templates(trained: Trained, *, key: str) -> None:
    data, classifier = trained
    if len(data.shape) == 2:
        panels = pack_templates(classifier, data)
        show_strip(Strip(panels, label="The template of each class.", layout="tiles"), key=key)
        return
    # Not st.image: while a training goes on, its files are gone before a browser asks for them.
    drawn = np.stack(draw_color_templates(classifier, data))
    show_images(drawn, data.classes, key=f"{key}.color", side=_TILE)
