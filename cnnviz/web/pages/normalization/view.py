"""Activations of a batch, normalized; training against evaluation; fusing; a race."""

from functools import partial
from typing import Any

import streamlit as st
from torch import Tensor

from cnnviz.cached import get_batch, get_input, get_modes
from cnnviz.errors import NetworkError
from cnnviz.figures.format import (
    format_count,
    format_latex,
    format_number,
    format_probability,
    format_seconds,
    format_setting,
    format_shape,
)
from cnnviz.figures.normalization import (
    draw_cube,
    draw_histograms,
    draw_maps,
    draw_race,
    draw_running,
)
from cnnviz.images.samples import SampleKind, list_samples
from cnnviz.jobs.heavy import compute_once
from cnnviz.labs.normalization import (
    Fused,
    Normalization,
    Normalized,
    follow_mean,
    fuse_network,
    list_batch_layers,
    normalize,
    race_networks,
)
from cnnviz.web.charts import show_chart, show_table
from cnnviz.web.components.strip.strip import show_strip
from cnnviz.web.jobs import show_heavy
from cnnviz.web.pages.normalization.controls import NormalizationControls
from cnnviz.web.state import PageState

_STEPS = 60
Page = PageState[NormalizationControls]


def list_batch(page: Page) -> list[str]:
    """Return the names of the images: the workbench's first, then samples of its kind."""
    bench = page.at.bench
    if bench.model.spec.preprocessing.shape[0] == 1:
        others = [f"digit-{digit}" for digit in range(10)]
    else:
        kinds = (SampleKind.PHOTOGRAPH, SampleKind.TEXTURE)
        others = [one.key for one in list_samples() if one.kind in kinds]
    return list(dict.fromkeys((bench.values.image, *others)))


def read_batch(page: Page) -> Tensor:
    """Return the layer's activations of all the images, (M, C, H, W) or (M, D)."""
    bench = page.at.bench
    return get_batch(bench.network, bench.image, list_batch(page)[1:], page.values.layer)


def normalize_batch(page: Page) -> Normalized:
    """Normalize the activations of the batch as it is chosen."""
    values = page.values
    batch = read_batch(page)[: values.batch]
    return normalize(batch, kind=values.kind, groups=int(values.groups))


def show_controls(page: Page, found: Normalized) -> None:
    """Draw what changes the figure, beside it."""
    page.draw("layer", "batch")
    page.draw_row("item", "channel")
    if page.values.kind is Normalization.GROUP:
        page.draw("groups")
    page.draw_row("gamma", "beta")
    mean, deviation = found.find_statistics(page.values.item, page.values.channel)
    low, high = 0.0, 3.0
    is_within = low <= deviation <= high and -high <= mean <= high
    st.button(
        "γ = σ, β = μ",
        key="normalization.undo",
        help=page.text("undo"),
        disabled=not is_within,
        on_click=page.apply,
        kwargs={"gamma": deviation, "beta": mean},
    )


def show_figure(page: Page, found: Normalized) -> None:
    """Show the maps, the cube and the histograms."""
    values = page.values
    chosen: dict[str, Any] = {"image": values.item, "channel": values.channel}
    scaled = found.scale(values.gamma, values.beta)
    show_strip(draw_maps(found, scaled, **chosen), key="normalization.maps")
    cube, histograms = st.columns([2, 3], gap="medium")
    with cube:
        alt = "The cube of N images, C channels and H·W cells; cells of one mean are orange."
        show_chart(draw_cube(found, **chosen), key="normalization.cube", alt=alt)
    with histograms:
        figure = draw_histograms(found, scaled, **chosen)
        alt = "Histograms of the values that share a mean, before and after."
        show_chart(figure, key="normalization.histograms", alt=alt)


def show_formula(page: Page, found: Normalized) -> None:
    """Write the normalization of one value, with its numbers."""
    values = page.values
    mean, deviation = found.find_statistics(page.values.item, page.values.channel)
    before = float(found.values[values.item, values.channel].max())
    after = values.gamma * (before - mean) / deviation + values.beta
    numbers = (before, mean, deviation, values.gamma, values.beta)
    x, mu, sigma, gamma, beta = (_write_term(one) for one in numbers)
    y = format_latex(format_number(after))
    st.latex(
        rf"y = \gamma\,\frac{{x-\mu}}{{\sqrt{{\sigma^2+\epsilon}}}}+\beta = {gamma} \cdot "
        rf"\frac{{{x} - {mu}}}{{{sigma}}} + {beta} = {y}"
    )
    shared = int(found.find_shared(values.item, values.channel).sum())
    height, width = found.values.shape[2:]
    st.markdown(
        page.text(
            "shapes",
            count=format_count(shared * height * width),
            maps="1 map" if shared == 1 else f"{format_count(shared)} maps",
            means=format_count(found.mean.numel()),
            shape=_write_shape(found),
            input=format_shape(found.values.shape),
            difference=format_number(_find_difference(page, found)),
        )
    )


