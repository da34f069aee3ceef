"""x + a·w, live: on the linear classifier, and on LeNet-5 with its gradient for w."""

from dataclasses import dataclass

import streamlit as st

from cnnviz.attacks.pixel_space import score_pixels, see_image
from cnnviz.figures.attack import list_top
from cnnviz.figures.format import format_count, format_latex, format_number
from cnnviz.figures.linear import draw_scores, find_turn, is_fooled, pack_perturbation
from cnnviz.gallery import load_image
from cnnviz.imaging import Pixels, to_png
from cnnviz.inference import load_model, rank_logits
from cnnviz.linear.perturb import Perturbation, draw_values, perturb_image, perturb_row
from cnnviz.web.components.attack.attack import show_sweep
from cnnviz.web.controls.strength import find_position
from cnnviz.web.files import offer_file
from cnnviz.web.pages.linear.controls import NETWORK, SECOND, LinearControls
from cnnviz.web.pages.linear.training import Trained
from cnnviz.web.state import PageState

FIGURE = "linear.figure"
_STRAIGHT = 0.2  # of the gain: what may be missing where a score still counts as linear


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """An image that is moved towards a class.

    Attributes:
        perturbation: The image with growing amounts of the direction.
        seen: The image, uint8.
        classes: Class names.
        note: What stands below the image.
    """

    perturbation: Perturbation
    seen: Pixels
    classes: tuple[str, ...]
    note: str


def perturb(values: LinearControls, trained: Trained | None) -> Case:
    """Move the chosen image; towards the template of a trained classifier, or along a gradient.

    Args:
        values: What is chosen.
        trained: Data and classifier; None for LeNet-5.

    Raises:
        AttackError: No pixel moves the score of the class.
    """
    if trained is None:
        model = load_model(NETWORK)
        seen = see_image(model, load_image(f"digit-{values.item}", strokes=[]).pixels)
        classes, ranking = model.spec.classes, rank_logits(score_pixels(model, seen)).ranking
        target = _find_target(values.goal, classes, ranking)
        return Case(perturb_image(model, seen, target=target), seen, classes, "input of LeNet-5")
    data, classifier = trained
    place = min(values.item, len(data.test) - 1)
    row, label = data.test[place], data.classes[int(data.test_labels[place])]
    ranking = rank_logits(classifier.score(row[None])[0]).ranking
    target = _find_target(values.goal, data.classes, ranking)
    return Case(
        perturb_row(classifier, row, target=target),
        draw_values(row, shape=data.shape),
        data.classes,
        f"{label}, {data.shape[1]}×{data.shape[0]}",
    )


def _find_target(goal: str, classes: tuple[str, ...], ranking: tuple[int, ...]) -> int:
    return ranking[1] if goal == SECOND or goal not in classes else classes.index(goal)


def choose(amount: float | None, perturbation: Perturbation) -> int:
    """Return the place whose amount is nearest to the chosen one."""
    return find_position(
        amount,
        strengths=[one.amount for one in perturbation.images],
        fools=[is_fooled(one, perturbation) for one in perturbation.images],
    )


def show_perturbation(page: PageState[LinearControls], case: Case) -> int:
    """Show image, change and result; return the chosen place."""
    images = case.perturbation.images
    chosen = choose(page.values.amount, case.perturbation)
    show_sweep(
        case.seen,
        pack_perturbation(case.perturbation, shape=case.seen.shape, classes=case.classes),
        top=list_top(images[0].prediction, case.classes),
        titles=("x", "a·w", "x + a·w"),
        notes=(case.note, "8 bits, saved as PNG"),
        slider="a, how much of w is added",
        start=find_turn(case.perturbation),
        key=FIGURE,
        on_move=lambda place: page.keep(amount=images[place].amount),
    )
    page.marks[FIGURE] = chosen
    return chosen


def step_amount(page: PageState[LinearControls], case: Case, by: int) -> None:
    """Go to the next amount, or to the one before."""
    images = case.perturbation.images
    place = choose(page.values.amount, case.perturbation) + by
    page.keep(amount=images[max(0, min(place, len(images) - 1))].amount)


def show_sum(case: Case, chosen: int) -> None:
    """Write the score of x + a·w as a formula, with this image's own numbers."""
    push, one = case.perturbation, case.perturbation.images[chosen]
    start, amount, square, total = (
        format_latex(format_number(value))
        for value in (push.score, one.amount, push.square, one.predicted)
    )
    st.latex(
        r"\begin{aligned}s(x + a w) &= s(x) + a\,\lVert w\rVert^2\\"
        rf"&= {start} + {amount} \cdot {square}\\&= {total}\end{{aligned}}"
    )
    mean, count = float(one.change.abs().mean()), format_count(push.direction.numel())
    is_straight = abs(one.score - one.predicted) <= _STRAIGHT * one.amount * push.square
    st.markdown(
        f"s is the score of {case.classes[push.target]}. Measured: "
        f"**{format_number(one.score)}**. "
        + (
            f"Each of the {count} values changes by {format_number(mean)} on average (0 is black, "
            "1 is white). All these small changes add up."
            if is_straight
            else "LeNet-5 is linear near the image only. Further away other ReLUs are active, and "
            "the gradient has changed."
        )
    )


def show_scores(case: Case, chosen: int) -> None:
    """Draw the target's score against a, beside the straight line."""
    name = case.classes[case.perturbation.target]
    st.subheader("Score and a", anchor=False)
    st.plotly_chart(
        draw_scores(case.perturbation, chosen=chosen, name=name),
        key="linear.scores",
        config={"displayModeBar": False},
        alt=f"The score of {name} against a, and the straight line",
    )
    one = case.perturbation.images[chosen]
    offer_file(
        "x + a·w as PNG",
        lambda: to_png(draw_values(one.values, shape=case.seen.shape)),
        f"linear-{format_number(one.amount)}.png",
    )


def write_words(case: Case, chosen: int) -> dict[str, object]:
    """Return what the lesson's names stand for."""
    push = case.perturbation
    return {
        "target": case.classes[push.target],
        "square": format_number(push.square),
        "amount": format_number(push.images[chosen].amount),
        "turn": format_number(push.images[find_turn(push)].amount),
        "mean": format_number(255 * float(push.images[chosen].change.abs().mean())),
    }


def find_answers(case: Case) -> dict[str, float]:
    """Return the answers to the lesson's questions."""
    return {
        "values": float(case.perturbation.direction.numel()),
        "one": 1 / case.perturbation.square,
    }
