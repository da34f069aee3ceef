"""One map of the figure step by step, and what a mistake in the preprocessing does to maps."""

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
from cnnviz.attribution.preparation import Mistake
from cnnviz.attribution.worked import CamSum
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
from cnnviz.web.caches import get_facts, get_input
from cnnviz.web.chrome import show_finding
from cnnviz.web.components.maps.maps import Tile, show_sheet
from cnnviz.web.components.overlay.overlay import Look, show_overlay, show_view
from cnnviz.web.controls.inside import title_classes
from cnnviz.web.files import offer_file
from cnnviz.web.jobs import show_result
from cnnviz.web.page import link_to
from cnnviz.web.pages.attribution.controls import ENOUGH, STEPS, Row, find_look, find_methods
from cnnviz.web.pages.attribution.figure_view import (
    Page,
    draw_chart,
    find_targets,
    name_key,
    pack_panel,
    show_with_maps,
    write_share,
)
from cnnviz.web.pages.attribution.maps import (
    OF_LAYERS,
    MapKey,
    Maps,
    ask_for_sum,
    count_work,
    find_completeness,
    fits_checks,
    get_guesses,
    get_range,
    get_sum,
    get_wrong_input,
    is_quick,
    make_quick,
)
from cnnviz.web.pages.attribution.text import METHOD_SENTENCES, MISTAKE_SENTENCES

_FEW_STEPS = 3  # of these are made unasked, where there is time, so that the fall is seen
# On a large network only these two are made of the mistake too, so that nobody waits for long.
_TELLING = (Method.GRAD_CAM, Method.GUIDED_BACKPROP)
_MAX_WORK = 3e8


def show_steps(page: Page) -> None:
    """Show a map's values on their way to the screen, its troubles and its formula."""
    values = page.values
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        page.draw("method", width=240)
        page.draw("row")
        if values.method is Method.INTEGRATED_GRADIENTS:
            page.draw("steps", width=300)
    st.markdown(METHOD_SENTENCES[values.method])
    obstacle = find_obstacle(page.at.bench.model, values.method)
    if obstacle:
        st.info(obstacle)
        return
    key = find_key(page)
    show_with_maps(page, [key], lambda made: _show_map(page, key, made), slot="attribution.steps")


def find_key(page: Page) -> MapKey:
    """Name the map that is looked into."""
    values = page.values
    target = find_targets(page)[list(Row).index(values.row)]
    key = name_key(page, method=values.method, target=target)
    if values.method is Method.INTEGRATED_GRADIENTS and values.steps != ENOUGH:
        return replace(key, steps=int(values.steps))
    return key


def _show_map(page: Page, key: MapKey, maps: Maps) -> None:
    made = maps.get(key)
    if not isinstance(made, Attribution):
        if made:
            st.info(made)
        return
    bench = page.at.bench
    _show_values(page, made)
    classes = tuple(title_classes(bench.model.spec.classes))
    findings = diagnose_target(bench.prediction, target=key.target, classes=classes)
    _show_findings((*_diagnose(page, made), *findings))
    offer_file(
        "Map as CSV",
        lambda: write_map_csv(made.values.numpy()),
        f"{bench.network}-{key.method.lower().replace(' ', '-')}.csv",
    )
    if key.method in (Method.GRAD_CAM, Method.GUIDED_GRAD_CAM) and made.layer:
        _show_sum(page, target=key.target, layer=made.layer)
    if key.method is Method.INTEGRATED_GRADIENTS:
        _show_completeness(page, key, made)


def _show_values(page: Page, made: Attribution) -> None:
    steps = trace_values(made.values)
    titles = ("As computed", "After the ReLU", "Divided by its maximum")
    panels = [
        pack_map(
            values,
            name="",
            note=_describe_step(values),
            label=f"{title}: {_describe_step(values)}",
            signed=True,
            raw=True,
        )
        for title, values in zip(
            titles, (steps.raw, steps.rectified, steps.normalized), strict=True
        )
    ]
    bench = page.at.bench
    show_overlay(
        [panels],
        views=[bench.model.spec.preprocessing.view(get_input(bench.network, bench.image))],
        columns=titles,
        look=Look(signed=True, raw=True),
        label=f"{made.method}, step by step",
        key="attribution.values",
    )


def _describe_step(values: Tensor) -> str:
    zeros = int((values == 0).sum())
    more = f" · {format_count(zeros)} of {format_count(values.numel())} are 0" if zeros else ""
    return f"{describe_values(values)}{more}"


def _diagnose(page: Page, made: Attribution) -> tuple[Finding, ...]:
    bench = page.at.bench
    field = get_facts(bench.network)[made.layer].field if made.layer else None
    return diagnose_map(
        made.values,
        input_side=min(bench.model.spec.preprocessing.shape[1:]),
        seen=None if field is None else max(field.size),
        of_layer=made.method in OF_LAYERS,
    )


