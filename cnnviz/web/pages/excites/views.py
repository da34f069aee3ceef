"""The page's other views: layer by layer, across networks, DeepDream, and top patches."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from cnnviz.activations.top_patches import ExcitingPatch, cut_patches
from cnnviz.cached import get_facts
from cnnviz.errors import CNNVizError
from cnnviz.feature_visualization.channel import Found, project_patch, search_images
from cnnviz.feature_visualization.depth import DepthRow
from cnnviz.feature_visualization.dream import Dream, DreamSettings, list_dream_layers
from cnnviz.feature_visualization.targets import TargetKind
from cnnviz.feature_visualization.transfer_score import list_scores
from cnnviz.figures.format import format_number
from cnnviz.figures.formulas import name_layer
from cnnviz.figures.maps import draw_tiles
from cnnviz.figures.synthesis import pad_images, tile_images, write_dream
from cnnviz.figures.transfer import describe_transfer, draw_ranks, draw_scores
from cnnviz.images.image import CheckedImage, Pixels, to_png, upscale_nearest
from cnnviz.images.names import list_gallery
from cnnviz.networks.graph.layers import Layer
from cnnviz.networks.runnable import list_runnable
from cnnviz.networks.zoo.registry import get_listing
from cnnviz.runs.feature_visualization import (
    DEPTH_CHANNELS,
    Cells,
    Rows,
    follow_dream,
    grow_cells,
    grow_rows,
)
from cnnviz.web.charts import show_chart
from cnnviz.web.controls.image import list_uploads
from cnnviz.web.files import offer_file
from cnnviz.web.made_images import show_curve, show_images, show_inline
from cnnviz.web.page import set_values
from cnnviz.web.pages.excites.controls import Page, View, read_dream_settings
from cnnviz.web.pages.excites.target_view import show_made

_SMALL, _MIDDLE = 84, 150  # side of an image on the screen, in CSS pixels


def show_depths(page: Page) -> None:
    """Make images of a few channels of early, middle and late layers; a click opens a channel."""
    model = page.at.bench.model
    run = partial(grow_rows, model)
    rows = show_made(page, "Layer by layer", run=run, draw=partial(_show_rows, page))
    if rows is None:
        return
    layers = {row.layer: model.graph.find(row.layer) for row in rows}
    if any(len(row.channels) < min(DEPTH_CHANNELS, layers[row.layer].shape[0]) for row in rows):
        st.caption(page.text("large"))
    offer_file(
        "Sheet as PNG",
        lambda: draw_tiles(
            [image for row in rows for image in row.pixels],
            [f"{name_layer(layers[row.layer])[:14]} {one}" for row in rows for one in row.channels],
            title=f"{model.spec.title}, layer by layer",
        ),
        f"{model.spec.name}-layers.png",
    )


def _show_rows(page: Page, rows: Rows) -> None:
    bench = page.at.bench
    for row in rows:
        layer = bench.model.graph.find(row.layer)
        is_output = layer is bench.model.graph.output
        key = f"excites.depth.{row.layer}"
        name, images = st.columns([2, 9], gap="small", vertical_alignment="center")
        field = get_facts(bench.network)[row.layer].field
        seen = "" if field is None or is_output else f"  \n{field.size[0]}×{field.size[1]} pixels"
        name.markdown(f"**{name_layer(layer)}**{seen}", help=page.text("row"))
        with images:
            show_images(
                row.pixels,
                [bench.name_class(one) if is_output else str(one) for one in row.channels],
                key=key,
                side=_SMALL,
                on_pick=partial(_open, page, row),
            )


def _open(page: Page, row: DepthRow, place: int) -> None:
    """Show the channel or class that was clicked by itself, as one step of the visitor's."""
    channel, values = str(row.channels[place]), {"view": str(View.TARGET)}
    if row.layer == page.at.bench.model.graph.output.name:
        values |= {"objective": TargetKind.LOGIT, "target": channel}
    else:
        values |= {"objective": TargetKind.CHANNEL, "layer": row.layer, "channel": channel}
    set_values(page, values)


def show_across(page: Page) -> None:
    """Make the image of the chosen class for each network that knows it."""
    label = page.at.bench.model.spec.classes[page.at.bench.target]
    names = [listing.name for listing in list_runnable()]
    run = partial(grow_cells, names, label)
    title = f"{label} across networks"
    cells = show_made(page, title, names, run=run, draw=partial(_show_cells, label))
    if not cells:
        return
    if len(cells) < 2:
        st.info(f"Only one network here knows the class {label}.")
    elif any(cell.readings for cell in cells):
        st.markdown(f"Rank of **{label}** for each network (column) on each image (row)")
        alt = f"Rank of {label} on each image"
        show_chart(draw_ranks(cells), key="excites.readings", alt=alt)
    made = [cell.pixels for cell in cells if cell.pixels is not None]
    if made:
        name = f"{label}-networks.png"
        offer_file("Sheet as PNG", lambda: to_png(tile_images(pad_images(made))), name)


def _show_cells(label: str, cells: Cells) -> None:
    made = [(cell, cell.pixels) for cell in cells if cell.pixels is not None]
    if made:
        show_images(
            pad_images([pixels for _, pixels in made]),
            [cell.title for cell, _ in made],
            [str(cell.year) for cell, _ in made],
            key="excites.across",
            side=_MIDDLE,
        )
    for cell in cells:
        if cell.pixels is None:
            st.caption(f"{cell.title} has no image of {label}: it {cell.note}.")


