"""The comparison's parts: cards, agreement, all pictures, curves, the table."""

from collections.abc import Mapping, Sequence

import streamlit as st
import torch

from cnnviz.class_names import write_class
from cnnviz.comparison import Agreement, Answer, compare_answers, harden, shrink
from cnnviz.corruptions import STRENGTHS, Corruption
from cnnviz.figures.compare import (
    draw_curves,
    write_comparison_csv,
    write_curve,
    write_softmax,
)
from cnnviz.figures.format import format_count, format_probability
from cnnviz.imaging import CheckedImage
from cnnviz.inference import LoadedModel
from cnnviz.measure import describe_machine
from cnnviz.web.caches import get_answer, get_costs
from cnnviz.web.compare.controls import choose_corruption
from cnnviz.web.compare.jobs import get_curves, get_times, offer_times
from cnnviz.web.components.compare.compare import pack_card, show_cards
from cnnviz.web.option_chooser import choose_segment


def choose_focus(pictures: Sequence[CheckedImage]) -> CheckedImage:
    """Return the picture that the cards are about, reduced; with several, show them to choose."""
    if len(pictures) == 1:
        return shrink(pictures[0])
    # Two pictures may have one name.
    names = [f"{place + 1}. {picture.name}" for place, picture in enumerate(pictures)]
    name = choose_segment("Which picture", names, key="focus", noun="picture")
    return shrink(pictures[names.index(name)])


def show_comparison(
    models: Sequence[LoadedModel], picture: CheckedImage, strengths: Mapping[Corruption, float]
) -> tuple[tuple[Answer, ...], Agreement]:
    """Show a card for each network, and where they agree."""
    hard = harden(picture, strengths)
    answers = tuple(get_answer(model.spec.name, hard) for model in models)
    agreement = compare_answers(models, answers)
    times = get_times()
    show_cards(
        [
            pack_card(
                model,
                answer,
                clean=get_answer(model.spec.name, picture),
                agreement=agreement,
                costs=get_costs(model.spec.name),
                milliseconds=times.get(model.spec.name),
            )
            for model, answer in zip(models, answers, strict=True)
        ],
        picture=picture.name,
    )
    st.latex(write_softmax(answers[0]))
    st.caption(
        f"{answers[0].title}’s first guess: the softmax of its logits z, each counted from the "
        "largest. The next three are written out."
    )
    offer_times([model.spec.name for model in models])
    if any(model.spec.name in times for model in models):
        st.caption(
            f"Median of seven runs after one to warm up, one picture at a time, on "
            f"{describe_machine()}, {torch_threads()}."
        )
    return answers, agreement


def torch_threads() -> str:
    """Say how many threads compute."""
    count = torch.get_num_threads()
    return "one thread" if count == 1 else f"{count} threads"


def show_agreement(models: Sequence[LoadedModel], agreement: Agreement) -> None:
    """Say which networks share their first guess, and how unequal lists are compared."""
    lines = [
        f"- **{write_class(name)}** is the first guess of {len(titles)} of {len(models)}: "
        f"{', '.join(titles)}."
        for name, titles in agreement.groups
        if len(titles) > 1
    ]
    if not lines and len(models) > 1:
        lines.append(f"- No two of the {len(models)} networks have the same first guess.")
    first = {name for name, titles in agreement.groups if len(titles) > 1}
    others = [
        f"{write_class(name)} ({len(t)})" for name, t in agreement.shared if name not in first
    ]
    if others:
        lines.append(f"- Also among the first five of several networks: {', '.join(others)}.")
    st.markdown("\n".join(lines))
    counts = {len(model.spec.classes) for model in models}
    if len(counts) == 1:
        return
    lists = ", ".join(
        f"{model.spec.title} {format_count(len(model.spec.classes))}" for model in models
    )
    if not agreement.common:
        st.info(f"These networks know different classes ({lists}) and have none in common.")
        return
    among = ", ".join(
        f"{title} **{write_class(guess.identity)}** ({format_probability(guess.probability)})"
        for title, guess in agreement.among_common.items()
    )
    count = agreement.common
    shared = (
        "for the one class that every one of them knows"
        if count == 1
        else f"among the {count} classes that every one of them knows"
    )
    st.markdown(
        f"The lists are of different lengths: {lists}. A longer list is a harder question, so "
        f"here is the same one for all: {shared}, their choices are {among}."
    )


def show_all_pictures(
    models: Sequence[LoadedModel],
    pictures: Sequence[CheckedImage],
    strengths: Mapping[Corruption, float],
) -> None:
    """Show every network's first guess on every picture."""
    columns: dict[str, list[str]] = {"Picture": [picture.name for picture in pictures]}
    hard = [harden(shrink(picture), strengths) for picture in pictures]
    for model in models:
        firsts = [get_answer(model.spec.name, picture).guesses[0] for picture in hard]
        columns[model.spec.title] = [
            f"{write_class(guess.identity)}, {format_probability(guess.probability)}"
            for guess in firsts
        ]
    st.dataframe(columns, hide_index=True, key="pictures")


def show_curves(models: Sequence[LoadedModel], picture: CheckedImage) -> None:
    """Show how each network's first guess fades while the picture gets harder."""
    corruption = choose_corruption()
    place = st.container()
    curves = get_curves([model.spec.name for model in models], picture, corruption)
    if not curves:
        return
    with place:
        st.plotly_chart(
            draw_curves(curves, unit=f"{corruption}, {STRENGTHS[corruption].unit}"),
            key="curves",
            config={
                "displaylogo": False,
                "toImageButtonOptions": {"filename": "cnnviz-curves", "scale": 2},
            },
            alt=f"The probability of each network's first guess against {corruption.lower()}.",
        )
        st.markdown("\n".join(f"- {write_curve(curve)}" for curve in curves))


def show_table(
    models: Sequence[LoadedModel], answers: Sequence[Answer], agreement: Agreement
) -> None:
    """Show all numbers to sort, and offer them to take away."""
    rows = [
        _list_cells(model, answer, agreement) for model, answer in zip(models, answers, strict=True)
    ]
    number = st.column_config.NumberColumn
    st.dataframe(
        {name: [row[name] for row in rows] for name in rows[0]},
        hide_index=True,
        key="table",
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
    st.download_button(
        "Table as CSV",
        write_comparison_csv(rows),
        file_name="comparison.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="csv",
    )


def _list_cells(
    model: LoadedModel, answer: Answer, agreement: Agreement
) -> dict[str, str | int | float | None]:
    costs, first = get_costs(model.spec.name), answer.guesses[0]
    together = dict(agreement.groups)[first.identity]
    common = agreement.among_common.get(model.spec.title)
    return {
        "Network": model.spec.title,
        "Year": model.spec.year,
        "First guess": write_class(first.identity),
        "Probability %": 100 * first.probability,
        "Networks that agree": len(together),
        "Among the common classes": write_class(common.identity) if common else None,
        "Top five": ", ".join(write_class(guess.identity) for guess in answer.guesses),
        "Classes": len(model.spec.classes),
        "Parameters M": costs.parameters / 1e6,
        "Multiply-adds M": costs.multiply_adds / 1e6,
        "Activations KB": costs.memory_bytes / 1024,
        "Time ms": get_times().get(model.spec.name),
    }
