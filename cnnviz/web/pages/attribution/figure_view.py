"""The attribution page's figure: the maps of two classes by several methods on one image."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from cnnviz.attribution.attribute import Method, find_obstacle
from cnnviz.attribution.cam_layers import list_offered_layers
from cnnviz.attribution.map_store import MapKey, Maps, make_maps, make_quick
from cnnviz.figures.attribution import pack_attribution, pack_view
from cnnviz.figures.format import format_share
from cnnviz.figures.formulas import name_layer
from cnnviz.jobs.heavy import report_progress
from cnnviz.web.components.overlay.overlay import show_overlay
from cnnviz.web.jobs import show_heavy
from cnnviz.web.pages.attribution import controls
from cnnviz.web.pages.attribution.controls import Page

_FIGURE = "attribution.figure"
_SECONDS = 280.0


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
    show_heavy(
        "Attribution maps",
        wanted,
        run=partial(make_maps, wanted, image, report=report_progress),
        draw=lambda found: draw(made | found),
        slot=slot,
        seconds=_SECONDS,
    )


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
    bench, values = page.at.bench, page.values
    methods, targets = controls.find_methods(page), controls.find_targets(page)
    panels = []
    for target, keys in zip(targets, rows, strict=True):
        view = pack_view(bench.name_class(target), format_share(bench.prediction, target))
        panels.append([view, *pack_row(page, keys, made)])
    names = " and ".join(bench.name_class(target) for target in targets)
    chosen = None
    if values.method in methods and values.section is controls.Section.STEPS:
        chosen = (controls.ROWS.index(values.row), 1 + methods.index(values.method))
    show_overlay(
        panels,
        views=[bench.view, bench.view],
        columns=["Input", *methods],
        look=controls.find_look(page),
        label=f"Maps of {names} by {', '.join(methods)}",
        key=_FIGURE,
        file=f"{bench.network}-attribution.png",
        chosen=chosen,
        on_pick=partial(_take_place, page, methods),
    )


def _take_place(page: Page, methods: Sequence[Method], row: int, column: int) -> None:
    if column > 0:
        page.keep(
            method=methods[column - 1], row=controls.ROWS[row], section=controls.Section.STEPS
        )


def pack_row(page: Page, keys: Sequence[MapKey], made: Maps) -> list[dict[str, Any]]:
    """Pack maps for panels; of one that cannot be made, or is not made yet, a sentence."""
    bench, signed = page.at.bench, controls.find_look(page).signed
    panels = []
    for key in keys:
        found = find_obstacle(bench.model, key.method) or made.get(key, "Computing …")
        name = bench.name_class(key.target)
        panels.append(pack_attribution(found, class_name=name, signed=signed))
    return panels


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
