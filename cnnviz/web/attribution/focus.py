"""One map of the figure: its values step by step, what is wrong with it, and its sum."""

import numpy as np
import streamlit as st
from torch import Tensor

from cnnviz.attribution.diagnosis import (
    Finding,
    diagnose_input,
    diagnose_map,
    diagnose_target,
    trace_values,
)
from cnnviz.attribution.methods import Attribution, Method, find_obstacle
from cnnviz.attribution.preparation import InputRange, Mistake, list_mistakes
from cnnviz.attribution.worked import CamSum, explain_cam
from cnnviz.errors import CNNVizError
from cnnviz.figures.attribution import pack_map, tell_values, write_cam_formula
from cnnviz.figures.formulas import name_layer, write_number
from cnnviz.figures.maps import write_map_csv
from cnnviz.imaging import CheckedImage
from cnnviz.inference import LoadedModel, Prediction
from cnnviz.maps import find_peak
from cnnviz.web.attribution.controls import Asked, name_classes
from cnnviz.web.attribution.maps import (
    OF_LAYERS,
    count_work,
    find_map,
    get_guesses,
    get_map,
    get_range,
    get_wrong_input,
    is_light,
    name_map,
)
from cnnviz.web.attribution.overlay_component import Look, show_overlay, show_view
from cnnviz.web.attribution.text import METHOD_SENTENCES, MISTAKE_SENTENCES
from cnnviz.web.attribution.view import pack_panel, tell_share
from cnnviz.web.caches import get_facts, get_input
from cnnviz.web.chrome import show_error, show_finding
from cnnviz.web.maps_component import Tile, show_sheet
from cnnviz.web.url_values import check_choice

_ROWS = ("first", "second")
_TERMS = 6
# On a large network only these two are made of the mistake too, so that nobody waits for long.
_TELLING = (Method.GRAD_CAM, Method.GUIDED_BACKPROP)
_MOST_WORK = 3e8


