"""The parts of the page: each has its figure, and beside it what changes it."""

from collections.abc import Callable
from functools import partial

import streamlit as st
import torch
from torch import Tensor

from cnnviz.cached import get_chained, get_flow, get_input, get_lesions
from cnnviz.figures.format import format_count, format_number, format_percent, format_probability
from cnnviz.figures.gradient_flow import (
    SHORTCUTS,
    draw_answers,
    draw_chain,
    draw_flow,
    draw_lesions,
    write_chain,
    write_shortcut,
)
from cnnviz.images.samples import SampleKind, list_samples
from cnnviz.labs.gradient_flow import Chain, Flow, Shortcut, run_chain
from cnnviz.labs.lesions import (
    BLOCKS,
    NETWORKS,
    read_addition,
    read_lesion_accuracy,
)
from cnnviz.networks.class_names import title_classes
from cnnviz.networks.load import load_model
from cnnviz.runs.gradient_flow import measure_all_lesions
from cnnviz.web.charts import show_chart, show_table
from cnnviz.web.components.numbers.numbers import show_numbers
from cnnviz.web.jobs import show_heavy
from cnnviz.web.pages.gradient_flow.controls import Page, Part, title_networks
from cnnviz.web.pages.gradient_flow.degradation_view import show_degradation
from cnnviz.web.pages.gradient_flow.dropping_view import show_dropping
from cnnviz.web.pages.gradient_flow.landscape_view import show_landscape

_RESIDUAL = NETWORKS[0]
_TABLE = 330  # pixels


def show_part(page: Page) -> None:
    """Show the chosen part."""
    parts: dict[Part, Callable[[Page], None]] = {
        Part.FLOW: _show_flow,
        Part.CHAIN: _show_chain,
        Part.SHORTCUT: _show_shortcut,
        Part.COPY: _show_copy,
        Part.LESIONS: _show_lesions,
        Part.DEGRADATION: show_degradation,
        Part.LANDSCAPE: show_landscape,
        Part.DROPPING: show_dropping,
    }
    page.draw("part", label_visibility="collapsed")
    parts[page.values.part](page)


def _show_flow(page: Page) -> None:
    values = page.values
    flows = {
        one: get_flow(one, values.function, values.initialization, values.norm, values.blocks)
        for one in Shortcut
    }
    figure, beside = st.columns([3, 1], gap="medium")
    with beside:
        page.draw("function", "initialization", "norm", "blocks")
    with figure:
        charts = st.columns(2, gap="medium")
        with charts[0]:
            deviations = {one: flow.deviations for one, flow in flows.items()}
            _draw_curves("Standard deviation of activations", deviations, key="deviations")
        with charts[1]:
            gradients = {one: flow.gradients for one, flow in flows.items()}
            _draw_curves("Norm of the weight gradients", gradients, key="gradients")
        st.markdown(page.text("ratios", **_write_gradients(flows)))


def _draw_curves(title: str, numbers: dict[Shortcut, Tensor], *, key: str) -> None:
    st.markdown(f"**{title}**")
    ends = "; ".join(
        f"{SHORTCUTS[one]} {format_number(float(found[0]))} in the first block, "
        f"{format_number(float(found[-1]))} in the last"
        for one, found in numbers.items()
    )
    show_chart(draw_flow(numbers), key=f"gradient_flow.{key}", alt=f"{title}: {ends}.")


def _write_gradients(flows: dict[Shortcut, Flow]) -> dict[str, str]:
    """The first block's gradient, and what share it is of the last one's."""
    words = {}
    for one, flow in flows.items():
        first, last = flow.gradients[[0, -1]].tolist()
        words[str(one)] = format_number(first)
        words[f"{one}_ratio"] = format_number(first / last) if last else "–"
    return words


def run_neurons(page: Page) -> Chain:
    """Run the chain of four neurons."""
    values = page.values
    weights = (values.w1, values.w2, values.w3, values.w4)
    return run_chain(values.neuron, weights=weights, bias=values.bias)


def _show_chain(page: Page) -> None:
    chain = run_neurons(page)
    figure, beside = st.columns([3, 1], gap="medium")
    with beside:
        page.draw("neuron", "w1", "w2", "w3", "w4", "bias")
    with figure:
        alt = "The size of the gradient of each neuron's bias, from the first to the fourth."
        show_chart(draw_chain(chain), key="gradient_flow.chain", alt=alt)
        st.latex(write_chain(chain))


def _show_shortcut(page: Page) -> None:
    values, bench = page.values, page.at.bench
    figure, beside = st.columns([3, 1], gap="medium")
    with beside:
        page.draw("slope", "blocks", "added")
    with figure:
        st.latex(write_shortcut(slope=values.slope, blocks=values.blocks))
        found = read_addition(
            load_model(_RESIDUAL), get_input(_RESIDUAL, bench.image), values.added
        )
        tables = torch.stack(
            (found.branch, found.carried, found.branch + found.carried, found.output)
        )
        names = ("F(x)", "x", "F(x) + x", "ReLU(F(x) + x)")
        limit = float(tables.abs().max())
        show_numbers(tables.numpy(), names=names, limit=limit, key="gradient_flow.addition")
        st.caption(page.text("addition", block=values.added, channel=found.channel))


def _list_others(page: Page) -> list[str]:
    """Sample photographs besides the image of the workbench."""
    shown = page.at.bench.values.image
    kinds = (SampleKind.PHOTOGRAPH,)
    return [one.key for one in list_samples() if one.kind in kinds and one.key != shown]


