"""The attribution page's figure: the maps of two classes by several methods on one picture."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from cnnviz.attribution.methods import Method, find_obstacle
from cnnviz.errors import CNNVizError
from cnnviz.figures.attribution import pack_map, tell_values
from cnnviz.imaging import CheckedImage
from cnnviz.inference import LoadedModel, Prediction
from cnnviz.jobs import Job
from cnnviz.web.attribution.controls import Asked, name_classes
from cnnviz.web.attribution.maps import MapKey, find_map, get_map, is_light, name_map
from cnnviz.web.attribution.overlay_component import (
    Look,
    read_place,
    show_overlay,
    show_view,
    tell_note,
)
from cnnviz.web.caches import get_input
from cnnviz.web.job_panel import follow_job, start_visitor_job

FIGURE = "figure"
_JOB = "maps_job"
# In colour, as the Grad-CAM paper prints them.
_IN_COLOR = (Method.GUIDED_BACKPROP, Method.GUIDED_GRAD_CAM, Method.DECONVNET)


def tell_share(guesses: Prediction, target: int) -> str:
    """Write the probability of a class."""
    share = float(guesses.probabilities[target])
    if share > 0.999:
        return "over 99.9 %"
    return f"{100 * share:.1f} %" if share >= 0.0005 else "under 0.1 %"


def tell_guesses(guesses: Prediction, names: tuple[str, ...], *, count: int = 5) -> str:
    """Write the likeliest classes in one line."""
    top = guesses.ranking[:count]
    told = " · ".join(f"{names[index]} {tell_share(guesses, index)}" for index in top)
    return f"**It guesses** {told}"


def show_figure(
    model: LoadedModel, picture: CheckedImage, guesses: Prediction, asked: Asked
) -> None:
    """Show the figure, and the way to the maps that take long."""
    with st.spinner("Computing the maps …", show_time=True):
        panels, missing = _fill_panels(model, picture, guesses, asked)
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
    _offer_missing(picture, missing)


def _take_place(asked: Asked) -> None:
    place = read_place(FIGURE, rows=2, columns=len(asked.methods) + 1)
    if place is not None and place[1] > 0:
        st.session_state["method"] = asked.methods[place[1] - 1]
        st.session_state["row"] = ("first", "second")[place[0]]


def _fill_panels(
    model: LoadedModel, picture: CheckedImage, guesses: Prediction, asked: Asked
) -> tuple[list[list[dict[str, Any]]], list[MapKey]]:
    names = name_classes(model)
    panels: list[list[dict[str, Any]]] = []
    missing: list[MapKey] = []
    for target in asked.targets:
        row = [show_view(names[target], tell_share(guesses, target))]
        for method in asked.methods:
            key = name_map(
                model.spec.name, picture, method=method, target=target, layer=asked.layer
            )
            obstacle = find_obstacle(model, method)
            if obstacle:
                row.append(tell_note(obstacle))
            elif find_map(key) is None and not is_light(model.spec.name, method):
                missing.append(key)
                row.append(tell_note("Takes a while: ask for it below."))
            else:
                row.append(pack_panel(model, picture, key, look=asked.look))
        panels.append(row)
    return panels, missing


def pack_panel(
    model: LoadedModel, picture: CheckedImage, key: MapKey, *, look: Look
) -> dict[str, Any]:
    """Make a map's panel; of one that cannot be made, its sentence."""
    try:
        made = get_map(key, picture)
    except CNNVizError as error:
        return tell_note(str(error))
    in_color = key.method in _IN_COLOR and made.pixels is not None and made.pixels.shape[0] == 3
    return pack_map(
        made.values,
        name="",
        note=tell_values(made.values),
        label=f"{key.method} of {name_classes(model)[key.target]}, {tell_values(made.values)}",
        pixels=made.pixels if in_color else None,
        signed=look.signed,
    )


def _offer_missing(picture: CheckedImage, missing: Sequence[MapKey]) -> None:
    """Offer to put maps that take long into the server's line."""
    if missing:
        methods = list(dict.fromkeys(str(key.method) for key in missing))
        passes = "many passes through the network"
        st.button(
            f"Compute {' and '.join(methods)} ({passes})",
            icon=":material/play_arrow:",
            key="compute_maps",
            on_click=lambda: start_visitor_job(
                make_work(picture, missing), key=_JOB, title="Maps", seconds=240
            ),
        )
    follow_job(_JOB)


def make_work(picture: CheckedImage, keys: Sequence[MapKey]) -> Callable[[Job[int]], int]:
    """Make the work that computes maps one by one; they are then found by `find_map`."""

    def work(job: Job[int]) -> int:
        for done, key in enumerate(keys):

            def tell(share: float, done: int = done, key: MapKey = key) -> None:
                job.report((done + share) / len(keys), str(key.method))

            get_map(key, picture, report=tell)
        return len(keys)

    return work