def choose_focus(asked: Asked, names: tuple[str, ...]) -> tuple[Method, int]:
    """Show which map is looked into, and return its method and class."""
    problems = (
        check_choice("method", list(Method), aliases={}, noun="method"),
        check_choice("row", _ROWS, aliases={}, noun="row"),
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        method = st.selectbox(
            "Method (or click a map above)",
            list(Method),
            index=list(Method).index(Method.GRAD_CAM),
            key="method",
            bind="query-params",
            width=260,
        )
        row = st.segmented_control(
            "Class",
            _ROWS,
            default=_ROWS[0],
            required=True,
            format_func=lambda key: f"{key}: {names[asked.targets[_ROWS.index(key)]]}",
            key="row",
            bind="query-params",
        )
    for problem in filter(None, problems):
        st.warning(problem)
    return Method(method or Method.GRAD_CAM), asked.targets[_ROWS.index(row or _ROWS[0])]


def show_focus(
    model: LoadedModel,
    picture: CheckedImage,
    guesses: Prediction,
    asked: Asked,
    *,
    method: Method,
    target: int,
) -> None:
    """Show a map's values on their way to the screen, its troubles and its formula."""
    st.markdown(METHOD_SENTENCES[method])
    made = _find_focus(model, picture, asked, method=method, target=target)
    if made is None:
        return
    steps = trace_values(made.values)
    titles = ("As computed", "After the ReLU", "Divided by its largest")
    panels = [
        pack_map(
            values,
            name="",
            note=_tell_step(values),
            label=f"{title}: {_tell_step(values)}",
            signed=True,
            raw=True,
        )
        for title, values in zip(
            titles, (steps.raw, steps.rectified, steps.normalized), strict=True
        )
    ]
    view = model.spec.preprocessing.view(get_input(model.spec.name, picture))
    show_overlay(
        [panels],
        views=[view],
        columns=titles,
        look=Look(signed=True, raw=True),
        label=f"{method}, step by step",
        key="steps",
    )
    _show_findings(
        (
            *_diagnose(model, made),
            *diagnose_target(guesses, target=target, classes=name_classes(model)),
        )
    )
    st.download_button(
        "This map’s values as CSV",
        write_map_csv(made.values.numpy()),
        file_name=f"{model.spec.name}-{method.lower().replace(' ', '-')}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
    if method in (Method.GRAD_CAM, Method.GUIDED_GRAD_CAM) and made.layer:
        _show_sum(model, picture, target=target, layer=made.layer)


def _find_focus(
    model: LoadedModel, picture: CheckedImage, asked: Asked, *, method: Method, target: int
) -> Attribution | None:
    obstacle = find_obstacle(model, method)
    key = name_map(model.spec.name, picture, method=method, target=target, layer=asked.layer)
    if obstacle:
        st.info(obstacle)
    elif find_map(key) is None and not is_light(model.spec.name, method):
        st.info(f"{method} takes a while here: choose it in the figure and start it there.")
    else:
        try:
            return get_map(key, picture)
        except CNNVizError as error:
            show_error(error)
    return None


def _tell_step(values: Tensor) -> str:
    zeros = int((values == 0).sum())
    more = f" · {zeros:,} of {values.numel():,} are 0" if zeros else ""
    return f"{tell_values(values)}{more}"


def _diagnose(model: LoadedModel, made: Attribution) -> tuple[Finding, ...]:
    field = get_facts(model.spec.name)[made.layer].field if made.layer else None
    return diagnose_map(
        made.values,
        input_side=min(model.spec.preprocessing.shape[1:]),
        seen=None if field is None else max(field.size),
        of_layer=made.method in OF_LAYERS,
    )


def _show_findings(findings: tuple[Finding, ...]) -> None:
    if not findings:
        show_finding("Nothing is wrong with this map that its values would show.")
    for finding in findings:
        name = str(finding.trouble)
        show_finding(f"**{name[0].upper()}{name[1:]}.** {finding.sentence}")


def _show_sum(model: LoadedModel, picture: CheckedImage, *, target: int, layer: str) -> None:
    cam = get_sum(model, picture, target=target, layer=layer)
    title = name_layer(model.graph.find(layer))
    st.markdown(
        f"**The brightest cell worked out:** row {cam.row}, column {cam.column} of {title}. Each "
        f"of its {cam.count} maps has one weight α, the mean of the class’s gradient over the "
        f"map; below, the maps that add most to this cell."
    )
    st.latex(write_cam_formula(cam))
    maps = np.stack([term.maps.numpy() for term in cam.terms])
    show_sheet(
        maps,
        limits=np.abs(maps).max(axis=(1, 2)).astype(np.float64),
        tiles=[
            Tile(
                term.channel,
                f"map {term.channel}",
                f"α {write_number(term.weight)}",
                f"map {term.channel} of {title}",
                f"Map {term.channel} of {title}, α {write_number(term.weight)}",
            )
            for term in cam.terms
        ],
        scale=None,
        key="terms",
        side=128,
    )


def get_sum(model: LoadedModel, picture: CheckedImage, *, target: int, layer: str) -> CamSum:
    """Return the brightest cell of Grad-CAM worked out."""
    key = name_map(model.spec.name, picture, method=Method.GRAD_CAM, target=target, layer=layer)
    row, column = find_peak(get_map(key, picture).values.numpy())
    return explain_cam(
        model,
        get_input(model.spec.name, picture),
        target=target,
        layer=layer,
        row=row,
        column=column,
        terms=_TERMS,
    )


def show_mistakes(model: LoadedModel, picture: CheckedImage, asked: Asked) -> None:
    """Let the preprocessing go wrong on purpose, and show what it does to guesses and maps."""
    name = model.spec.name
    mistakes = list_mistakes(model.spec.preprocessing)
    problem = check_choice("mistake", mistakes, aliases={}, noun="mistake")
    mistake = st.segmented_control(
        "Mistake in the preprocessing",
        mistakes,
        default=Mistake.DECIMAL,
        required=True,
        key="mistake",
        bind="query-params",
    )
    if problem:
        st.warning(problem)
    mistake = Mistake(mistake or Mistake.NONE)
    values = get_range(name)
    st.markdown(_tell_mistake(mistake, values))
    methods = [
        method
        for method in asked.methods
        if is_light(name, method) and not find_obstacle(model, method)
    ]
    if count_work(name) > _MOST_WORK:
        methods = [method for method in methods if method in _TELLING]
    names = name_classes(model)
    panels, views = [], []
    for made in (Mistake.NONE, mistake):
        x = get_wrong_input(name, picture, made)
        guesses = get_guesses(name, picture, made)
        target = asked.targets[0]
        first = guesses.ranking[0]
        told = (
            f"reads {names[first]}, {tell_share(guesses, first)}; "
            f"{names[target]} {tell_share(guesses, target)}"
        )
        row = [show_view("as it should be" if made is Mistake.NONE else str(made), told)]
        for method in methods:
            key = name_map(
                name, picture, method=method, target=target, layer=asked.layer, mistake=made
            )
            row.append(pack_panel(model, picture, key, look=asked.look))
        panels.append(row)
        views.append(model.spec.preprocessing.view(x))
    show_overlay(
        panels,
        views=views,
        columns=["What the network sees", *methods],
        look=asked.look,
        label=f"Maps of {names[asked.targets[0]]}, right and with the mistake: {mistake}",
        key="mistakes",
    )
    x, expected = get_wrong_input(name, picture, mistake), get_input(name, picture)
    for finding in diagnose_input(x, expected, values):
        text = str(finding.trouble)
        show_finding(f"**{text[0].upper()}{text[1:]}.** {finding.sentence}")


def _tell_mistake(mistake: Mistake, values: InputRange) -> str:
    mean = float(values.mean.flatten()[-1])
    return MISTAKE_SENTENCES[mistake].format(wrong=round(1000 * mean), mean=f"{mean:.3f}")
