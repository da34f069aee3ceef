"""Which patches of given images excite a channel most, beside the image made for it."""

from collections.abc import Sequence

import streamlit as st

from cnnviz.errors import CNNVizError
from cnnviz.exciting import ExcitingPatch, Peaks, cut_patches
from cnnviz.figures.format import format_number
from cnnviz.figures.formulas import name_layer
from cnnviz.figures.synthesis import pad_images
from cnnviz.graph import Layer
from cnnviz.imaging import CheckedImage, Pixels, upscale_nearest
from cnnviz.inference import LoadedModel
from cnnviz.synthesis.channel import Found, project_patch, search_images
from cnnviz.web.controls.image import list_gallery, list_uploads
from cnnviz.web.files import offer_file
from cnnviz.web.jobs import HeavyResult, show_result
from cnnviz.web.made_images import (
    draw_sheet,
    show_images,
    show_inline,
)
from cnnviz.web.pages.excites.controls import Page

_SIDE = 84


def show_patches(page: Page) -> None:
    """Look through the samples and the uploads of this visit for a channel's patches."""
    model = page.at.bench.model
    layer, channel = model.graph.find(page.values.layer), page.values.channel
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        page.draw("layer", width=320)
        page.draw("channel", width=110)
    images = (*list_uploads(), *list_gallery())
    found = show_result(
        HeavyResult(
            key=f"patches/{model.spec.name}/{model.card.sha256}/{layer.name}/{channel}/"
            + "/".join(image.digest[:12] for image in images),
            title="Top patches",
            run=lambda: search_images(model, images, layer=layer, channel=channel),
            size=lambda found: found[0].values.nbytes + found[0].places.nbytes,
        ),
        draw=lambda found: _show(model, images, layer, channel, found),
        slot="excites",
    )
    if found is None:
        return
    st.caption(
        f"{len(images)} images: {len(list_uploads())} uploads of this visit, the samples, and the "
        "photographs in the server's folder CNNVIZ_PHOTOS, if any."
    )
    patches = _cut(model, images, channel, found[0])
    offer_file(
        "Patches as PNG",
        lambda: draw_sheet(
            list(pad_images([patch.pixels for patch in patches])),
            [f"{format_number(patch.value)} {patch.name[:12]}" for patch in patches],
            title=f"{model.spec.title}, {name_layer(layer)}, channel {channel}",
        ),
        f"{model.spec.name}-{layer.name}-{channel}-patches.png",
        key="excites.patches_png",
    )


def _cut(
    model: LoadedModel, images: Sequence[CheckedImage], channel: int, peaks: Peaks
) -> tuple[ExcitingPatch, ...]:
    return cut_patches(model, images[: len(peaks.values)], peaks, channel=channel)


def _show(
    model: LoadedModel,
    images: Sequence[CheckedImage],
    layer: Layer,
    channel: int,
    found: Found,
) -> None:
    peaks, made = found
    patches = _cut(model, images, channel, peaks)
    left, right = st.columns([1, 3], gap="medium")
    with left:
        st.subheader("Optimized", anchor=False)
        if made is not None:
            show_inline(
                upscale_nearest(made, min_size=320),
                words=f"Image for channel {channel} of {name_layer(layer)}",
            )
            st.caption("For the map's middle neuron." if layer.is_spatial else "For the unit.")
    with right:
        st.subheader("Patches", anchor=False)
        _show_patches([patch.pixels for patch in patches], patches, key="excites.patches")
        if layer.is_spatial:
            _show_projections(model, images, layer, channel, patches)


def _show_projections(
    model: LoadedModel,
    images: Sequence[CheckedImage],
    layer: Layer,
    channel: int,
    patches: Sequence[ExcitingPatch],
) -> None:
    try:
        projected = [
            project_patch(model, images[patch.image], patch, layer=layer, channel=channel)
            for patch in patches
        ]
    except CNNVizError as error:
        st.caption(f"No deconvnet projection: {error}")
        return
    st.subheader("Deconvnet", anchor=False, help="Mid-gray is zero, each on its own scale.")
    _show_patches(projected, patches, key="excites.projections")


def _show_patches(pixels: Sequence[Pixels], patches: Sequence[ExcitingPatch], *, key: str) -> None:
    show_images(
        pad_images(pixels),
        [format_number(patch.value) for patch in patches],
        [patch.name.split()[0].rstrip(",") for patch in patches],
        key=key,
        side=_SIDE,
    )
