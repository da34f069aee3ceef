"""The pad with its network, what changes it, and the numbers of the page's lesson."""

import streamlit as st

from cnnviz.digits.answers import list_lenets
from cnnviz.figures.digit_stages import plan_stages
from cnnviz.figures.digit_text import write_accuracy
from cnnviz.images.names import name_drawing
from cnnviz.networks.load import LoadedModel
from cnnviz.web.chrome import showing_errors
from cnnviz.web.components.digit.digit import show_network
from cnnviz.web.pages.digit.controls import EMPTY, Page, read_strokes

_PAD = "digit.pad"


def show_pad(page: Page, model: LoadedModel) -> None:
    """Draw the pad with the network beside it; a finished stroke is kept in the address."""

    def take(strokes: object) -> None:
        with showing_errors():
            drawing = name_drawing(strokes)
            page.keep(drawing=drawing if strokes else EMPTY)

    with st.container(key="above", horizontal=True, gap="small"):
        page.draw("drawing", label_visibility="collapsed", width="content")
        if len(list_lenets()) > 1:
            page.draw("network", label_visibility="collapsed", width=250)
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


def write_limits(page: Page, model: LoadedModel) -> str:
    """Say how good the network is, and what differs from the paper's."""
    accuracy = model.card.facts.get("accuracy")
    if model.spec.is_own:
        return f"- {model.spec.idea}"
    if accuracy is None:
        return page.text("no_card")
    return page.text("accuracy", changes=model.spec.changes, **write_accuracy(accuracy))


def write_program(page: Page) -> dict[str, object]:
    """Return the constants of the page's program."""
    drawing = page.values.drawing
    values: dict[str, object] = {"NETWORK": page.values.network, "PEN": page.values.pen / 100}
    if drawing.startswith("digit-"):
        return values | {"DIGIT": int(drawing.removeprefix("digit-"))}
    return values | {"STROKES": [list(stroke) for stroke in read_strokes(drawing)]}
