"""Below the pad: what the network did with this drawing, in its own numbers."""

import streamlit as st

from cnnviz.digits.experiments import (
    Reading,
    measure_filters,
    read_layers,
    try_pens,
    try_shifts,
    work_out_softmax,
)
from cnnviz.figures import digit as figures
from cnnviz.figures import digit_text as text
from cnnviz.images.image import to_png
from cnnviz.networks.load import LoadedModel
from cnnviz.web.charts import show_chart
from cnnviz.web.components.tiles.tiles import show_tiles
from cnnviz.web.files import offer_files
from cnnviz.web.pages.digit.controls import Page


def explain_softmax(page: Page, model: LoadedModel, reading: Reading) -> None:
    """From ten logits to ten probabilities."""
    softmax, classes = work_out_softmax(reading.prediction.logits), model.spec.classes
    winner, second = reading.prediction.ranking[:2]
    st.subheader("Softmax", anchor=False)
    table, formula = st.columns([2, 3], gap="large")
    table.markdown(text.write_softmax_table(softmax, classes=classes, winner=winner))
    with formula:
        st.markdown(page.text("softmax"))
        st.latex(text.write_softmax_formula(softmax, classes=classes, winner=winner))
        st.markdown(text.describe_softmax(softmax, classes=classes, winner=winner, second=second))


def explain_filters(page: Page, model: LoadedModel, reading: Reading) -> None:
    """The kernels of C1 and C3, and what they found."""
    first, deeper = (measure_filters(model, reading.x, layer=layer) for layer in ("c1", "c3"))
    st.subheader("Filters and their maps", anchor=False)
    guess = model.spec.classes[reading.prediction.ranking[0]]
    st.markdown(text.describe_filters(first, guess=guess))
    kernels, maps = figures.panel_kernels(first), figures.panel_responses(first)
    show_tiles(kernels, label="The six kernels of C1", least=96, key="digit.c1_kernels")
    show_tiles(maps, label="The six maps of C1", least=96, key="digit.c1_maps")
    st.caption(page.text("filters"))
    table, label = figures.panel_kernel_table(deeper), page.text("deeper_filters")
    show_tiles((table,), label=label, least=300, key="digit.c3_kernels")
    st.caption(text.describe_deeper_filters(deeper, below=len(first)))


def explain_shifts(page: Page, model: LoadedModel, reading: Reading) -> None:
    """How sure the network stays when the finished input is moved."""
    trial, classes = try_shifts(model, reading.x), model.spec.classes
    st.subheader("Shifted input", anchor=False)
    words, figure = st.columns([2, 3], gap="large")
    with words:
        st.markdown(page.text("centering"))
        st.markdown(text.describe_shifts(trial, classes=classes))
    with figure:
        figure = figures.plot_shifts(trial, classes=classes)
        show_chart(figure, key="digit.shifts", alt=page.text("shifts_chart"))
        st.caption(page.text("shifts"))


def explain_pens(page: Page, model: LoadedModel, reading: Reading) -> None:
    """The same strokes with other pens."""
    trials, classes = try_pens(model, reading.strokes), model.spec.classes
    st.subheader("Pen width", anchor=False)
    winner = reading.prediction.ranking[0]
    st.markdown(text.describe_pens(trials, winner=winner, classes=classes))
    panels, label = figures.panel_pens(trials, classes=classes), "The input under other pens"
    show_tiles(panels, label=label, least=92, key="digit.pens")
    st.caption(page.text("pens"))


def offer_downloads(model: LoadedModel, reading: Reading) -> None:
    """The image as PNG and all numbers as CSV, made when they are asked for."""
    classes = model.spec.classes

    def draw() -> bytes:
        names = [name for name, _, _ in figures.SHEET_LAYERS]
        sheet = figures.draw_sheet(
            reading.strokes,
            pen=reading.pen,
            values=read_layers(model, reading, names),
            titles={name: model.graph.find(name).title for name in names},
            verdict=text.describe_top_two(
                reading.prediction, classes=classes, network=model.spec.title
            ),
        )
        return to_png(sheet)

    def write() -> bytes:
        values = read_layers(model, reading, [layer.name for layer in model.graph.layers])
        return text.write_numbers(values, reading=reading, classes=classes).encode()

    files = {"Image as PNG": (draw, "digit.png"), "Activations as CSV": (write, "digit.csv")}
    offer_files(files)
