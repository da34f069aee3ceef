"""The comparison page: cards, agreement, all images, curves, and the table."""

from collections.abc import Sequence

import streamlit as st
import torch

from cnnviz.cached import get_answer, get_costs
from cnnviz.class_names import identify_classes, write_class
from cnnviz.comparison import Agreement, Answer, Curve, compare_answers
from cnnviz.corruptions import STRENGTHS
from cnnviz.figures.compare import (
    draw_curves,
    pack_card,
    write_comparison_csv,
    write_curve,
    write_softmax,
)
from cnnviz.figures.format import format_count, format_probability
from cnnviz.imaging import CheckedImage, resize_for_view
from cnnviz.inference import LoadedModel, Prediction
from cnnviz.measure import describe_machine
from cnnviz.web.bench import Bench
from cnnviz.web.components.compare.compare import show_cards
from cnnviz.web.controls.bar import offer_more
from cnnviz.web.controls.sets import find_images
from cnnviz.web.files import offer_file
from cnnviz.web.jobs import show_result
from cnnviz.web.page import link_to
from cnnviz.web.pages.compare.controls import (
    FIELDS,
    CompareControls,
    request_curves,
    request_predictions,
    request_times,
)
from cnnviz.web.state import PageState

Page = PageState[CompareControls]
_SIDE, _WIDTH = 320, 220


def show_controls(page: Page, hard: CheckedImage) -> None:
    """Show the image as the networks get it, and below it what changes it."""
    st.image(
        resize_for_view(hard.pixels, max_side=_SIDE),
        width=_WIDTH,
        output_format="PNG",
    )
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
        on_click=lambda: page.apply(**dict.fromkeys(FIELDS, 0)),
    )


def show_comparison(
    bench: Bench, models: Sequence[LoadedModel], clean: CheckedImage, hard: CheckedImage
) -> tuple[tuple[Answer, ...], Agreement]:
    """Show a card for each network."""
    answers = tuple(get_answer(model.spec.name, hard) for model in models)
    agreement = compare_answers(models, answers)
    cards = [
        pack_card(model, answer, clean=get_answer(model.spec.name, clean), agreement=agreement)
        for model, answer in zip(models, answers, strict=True)
    ]
    show_cards(cards, image=clean.name)
    values = {"image": bench.values.image}
    with st.container(horizontal=True):
        for name in ("activations", "attribution", "occlusion", "adversarial"):
            link_to(name, name.capitalize(), icon=":material/arrow_outward:", **values)
    return answers, agreement


def show_agreement(
    models: Sequence[LoadedModel], answers: Sequence[Answer], agreement: Agreement
) -> None:
    """Show a softmax in numbers, and which networks share their top-1 class."""
    st.latex(write_softmax(answers[0]))
    st.caption(
        f"The softmax of {answers[0].title}: z are its logits, minus the largest one. "
        "The next three terms are written out."
    )
    lines = [
        f"- **{write_class(name)}** is the top-1 class of {len(titles)} of {len(models)}: "
        f"{', '.join(titles)}."
        for name, titles in agreement.groups
        if len(titles) > 1
    ]
    if not lines and len(models) > 1:
        lines.append(f"- No two of the {len(models)} networks have the same top-1 class.")
    first = {name for name, titles in agreement.groups if len(titles) > 1}
    others = [
        f"{write_class(name)} ({len(t)})" for name, t in agreement.shared if name not in first
    ]
    if others:
        lines.append(f"- Also in the top-5 of several networks: {', '.join(others)}.")
    st.markdown("\n".join(lines))
    _compare_lists(models, agreement)


def _compare_lists(models: Sequence[LoadedModel], agreement: Agreement) -> None:
    """Compare networks that know different classes among those that all of them know."""
    if len({len(model.spec.classes) for model in models}) == 1:
        return
    lists = ", ".join(
        f"{model.spec.title} {format_count(len(model.spec.classes))}" for model in models
    )
    if not agreement.common:
        st.info(f"These networks have no class in common. Their numbers of classes: {lists}.")
        return
    among = ", ".join(
        f"{title} **{write_class(guess.identity)}** ({format_probability(guess.probability)})"
        for title, guess in agreement.among_common.items()
    )
    st.markdown(
        f"The networks know different numbers of classes: {lists}. More classes are a harder "
        f"task. Classes that all networks know: {agreement.common}. Among these alone the "
        f"predictions are {among}."
    )


