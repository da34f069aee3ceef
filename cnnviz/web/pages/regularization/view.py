"""Which figure a part of the page shows, and the answers to its questions."""

from collections.abc import Callable, Sequence

import streamlit as st

from cnnviz.labs.overfitting import EVERY, MOMENTUM, RATE, STEPS
from cnnviz.web.pages.regularization.augmentation_view import (
    show_augmentation,
    show_race,
    show_seeds,
)
from cnnviz.web.pages.regularization.controls import Page, Part
from cnnviz.web.pages.regularization.dropout_view import show_co_adaptation, show_dropout
from cnnviz.web.pages.regularization.training_views import (
    show_search,
    show_sizes,
    show_stopping,
)

_PARTS: dict[Part, tuple[Callable[[Page], None], Sequence[str]]] = {
    Part.DROPOUT: (show_dropout, ("drop", "scaling", "step", "digit")),
    Part.STOPPING: (show_stopping, ("decay", "patience", "count", "wrong")),
    Part.SIZE: (show_sizes, ("method",)),
    Part.AUGMENTATION: (show_augmentation, ("strength", "seed", "transform", "partner")),
    Part.SEARCH: (show_search, ("trials", "search_seed")),
}


def show_part(page: Page) -> None:
    """Show the chosen part: its controls beside its figure."""
    show, names = _PARTS[page.values.part]
    figure, beside = st.columns([4, 1], gap="medium")
    with beside:
        page.draw(*names)
        st.caption(page.text(str(page.values.part)))
    with figure:
        page.draw("part", label_visibility="collapsed")
        show(page)


def show_more(page: Page) -> None:
    """Show what belongs to the chosen part below the stage."""
    if page.values.part is Part.DROPOUT:
        show_co_adaptation(page)
    elif page.values.part is Part.AUGMENTATION:
        show_seeds(page)
        show_race(page)


def find_answers(page: Page) -> dict[str, float]:
    """Return the answers to the lesson's questions."""
    values, drop = page.values, float(page.values.drop)
    shrink = 1 - RATE * float(values.decay) / (1 - MOMENTUM)
    return {
        "factor": 1 / (1 - drop),
        "shrink": shrink**STEPS,
        "looks": float(values.patience * EVERY),
        "networks": 2.0**10,
        "grid": float(int(values.trials) ** 0.5),
    }