def _show_findings(findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        name = str(finding.trouble)
        show_finding(f"**{name[0].upper()}{name[1:]}.** {finding.sentence}")


def _show_completeness(page: Page, key: MapKey, made: Attribution) -> None:
    """Show the sum of integrated gradients beside what it should be, by the number of steps."""
    found = find_completeness(key)
    if found is None:
        return
    others = [replace(key, steps=each) for each in STEPS]
    make_quick(others[:_FEW_STEPS], page.at.bench.image)
    steps = made.options.steps
    st.markdown(
        f"**Completeness:** all pixels together must give the difference of the two logits. With "
        f"{steps} steps the error is {format_percent(found.gap)}."
    )
    st.latex(write_completeness_formula(found))
    gaps = {
        each: known.gap
        for each, other in zip(STEPS, others, strict=True)
        if (known := find_completeness(other)) is not None
    }
    draw_chart(draw_gaps(gaps, at=steps), key="gaps", alt="Error of the sum in percent, by steps")


def _show_sum(page: Page, *, target: int, layer: str) -> None:
    """Work out the brightest cell of Grad-CAM."""
    image = page.at.bench.image
    key = name_key(page, method=Method.GRAD_CAM, target=target)
    if is_quick(key):
        _draw_sum(page, layer, get_sum(key, image))
    else:
        show_result(
            ask_for_sum(key, image),
            draw=lambda cam: _draw_sum(page, layer, cam),
            slot="attribution.sum",
        )


def _draw_sum(page: Page, layer: str, cam: CamSum) -> None:
    bench = page.at.bench
    title = name_layer(bench.model.graph.find(layer))
    st.markdown(
        f"**The brightest cell:** row {cam.row}, column {cam.column} of {title}. Each of the "
        f"{cam.count} maps has one weight α, the mean of the class’s gradient over the map. Below "
        "are the maps that add most."
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
        key="attribution.terms",
        side=112,
    )
    channel = cam.terms[0].channel
    link_to(
        "activations",
        f"Map {channel} of {title}",
        icon=":material/arrow_outward:",
        layer=layer,
        channel=str(channel),
    )


def show_mistakes(page: Page) -> None:
    """Show what a mistake in the preprocessing does to predictions and maps."""
    page.draw("mistake", width=300)
    bench, mistake = page.at.bench, page.values.mistake
    mean = float(get_range(bench.network).mean.flatten()[-1])
    st.markdown(
        MISTAKE_SENTENCES[mistake].format(wrong=round(1000 * mean), mean=format_number(mean))
    )
    methods = _list_telling(page)
    keys = {
        made: [name_key(page, method=one, target=bench.target, mistake=made) for one in methods]
        for made in (Mistake.NONE, mistake)
    }
    show_with_maps(
        page,
        [key for row in keys.values() for key in row],
        lambda made: _show_both(page, methods, keys, made),
        slot="attribution.mistakes",
    )


def _list_telling(page: Page) -> list[Method]:
    """The methods that are shown of a mistake: those of the figure, of a large network two."""
    network, model = page.at.bench.network, page.at.bench.model
    large = count_work(network) > _MAX_WORK
    return [
        method
        for method in find_methods(page.values)
        if fits_checks(network, method)
        and not find_obstacle(model, method)
        and (method in _TELLING or not large)
    ]


def _show_both(
    page: Page, methods: list[Method], keys: dict[Mistake, list[MapKey]], maps: Maps
) -> None:
    bench, look = page.at.bench, find_look(page.values)
    panels, views = [], []
    for made, row in keys.items():
        prediction = get_guesses(bench.network, bench.image, made)
        first = prediction.ranking[0]
        note = (
            f"{bench.name_class(first)} {write_share(prediction, first)}; "
            f"{bench.name_class(bench.target)} {write_share(prediction, bench.target)}"
        )
        title = "correct" if made is Mistake.NONE else str(made)
        panels.append(
            [show_view(title, note), *(pack_panel(bench, key, maps, look) for key in row)]
        )
        x = get_wrong_input(bench.network, bench.image, made)
        views.append(bench.model.spec.preprocessing.view(x))
    show_overlay(
        panels,
        views=views,
        columns=["Input", *methods],
        look=look,
        label=f"Maps of {bench.name_class(bench.target)}, correct and with: {page.values.mistake}",
        key="attribution.mistakes",
    )
    expected = get_input(bench.network, bench.image)
    x = get_wrong_input(bench.network, bench.image, page.values.mistake)
    _show_findings(diagnose_input(x, expected, get_range(bench.network)))
