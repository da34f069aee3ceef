"""One map of the figure: its values step by step, what is wrong with it, and its sum."""

from collections.abc import Sequence
from dataclasses import replace

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
from cnnviz.figures.attribution import (
    describe_values,
    draw_gaps,
    pack_map,
    write_cam_formula,
    write_completeness_formula,
)
from cnnviz.figures.format import format_count, format_number, format_percent
from cnnviz.figures.formulas import name_layer
from cnnviz.figures.maps import write_map_csv
from cnnviz.imaging import CheckedImage
from cnnviz.inference import LoadedModel, Prediction
from cnnviz.maps import find_peak
from cnnviz.web.attribution.controls import Asked, name_classes
from cnnviz.web.attribution.maps import (
    OF_LAYERS,
    MapKey,
    count_work,
    find_completeness,
    find_map,
    fits_checks,
    get_guesses,
    get_map,
    get_range,
    get_wrong_input,
    name_map,
)
from cnnviz.web.attribution.text import METHOD_SENTENCES, MISTAKE_SENTENCES
from cnnviz.web.attribution.view import pack_panel, tell_share
from cnnviz.web.caches import get_facts, get_input
from cnnviz.web.chrome import show_error, show_finding
from cnnviz.web.components.maps.maps import Tile, show_sheet
from cnnviz.web.components.overlay.overlay import Look, show_overlay, show_view
from cnnviz.web.option_chooser import choose_segment
from cnnviz.web.url_values import check_choice

_ROWS = ("first", "second")
_ENOUGH = "to 1 %"
_STEPS = (6, 12, 25, 50, 100, 200, 400)
_FEW_STEPS = 3  # of these are made unasked, where there is time, so that the fall is seen
_TERMS = 6
# On a large network only these two are made of the mistake too, so that nobody waits for long.
_TELLING = (Method.GRAD_CAM, Method.GUIDED_BACKPROP)
_MOST_WORK = 3e8


def choose_focus(
    model: LoadedModel, picture: CheckedImage, asked: Asked
) -> tuple[MapKey, tuple[MapKey, ...]]:
    """Show which map is looked into.

    Returns:
        The map, and others that are shown with it where there is time to make them.
    """
    names = name_classes(model)
    # The address holds what is written on the control.
    rows = {row: f"{row}: {names[at]}" for row, at in zip(_ROWS, asked.targets, strict=True)}
    problems = [
        check_choice("method", list(Method), aliases={}, noun="method"),
        check_choice("row", list(rows.values()), aliases=rows, noun="row"),
    ]
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
            format_func=rows.__getitem__,
            key="row",
            bind="query-params",
        )
    key = name_map(
        model.spec.name,
        picture,
        method=Method(method or Method.GRAD_CAM),
        target=asked.targets[_ROWS.index(row or _ROWS[0])],
        layer=asked.layer,
    )
    more: tuple[MapKey, ...] = ()
    if key.method is Method.INTEGRATED_GRADIENTS:
        shown = [*map(str, _STEPS), _ENOUGH]
        problems.append(check_choice("steps", shown, aliases={}, noun="number of steps"))
        chosen = st.select_slider(
            "Steps on the path", shown, value=_ENOUGH, key="steps", bind="query-params"
        )
        more = tuple(replace(key, steps=steps) for steps in _STEPS[:_FEW_STEPS])
        key = replace(key, steps=None if chosen == _ENOUGH else int(chosen))
    for problem in filter(None, problems):
        st.warning(problem)
    return key, more


def list_focus(model: LoadedModel, key: MapKey) -> tuple[MapKey, ...]:
    """The map that is looked into, where its method applies."""
    return () if find_obstacle(model, key.method) else (key,)