def _write_term(value: float) -> str:
    text = format_latex(format_number(value))
    return f"({text})" if value < 0 else text


def _write_shape(found: Normalized) -> str:
    is_flat = found.values.shape[2:] == (1, 1)
    rows, groups = found.mean.shape
    return format_shape((rows, groups) if is_flat else (rows, groups, 1, 1))


def _find_difference(page: Page, found: Normalized) -> float:
    """The largest difference of output and input among the values that share the mean."""
    values = page.values
    shared = found.find_shared(values.item, values.channel)
    scaled = found.scale(values.gamma, values.beta)
    return float((scaled - found.values)[shared].abs().max())


def show_training(page: Page) -> None:
    """Show the running mean, and what a network says that was left in training mode."""
    st.subheader("Training and evaluation", anchor=False)
    running, table = st.columns(2, gap="large")
    values = page.values
    with running:
        page.draw("momentum")
        maps = read_batch(page)[:, values.channel].reshape(len(list_batch(page)), 1, -1)
        momentum = float(values.momentum)
        found = follow_mean(maps, batch=values.batch, momentum=momentum, steps=_STEPS)
        alt = "The mean of each batch, the running mean, and the mean of all images."
        show_chart(draw_running(found), key="normalization.running", alt=alt)
        spread, keep = format_number(float(found.batches.std())), format_setting(1 - momentum)
        st.caption(page.text("running", spread=spread, keep=keep))
    with table:
        _show_modes(page)


def _show_modes(page: Page) -> None:
    bench, count = page.at.bench, page.values.batch
    if not _has_batch_layers(page):
        return
    try:
        right, wrong = get_modes(bench.network, bench.image, list_batch(page)[1:count])
    except NetworkError as error:
        st.info(str(error))
        return
    columns: dict[str, list[str]] = {"Image": list(map(str, range(len(right))))}
    for title, found in (("Evaluation mode", right), ("Training mode", wrong)):
        best = found.max(dim=1)
        columns[title] = [
            f"{bench.name_class(int(index))}, {format_probability(float(share))}"
            for share, index in zip(best.values, best.indices, strict=True)
        ]
    show_table(columns, key="normalization.modes")
    changed = int((right.argmax(dim=1) != wrong.argmax(dim=1)).sum())
    st.caption(page.text("modes", changed=changed, count=len(right)))


def _has_batch_layers(page: Page) -> bool:
    """Whether the network has batch normalization; where not, the page says so."""
    model = page.at.bench.model
    found = bool(list_batch_layers(model.module))
    if not found:
        st.info(page.text("without", network=model.spec.title))
    return found


def show_fusing(page: Page) -> None:
    """Fuse the network's batch normalization, on a click."""
    st.subheader("Fused into the convolutions", anchor=False)
    st.markdown(page.text("fusing"))
    bench = page.at.bench
    model, x = bench.model, get_input(bench.network, bench.image)
    if not _has_batch_layers(page):
        return

    def draw(found: Fused) -> None:
        rows = {
            "Batch normalizations": (format_count(found.before), format_count(found.after)),
            "Forward pass": (format_seconds(found.seconds), format_seconds(found.fused_seconds)),
        }
        columns = {"": list(rows), "Before": [one for one, _ in rows.values()]}
        show_table(
            columns | {"Fused": [one for _, one in rows.values()]}, key="normalization.fused"
        )
        difference, largest = format_number(found.difference), format_number(found.largest)
        st.caption(page.text("fused", difference=difference, largest=largest))

    show_heavy(
        "The fused network",
        bench.network,
        run=partial(compute_once, partial(fuse_network, model, x)),
        draw=draw,
        slot="normalization.fused",
        start="Fuse and measure",
    )


def show_race(page: Page) -> None:
    """Train two small networks on a click."""
    st.subheader("With and without", anchor=False)
    page.draw("rate")
    rate = float(page.values.rate)
    alt = "Held-out accuracy of both networks against the training step."
    show_heavy(
        "The race of two networks",
        rate,
        run=partial(race_networks, rate=rate),
        draw=lambda race: show_chart(draw_race(race), key="normalization.race", alt=alt),
        slot="normalization.race",
        start="Train both networks",
    )


def find_answers(found: Normalized) -> dict[str, float]:
    """Return the answers to the lesson's questions."""
    return {"means": float(found.mean.numel()), "parameters": 2.0 * found.values.shape[1]}