def show_scores(page: Page) -> None:
    """Show the same over all classes, from the networks' model cards."""
    model, counted = page.at.bench.model, page.values.counted
    st.subheader("Transfer over all classes", anchor=False)
    st.markdown(describe_transfer(model))
    scores = list_scores(model.spec.classes)
    if not scores:
        return
    page.draw("counted")
    titles = {name: get_listing(name).title for name in scores}
    alt = "How many images made for each network each other network recognizes"
    show_chart(draw_scores(scores, titles, counted=counted), key="excites.scores", alt=alt)
    st.caption(page.text("scores", counted=counted))


def show_dream(page: Page) -> None:
    """Dream on the image of the workbench, with the settings beside it."""
    bench, settings = page.at.bench, read_dream_settings(page.values)
    if not list_dream_layers(bench.model.graph):
        st.info(f"{bench.model.spec.title} has no maps to dream with; choose another network.")
        return
    layer, image = bench.model.graph.find(page.values.dream_layer), bench.image
    seeing, choosing = st.columns([8, 3], gap="medium")
    with choosing:
        page.draw("dream_layer", "side", "octaves", "dream_steps", "dream_rate")
    if image is None:
        return
    run = partial(follow_dream, bench.model, image.pixels, layer.name, settings)
    with seeing:
        key, draw = (layer.name, image.digest, settings), partial(_show_dream, image, layer)
        found = show_made(page, "DeepDream", *key, run=run, draw=partial(draw, settings))
        if found is not None:
            for line in write_dream(settings, found.curve):
                st.latex(line)
            name = f"dream-{bench.network}-{layer.name}.png"
            offer_file("Dream as PNG", lambda: to_png(found.pixels), name)


def _show_dream(image: CheckedImage, layer: Layer, settings: DreamSettings, one: Dream) -> None:
    before, after = st.columns(2, gap="small")
    with before:
        show_inline(one.original, words=f"{image.name}, before")
        st.caption(image.name)
    with after:
        pixels = upscale_nearest(one.pixels, min_size=max(one.original.shape[:2]))
        show_inline(pixels, words=f"{image.name}, as {name_layer(layer)} dreams it")
        st.caption(f"{name_layer(layer)}, octave {one.octave} of {settings.octaves}")
    show_curve(
        one.curve,
        steps=settings.octaves * settings.steps,
        name="Mean square",
        key="excites.dream_curve",
        words="The layer's mean square against the steps",
    )


def show_patches(page: Page) -> None:
    """Look through the samples and the uploads of this visit for a channel's patches."""
    model = page.at.bench.model
    layer, channel = model.graph.find(page.values.layer), page.values.channel
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        page.draw("layer", width=320)
        page.draw("channel", width=110)
    images = (*list_uploads(), *list_gallery())
    found = show_made(
        page,
        "Top patches",
        *(layer.name, channel, *(image.digest[:12] for image in images)),
        run=partial(search_images, model, images, layer=layer.name, channel=channel),
        draw=lambda found: _show_patches(page, images, found),
    )
    if found is None:
        return
    st.caption(page.text("images", count=len(images), uploads=len(list_uploads())))
    patches = cut_patches(model, images, found[0], channel=channel)
    offer_file(
        "Patches as PNG",
        lambda: draw_tiles(
            pad_images([patch.pixels for patch in patches]),
            [f"{format_number(patch.value)} {patch.name[:12]}" for patch in patches],
            title=f"{model.spec.title}, {name_layer(layer)}, channel {channel}",
        ),
        f"{model.spec.name}-{layer.name}-{channel}-patches.png",
    )


def _show_patches(page: Page, images: Sequence[CheckedImage], found: Found) -> None:
    (peaks, made), model, channel = found, page.at.bench.model, page.values.channel
    layer = model.graph.find(page.values.layer)
    patches = cut_patches(model, images[: len(peaks.values)], peaks, channel=channel)
    left, right = st.columns([1, 3], gap="medium")
    with left:
        st.subheader("Optimized", anchor=False)
        if made is not None:
            words = f"Image for channel {channel} of {name_layer(layer)}"
            show_inline(upscale_nearest(made, min_size=320), words=words)
            st.caption("For the map's middle neuron." if layer.is_spatial else "For the unit.")
    with right:
        st.subheader("Patches", anchor=False)
        if all(patch.value == 0 for patch in patches):
            st.info(page.text("silent", channel=channel, layer=name_layer(layer)))
            return
        _show_row([patch.pixels for patch in patches], patches, key="excites.patches")
        if not layer.is_spatial:
            return
        try:
            projected = [
                project_patch(model, images[one.image], one, layer=layer, channel=channel)
                for one in patches
            ]
        except CNNVizError as error:
            st.caption(f"No deconvnet projection: {error}")
            return
        st.subheader("Deconvnet", anchor=False, help=page.text("deconvnet"))
        _show_row(projected, patches, key="excites.projections")


def _show_row(pixels: Sequence[Pixels], patches: Sequence[ExcitingPatch], *, key: str) -> None:
    values = [format_number(patch.value) for patch in patches]
    names = [patch.name.split()[0].rstrip(",") for patch in patches]
    show_images(pad_images(pixels), names, values, key=key, side=_SMALL)
