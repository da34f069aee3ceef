"""What stands below the figure: a map step by step, mistakes in the input, and checks."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st

from cnnviz.attribution import map_store
from cnnviz.attribution.attribute import (
    Attribution,
    Baseline,
    Method,
    Options,
    Tunnel,
    find_obstacle,
    takes_tunnel,
)
from cnnviz.attribution.checks import diagnosis
from cnnviz.attribution.checks.agreement import Agreement, compare_methods
from cnnviz.attribution.checks.diagnosis import Finding
from cnnviz.attribution.checks.on_image import (
    RANDOM_ORDER,
    Curves,
    cascade_maps,
    find_gaps,
    measure_maps,
)
from cnnviz.attribution.checks.preparation import Mistake
from cnnviz.attribution.checks.randomization import Stage
from cnnviz.attribution.map_store import MapKey, Maps
from cnnviz.attribution.methods.worked import CamSum
from cnnviz.attribution.result import Superpixels
from cnnviz.cached import get_input
from cnnviz.figures import attribution as figures
from cnnviz.figures import attribution_checks as checks
from cnnviz.figures.format import format_number, format_percent, format_share
from cnnviz.figures.formulas import name_layer
from cnnviz.figures.maps import write_map_csv
from cnnviz.figures.tiles import name_terms
from cnnviz.jobs.heavy import compute_once, report_progress
from cnnviz.web.charts import show_chart, show_table
from cnnviz.web.chrome import show_finding
from cnnviz.web.components.maps.maps import show_sheet
from cnnviz.web.components.overlay.overlay import Look, show_overlay
from cnnviz.web.files import offer_file
from cnnviz.web.jobs import show_heavy
from cnnviz.web.page import link_to
from cnnviz.web.pages.attribution import controls
from cnnviz.web.pages.attribution.controls import Page
from cnnviz.web.pages.attribution.figure_view import pack_row, show_with_maps

_UNASKED_STEPS = 3  # of these are made unasked, where there is time, so that the fall is seen
# On a large network only these two are made of the mistake too, so that nobody waits for long.
_TELLING = (Method.GRAD_CAM, Method.GUIDED_BACKPROP)
_MAX_WORK = 3e8
_SECONDS = 240.0
_LONG_SECONDS = 600.0  # all methods, one after the other

Stages = tuple[Stage, ...]


def show_steps(page: Page) -> None:
    """Show a map's values on their way to the screen, its troubles and its formula."""
    values = page.values
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        page.draw("method", width=240)
        page.draw("row")
        if values.method is Method.INTEGRATED_GRADIENTS:
            page.draw("steps", width=300)
        if takes_tunnel(values.method):
            page.draw("tunnel", width=200)
    cost = figures.describe_cost(values.method, Options(tunnel=controls.find_tunnel(page)))
    st.markdown(f"{page.text(values.method)} Cost: {cost}.")
    obstacle = find_obstacle(page.at.bench.model, values.method)
    if obstacle:
        st.info(obstacle)
        return
    target = controls.find_targets(page)[controls.ROWS.index(values.row)]
    key = controls.name_key(page, method=values.method, target=target)
    key = replace(key, tunnel=controls.find_tunnel(page))
    if key.tunnel is not Tunnel.NONE:
        st.markdown(page.text(key.tunnel))
    if values.method is Method.INTEGRATED_GRADIENTS and values.steps != controls.ENOUGH:
        key = replace(key, steps=int(values.steps))
    show_with_maps(page, [key], partial(_show_map, page, key), slot="attribution.steps")


