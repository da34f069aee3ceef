"""The attribution page's figure: the maps of two classes by several methods on one image."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from cnnviz.attribution.methods import Method, find_obstacle
from cnnviz.attribution.preparation import Mistake
from cnnviz.attribution.result import Attribution
from cnnviz.figures.attribution import describe_values, pack_map
from cnnviz.figures.format import format_probability
from cnnviz.inference import Prediction
from cnnviz.web.bench import Bench
from cnnviz.web.caches import get_input
from cnnviz.web.components.overlay.overlay import (
    Look,
    read_place,
    show_overlay,
    show_view,
    tell_note,
)
from cnnviz.web.jobs import show_result
from cnnviz.web.pages.attribution.controls import (
    AttributionControls,
    Row,
    Section,
    find_layer,
    find_look,
    find_methods,
)
from cnnviz.web.pages.attribution.maps import (
    MapKey,
    Maps,
    ask_for_maps,
    make_quick,
    name_map,
)
from cnnviz.web.state import PageState

Page = PageState[AttributionControls]
_FIGURE = "attribution.figure"
# In color, as the Grad-CAM paper prints them.
_IN_COLOR = (Method.GUIDED_BACKPROP, Method.GUIDED_GRAD_CAM, Method.DECONVNET)


def name_key(page: Page, *, method: Method, target: int, mistake: Mistake = Mistake.NONE) -> MapKey:
    """Name a map of the workbench's image."""
    bench = page.at.bench
    return name_map(
        bench.network,
        bench.image,
        method=method,
        target=target,
        layer=find_layer(page.values),
        mistake=mistake,
    )


def find_targets(page: Page) -> tuple[int, int]:
    """Return the classes of the two rows."""
    return page.at.bench.target, page.values.second


def write_share(prediction: Prediction, target: int) -> str:
    """Write the probability of a class."""
    return format_probability(float(prediction.probabilities[target]))


def show_with_maps(
    page: Page, keys: Sequence[MapKey], draw: Callable[[Maps], object], *, slot: str
) -> None:
    """Draw what shows maps: at once where they are soon made, else as they come in."""
    model, image = page.at.bench.model, page.at.bench.image
    possible = [key for key in keys if not find_obstacle(model, key.method)]
    made = make_quick(possible, image)
    if all(key in made for key in possible):
        draw(made)
        return
    show_result(ask_for_maps(possible, image), draw=lambda found: draw(made | found), slot=slot)


def show_figure(page: Page) -> None:
    """Show the maps of both classes by the chosen methods."""
    methods = find_methods(page.values)
    keys = [
        name_key(page, method=method, target=target)
        for target in find_targets(page)
        for method in methods
    ]
    show_with_maps(page, keys, lambda made: _draw(page, keys, made), slot="attribution")


def _draw(page: Page, keys: Sequence[MapKey], made: Maps) -> None:
    bench, values = page.at.bench, page.values
    methods, targets = find_methods(values), find_targets(page)
    count = len(methods)
    panels = []
    for row, target in enumerate(targets):
        view = show_view(bench.name_class(target), write_share(bench.prediction, target))
        its_keys = keys[row * count : (row + 1) * count]
        panels.append(
            [view, *(pack_panel(bench, key, made, find_look(values)) for key in its_keys)]
        )
    pixels = bench.model.spec.preprocessing.view(get_input(bench.network, bench.image))
    names = " and ".join(bench.name_class(target) for target in targets)
    shown = values.method in methods and values.section is Section.STEPS
    chosen = (list(Row).index(values.row), 1 + methods.index(values.method)) if shown else None
    show_overlay(
        panels,
        views=[pixels, pixels],
        columns=["Input", *methods],
        look=find_look(values),
        label=f"Maps of {names} by {', '.join(methods)}",
        key=_FIGURE,
        file=f"{bench.network}-attribution.png",
        chosen=chosen,
        on_pick=lambda: _take_place(page, methods),
    )


def _take_place(page: Page, methods: Sequence[Method]) -> None:
    place = read_place(_FIGURE, rows=2, columns=len(methods) + 1)
    if place is not None and place[1] > 0:
        row, column = place
        page.keep(method=methods[column - 1], row=list(Row)[row], section=Section.STEPS)


def pack_panel(bench: Bench, key: MapKey, made: Maps, look: Look) -> dict[str, Any]:
    """Make a map's panel; of one that cannot be made, or is not made yet, a sentence."""
    obstacle = find_obstacle(bench.model, key.method)
    found = obstacle or made.get(key, "Computing …")
    if not isinstance(found, Attribution):
        return tell_note(found)
    in_color = key.method in _IN_COLOR and found.pixels is not None and found.pixels.shape[0] == 3
    return pack_map(
        found.values,
        name="",
        note=describe_values(found.values),
        label=f"{key.method} of {bench.name_class(key.target)}, {describe_values(found.values)}",
        pixels=found.pixels if in_color else None,
        signed=look.signed,
    )


def draw_chart(figure: Any, *, key: str, alt: str) -> None:
    """Draw a chart without its toolbar."""
    st.plotly_chart(figure, key=f"attribution.{key}", config={"displayModeBar": False}, alt=alt)
