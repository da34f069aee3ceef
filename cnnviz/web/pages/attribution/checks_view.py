"""Whether maps can be trusted: the cascade of random weights, and the curves of faithfulness."""

from collections.abc import Callable, Iterator

import streamlit as st
from torch import Tensor

from cnnviz.attribution.baselines import make_baseline
from cnnviz.attribution.faithfulness import Faithfulness, measure_faithfulness, shuffle_pixels
from cnnviz.attribution.methods import Method, attribute, find_obstacle
from cnnviz.attribution.randomization import Stage, cascade
from cnnviz.attribution.result import resize_to
from cnnviz.cache import estimate_bytes
from cnnviz.figures.attribution import (
    draw_cascade,
    draw_curves,
    pack_map,
    tabulate_areas,
    write_cascade_csv,
    write_curves_csv,
)
from cnnviz.figures.format import format_number
from cnnviz.figures.formulas import name_layer
from cnnviz.inference import LoadedModel
from cnnviz.web.caches import get_input
from cnnviz.web.components.overlay.overlay import show_overlay
from cnnviz.web.files import offer_file
from cnnviz.web.jobs import HeavyResult, report_progress, show_result
from cnnviz.web.pages.attribution.controls import (
    MAX_STAGES,
    Values,
    count_stages,
    find_layer,
    find_look,
    find_methods,
)
from cnnviz.web.pages.attribution.figure_view import Page, draw_chart, name_key
from cnnviz.web.pages.attribution.maps import fits_checks, get_map

_RANDOM = "Random order"
_STEPS = 28
_SECONDS = 240.0
Stages = tuple[Stage, ...]
Curves = dict[str, Faithfulness]


def _list_methods(page: Page) -> tuple[Method, ...]:
    network, model = page.at.bench.network, page.at.bench.model
    return tuple(
        method
        for method in find_methods(page.values)
        if fits_checks(network, method) and not find_obstacle(model, method)
    )


def _write_key(page: Page, name: str, *more: str) -> str:
    bench, methods = page.at.bench, _list_methods(page)
    parts = (bench.network, bench.image.digest, bench.target, find_layer(page.values), methods)
    return f"{name} {parts} {more}"