def _find_answers(
    page: Page, *, off: tuple[str, ...] = (), inserted: int = 0
) -> dict[str, tuple[Tensor, Tensor]]:
    """The probabilities of the whole and of the changed networks, for each image."""
    image, others = page.at.bench.image, _list_others(page)
    return {
        network: (
            get_chained(network, image, others, (), 0),
            get_chained(network, image, others, off, inserted),
        )
        for network in NETWORKS
    }


def _name_images(page: Page) -> list[str]:
    titles = {one.key: one.title for one in list_samples()}
    return [f"★ {page.at.bench.image.name}", *(titles[one] for one in _list_others(page))]


def _show_answers(page: Page, found: dict[str, tuple[Tensor, Tensor]], *, key: str) -> None:
    """Write the classes of the whole and of the changed networks, for each image."""
    columns, kept = {"Image": _name_images(page)}, []
    for network, (before, after) in found.items():
        spec = load_model(network).spec
        classes = title_classes(spec.classes)
        for when, shares in (("whole", before), ("changed", after)):
            best = shares.max(dim=1)
            columns[f"{spec.title}, {when}"] = [
                f"{classes[int(index)]}, {format_probability(float(share))}"
                for share, index in zip(best.values, best.indices, strict=True)
            ]
        same = float((before.argmax(dim=1) == after.argmax(dim=1)).float().mean())
        change = float((before - after).abs().max())
        kept.append(
            f"{spec.title}: {format_percent(same, digits=0)} of the answers kept, "
            f"largest change of a probability {format_number(change)}"
        )
    st.markdown(". ".join(kept) + ".")
    show_table(columns, key=key, max_height=_TABLE, pinned="Image")


def _show_copy(page: Page) -> None:
    figure, beside = st.columns([3, 1], gap="medium")
    with beside:
        page.draw("inserted")
        st.latex(r"y = \mathrm{ReLU}(0 + x) = x")
        st.caption(page.text("copy"))
    with figure:
        found = _find_answers(page, inserted=page.values.inserted)
        shares = {}
        for network, parts in found.items():
            named = parts[0].argmax(dim=1, keepdim=True)
            before, after = (one.gather(1, named)[:, 0].tolist() for one in parts)
            shares[network] = (before, after)
        bars = draw_answers(shares, titles=title_networks(), images=["★", *_list_others(page)])
        alt = "The probability of each image's class, before and after blocks are inserted."
        show_chart(bars, key="gradient_flow.copy", alt=alt)
    _show_answers(page, found, key="gradient_flow.copied")


def _show_lesions(page: Page) -> None:
    bench, values = page.at.bench, page.values
    figure, beside = st.columns([3, 1], gap="medium")
    with beside:
        page.draw("off")
        st.caption(page.text("lesions"))
    with figure:
        lesions = {network: get_lesions(network, bench.image) for network in NETWORKS}
        _draw_bars(
            page,
            {name: found.shares for name, found in lesions.items()},
            wholes={name: found.whole for name, found in lesions.items()},
            what="probability",
        )
    _show_answers(page, _find_answers(page, off=values.off), key="gradient_flow.lesions")


def _draw_bars(
    page: Page, shares: dict[str, list[float]], *, wholes: dict[str, float], what: str
) -> None:
    off, titles = page.values.off, title_networks()

    def toggle(block: object) -> None:
        if block in BLOCKS:
            page.renew()
            before = page.values.off
            page.keep(off=tuple(one for one in BLOCKS if (one in before) != (one == block)))

    worst = "; ".join(
        f"{titles[name]} needs {BLOCKS[found.index(min(found))]} most"
        for name, found in shares.items()
    )
    show_chart(
        draw_lesions(shares, wholes=wholes, titles=titles, off=off, what=what),
        key=f"gradient_flow.{what}",
        alt=f"{what.capitalize()} without each block. {worst}.",
        on_pick=toggle,
    )


def show_accuracy(page: Page) -> None:
    """Draw what the networks' cards say of the accuracy without each block."""
    found = {network: read_lesion_accuracy(load_model(network)) for network in NETWORKS}
    known = {name: one for name, one in found.items() if one is not None}
    if not known:
        return
    st.subheader("Accuracy without each block", anchor=False)
    _draw_bars(
        page,
        {name: list(one.without.values()) for name, one in known.items()},
        wholes={name: one.whole for name, one in known.items()},
        what="top-1 accuracy",
    )
    count = min(one.images for one in known.values())
    st.caption(page.text("accuracy", count=format_count(count)))


def show_samples(page: Page) -> None:
    """Switch every block off in turn over all samples, on a click."""
    st.subheader("Answers kept, over all sample images", anchor=False)
    image = page.at.bench.image
    kinds = (SampleKind.PHOTOGRAPH, SampleKind.TEXTURE, SampleKind.DETAIL)
    shown = page.at.bench.values.image
    others = [one.key for one in list_samples() if one.kind in kinds and one.key != shown]

    show_heavy(
        "Every block off in turn",
        image.digest,
        run=partial(measure_all_lesions, image, others),
        draw=lambda found: _draw_bars(
            page,
            {name: one.kept for name, one in found.items()},
            wholes={},
            what="answers kept",
        ),
        slot="gradient_flow.samples",
        start=f"Measure on {len(others) + 1} images",
    )