def _show_map(page: Page, key: MapKey, maps: Maps) -> None:
    made, bench = maps.get(key), page.at.bench
    if not isinstance(made, Attribution):
        if made:
            st.info(made)
        return
    _show_values(page, made)
    if made.superpixels is not None:
        _show_superpixels(page, made, made.superpixels)
    if made.unit is not None and made.layer is not None:
        channel, row, column = made.unit
        title = name_layer(bench.model.graph.find(made.layer))
        words = {"channel": channel, "row": row, "column": column, "layer": title}
        st.markdown(page.text("unit", **words))
    _show_findings(diagnosis.diagnose_attribution(bench.model, made, bench.prediction))
    name = f"{bench.network}-{key.method.lower().replace(' ', '-')}.csv"
    offer_file("Map as CSV", lambda: write_map_csv(made.values.numpy()), name)
    if key.method in (Method.GRAD_CAM, Method.GUIDED_GRAD_CAM) and made.layer:
        _show_sum(page, target=key.target, layer=made.layer)
    if key.method is Method.INTEGRATED_GRADIENTS:
        _show_completeness(page, key, made)
    elif (found := map_store.find_completeness(key)) is not None:
        st.markdown(page.text("sum", error=format_percent(found.gap)))
        st.latex(figures.write_completeness_formula(found))


def _show_values(page: Page, made: Attribution) -> None:
    bench, panels = page.at.bench, figures.pack_steps(made.values)
    show_overlay(
        [list(panels.values())],
        views=[bench.view],
        columns=list(panels),
        look=Look(signed=True, raw=True),
        label=f"{made.method}, step by step",
        key="attribution.values",
    )


def _show_superpixels(page: Page, made: Attribution, found: Superpixels) -> None:
    """Show the superpixels, and the covered image that was computed last."""
    bench = page.at.bench
    show = bench.model.spec.preprocessing.view
    count, off = len(found.shown), int((~found.shown).sum())
    last = page.text("covered", done=found.done, wanted=found.wanted, off=off, count=count)
    logit = f"{bench.name_class(made.target)}: logit {format_number(found.logit)}"
    shown = (
        (get_input(bench.network, bench.image), page.text("superpixels", count=count)),
        (found.covered, f"{last} {logit}"),
    )
    with st.container(horizontal=True, gap="small"):
        for x, caption in shown:
            pixels = figures.draw_superpixels(show(x), found)
            st.image(pixels, caption=caption, alt=caption, width=256, output_format="PNG")


def _show_findings(findings: Iterable[Finding]) -> None:
    for finding in findings:
        name = str(finding.trouble)
        show_finding(f"**{name[0].upper()}{name[1:]}.** {finding.sentence}")


def _show_completeness(page: Page, key: MapKey, made: Attribution) -> None:
    """Show the sum of integrated gradients beside what it should be, by the number of steps."""
    found, steps = map_store.find_completeness(key), made.options.steps
    if found is None:
        return
    image = page.at.bench.image
    gaps = find_gaps(key, image, steps=controls.STEPS, asked=_UNASKED_STEPS)
    st.markdown(page.text("completeness", steps=steps, error=format_percent(found.gap)))
    st.latex(figures.write_completeness_formula(found))
    alt = "Error of the sum in percent, by steps"
    show_chart(figures.draw_gaps(gaps, at=steps), key="attribution.gaps", alt=alt)


def _show_sum(page: Page, *, target: int, layer: str) -> None:
    """Work out the brightest cell of Grad-CAM; of a large network it takes as long as a map."""
    image, key = page.at.bench.image, controls.name_key(page, method=Method.GRAD_CAM, target=target)
    if map_store.is_quick(key):
        _draw_sum(page, layer, map_store.get_sum(key, image))
        return
    show_heavy(
        "Brightest cell",
        key,
        run=partial(compute_once, partial(map_store.get_sum, key, image), step="one cell"),
        draw=partial(_draw_sum, page, layer),
        slot="attribution.sum",
    )


def _draw_sum(page: Page, layer: str, cam: CamSum) -> None:
    title = name_layer(page.at.bench.model.graph.find(layer))
    words = {"row": cam.row, "column": cam.column, "layer": title, "count": cam.count}
    st.markdown(page.text("brightest", **words))
    st.latex(figures.write_cam_formula(cam))
    maps = np.stack([term.maps.numpy() for term in cam.terms])
    show_sheet(maps, tiles=name_terms(cam, title), key="attribution.terms", side=112)
    channel, icon = str(cam.terms[0].channel), ":material/arrow_outward:"
    link_to("activations", f"Map {channel} of {title}", icon=icon, layer=layer, channel=channel)


