"""Below the pad: what the network did with this drawing, in its own numbers."""

from collections.abc import Callable

import streamlit as st

from cnnviz.activations import read_activations
from cnnviz.digit_experiments import (
    Reading,
    measure_filters,
    try_pens,
    try_shifts,
    work_out_softmax,
)
from cnnviz.figures import digit as figures
from cnnviz.figures import digit_text as text
from cnnviz.figures.format import format_probability
from cnnviz.imaging import to_png
from cnnviz.inference import LoadedModel
from cnnviz.web.components.tiles.tiles import show_tiles
from cnnviz.web.files import offer_file


def explain_softmax(model: LoadedModel, reading: Reading) -> None:
    """From ten logits to ten probabilities."""
    softmax = work_out_softmax(reading.prediction.logits)
    winner, second = reading.prediction.ranking[:2]
    classes = model.spec.classes
    st.subheader("Softmax", anchor=False)
    table, formula = st.columns([2, 3], gap="large")
    with table:
        st.markdown(text.write_softmax_table(softmax, classes=classes, winner=winner))
    with formula:
        st.markdown(
            "The last layer gives one *logit* $z$ for each digit. The softmax raises $e$ to each "
            "logit and divides by the sum."
        )
        st.latex(text.write_softmax_formula(softmax, classes=classes, winner=winner))
        st.markdown(text.describe_softmax(softmax, classes=classes, winner=winner, second=second))


def explain_filters(model: LoadedModel, reading: Reading) -> None:
    """The kernels of C1 and C3, and what they found."""
    first = measure_filters(model, reading.x, layer="c1")
    deeper = measure_filters(model, reading.x, layer="c3")
    st.subheader("Filters and their maps", anchor=False)
    guess = model.spec.classes[reading.prediction.ranking[0]]
    st.markdown(text.describe_filters(first, guess=guess))
    show_tiles(
        figures.panel_kernels(first),
        label="The six kernels of C1",
        least=96,
        key="digit.c1_kernels",
    )
    show_tiles(
        figures.panel_responses(first), label="The six maps of C1", least=96, key="digit.c1_maps"
    )
    st.caption(
        "Top: the kernels of C1; orange weights are positive, blue ones negative. Bottom: their "
        "maps before ReLU, with the row and column of the maximum."
    )
    show_tiles(
        (figures.panel_kernel_table(deeper),),
        label="The kernels of C3, 16 columns and six rows",
        least=300,
        key="digit.c3_kernels",
    )
    st.caption(text.describe_deeper_filters(deeper, below=len(first)))


def explain_shifts(model: LoadedModel, reading: Reading) -> None:
    """How sure the network stays when the finished input is moved."""
    trial = try_shifts(model, reading.x)
    classes = model.spec.classes
    st.subheader("Shifted input", anchor=False)
    words, picture = st.columns([2, 3], gap="large")
    with words:
        st.markdown(
            "As in MNIST, a drawing is cropped, scaled to 20×20 and centered at its center of "
            "mass. Here this finished input is shifted, and not centered again."
        )
        st.markdown(text.describe_shifts(trial, classes=classes))
    with picture:
        st.plotly_chart(
            figures.plot_shifts(trial, classes=classes), width="stretch", key="digit.shifts"
        )
        st.caption(
            "Color: probability of the unshifted input's top-1 class. A digit in a cell is "
            "another top-1 class."
        )


def explain_pens(model: LoadedModel, reading: Reading) -> None:
    """The same strokes with other pens."""
    trials = try_pens(model, reading.strokes)
    classes = model.spec.classes
    st.subheader("Pen width", anchor=False)
    winner = reading.prediction.ranking[0]
    st.markdown(text.describe_pens(trials, winner=winner, classes=classes))
    show_tiles(
        figures.panel_pens(trials, classes=classes),
        label="The input under other pens",
        least=92,
        key="digit.pens",
    )
    st.caption("Pen width as a share of the pad, the input, and the top-1 class.")


def offer_downloads(model: LoadedModel, reading: Reading) -> None:
    """The image as PNG and all numbers as CSV, made when they are asked for."""
    with st.container(horizontal=True):
        offer_file("Image as PNG", _defer_picture(model, reading), "digit.png")
        offer_file("Activations as CSV", _defer_numbers(model, reading), "digit.csv")


def _defer_picture(model: LoadedModel, reading: Reading) -> Callable[[], bytes]:
    def make() -> bytes:
        names = tuple(name for name, _, _ in figures.SHEET_LAYERS)
        values = read_activations(model, reading.x, layers=names)
        first, second = reading.prediction.ranking[:2]
        classes, probabilities = model.spec.classes, reading.prediction.probabilities
        sheet = figures.draw_sheet(
            reading.strokes,
            pen=reading.pen,
            values={name: value[0] for name, value in values.items()},
            titles={name: model.graph.find(name).title for name in names},
            verdict=(
                f"{model.spec.title} sees {classes[first]} "
                f"({format_probability(float(probabilities[first]))}), then {classes[second]} "
                f"({format_probability(float(probabilities[second]))})."
            ),
        )
        return to_png(sheet)

    return make


def _defer_numbers(model: LoadedModel, reading: Reading) -> Callable[[], bytes]:
    def make() -> bytes:
        names = tuple(layer.name for layer in model.graph.layers)
        values = read_activations(model, reading.x, layers=names)
        one = {name: value[0] for name, value in values.items()}
        return text.write_numbers(one, reading=reading, classes=model.spec.classes).encode()

    return make
