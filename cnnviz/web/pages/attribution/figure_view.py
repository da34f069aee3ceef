"""The attribution page's figure: the maps of two classes by several methods on one image."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from cnnviz.attribution.cam_layers import list_offered_layers
from cnnviz.attribution.map_store import MapKey, Maps, make_maps, make_quick
from cnnviz.attribution.methods import Method, find_obstacle
from cnnviz.attribution.result import Attribution
from cnnviz.cached import get_input
from cnnviz.figures.attribution import describe_values, pack_map
from cnnviz.figures.format import format_probability
from cnnviz.figures.formulas import name_layer
from cnnviz.heavy import HeavyResult, report_progress
from cnnviz.inference import Prediction
from cnnviz.web.bench import Bench
from cnnviz.web.components.overlay.overlay import (
    Look,
    show_overlay,
    show_view,
    tell_note,
)
from cnnviz.web.jobs import show_result
from cnnviz.web.pages.attribution import controls
from cnnviz.web.pages.attribution.controls import Page

_FIGURE = "attribution.figure"
_SECONDS = 280.0
# In color, as the Grad-CAM paper prints them.
_IN_COLOR = (Method.GUIDED_BACKPROP, Method.GUIDED_GRAD_CAM, Method.DECONVNET)


def write_share(prediction: Prediction, target: int) -> str:
    """Write the probability of a class."""
    return format_probability(float(prediction.probabilities[target]))


def show_with_maps(
    page: Page, keys: Sequence[MapKey], draw: Callable[[Maps], object], *, slot: str
) -> None:
    """Draw what shows maps: at once where they are soon made, else as they come in."""
    model, image = page.at.bench.model, page.at.bench.image
    wanted = [key for key in dict.fromkeys(keys) if not find_obstacle(model, key.method)]
    made = make_quick(wanted, image)
    if all(key in made for key in wanted):
        draw(made)
        return
    heavy = HeavyResult(
        key=f"maps {wanted}",
        title="Attribution maps",
        run=lambda: make_maps(wanted, image, report=report_progress),
        seconds=_SECONDS,
    )
    show_result(heavy, draw=lambda found: draw(made | found), slot=slot)


def show_figure(page: Page) -> None:
    """Show the maps of both classes by the chosen methods."""
    methods = controls.find_methods(page)
    rows = [
        [controls.name_key(page, method=method, target=target) for method in methods]
        for target in controls.find_targets(page)
    ]
    keys = [key for row in rows for key in row]
    show_with_maps(page, keys, lambda made: _draw(page, rows, made), slot="attribution")


def _draw(page: Page, rows: Sequence[Sequence[MapKey]], made: Maps) -> None:
    bench, values, look = page.at.bench, page.values, controls.find_look(page)
    methods, targets = controls.find_methods(page), controls.find_targets(page)
    panels = []
    for target, keys in zip(targets, rows, strict=True):
        view = show_view(bench.name_class(target), write_share(bench.prediction, target))
        panels.append([view, *(pack_panel(bench, key, made, look) for key in keys)])
    pixels = bench.model.spec.preprocessing.view(get_input(bench.network, bench.image))
    names = " and ".join(bench.name_class(target) for target in targets)
    shown = values.method in methods and values.section is controls.Section.STEPS
    show_overlay(
        panels,
        views=[pixels, pixels],
        columns=["Input", *methods],
        look=look,
        label=f"Maps of {names} by {', '.join(methods)}",
        key=_FIGURE,
        file=f"{bench.network}-attribution.png",
        chosen=(list(controls.Row).index(values.row), 1 + methods.index(values.method))
        if shown
        else None,
        on_pick=partial(_take_place, page, methods),
    )


def _take_place(page: Page, methods: Sequence[Method], row: int, column: int) -> None:
    if column > 0:
        page.keep(
            method=methods[column - 1], row=list(controls.Row)[row], section=controls.Section.STEPS
        )


def pack_panel(bench: Bench, key: MapKey, made: Maps, look: Look) -> dict[str, Any]:
    """Make a map's panel; of one that cannot be made, or is not made yet, a sentence."""
    found = find_obstacle(bench.model, key.method) or made.get(key, "Computing …")
    if not isinstance(found, Attribution):
        return tell_note(found)
    in_color = key.method in _IN_COLOR and found.pixels is not None and found.pixels.shape[0] == 3
    note = describe_values(found.values)
    return pack_map(
        found.values,
        name="",
        note=note,
        label=f"{key.method} of {bench.name_class(key.target)}, {note}",
        pixels=found.pixels if in_color else None,
        signed=look.signed,
    )


def list_words(page: Page) -> dict[str, object]:
    """Return what the lesson's names stand for."""
    model, name = page.at.bench.model, controls.find_layer(page)
    layer = None if name is None else model.graph.find(name)
    return {
        "rows": "" if layer is None else layer.shape[1],
        "layer": "" if layer is None else name_layer(layer),
        "first_layer": (list_offered_layers(model) or (controls.NO_LAYER,))[0],
    }


def list_answers(page: Page) -> dict[str, float]:
    """Compute the answers to the lesson's questions."""
    model, layer = page.at.bench.model, controls.find_layer(page)
    if layer is None:
        return {}
    return {"pixels": model.spec.preprocessing.shape[1] / model.graph.find(layer).shape[1]}
