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


def explain_softmax(model: LoadedModel, reading: Reading) -> None:
    """From ten logits to ten probabilities."""
    softmax = work_out_softmax(reading.prediction.logits)
    winner, second = reading.prediction.ranking[:2]
    classes = model.spec.classes
    st.header("From ten numbers to a guess", anchor=False)
    table, formula = st.columns([2, 3], gap="large")
    with table:
        st.markdown(text.write_softmax_table(softmax, classes=classes, winner=winner))
    with formula:
        st.markdown(
            "The last layer gives one number for each digit, its *logit* $z$. The softmax makes "
            "probabilities of them: raise $e$ to each, then divide by the sum."
        )
        st.latex(text.write_softmax_formula(softmax, classes=classes, winner=winner))
        st.markdown(text.describe_softmax(softmax, classes=classes, winner=winner, second=second))


def explain_filters(model: LoadedModel, reading: Reading) -> None:
    """The kernels of C1 and C3, and what they found."""
    first = measure_filters(model, reading.x, layer="c1")
    deeper = measure_filters(model, reading.x, layer="c3")
    st.header("What the filters found", anchor=False)
    guess = model.spec.classes[reading.prediction.ranking[0]]
    st.markdown(text.describe_filters(first, guess=guess))
    show_tiles(
        figures.panel_kernels(first), label="The six kernels of C1", least=96, key="c1_kernels"
    )
    show_tiles(figures.panel_responses(first), label="The six maps of C1", least=96, key="c1_maps")
    st.caption(
        "Above, the kernels of C1: orange weights want ink, blue ones want paper. Below, what each "
        "made of the drawing before the ReLU, and where it is strongest (row, column)."
    )
    show_tiles(
        (figures.panel_kernel_table(deeper),),
        label="The kernels of C3, 16 columns and six rows",
        least=300,
        key="c3_kernels",
    )
    st.caption(text.describe_deeper_filters(deeper, below=len(first)))


def explain_shifts(model: LoadedModel, reading: Reading) -> None:
    """How sure the network stays when the finished input is moved."""
    trial = try_shifts(model, reading.x)
    classes = model.spec.classes
    st.header("Move it by a pixel", anchor=False)
    words, picture = st.columns([2, 3], gap="large")
    with words:
        st.markdown(
            "Where on the pad you draw changes nothing: as in MNIST, the drawing is cut to its "
            "box, scaled to 20×20 and its centre of mass set in the middle before the network sees "
            "it. Here the finished input is moved, with no new centring."
        )
        st.markdown(text.describe_shifts(trial, classes=classes))
    with picture:
        st.plotly_chart(figures.plot_shifts(trial, classes=classes), width="stretch", key="shifts")
        st.caption(
            "Colour: the probability of the guess in the middle. A digit written in a field is "
            "another first guess."
        )


def explain_pens(model: LoadedModel, reading: Reading) -> None:
    """The same strokes with other pens."""
    trials = try_pens(model, reading.strokes)
    classes = model.spec.classes
    st.header("Take another pen", anchor=False)
    winner = reading.prediction.ranking[0]
    st.markdown(text.describe_pens(trials, winner=winner, classes=classes))
    show_tiles(
        figures.panel_pens(trials, classes=classes),
        label="The input under other pens",
        least=92,
        key="pens",
    )
    st.caption("Pen width as a share of the pad, the input it makes, and the first guess.")


def offer_downloads(model: LoadedModel, reading: Reading) -> None:
    """The picture as PNG and all numbers as CSV, made when they are asked for."""
    with st.container(horizontal=True):
        st.download_button(
            "Download the picture (PNG)",
            _defer_picture(model, reading),
            file_name="digit.png",
            mime="image/png",
            on_click="ignore",
        )
        st.download_button(
            "Download all numbers (CSV)",
            _defer_numbers(model, reading),
            file_name="digit.csv",
            mime="text/csv",
            on_click="ignore",
        )


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
