"""Photographs and what excites a network: DeepDream, and the patches that excite a channel."""

from collections.abc import Iterator, Sequence

import numpy as np
import streamlit as st

from cnnviz.attribution.deconvnet import project_activation
from cnnviz.errors import CNNVizError
from cnnviz.exciting import ExcitingPatch, Peaks, cut_patches, find_peaks
from cnnviz.figures.format import format_latex, format_number, format_setting
from cnnviz.figures.formulas import name_layer
from cnnviz.figures.maps import draw_tiles
from cnnviz.figures.synthesis import draw_curve, pad_images
from cnnviz.graph import Layer
from cnnviz.imaging import CheckedImage, Pixels, to_png, upscale_nearest
from cnnviz.inference import LoadedModel
from cnnviz.synthesis.ascent import ascend
from cnnviz.synthesis.dream import Dream, DreamSettings, dream, list_dream_layers
from cnnviz.synthesis.pixel_scale import to_pixels
from cnnviz.synthesis.regularizers import PRESETS, Preset
from cnnviz.synthesis.targets import Target, TargetKind
from cnnviz.web.components.maps.maps import Tile, show_color_sheet
from cnnviz.web.excites.controls import choose_channel, choose_part_layer
from cnnviz.web.inline_picture import show_inline
from cnnviz.web.jobs import HeavyResult, show_result
from cnnviz.web.layer_chooser import show_layers
from cnnviz.web.option_chooser import choose_listed
from cnnviz.web.picture_chooser import choose_picture, list_gallery, list_uploads

_MOST_PATCHES = 9
_CHANNEL_STEPS = 64

Found = tuple[Peaks, Pixels | None]


def show_dream(model: LoadedModel) -> None:
    """Dream on the visitor's photograph."""
    st.markdown(
        "The photograph is changed so that a layer sees more of what it sees in it already: a "
        "cloud that looks a little like a bird becomes more of a bird."
    )
    left, right = st.columns(2, gap="medium")
    with left:
        picture = choose_picture(model)
    with right:
        layer = _choose_dream_layer(model)
        settings = _choose_dream_settings()
    if picture is None:
        st.info("Choose a picture; the dream grows here.")
        return

    def begin() -> Iterator[tuple[float, str, Dream]]:
        for one in dream(model, picture.pixels, layer=layer.name, settings=settings):
            yield one.progress, f"octave {one.octave} of {settings.octaves}, step {one.step}", one

    result = show_result(
        HeavyResult(
            key=f"dream/{model.spec.name}/{model.card.sha256}/{layer.name}/{picture.digest}/{settings}",
            title=f"A dream of {model.spec.title}",
            run=begin,
            size=lambda one: one.pixels.nbytes + one.original.nbytes,
        ),
        draw=lambda one: _show_dream(one, picture, layer, settings),
    )
    if result is None:
        return
    st.latex(
        rf"x \leftarrow x + {format_setting(settings.rate)}\,\frac{{g}}{{\overline{{|g|}}}}, \quad "
        rf"g = \frac{{\partial}}{{\partial x}}\,\overline{{a^2}}, \qquad \overline{{a^2}}: "
        rf"{format_latex(format_number(result.curve[0]))} \;\to\; "
        rf"{format_latex(format_number(result.curve[-1]))}"
    )
    st.download_button(
        "Dream as PNG",
        to_png(result.pixels),
        file_name=f"dream-{model.spec.name}-{layer.name}.png",
        mime="image/png",
        icon=":material/download:",
        on_click="ignore",
    )


