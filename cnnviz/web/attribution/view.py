"""The attribution page's figure: the maps of two classes by several methods on one picture."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import streamlit as st

from cnnviz.attribution.methods import Method, find_obstacle
from cnnviz.errors import AttributionError, CNNVizError, NetworkError
from cnnviz.figures.attribution import describe_values, pack_map
from cnnviz.figures.format import format_probability
from cnnviz.imaging import CheckedImage
from cnnviz.inference import LoadedModel, Prediction
from cnnviz.jobs import Job
from cnnviz.web.attribution.checks import CHECKS
from cnnviz.web.attribution.controls import Asked, name_classes
from cnnviz.web.attribution.maps import MapKey, find_map, get_map, name_map
from cnnviz.web.caches import get_input
from cnnviz.web.components.overlay.overlay import (
    Look,
    read_place,
    show_overlay,
    show_view,
    tell_note,
)
from cnnviz.web.job_panel import follow_job, start_visitor_job

FIGURE = "figure"
_JOB, _ASKED_FOR, _PICKED = "maps_job", "maps_asked_for", "map_picked"
_MISSING = "maps_missing"
_SECONDS = 280.0
_EVERY_SECONDS = 1.0
# In colour, as the Grad-CAM paper prints them.
_IN_COLOR = (Method.GUIDED_BACKPROP, Method.GUIDED_GRAD_CAM, Method.DECONVNET)


def tell_share(guesses: Prediction, target: int) -> str:
    """Write the probability of a class."""
    return format_probability(float(guesses.probabilities[target]))


def tell_guesses(guesses: Prediction, names: tuple[str, ...], *, count: int = 5) -> str:
    """Write the likeliest classes in one line."""
    top = guesses.ranking[:count]
    told = " · ".join(f"{names[index]} {tell_share(guesses, index)}" for index in top)
    return f"**It guesses** {told}"


def list_keys(model: LoadedModel, picture: CheckedImage, asked: Asked) -> list[MapKey]:
    """List the figure's maps, row by row."""
    return [
        name_map(model.spec.name, picture, method=method, target=target, layer=asked.layer)
        for target in asked.targets
        for method in asked.methods
        if not find_obstacle(model, method)
    ]


def list_coming() -> frozenset[MapKey]:
    """Return the maps that this visitor's job makes, none where it is over."""
    return st.session_state.get(_ASKED_FOR, frozenset()) if _is_active(_JOB) else frozenset()


def show_figure(
    model: LoadedModel,
    picture: CheckedImage,
    guesses: Prediction,
    asked: Asked,
    missing: Sequence[MapKey],
) -> None:
    """Show the figure; what is missing is put in the line and comes in live."""
    _make_missing(picture, missing)
    draw = partial(_draw_figure, model, picture, guesses, asked)
    if _is_active(_JOB):
        st.fragment(draw, run_every=_EVERY_SECONDS)()
    else:
        draw()


def _is_active(key: str) -> bool:
    job: Job[object] | None = st.session_state.get(key)
    return job is not None and job.is_active


def _make_missing(picture: CheckedImage, missing: Sequence[MapKey]) -> None:
    """Have the maps made that take long; not in place of a check that the visitor started."""
    st.session_state[_MISSING] = frozenset(missing)
    if not missing:
        if _is_active(_JOB):
            follow_job(_JOB)
        return

    def start() -> None:
        st.session_state[_ASKED_FOR] = frozenset(missing)
        start_visitor_job(make_work(picture, missing), key=_JOB, title="Maps", seconds=_SECONDS)

    was_asked = set(missing) <= st.session_state.get(_ASKED_FOR, frozenset())
    is_busy = any(_is_active(key) for key in CHECKS)
    if not was_asked and not is_busy:
        start()
    follow_job(_JOB)
    if not _is_active(_JOB):
        methods = " and ".join(dict.fromkeys(str(key.method) for key in missing))
        st.button(
            f"Compute {methods}", icon=":material/play_arrow:", key="compute_maps", on_click=start
        )


def _draw_figure(
    model: LoadedModel, picture: CheckedImage, guesses: Prediction, asked: Asked
) -> None:
    if st.session_state.pop(_PICKED, False):
        st.rerun()  # of the whole page: a click chooses what is looked into below
    panels = _fill_panels(model, picture, guesses, asked)
    names = name_classes(model)
    method, row = st.session_state.get("method"), st.session_state.get("row")
    at = asked.methods.index(method) if method in asked.methods else None
    view = model.spec.preprocessing.view(get_input(model.spec.name, picture))
    classes = " and ".join(names[target] for target in asked.targets)
    show_overlay(
        panels,
        views=[view, view],
        columns=["What the network sees", *asked.methods],
        look=asked.look,
        label=f"Maps of {classes} by {', '.join(asked.methods)}",
        key=FIGURE,
        file=f"{model.spec.name}-attribution.png",
        chosen=None if at is None else (1 if row == "second" else 0, at + 1),
        on_pick=lambda: _take_place(asked),
    )


def _take_place(asked: Asked) -> None:
    place = read_place(FIGURE, rows=2, columns=len(asked.methods) + 1)
    if place is not None and place[1] > 0:
        st.session_state["method"] = asked.methods[place[1] - 1]
        st.session_state["row"] = ("first", "second")[place[0]]
        st.session_state[_PICKED] = _is_active(_JOB)  # then only the figure runs again


def _fill_panels(
    model: LoadedModel, picture: CheckedImage, guesses: Prediction, asked: Asked
) -> list[list[dict[str, Any]]]:
    names = name_classes(model)
    panels: list[list[dict[str, Any]]] = []
    for target in asked.targets:
        row = [show_view(names[target], tell_share(guesses, target))]
        for method in asked.methods:
            key = name_map(
                model.spec.name, picture, method=method, target=target, layer=asked.layer
            )
            obstacle = find_obstacle(model, method)
            row.append(
                tell_note(obstacle)
                if obstacle
                else pack_panel(model, picture, key, look=asked.look)
            )
        panels.append(row)
    return panels


def pack_panel(
    model: LoadedModel, picture: CheckedImage, key: MapKey, *, look: Look
) -> dict[str, Any]:
    """Make a map's panel; of one that cannot be made, or is not made yet, a sentence."""
    missing = st.session_state.get(_MISSING, ())
    made = find_map(key)
    if made is None and key in missing:
        return tell_note("Not made yet: it takes a while, and appears here as soon as it is made.")
    try:
        made = made or get_map(key, picture)
    except CNNVizError as error:
        return tell_note(str(error))
    in_color = key.method in _IN_COLOR and made.pixels is not None and made.pixels.shape[0] == 3
    return pack_map(
        made.values,
        name="",
        note=describe_values(made.values),
        label=f"{key.method} of {name_classes(model)[key.target]}, {describe_values(made.values)}",
        pixels=made.pixels if in_color else None,
        signed=look.signed,
    )


def make_work(picture: CheckedImage, keys: Sequence[MapKey]) -> Callable[[Job[int]], int]:
    """Make the work that computes maps one by one; they are then found by `find_map`."""

    def work(job: Job[int]) -> int:
        for done, key in enumerate(keys):

            def tell(share: float, done: int = done, key: MapKey = key) -> None:
                job.report((done + share) / len(keys), str(key.method))

            tell(0.0)
            with suppress(AttributionError, NetworkError):  # its panel tells why
                get_map(key, picture, report=tell)
        return len(keys)

    return work
