"""Whether maps can be trusted: the cascade of random weights, and the curves of faithfulness."""

from typing import Any

import streamlit as st

from cnnviz.attribution.checks import RANDOM_ORDER, Curves, cascade_maps, measure_maps
from cnnviz.attribution.methods import Baseline
from cnnviz.attribution.randomization import Stage
from cnnviz.cached import get_input
from cnnviz.figures import attribution as figures
from cnnviz.figures.format import format_number
from cnnviz.figures.formulas import name_layer
from cnnviz.heavy import HeavyResult, report_progress
from cnnviz.web.charts import show_chart, show_table
from cnnviz.web.components.overlay.overlay import show_overlay
from cnnviz.web.files import offer_file
from cnnviz.web.jobs import show_result
from cnnviz.web.pages.attribution.controls import (
    Page,
    Values,
    find_check_methods,
    find_layer,
    find_look,
    name_key,
)

_SECONDS = 240.0
Stages = tuple[Stage, ...]


def _write_key(page: Page, *name: str) -> str:
    bench, methods = page.at.bench, find_check_methods(page)
    parts = (bench.network, bench.image.digest, bench.target, find_layer(page), methods)
    return f"{name} {parts}"


def show_sanity(page: Page) -> None:
    """Randomize a copy of the network from the logits down, and follow the maps."""
    st.markdown(page.text("sanity"))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        page.draw("depth", width=260)
        page.draw("compare")
    bench, methods, layer = page.at.bench, find_check_methods(page), find_layer(page)
    network, image, target = bench.network, bench.image, bench.target
    heavy = HeavyResult(
        key=_write_key(page, "cascade"),
        title="Sanity check",
        run=lambda: cascade_maps(network, image, methods, target=target, layer=layer),
        seconds=_SECONDS,
    )
    show_result(heavy, draw=lambda stages: _show_stages(page, stages), slot="attribution.sanity")


def _show_stages(page: Page, stages: Stages) -> None:
    bench, values, look = page.at.bench, page.values, find_look(page)
    lowest = [bench.model.graph.find(stage.layers[-1]) for stage in stages[1:]]
    labels = ["trained", *(f"{at} · {name_layer(each)}" for at, each in enumerate(lowest, 1))]
    at = min(values.depth, len(stages) - 1)
    view = bench.model.spec.preprocessing.view(get_input(bench.network, bench.image))
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
    show_chart(
        figures.draw_cascade(stages, labels=labels, at=at, absolute=absolute),
        key="attribution.correlations",
        alt="Rank correlation of each method’s map with that of the trained network",
    )
    left = figures.describe_kept(stages[-1], absolute=absolute)
    st.markdown(page.text("kept", count=stages[-1].count, left=left))
    silent = sum(len(stage.level) == len(stage.maps) for stage in stages)
    if silent:
        st.info(page.text("silent", silent=silent, count=len(stages)))
    name = f"{bench.network}-sanity.csv"
    offer_file("Correlations as CSV", lambda: figures.write_cascade_csv(stages), name)


def _pack_stage(stage: Stage, *, signed: bool) -> list[dict[str, Any]]:
    return [
        figures.pack_map(
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
    st.markdown(page.text("faithfulness"))
    page.draw("removed")
    bench, removed = page.at.bench, page.values.removed
    network, image, target = bench.network, bench.image, bench.target
    baseline = Baseline[removed.name]
    keys = [name_key(page, method=one, target=target) for one in find_check_methods(page)]
    heavy = HeavyResult(
        key=_write_key(page, "faithfulness", removed),
        title="Deletion and insertion curves",
        run=lambda: measure_maps(
            network, image, keys, target=target, baseline=baseline, report=report_progress
        ),
        seconds=_SECONDS,
    )
    slot = "attribution.faithfulness"
    show_result(heavy, draw=lambda found: _show_curves(page, found), slot=slot)


def _show_curves(page: Page, found: Curves) -> None:
    bench = page.at.bench
    name = bench.name_class(bench.target)
    for place, deletion in zip(st.columns(2, gap="large"), (True, False), strict=True):
        what, better = ("Deletion", "lower") if deletion else ("Insertion", "higher")
        with place:
            st.markdown(f"**{what}:** {better} is better")
            show_chart(
                figures.draw_curves(found, deletion=deletion, random_order=RANDOM_ORDER),
                key=f"attribution.{what.lower()}",
                alt=f"{what} curves: the probability of {name} by the share of pixels",
            )
    table = figures.tabulate_areas(found)
    formats = dict.fromkeys(list(table)[1:], "%.3f")
    show_table(table, formats=formats, alt="Areas below the curves")
    csv = f"{bench.network}-faithfulness.csv"
    offer_file("Curves as CSV", lambda: figures.write_curves_csv(found), csv)
