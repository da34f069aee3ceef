"""x + a·w, live: on the linear classifier, and on LeNet-5 with its gradient for w."""

import streamlit as st

from cnnviz.adversarial.linear.case import Case
from cnnviz.adversarial.linear.perturb import draw_values
from cnnviz.figures import linear as figures
from cnnviz.figures.attack import find_position, list_top
from cnnviz.figures.format import format_count, format_number
from cnnviz.images.image import to_png
from cnnviz.web.charts import show_chart
from cnnviz.web.components.attack.attack import show_sweep
from cnnviz.web.files import offer_file
from cnnviz.web.pages.linear.controls import Page

_FIGURE = "linear.figure"


def choose(page: Page, case: Case) -> int:
    """Return the place whose amount is nearest to the chosen one."""
    images = case.perturbation.images
    return find_position(
        page.values.amount,
        strengths=[one.amount for one in images],
        fools=[figures.is_fooled(one, case.perturbation) for one in images],
    )


def show_perturbation(page: Page, case: Case) -> int:
    """Show image, change and result with the score's formula; return the chosen place."""
    push, images = case.perturbation, case.perturbation.images
    page.marks[_FIGURE] = chosen = choose(page, case)
    show_sweep(
        case.seen,
        figures.pack_perturbation(push, shape=case.seen.shape, classes=case.classes),
        top=list_top(images[0].prediction, case.classes),
        titles=("x", "a·w", "x + a·w"),
        notes=(case.note, "8 bits, saved as PNG"),
        slider="a, how much of w is added",
        start=figures.find_turn(push),
        key=_FIGURE,
        on_move=lambda place: page.keep(amount=images[place].amount),
    )
    one = images[chosen]
    st.latex(figures.write_sum(push, one))
    st.markdown(
        page.text("measured", target=case.target, score=format_number(one.score))
        + " "
        + page.text(
            "straight" if figures.is_straight(push, one) else "bent",
            count=format_count(push.direction.numel()),
            mean=format_number(float(one.change.abs().mean())),
        )
    )
    return chosen


def step_amount(page: Page, case: Case, by: int) -> None:
    """Go to the next amount, or to the one before."""
    images = case.perturbation.images
    place = choose(page, case) + by
    page.keep(amount=images[max(0, min(place, len(images) - 1))].amount)


def show_scores(page: Page, case: Case, chosen: int) -> None:
    """Draw the target's score against a, beside the straight line."""
    st.subheader("Score and a", anchor=False)
    figure = figures.draw_scores(case.perturbation, chosen=chosen, name=case.target)
    show_chart(figure, key="linear.scores", alt=page.text("scores", target=case.target))
    one = case.perturbation.images[chosen]
    offer_file(
        "x + a·w as PNG",
        lambda: to_png(draw_values(one.values, shape=case.seen.shape)),
        f"linear-{format_number(one.amount)}.png",
    )