def show_mistakes(page: Page) -> None:
    """Show what a mistake in the preprocessing does to predictions and maps."""
    page.draw("mistake", width=300)
    bench, mistake = page.at.bench, page.values.mistake
    mean = float(map_store.get_range(bench.network).mean.flatten()[-1])
    st.markdown(page.text(mistake, wrong=round(1000 * mean), mean=format_number(mean)))
    is_large = map_store.count_work(bench.network) > _MAX_WORK
    methods = [one for one in controls.find_check_methods(page) if one in _TELLING or not is_large]
    rows = {}
    for made in (Mistake.NONE, mistake):
        name = partial(controls.name_key, page, target=bench.target, mistake=made)
        rows[made] = [name(method=one) for one in methods]
    keys, draw = [key for row in rows.values() for key in row], partial(_show_both, page, rows)
    show_with_maps(page, keys, draw, slot="attribution.mistakes")


def _show_both(page: Page, rows: dict[Mistake, list[MapKey]], maps: Maps) -> None:
    methods = [key.method for key in rows[Mistake.NONE]]
    bench, look, target = page.at.bench, controls.find_look(page), page.at.bench.target
    panels, views = [], []
    for made, row in rows.items():
        said = map_store.get_guesses(bench.network, bench.image, made)
        classes = dict.fromkeys((said.ranking[0], target))  # one class, where they are the same
        note = "; ".join(f"{bench.name_class(one)} {format_share(said, one)}" for one in classes)
        view = figures.pack_view("correct" if made is Mistake.NONE else str(made), note)
        panels.append([view, *pack_row(page, row, maps)])
        x = map_store.get_network_input(bench.network, bench.image, made)
        views.append(bench.model.spec.preprocessing.view(x))
    show_overlay(
        panels,
        views=views,
        columns=["Input", *methods],
        look=look,
        label=f"Maps of {bench.name_class(target)}, correct and with: {page.values.mistake}",
        key="attribution.mistakes",
    )
    expected = get_input(bench.network, bench.image)
    x = map_store.get_network_input(bench.network, bench.image, page.values.mistake)
    _show_findings(diagnosis.diagnose_input(x, expected, map_store.get_range(bench.network)))


def _name_checked(page: Page) -> list[MapKey]:
    """Name the maps that the checks are of."""
    return controls.list_keys(page, controls.find_check_methods(page))


def show_sanity(page: Page) -> None:
    """Randomize a copy of the network from the logits down, and follow the maps."""
    st.markdown(page.text("sanity"))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        page.draw("depth", width=260)
        page.draw("compare")
    keys, network, image = _name_checked(page), page.at.bench.network, page.at.bench.image
    show_heavy(
        "Sanity check",
        *(network, image.digest, keys),
        run=partial(cascade_maps, network, image, keys),
        draw=partial(_show_stages, page),
        slot="attribution.sanity",
        seconds=_SECONDS,
    )


def _show_stages(page: Page, stages: Stages) -> None:
    bench, values, look = page.at.bench, page.values, controls.find_look(page)
    lowest = [bench.model.graph.find(stage.layers[-1]) for stage in stages[1:]]
    labels = ["trained", *(f"{at} · {name_layer(each)}" for at, each in enumerate(lowest, 1))]
    at = min(values.depth, len(stages) - 1)
    show_overlay(
        [checks.pack_stage(stage, signed=look.signed) for stage in (stages[0], stages[at])],
        views=[bench.view, bench.view],
        columns=list(stages[0].maps),
        look=look,
        label=f"Maps of the trained network, and with random weights down to {labels[at]}",
        key="attribution.cascade",
        file=f"{bench.network}-sanity-check.png",
    )
    absolute = values.compare is controls.Values.ABSOLUTE
    show_chart(
        checks.draw_cascade(stages, labels=labels, at=at, absolute=absolute),
        key="attribution.correlations",
        alt="Rank correlation of each method’s map with that of the trained network",
    )
    left = checks.describe_kept(stages[-1], absolute=absolute)
    st.markdown(page.text("kept", count=stages[-1].count, left=left))
    silent = sum(len(stage.level) == len(stage.maps) for stage in stages)
    if silent:
        st.info(page.text("silent", silent=silent, count=len(stages)))
    name = f"{bench.network}-sanity.csv"
    offer_file("Correlations as CSV", lambda: checks.write_cascade_csv(stages), name)