def show_focus(
    model: LoadedModel,
    picture: CheckedImage,
    guesses: Prediction,
    key: MapKey,
    missing: Sequence[MapKey],
) -> None:
    """Show a map's values on their way to the screen, its troubles and its formula."""
    st.markdown(METHOD_SENTENCES[key.method])
    obstacle = find_obstacle(model, key.method)
    if obstacle:
        st.info(obstacle)
        return
    if find_map(key) is None and key in missing:
        st.info(f"{key.method} is not made yet: it takes a while, and comes with the figure’s.")
        return
    try:
        made = get_map(key, picture)
    except CNNVizError as error:
        show_error(error)
        return
    _show_steps(model, picture, made)
    _show_findings(
        (
            *_diagnose(model, made),
            *diagnose_target(guesses, target=key.target, classes=name_classes(model)),
        )
    )
    st.download_button(
        "This map’s values as CSV",
        write_map_csv(made.values.numpy()),
        file_name=f"{model.spec.name}-{key.method.lower().replace(' ', '-')}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
    if key.method in (Method.GRAD_CAM, Method.GUIDED_GRAD_CAM) and made.layer:
        _show_sum(model, picture, target=key.target, layer=made.layer)
    if key.method is Method.INTEGRATED_GRADIENTS:
        _show_completeness(key, made)


def _show_steps(model: LoadedModel, picture: CheckedImage, made: Attribution) -> None:
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
    show_overlay(
        [panels],
        views=[model.spec.preprocessing.view(get_input(model.spec.name, picture))],
        columns=titles,
        look=Look(signed=True, raw=True),
        label=f"{made.method}, step by step",
        key="steps_of_values",
    )


def _show_completeness(key: MapKey, made: Attribution) -> None:
    """Show the sum of integrated gradients beside what it should be, by the number of steps."""
    found = find_completeness(key)
    if found is None:
        return
    steps = made.options.steps
    st.markdown(
        f"**The sum, checked:** all pixels together must give what the picture adds to the black "
        f"one. With {steps} steps they miss it by {format_percent(found.gap)}."
    )
    st.latex(write_completeness_formula(found))
    gaps = {
        each: known.gap
        for each in _STEPS
        if (known := find_completeness(replace(key, steps=each))) is not None
    }
    st.plotly_chart(
        draw_gaps(gaps, at=steps),
        key="gaps",
        config={"displayModeBar": False},
        alt="What is missing from the sum of the map, in percent, by the number of steps",
    )
    st.caption(
        "Each number of steps that you choose adds its point. The gradient of a network of ReLUs "
        "jumps on the way, so the error falls unevenly, about as one by the steps."
    )


def _tell_step(values: Tensor) -> str:
    zeros = int((values == 0).sum())
    more = f" · {format_count(zeros)} of {format_count(values.numel())} are 0" if zeros else ""
    return f"{describe_values(values)}{more}"


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
                f"α {format_number(term.weight)}",
                f"map {term.channel} of {title}",
                f"Map {term.channel} of {title}, α {format_number(term.weight)}",
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


def choose_mistake(
    model: LoadedModel, picture: CheckedImage, asked: Asked
) -> tuple[Mistake, tuple[MapKey, ...]]:
    """Show what may go wrong with the preprocessing; return it, and the maps to be shown of it."""
    name = model.spec.name
    mistakes = list_mistakes(model.spec.preprocessing)
    mistake = choose_segment(
        "Mistake in the preprocessing",
        mistakes,
        key="mistake",
        noun="mistake",
        default=Mistake.DECIMAL,
    )
    return mistake, tuple(
        name_map(
            name, picture, method=method, target=asked.targets[0], layer=asked.layer, mistake=made
        )
        for made in (Mistake.NONE, mistake)
        for method in _list_telling(model, asked)
    )


def _list_telling(model: LoadedModel, asked: Asked) -> list[Method]:
    """The methods that are shown of a mistake: those of the figure, of a large network two."""
    methods = [
        method
        for method in asked.methods
        if fits_checks(model.spec.name, method) and not find_obstacle(model, method)
    ]
    if count_work(model.spec.name) > _MOST_WORK:
        methods = [method for method in methods if method in _TELLING]
    return methods


def show_mistakes(
    model: LoadedModel,
    picture: CheckedImage,
    asked: Asked,
    mistake: Mistake,
    keys: Sequence[MapKey],
) -> None:
    """Show what a mistake in the preprocessing does to guesses and maps."""
    name, names, target = model.spec.name, name_classes(model), asked.targets[0]
    values = get_range(name)
    st.markdown(_tell_mistake(mistake, values))
    methods = list(dict.fromkeys(key.method for key in keys))
    panels, views = [], []
    for at, made in enumerate((Mistake.NONE, mistake)):
        x = get_wrong_input(name, picture, made)
        guesses = get_guesses(name, picture, made)
        first = guesses.ranking[0]
        told = (
            f"reads {names[first]}, {tell_share(guesses, first)}; "
            f"{names[target]} {tell_share(guesses, target)}"
        )
        row = [show_view("as it should be" if made is Mistake.NONE else str(made), told)]
        its_keys = keys[at * len(methods) : (at + 1) * len(methods)]
        row += [pack_panel(model, picture, key, look=asked.look) for key in its_keys]
        panels.append(row)
        views.append(model.spec.preprocessing.view(x))
    show_overlay(
        panels,
        views=views,
        columns=["What the network sees", *methods],
        look=asked.look,
        label=f"Maps of {names[target]}, right and with the mistake: {mistake}",
        key="mistakes",
    )
    x, expected = get_wrong_input(name, picture, mistake), get_input(name, picture)
    for finding in diagnose_input(x, expected, values):
        text = str(finding.trouble)
        show_finding(f"**{text[0].upper()}{text[1:]}.** {finding.sentence}")


def _tell_mistake(mistake: Mistake, values: InputRange) -> str:
    mean = float(values.mean.flatten()[-1])
    return MISTAKE_SENTENCES[mistake].format(wrong=round(1000 * mean), mean=format_number(mean))
