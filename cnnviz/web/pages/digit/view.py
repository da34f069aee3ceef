"""The pad with its network, what changes it, and the numbers of the page's lesson."""

import math

import streamlit as st

from cnnviz.digit_experiments import Reading
from cnnviz.errors import DrawingError
from cnnviz.figures.digit_stages import plan_stages
from cnnviz.figures.format import format_count, format_percent, format_setting
from cnnviz.image_names import name_drawing
from cnnviz.inference import LoadedModel
from cnnviz.web.chrome import show_error
from cnnviz.web.components.digit.digit import show_network
from cnnviz.web.pages.digit.controls import EMPTY, DigitControls, read_strokes
from cnnviz.web.pages.digit.explanation import (
    explain_filters,
    explain_pens,
    explain_shifts,
    explain_softmax,
    offer_downloads,
)
from cnnviz.web.state import PageState

Page = PageState[DigitControls]
_PAD = "digit.pad"


def show_pad(page: Page, model: LoadedModel) -> None:
    """Draw the pad with LeNet-5 beside it; a finished stroke is kept in the address."""

    def take(strokes: object) -> None:
        try:
            drawing = name_drawing(strokes)
        except DrawingError as error:
            show_error(error)
            return
        page.keep(drawing=drawing if strokes else EMPTY)

    with st.container(key="above", horizontal=True, gap="small"):
        page.draw("drawing", label_visibility="collapsed", width="content")
        with st.popover("Settings", icon=":material/tune:"):
            page.draw("values", "pen", "layers")
    show_network(
        model,
        drawing=page.values.drawing,
        strokes=read_strokes(page.values.drawing),
        pen=page.values.pen / 100,
        plan=plan_stages(model, values=page.values.values, titles=page.values.layers),
        on_draw=take,
        key=_PAD,
    )


def explain(model: LoadedModel, reading: Reading) -> None:
    """Work the drawing's numbers out below the stage."""
    explain_softmax(model, reading)
    explain_filters(model, reading)
    explain_shifts(model, reading)
    explain_pens(model, reading)
    offer_downloads(model, reading)


def write_words(reading: Reading | None) -> dict[str, object]:
    """Return what the lesson's names stand for."""
    if reading is None:
        return {}
    logits = [float(reading.prediction.logits[index]) for index in reading.prediction.ranking[:2]]
    first, second = (format_setting(round(one, 2)) for one in logits)
    return {"first": first, "second": second}


def find_answers(reading: Reading | None) -> dict[str, float]:
    """Compute the answers to the lesson's questions."""
    if reading is None:
        return {}
    first, second = reading.prediction.ranking[:2]
    gap = float(reading.prediction.logits[first] - reading.prediction.logits[second])
    return {"gap": round(gap, 2), "kernels": 6 * 5 * 5 + 6} if math.isfinite(gap) else {}


def write_limits(model: LoadedModel) -> str:
    """Say how good the network is, and what differs from the paper's."""
    accuracy = model.card.facts.get("accuracy")
    if accuracy is None:
        return "- The weights have no model card, so their accuracy is unknown."
    mnist, others = accuracy["mnist_test"], accuracy["load_digits"]
    own, other = (format_percent(score["percent"] / 100, digits=2) for score in (mnist, others))
    return (
        f"- The network was trained on MNIST. Top-1 accuracy: {own} on MNIST's "
        f"{format_count(mnist['total'])} test digits, {other} on "
        f"{format_count(others['total'])} digits by other writers (scikit-learn's `load_digits`).\n"
        f"- {model.spec.changes}"
    )


def write_program(page: Page) -> dict[str, object]:
    """Return the constants of the page's program."""
    drawing = page.values.drawing
    values: dict[str, object] = {"NETWORK": "lenet5", "PEN": page.values.pen / 100}
    if drawing.startswith("digit-"):
        return values | {"DIGIT": int(drawing.removeprefix("digit-"))}
    return values | {"STROKES": [list(stroke) for stroke in read_strokes(drawing)]}