def show_agreement(page: Page) -> None:
    """Correlate the maps of all methods, and show the two of a cell side by side."""
    st.markdown(page.text("agreement"))
    page.draw("compare")
    bench = page.at.bench
    network, image = bench.network, bench.image
    brief = map(map_store.shorten, controls.list_keys(page, Method))
    keys = sorted(brief, key=map_store.estimate_seconds)
    show_heavy(
        "Agreement of all methods",
        *(network, image.digest, sorted(map(str, keys))),
        run=partial(compare_methods, network, image, keys, report=report_progress),
        draw=partial(_show_agreement, page, keys),
        slot="attribution.agreement",
        seconds=_LONG_SECONDS,
    )


def _show_agreement(page: Page, keys: Sequence[MapKey], found: Agreement) -> None:
    bench = page.at.bench
    absolute = page.values.compare is controls.Values.ABSOLUTE
    with st.container(key="attribution.matrix"):
        show_chart(
            checks.draw_agreement(found, absolute=absolute),
            key=f"attribution.agreement{len(found.methods)}",
            alt="Rank correlations of every two methods’ maps",
            on_pick=lambda pair: page.keep(pair=tuple(Method(each) for each in pair.split("~"))),
        )
    name = f"{bench.network}-agreement.csv"
    offer_file("Correlations as CSV", lambda: checks.write_agreement_csv(found), name)
    pair = [key for one in page.values.pair for key in keys if key.method == one]
    maps: Maps = {key: made for key in pair if (made := map_store.find_map(key)) is not None}
    if not pair or not set(page.values.pair) <= set(found.methods) or len(maps) < len(pair):
        return
    st.markdown(checks.describe_pair(found, page.values.pair))
    show_overlay(
        [pack_row(page, pair, maps)],
        views=[bench.view],
        columns=[str(key.method) for key in pair],
        look=controls.find_look(page),
        label=f"Maps of {bench.name_class(bench.target)} by {' and '.join(page.values.pair)}",
        key="attribution.pair",
    )


def show_faithfulness(page: Page) -> None:
    """Measure deletion and insertion curves of the shown methods on this image."""
    st.markdown(page.text("faithfulness"))
    page.draw("removed")
    keys, bench, baseline = _name_checked(page), page.at.bench, Baseline[page.values.removed.name]
    network, image, target = bench.network, bench.image, bench.target
    show_heavy(
        "Deletion and insertion curves",
        *(network, image.digest, target, baseline, keys),
        run=partial(
            measure_maps,
            network,
            image,
            keys,
            target=target,
            baseline=baseline,
            report=report_progress,
        ),
        draw=partial(_show_curves, page),
        slot="attribution.faithfulness",
        seconds=_SECONDS,
    )


def _show_curves(page: Page, found: Curves) -> None:
    bench = page.at.bench
    name = bench.name_class(bench.target)
    for place, deletion in zip(st.columns(2, gap="large"), (True, False), strict=True):
        what, better = ("Deletion", "lower") if deletion else ("Insertion", "higher")
        with place:
            st.markdown(f"**{what}:** {better} is better")
            show_chart(
                checks.draw_curves(found, deletion=deletion, random_order=RANDOM_ORDER),
                key=f"attribution.{what.lower()}",
                alt=f"{what} curves: the probability of {name} by the share of pixels",
            )
    table = checks.tabulate_areas(found)
    formats = dict.fromkeys(list(table)[1:], "%.3f")
    show_table(table, formats=formats, helps=checks.AREA_HELPS, alt="Areas below the curves")
    csv = f"{bench.network}-faithfulness.csv"
    offer_file("Curves as CSV", lambda: checks.write_curves_csv(found), csv)
