"""L2 and early stopping, training-set sizes, and the search of hyperparameters."""

from functools import partial

import streamlit as st

from cnnviz.figures import regularization as figures
from cnnviz.figures.format import format_latex, format_number, format_percent, format_setting
from cnnviz.labs.hyperparameter_search import Found, race_strategies
from cnnviz.labs.overfitting import (
    RATE,
    Course,
    SizeCourse,
    follow_decay,
    measure_sizes,
    stop_early,
)
from cnnviz.web.charts import show_chart, show_table
from cnnviz.web.jobs import show_heavy
from cnnviz.web.pages.regularization.controls import Page


def show_stopping(page: Page) -> None:
    """Show losses and weights with and without L2, and where early stopping ends both."""
    values = page.values
    decay, count, wrong = float(values.decay), int(values.count), float(values.wrong)

    def draw(found: tuple[Course, ...]) -> None:
        courses = dict(zip(("λ = 0", f"λ = {values.decay}"), found, strict=True))
        stops = {
            name: stop_early(one.validation, patience=values.patience)
            for name, one in courses.items()
        }
        ends = "; ".join(
            f"{name}: smallest validation loss after {courses[name].steps[stop.best]} steps, "
            f"stop after {courses[name].steps[stop.end]}"
            for name, stop in stops.items()
        )
        losses, weights = st.columns([3, 2], gap="medium")
        with losses:
            chart = figures.draw_courses(courses, stops)
            show_chart(chart, key="regularization.losses", alt=f"{ends}.")
        with weights:
            chart = figures.draw_weights(courses)
            alt = "How the weights of both networks are distributed."
            show_chart(chart, key="regularization.weights", alt=alt)
        show_table(
            [
                {
                    "Network": name,
                    "Weights kept from step": str(one.steps[stops[name].best]),
                    "Stopped at step": str(one.steps[stops[name].end]),
                    "Test accuracy, kept": format_percent(one.accuracies[stops[name].best]),
                    "Test accuracy, last step": format_percent(one.accuracies[-1]),
                    "Weight norm": format_number(one.norms[-1]),
                }
                for name, one in courses.items()
            ],
            key="regularization.stops",
        )

    show_heavy(
        "Two networks that overfit",
        decay,
        count,
        wrong,
        run=partial(follow_decay, (0.0, decay), count=count, wrong=wrong),
        draw=draw,
        slot="regularization.stopping",
    )
    st.latex(_write_decay(decay))


def _write_decay(decay: float) -> str:
    rate, lam = (format_latex(format_setting(one)) for one in (RATE, decay))
    shrink = format_latex(format_setting(1 - RATE * decay))
    return (
        r"\begin{aligned} w &\leftarrow w - \eta\,(g + \lambda w) \\ "
        rf"&= (1 - {rate} \cdot {lam})\,w - {rate}\,g \\ "
        rf"&= {shrink}\,w - {rate}\,g \end{{aligned}}"
    )


def show_sizes(page: Page) -> None:
    """Show the gap of training and held-out digits for more and more of them."""
    method = page.values.method

    def draw(found: tuple[SizeCourse, ...]) -> None:
        sizes, gaps = st.columns(2, gap="medium")
        told = "; ".join(
            f"{one.size} digits: {format_percent(one.train_accuracy)} and "
            f"{format_percent(one.test_accuracy)}"
            for one in found
        )
        with sizes:
            alt = f"Training and held-out accuracy. {told}."
            show_chart(figures.draw_sizes(found), key="regularization.sizes", alt=alt)
        with gaps:
            alt = "Held-out minus training loss by step, for each number of digits."
            show_chart(figures.draw_gaps(found), key="regularization.gaps", alt=alt)
        first, last = found[0], found[-1]
        st.markdown(
            page.text(
                "gap",
                few=first.size,
                few_gap=_write_points(first),
                many=last.size,
                many_gap=_write_points(last),
            )
        )

    show_heavy(
        "Training-set sizes",
        method,
        run=measure_sizes(method),
        draw=draw,
        slot="regularization.sizes",
    )


def _write_points(course: SizeCourse) -> str:
    return format_number(100 * (course.train_accuracy - course.test_accuracy))


def show_search(page: Page) -> None:
    """Show the trials of four strategies, and how fast each of them gets better."""
    trials, seed = int(page.values.trials), page.values.search_seed

    def draw(found: Found) -> None:
        best = {name: max(one.accuracy for one in done) for name, done in found.items()}
        told = ", ".join(
            f"{figures.STRATEGIES[name]} {format_percent(one)}" for name, one in best.items()
        )
        alt = f"Trials of each strategy over learning rate and weight decay. Best: {told}."
        show_chart(figures.draw_trials(found), key="regularization.searched", alt=alt)
        alt = f"Best accuracy against the number of trials. In the end: {told}."
        show_chart(figures.draw_best(found, trials=trials), key="regularization.best", alt=alt)
        st.markdown(page.text("best", told=told, count=len(next(iter(found.values())))))

    show_heavy(
        "Hyperparameter search",
        trials,
        seed,
        run=partial(race_strategies, trials=trials, seed=seed),
        draw=draw,
        slot="regularization.search",
        seconds=300.0,
    )