def show_images(page: Page, models: Sequence[LoadedModel]) -> None:
    """Show every network's top-1 class on several images."""
    st.subheader("Several images", anchor=False)
    page.draw("images")
    found = find_images(page.values.images)
    if found:
        show_result(
            request_predictions(models, found, page.values),
            draw=lambda rows: _tabulate_images(models, found, rows),
            slot="compare.images",
        )


def _tabulate_images(
    models: Sequence[LoadedModel],
    found: Sequence[CheckedImage],
    rows: Sequence[Sequence[Prediction]],
) -> None:
    columns = {"Image": [image.name for image in found[: len(rows)]]}
    for place, model in enumerate(models):
        names = identify_classes(model.spec)
        columns[model.spec.title] = [_write_first(names, row[place]) for row in rows]
    st.dataframe(columns, hide_index=True, key="compare.rows")


def _write_first(names: Sequence[str], said: Prediction) -> str:
    first = said.ranking[0]
    return f"{write_class(names[first])}, {format_probability(float(said.probabilities[first]))}"


def show_curves(page: Page, models: Sequence[LoadedModel], clean: CheckedImage) -> None:
    """Show how the probability of each network's top-1 class falls with a corruption."""
    st.subheader("Corruption curves", anchor=False)
    page.draw("follow")
    corruption = page.values.follow

    def draw(curves: tuple[Curve, ...]) -> None:
        st.plotly_chart(
            draw_curves(curves, unit=f"{corruption}, {STRENGTHS[corruption].unit}"),
            key="compare.curves",
            config={
                "displaylogo": False,
                "toImageButtonOptions": {"filename": "cnnviz-curves", "scale": 2},
            },
            alt=f"Probability of each network's top-1 class against {corruption.lower()}",
        )
        st.markdown("\n".join(f"- {write_curve(curve)}" for curve in curves))

    show_result(
        request_curves(models, clean, corruption),
        draw=draw,
        slot="compare.curves",
        start="Compute the curves",
    )


def show_table(
    models: Sequence[LoadedModel], answers: Sequence[Answer], agreement: Agreement
) -> None:
    """Show all numbers, with the measured times where a visitor asks for them."""
    st.subheader("All numbers", anchor=False)
    times = show_result(
        request_times(models),
        draw=lambda _times: st.caption(
            f"Time: median of seven runs after a warm-up, one image at a time, on "
            f"{describe_machine()}, threads: {torch.get_num_threads()}."
        ),
        slot="compare.times",
        start="Measure the time",
    )
    rows = [
        _list_cells(model, answer, agreement, times or {})
        for model, answer in zip(models, answers, strict=True)
    ]
    number = st.column_config.NumberColumn
    st.dataframe(
        {name: [row[name] for row in rows] for name in rows[0]},
        hide_index=True,
        key="compare.table",
        column_config={
            "Network": st.column_config.TextColumn(pinned=True),
            "Year": number(format="%d"),
            "Probability %": number(format="%.2f"),
            "Multiply-adds M": number(format="%.1f"),
            "Parameters M": number(format="%.2f"),
            "Activations KB": number(format="%.0f"),
            "Time ms": number(format="%.2f"),
        },
    )
    offer_file(
        "Table as CSV", lambda: write_comparison_csv(rows), "comparison.csv", key="compare.csv"
    )


def _list_cells(
    model: LoadedModel, answer: Answer, agreement: Agreement, times: dict[str, float]
) -> dict[str, str | int | float | None]:
    costs, first = get_costs(model.spec.name), answer.guesses[0]
    common = agreement.among_common.get(model.spec.title)
    return {
        "Network": model.spec.title,
        "Year": model.spec.year,
        "Top-1 class": write_class(first.identity),
        "Probability %": 100 * first.probability,
        "Networks that agree": len(dict(agreement.groups)[first.identity]),
        "Among the common classes": write_class(common.identity) if common else None,
        "Top-5 classes": ", ".join(write_class(guess.identity) for guess in answer.guesses),
        "Classes": len(model.spec.classes),
        "Parameters M": costs.parameters / 1e6,
        "Multiply-adds M": costs.multiply_adds / 1e6,
        "Activations KB": costs.memory_bytes / 1024,
        "Time ms": times.get(model.spec.name),
    }