def _choose_dream_layer(model: LoadedModel) -> Layer:
    layers = {name_layer(layer): layer for layer in list_dream_layers(model.graph)}
    titles = list(layers)
    aliases = {layer.name.lower(): title for title, layer in layers.items()}
    title = choose_listed(
        "Layer that dreams",
        titles,
        key="dreamer",
        noun="layer",
        default=titles[len(titles) * 3 // 5],
        aliases=aliases,
    )
    return layers[title]


def _choose_dream_settings() -> DreamSettings:
    side = st.slider("Longer side, pixels", 96, 320, 224, 32, key="side", bind="query-params")
    octaves = st.slider("Octaves", 1, 5, 3, 1, key="octaves", bind="query-params")
    steps = st.slider("Steps in each", 4, 32, 12, 4, key="dream_steps", bind="query-params")
    rate = st.slider(
        "Change a step, of 255", 0.5, 5.0, 2.0, 0.5, key="dream_rate", bind="query-params"
    )
    return DreamSettings(side=side, octaves=octaves, steps=steps, rate=round(rate / 255, 5))


def _show_dream(one: Dream, picture: CheckedImage, layer: Layer, settings: DreamSettings) -> None:
    before, after = st.columns(2, gap="medium")
    size = one.original.shape[:2]
    with before:
        show_inline(one.original, words=f"{picture.name}, before")
        st.caption(f"**{picture.name}**, {size[1]}×{size[0]}")
    with after:
        show_inline(
            upscale_nearest(one.pixels, min_size=max(size)),
            words=f"{picture.name}, as {name_layer(layer)} dreams it",
        )
        st.caption(
            f"**{name_layer(layer)} dreams** · octave {one.octave} of {settings.octaves}, "
            f"{one.pixels.shape[1]}×{one.pixels.shape[0]}"
        )
    st.plotly_chart(
        draw_curve(
            one.curve, steps=settings.octaves * settings.steps, name="mean square of the layer"
        ),
        key="dream_curve",
        config={"displayModeBar": False},
        alt="The layer's mean square against the steps",
    )


def show_pictures(model: LoadedModel) -> None:
    """Show which parts of given pictures excite a channel most, beside its made picture."""
    st.markdown(
        "Which places of real pictures excite one channel most, cut to what its cell sees; beside "
        "it the picture made for it, and each patch's activation projected back down to pixels."
    )
    layer = choose_part_layer(model)
    channel = choose_channel(layer) if len(layer.shape) in (1, 3) else 0
    show_layers(model)
    pictures = (*list_uploads(), *list_gallery())
    found = show_result(
        HeavyResult(
            key=f"patches/{model.spec.name}/{model.card.sha256}/{layer.name}/{channel}/"
            + "/".join(picture.digest[:12] for picture in pictures),
            title=f"What excites {name_layer(layer)}",
            run=lambda: _look_through(model, pictures, layer, channel),
            size=lambda found: found[0].values.nbytes + found[0].places.nbytes,
        ),
        draw=lambda found: _show_patches(model, pictures, layer, channel, found),
    )
    uploads = len(list_uploads())
    if found is not None:
        st.caption(
            f"Of {len(pictures)} pictures: {uploads} of yours, the samples, and the photographs "
            "of the folder that the server's owner named in CNNVIZ_PHOTOS, if any. Upload more on "
            "the view “Dream on a photo” or on any page with pictures; they count for this visit."
        )


def _look_through(
    model: LoadedModel, pictures: Sequence[CheckedImage], layer: Layer, channel: int
) -> Iterator[tuple[float, str, Found]]:
    """Look through the pictures, then make the channel's own."""
    peaks = None
    for number in range(0, len(pictures), 8):
        part = find_peaks(model, pictures[number : number + 8], layer=layer.name)
        peaks = part if peaks is None else peaks.join(part)
        share = 0.5 * min(1.0, (number + 8) / len(pictures))
        yield share, f"picture {min(number + 8, len(pictures))} of {len(pictures)}", (peaks, None)
    if peaks is None or layer.name == "input":
        return
    kind = TargetKind.NEURON if layer.is_spatial else TargetKind.CHANNEL
    target = Target(kind=kind, layer=layer.name, channel=channel)
    for moment in ascend(model, target, settings=PRESETS[Preset.OLAH], steps=_CHANNEL_STEPS):
        if moment.step % 8 == 0:
            pixels = to_pixels(moment.images)[0]
            step = f"its picture, step {moment.step}"
            yield 0.5 + 0.5 * moment.step / _CHANNEL_STEPS, step, (peaks, pixels)


def _show_patches(
    model: LoadedModel,
    pictures: Sequence[CheckedImage],
    layer: Layer,
    channel: int,
    found: Found,
) -> None:
    peaks, made = found
    patches = cut_patches(
        model, pictures[: len(peaks.values)], peaks, channel=channel, count=_MOST_PATCHES
    )
    left, right = st.columns([1, 3], gap="medium")
    with left:
        st.subheader("Made for it", anchor=False)
        if made is not None:
            show_inline(
                upscale_nearest(made, min_size=320),
                words=f"Picture made for channel {channel} of {name_layer(layer)}",
            )
            where = "its middle neuron" if layer.is_spatial else "the unit"
            st.caption(f"{name_layer(layer)}, channel {channel}, {where}")
    with right:
        st.subheader("Found in pictures", anchor=False)
        _show_sheet(
            pad_images([patch.pixels for patch in patches]),
            [format_number(patch.value) for patch in patches],
            [patch.name for patch in patches],
            key="patches",
        )
        _show_projections(model, pictures, layer, channel, patches)
    if made is not None:
        _offer_patches(model, layer, channel, patches)


def _show_projections(
    model: LoadedModel,
    pictures: Sequence[CheckedImage],
    layer: Layer,
    channel: int,
    patches: Sequence[ExcitingPatch],
) -> None:
    if not layer.is_spatial or layer.name == "input":
        return
    try:
        projected = [
            _project(model, pictures[patch.image], layer, channel, patch) for patch in patches
        ]
    except CNNVizError as error:
        st.caption(f"No deconvnet projection: {error}")
        return
    st.subheader("Projected down (deconvnet)", anchor=False)
    _show_sheet(
        pad_images(projected),
        [format_number(patch.value) for patch in patches],
        [patch.name for patch in patches],
        key="projections",
    )
    st.caption(
        "Mid-grey is zero; each is scaled to its own largest value. The same places, in the same "
        "order."
    )


def _project(
    model: LoadedModel, picture: CheckedImage, layer: Layer, channel: int, patch: ExcitingPatch
) -> Pixels:
    """A cell's activation projected to its patch, mid-grey at zero, uint8 (h, w, 3)."""
    x = model.spec.preprocessing.prepare(picture.pixels)
    result = project_activation(model, x, layer=layer.name, channel=channel, place=patch.place)
    values = (result.values[None] if result.pixels is None else result.pixels).numpy()
    limit = float(np.abs(values).max()) or 1.0
    grey: Pixels = np.rint(127.5 + 127.5 * values / limit).astype(np.uint8)  # (C, H, W)
    shown = np.ascontiguousarray(grey.transpose(1, 2, 0))  # (C, H, W) -> (H, W, C)
    shown = shown if shown.shape[2] == 3 else shown.repeat(3, axis=2)
    if patch.field is None:
        return shown
    field = patch.field
    return shown[field.top : field.bottom + 1, field.left : field.right + 1]


def _show_sheet(pixels: Pixels, names: list[str], notes: list[str], *, key: str) -> None:
    tiles = [
        Tile(
            channel=place,
            name=name,
            note=note.split()[0].rstrip(","),
            title=note,
            label=f"{note}, activation {name}",
        )
        for place, (name, note) in enumerate(zip(names, notes, strict=True))
    ]
    show_color_sheet(pixels, tiles=tiles, key=key, side=112)


def _offer_patches(
    model: LoadedModel, layer: Layer, channel: int, patches: Sequence[ExcitingPatch]
) -> None:
    st.download_button(
        "Patches as PNG",
        draw_tiles(
            pad_images([patch.pixels for patch in patches]),
            captions=[f"{format_number(patch.value)} {patch.name[:12]}" for patch in patches],
            title=f"{model.spec.title}, {name_layer(layer)}, channel {channel}",
            limit=None,
        ),
        file_name=f"{model.spec.name}-{layer.name}-{channel}-patches.png",
        mime="image/png",
        icon=":material/download:",
        on_click="ignore",
    )