def show_sanity(page: Page) -> None:
    """Randomize a copy of the network from the logits down, and follow the maps."""
    st.markdown(
        "A copy of the network loses its weights to random ones, from the logits down. A map that "
        "explains the network must change."
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        page.draw("depth", width=260)
        page.draw("compare")
    show_result(
        _ask_for_cascade(page),
        draw=lambda stages: _show_stages(page, stages),
        slot="attribution.sanity",
    )


def _ask_for_cascade(page: Page) -> HeavyResult[Stages]:
    bench, layer = page.at.bench, find_layer(page.values)
    model, target = bench.model, bench.target
    x = get_input(bench.network, bench.image)

    def make(method: Method) -> Callable[[LoadedModel], Tensor]:
        return lambda network: (
            attribute(network, x, method=method, target=target, layer=layer).values
        )

    makers = {str(method): make(method) for method in _list_methods(page)}

    def run() -> Iterator[tuple[float, str, Stages]]:
        stages: Stages = ()
        for stage in cascade(model, makers, stages=MAX_STAGES):
            stages = (*stages, stage)
            share = len(stages) / (1 + count_stages(model))
            yield share, f"{stage.count} layers are random", stages

    return HeavyResult(
        key=_write_key(page, "cascade"),
        title="Sanity check",
        run=run,
        size=estimate_bytes,
        seconds=_SECONDS,
    )


def _show_stages(page: Page, stages: Stages) -> None:
    bench, values = page.at.bench, page.values
    labels = ["trained"] + [
        name_layer(bench.model.graph.find(stage.layers[-1])) for stage in stages[1:]
    ]
    labels = [f"{at} · {label}" if at else label for at, label in enumerate(labels)]
    at = min(values.depth, len(stages) - 1)
    view = bench.model.spec.preprocessing.view(get_input(bench.network, bench.image))
    look = find_look(values)
    show_overlay(
        [_pack_stage(stage, signed=look.signed) for stage in (stages[0], stages[at])],
        views=[view, view],
        columns=list(stages[0].maps),
        look=look,
        label=f"Maps of the trained network, and with random weights down to {labels[at]}",
        key="attribution.cascade",
        file=f"{bench.network}-sanity-check.png",
    )
    absolute = values.compare is Values.ABSOLUTE
    draw_chart(
        draw_cascade(stages, labels=labels, at=at, absolute=absolute),
        key="correlations",
        alt="Rank correlation of each method’s map with that of the trained network",
    )
    _conclude(stages, absolute=absolute)
    offer_file(
        "Correlations as CSV", lambda: write_cascade_csv(stages), f"{bench.network}-sanity.csv"
    )


def _conclude(stages: Stages, *, absolute: bool) -> None:
    """Say what is left of the correlation at the end."""
    last = stages[-1]
    kept = last.absolute if absolute else last.signed
    left = ", ".join(
        f"{name} {'has no map' if name in last.level else format_number(kept[name])}"
        for name in last.maps
    )
    st.markdown(
        f"With {last.count} random layers: {left}. 1 is the same order of cells, 0 is chance. A "
        "map that stays near 1 shows the image and not what the network has learned."
    )
    silent = sum(len(stage.level) == len(last.maps) for stage in stages)
    if silent:
        st.info(
            f"At {silent} of {len(stages)} stages no map has any value: the class’s unit is off "
            "everywhere, and a ReLU passes nothing on. The lines end there."
        )


def _pack_stage(stage: Stage, *, signed: bool) -> list[dict[str, object]]:
    return [
        pack_map(
            values,
            name="trained" if not stage.count else f"{stage.count} random",
            note=f"correlation {format_number(stage.signed[name])}" if stage.count else "",
            label=f"{name}, {stage.count} random layers",
            signed=signed,
        )
        for name, values in stage.maps.items()
    ]


def show_faithfulness(page: Page) -> None:
    """Measure deletion and insertion curves of the shown methods on this image."""
    st.markdown(
        "Deletion removes the pixels that a map calls important, and the class should lose "
        "probability. Insertion adds them to an empty image, and the class should gain it."
    )
    page.draw("removed")
    show_result(
        _ask_for_curves(page),
        draw=lambda found: _show_curves(page, found),
        slot="attribution.faithfulness",
    )


def _ask_for_curves(page: Page) -> HeavyResult[Curves]:
    bench, image, target = page.at.bench, page.at.bench.image, page.at.bench.target
    model, x = bench.model, get_input(bench.network, bench.image)
    keys = {str(one): name_key(page, method=one, target=target) for one in _list_methods(page)}
    removed = page.values.removed

    def run() -> Iterator[tuple[float, str, Curves]]:
        size = (int(x.shape[2]), int(x.shape[3]))
        baseline = make_baseline(model, x, baseline=removed.baseline)
        found: Curves = {}
        names = [*keys, _RANDOM]
        for done, name in enumerate(names):

            def report(share: float, done: int = done, name: str = name) -> None:
                report_progress((done + share) / len(names), name)

            order = (
                shuffle_pixels(size)
                if name == _RANDOM
                else resize_to(get_map(keys[name], image), size)
            )
            curves = measure_faithfulness(
                model, x, order, target=target, baseline=baseline, steps=_STEPS, report=report
            )
            found = found | {name: curves}
            yield (done + 1) / len(names), name, found

    return HeavyResult(
        key=_write_key(page, "faithfulness", removed),
        title="Deletion and insertion curves",
        run=run,
        size=estimate_bytes,
        seconds=_SECONDS,
    )


def _show_curves(page: Page, found: Curves) -> None:
    bench = page.at.bench
    name = bench.name_class(bench.target)
    for place, deletion in zip(st.columns(2, gap="large"), (True, False), strict=True):
        what = "Deletion" if deletion else "Insertion"
        with place:
            st.markdown(f"**{what}:** {'lower' if deletion else 'higher'} is better")
            draw_chart(
                draw_curves(found, deletion=deletion, random_order=_RANDOM),
                key=what.lower(),
                alt=f"{what} curves: the probability of {name} by the share of pixels",
            )
    table = tabulate_areas(found)
    number = st.column_config.NumberColumn
    st.dataframe(
        table,
        hide_index=True,
        column_config={column: number(format="%.3f") for column in list(table)[1:]},
        alt="Areas below the curves",
    )
    offer_file(
        "Curves as CSV", lambda: write_curves_csv(found), f"{bench.network}-faithfulness.csv"
    )
