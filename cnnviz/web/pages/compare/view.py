"""The comparison page: cards, agreement, all images, curves, and the table."""

from collections.abc import Sequence
from functools import partial
from operator import attrgetter

import streamlit as st
import torch

from cnnviz.cached import get_answer, get_costs
from cnnviz.comparison import Agreement, Answer, Curve, compare_answers, measure_time
from cnnviz.costs.measure import describe_machine
from cnnviz.figures import compare as figures
from cnnviz.images.corruptions import STRENGTHS
from cnnviz.images.image import CheckedImage, resize_for_view
from cnnviz.jobs.heavy import compute_each
from cnnviz.networks.load import LoadedModel, Prediction
from cnnviz.runs.compare import follow_curve, predict_all
from cnnviz.web.charts import show_chart, show_table
from cnnviz.web.components.compare.compare import show_cards
from cnnviz.web.controls.bar import offer_more
from cnnviz.web.controls.corruption import list_weakest, read_strengths
from cnnviz.web.controls.sets import find_images
from cnnviz.web.files import offer_file
from cnnviz.web.jobs import show_heavy
from cnnviz.web.made_images import show_inline
from cnnviz.web.page import link_pages
from cnnviz.web.pages.compare.controls import FIELDS, Page

_SIDE, _WIDTH = 320, 220
_TITLE = attrgetter("spec.title")
Models = Sequence[LoadedModel]
Answers = Sequence[Answer]


def show_controls(page: Page, hard: CheckedImage) -> None:
    """Show the image as the networks get it, and below it what changes it."""
    height, width = hard.pixels.shape[:2]
    side = min(_SIDE, round(_WIDTH * max(height / width, 1)))
    # Not st.image: it reduces an image of few rows to a width at which none is left, and fails.
    with st.container(width=_WIDTH):
        show_inline(resize_for_view(hard.pixels, max_side=side), words=hard.name)
    with st.container(horizontal=True, gap="small"):
        with st.popover("Networks", icon=":material/hub:"):
            page.draw("networks")
        offer_more()
    # Not columns: on a phone two stand side by side.
    with st.container(horizontal=True, gap="small"):
        page.draw(*FIELDS, width=_WIDTH // 2 - 8)
    st.button(
        "Clean image",
        icon=":material/restart_alt:",
        key="compare.clean",
        on_click=lambda: page.apply(**list_weakest(FIELDS)),
    )


def show_comparison(
    page: Page, models: Models, clean: CheckedImage, hard: CheckedImage
) -> tuple[Answers, Agreement]:
    """Show a card for each network."""
    answers = tuple(get_answer(model.spec.name, hard) for model in models)
    agreement = compare_answers(models, answers)
    cards = [
        figures.pack_card(
            model, answer, clean=get_answer(model.spec.name, clean), agreement=agreement
        )
        for model, answer in zip(models, answers, strict=True)
    ]
    show_cards(cards, image=clean.name)
    image = page.at.bench.values.image
    link_pages("activations", "attribution", "occlusion", "adversarial", image=image)
    return answers, agreement


def show_agreement(page: Page, models: Models, answers: Answers, agreement: Agreement) -> None:
    """Show a softmax in numbers, and which networks share their top-1 class."""
    st.latex(figures.write_softmax(answers[0]))
    st.caption(page.text("softmax", network=answers[0].title))
    st.markdown(figures.write_agreement(models, agreement))
    if len({len(model.spec.classes) for model in models}) == 1:
        return
    lists = figures.write_counts(models)
    if agreement.common:
        common = {"count": agreement.common, "among": figures.write_common(agreement)}
        st.markdown(page.text("common", lists=lists, **common))
    else:
        st.info(page.text("nothing_in_common", lists=lists))


def show_images(page: Page, models: Models) -> None:
    """Show every network's top-1 class on several images."""
    st.subheader("Several images", anchor=False)
    page.draw("images")
    found, strengths = find_images(page.values.images), read_strengths(page.values, FIELDS)

    def draw(rows: tuple[tuple[Prediction, ...], ...]) -> None:
        show_table(figures.tabulate_predictions(models, found, rows), key="compare.rows")

    if found:
        show_heavy(
            "Predictions",
            *([image.digest for image in found], strengths, [model.key for model in models]),
            run=compute_each(
                found, partial(predict_all, models, strengths), name=attrgetter("name")
            ),
            draw=draw,
            slot="compare.images",
        )


def show_curves(page: Page, models: Models, clean: CheckedImage) -> None:
    """Show how the probability of each network's top-1 class falls with a corruption."""
    st.subheader("Corruption curves", anchor=False)
    page.draw("follow")
    corruption = page.values.follow
    unit = STRENGTHS[corruption].unit

    def draw(curves: tuple[Curve, ...]) -> None:
        show_chart(
            figures.draw_curves(curves, unit=f"{corruption}, {unit}"),
            key="compare.curves",
            file="cnnviz-curves",
            alt=page.text("curves", corruption=corruption.lower()),
        )
        told = (figures.write_curve(curve, unit=unit.split()[0]) for curve in curves)
        st.markdown("\n".join(f"- {one}" for one in told))

    show_heavy(
        "Curves",
        *(corruption, clean.digest, [model.key for model in models]),
        run=compute_each(models, partial(follow_curve, clean, corruption), name=_TITLE),
        draw=draw,
        slot="compare.curves",
        start="Compute the curves",
    )


def show_numbers(page: Page, models: Models, answers: Answers, agreement: Agreement) -> None:
    """Show all numbers, with the measured times where a visitor asks for them."""
    st.subheader("All numbers", anchor=False)
    words = {"machine": describe_machine(), "threads": torch.get_num_threads()}
    times = show_heavy(
        "Time per image",
        [model.key for model in models],
        run=compute_each(models, measure_time, name=_TITLE),
        draw=lambda _times: st.caption(page.text("time", **words)),
        slot="compare.times",
        start="Measure the time",
    )
    rows = [
        figures.list_cells(model, answer, agreement, costs=get_costs(model.spec.name), time=time)
        for model, answer, time in zip(models, answers, times or [None] * len(models), strict=True)
    ]
    show_table(rows, key="compare.table", formats=figures.FORMATS, pinned="Network")
    offer_file("Table as CSV", lambda: figures.write_comparison_csv(rows), "comparison.csv")
