"""What channels of early, middle and late layers are excited by; a click opens a channel."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import streamlit as st

from cnnviz.figures.formulas import name_layer
from cnnviz.synthesis.depth import DepthRow, grow_depths
from cnnviz.synthesis.regularizers import PRESETS, Preset
from cnnviz.synthesis.targets import TargetKind
from cnnviz.web.caches import get_facts, get_input
from cnnviz.web.components.graph.graph import read_pick
from cnnviz.web.controls.image import list_gallery
from cnnviz.web.files import offer_file
from cnnviz.web.jobs import HeavyResult, show_result
from cnnviz.web.made_images import draw_sheet, show_images
from cnnviz.web.page import set_values
from cnnviz.web.pages.excites.controls import Page, View

_STEPS, _CHANNELS = 64, 6
_SIDE = 84


@dataclass(frozen=True, slots=True, eq=False)
class Depths:
    """The rows so far, and whether they are all."""

    rows: tuple[DepthRow, ...]
    is_whole: bool


def show_depths(page: Page) -> None:
    """Make images of a few channels of each depth, the first within a moment."""
    bench = page.at.bench
    model = bench.model

    def run() -> Iterator[tuple[float, str, Depths]]:
        inputs = [get_input(model.spec.name, image) for image in list_gallery()]
        for share, rows in grow_depths(
            model, inputs, settings=PRESETS[Preset.OLAH], steps=_STEPS, count=_CHANNELS
        ):
            count = sum(len(row.channels) for row in rows)
            yield share, f"image {count}", Depths(rows, is_whole=share >= 1)

    depths = show_result(
        HeavyResult(
            key=f"depth/{model.spec.name}/{model.card.sha256}",
            title="Layer by layer",
            run=run,
            size=lambda depths: sum(row.pixels.nbytes for row in depths.rows),
        ),
        draw=lambda depths: _show_rows(page, depths),
        slot="excites",
    )
    if depths is None:
        return
    rows = depths.rows
    if any(len(row.channels) < min(_CHANNELS, row.layer.shape[0]) for row in rows):
        st.caption("The network is large: these are all images that fit into a run's time.")
    offer_file(
        "Sheet as PNG",
        lambda: draw_sheet(
            [image for row in rows for image in row.pixels],
            [f"{name_layer(row.layer)[:14]} {one}" for row in rows for one in row.channels],
            title=f"{model.spec.title}, layer by layer",
        ),
        f"{model.spec.name}-layers.png",
        key="excites.depth_png",
    )


def _show_rows(page: Page, depths: Depths) -> None:
    # A sheet can be chosen from when all is made: before that only this part of the page reruns.
    bench = page.at.bench
    for row in depths.rows:
        is_output = row.layer is bench.model.graph.layers[-1]
        key = f"excites.depth.{row.layer.name}"
        name, images = st.columns([2, 9], gap="small", vertical_alignment="center")
        field = get_facts(bench.network)[row.layer.name].field
        seen = "" if field is None or is_output else f"  \n{field.size[0]}×{field.size[1]} pixels"
        name.markdown(f"**{name_layer(row.layer)}**{seen}", help=_HELP)
        with images:
            show_images(
                row.pixels,
                [bench.name_class(one) if is_output else str(one) for one in row.channels],
                key=key,
                side=_SIDE,
                on_pick=partial(_open, page, row, key) if depths.is_whole else None,
            )


_HELP = "The layer, and the receptive field of its cells."


def _open(page: Page, row: DepthRow, key: str) -> None:
    """Show the channel or class that was clicked by itself, as one step of the visitor's."""
    place = read_pick(key)
    if type(place) is not int or not 0 <= place < len(row.channels):
        return
    channel = str(row.channels[place])
    is_output = row.layer is page.at.bench.model.graph.layers[-1]
    chosen = (
        {"objective": TargetKind.LOGIT, "target": channel}
        if is_output
        else {"objective": TargetKind.CHANNEL, "layer": row.layer.name, "channel": channel}
    )
    set_values(page, {"view": View.TARGET, **chosen})
