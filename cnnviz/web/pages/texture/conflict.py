"""One cue conflict of two pictures: made on the screen, and named by every network."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from torch import Tensor

from cnnviz.errors import CNNVizError
from cnnviz.figures.format import format_number
from cnnviz.figures.formulas import name_layer
from cnnviz.figures.texture import (
    draw_losses,
    pack_card,
    write_gram_formula,
    write_loss_formula,
    write_losses_csv,
    write_rows_csv,
)
from cnnviz.imaging import CheckedImage, Pixels, from_array, to_png
from cnnviz.inference import LoadedModel
from cnnviz.texture.images import cut_square
from cnnviz.texture.patchwork import make_patchwork
from cnnviz.texture.style import StyleTransfer, read_gram, transfer_style
from cnnviz.texture.trials import view
from cnnviz.web.caches import get_prediction
from cnnviz.web.chrome import show_error
from cnnviz.web.components.cues.cues import Shown, show_cues
from cnnviz.web.components.maps.maps import Tile, show_sheet
from cnnviz.web.files import offer_file
from cnnviz.web.jobs import HeavyResult, show_result
from cnnviz.web.pages.texture.controls import Making

_NAMES = ("shape", "texture", "conflict")
_CONFLICT = "Cue conflict"


@dataclass(frozen=True, slots=True, eq=False)
class Conflict:
    """A finished cue conflict.

    Attributes:
        originals: The image with the shape and the one with the texture, as squares.
        pixels: The conflict, uint8 (H, W, 3).
        transfer: The style transfer that made it; None for patches.
    """

    originals: tuple[CheckedImage, CheckedImage]
    pixels: Pixels
    transfer: StyleTransfer | None


def show_conflict(
    models: Sequence[LoadedModel],
    images: tuple[CheckedImage, CheckedImage],
    making: Making,
) -> Conflict | None:
    """Make the cue conflict of two images, and let the networks predict it."""
    shape, texture = (from_array(cut_square(one.pixels), name=one.name) for one in images)
    originals = (shape, texture)
    if making.makers:
        found = _show_transfer(models, originals, making)
        return None if found is None else Conflict(originals, found.pixels[0], found)
    made = _show_patchwork(models, originals, making)
    return None if made is None else Conflict(originals, made, None)


def explain_conflict(models: Sequence[LoadedModel], making: Making, conflict: Conflict) -> None:
    """Show all predictions as a table, how the conflict was made, and files."""
    rows = _tabulate(models, conflict)
    if rows:
        st.subheader("Predictions", anchor=False)
        st.dataframe({name: [row[name] for row in rows] for name in rows[0]}, hide_index=True)
    _offer(rows, conflict)
    if conflict.transfer is not None:
        _explain_transfer(conflict.originals, making, conflict.transfer)


def _show_patchwork(
    models: Sequence[LoadedModel], originals: Sequence[CheckedImage], making: Making
) -> Pixels | None:
    try:
        made = make_patchwork(originals[0].pixels, originals[1].pixels, options=making.patches)
    except CNNVizError as error:
        show_error(error)
        return None
    note = f"patch size {making.patches.side} %"
    _show_images(models, originals, made, note=note)
    return made


def _show_transfer(
    models: Sequence[LoadedModel],
    originals: Sequence[CheckedImage],
    making: Making,
) -> StyleTransfer | None:
    maker, options = making.makers[0]
    contents, styles = (view(maker, one.pixels) for one in originals)

    def begin() -> Iterator[tuple[float, str, StyleTransfer]]:
        if not options.from_noise:  # shown at once: the image that it begins with
            begun = StyleTransfer(0, options.steps, content=(), style=(), pixels=contents[None])
            yield 0.0, "first step", begun
        for one in transfer_style(maker, contents[None], styles[None], options=options):
            yield one.step / one.steps, f"step {one.step} of {one.steps}", one

    def show_growing(one: StyleTransfer) -> None:
        note = f"made with {maker.spec.title}, step {one.step} of {one.steps}"
        _show_images(models, originals, one.pixels[0], note=note, maker=maker)

    digests = "/".join(one.digest for one in originals)
    return show_result(
        HeavyResult(
            key=f"conflict/{making.key}/{digests}",
            title="Cue conflict",
            run=begin,
            size=lambda one: one.pixels.nbytes,
        ),
        draw=show_growing,
        slot="texture.conflict",
    )


def _show_images(
    models: Sequence[LoadedModel],
    originals: Sequence[CheckedImage],
    made: Pixels,
    *,
    note: str,
    maker: LoadedModel | None = None,
) -> None:
    """The two originals and the conflict, and a card for each network."""
    conflict = from_array(made, name=_CONFLICT)
    cards = []
    for model in models:
        said = [get_prediction(model.spec.name, one) for one in (*originals, conflict)]
        first, second = (frozenset({one.ranking[0]}) for one in said[:2])
        own = maker is not None and maker.spec.name == model.spec.name
        why = "made with its own features: biased to texture" if own else ""
        cards.append(pack_card(model, said, cues=(first, second), note=why))
    shown = (
        Shown(originals[0].pixels, "Shape", originals[0].name, "shape"),
        Shown(originals[1].pixels, "Texture", originals[1].name, "texture"),
        Shown(made, _CONFLICT, note),
    )
    show_cues(shown, cards, key="texture.cues")
    if cards:
        st.caption(
            "The class of a cue is the network's top-1 class of that original. The decision is its "
            "top-1 class of the conflict: that of the shape (blue), of the texture (orange), or "
            "neither."
        )


def _explain_transfer(
    originals: Sequence[CheckedImage], making: Making, found: StyleTransfer
) -> None:
    """Losses, Gram matrices and formulas, with these pictures' own numbers."""
    st.subheader("Style transfer", anchor=False)
    maker, options = making.makers[0]
    images = (*(view(maker, one.pixels) for one in originals), found.pixels[0])
    layer = maker.graph.find(options.style[0])
    grams = [read_gram(maker, one, layer=layer.name) for one in images]
    curve, matrices = st.columns(2, gap="large")
    with curve:
        st.plotly_chart(
            draw_losses(found),
            key="texture.losses",
            config={"displayModeBar": False},
            alt="Content loss and style loss against the steps",
        )
    with matrices:
        _show_grams(grams)
        st.caption(
            f"Gram matrices of {name_layer(layer)}, {len(grams[0])}×{len(grams[0])}: the product "
            "of each two channels, averaged over all positions. The conflict's is close to the "
            "texture's."
        )
    places = layer.shape[1] * layer.shape[2]
    for line in write_gram_formula(grams, places=places, names=_NAMES):
        st.latex(line)
    for line in write_loss_formula(found, weight=options.weight, layers=len(options.style)):
        st.latex(line)
    layers = ", ".join(name_layer(maker.graph.find(name)) for name in options.style)
    content = name_layer(maker.graph.find(options.content))
    fallen = " ".join(_tell_fall(found))
    st.markdown(
        f"F are the conflict's maps of {content}, P those of the shape image. G and A are the Gram "
        f"matrices of the conflict and of the texture image in {layers}. {fallen}"
    )


def _tell_fall(found: StyleTransfer) -> Iterator[str]:
    for name, values in (("style", found.style), ("content", found.content)):
        first, last = format_number(values[0]), format_number(values[-1])
        yield f"The {name} loss falls from {first} to {last}."


def _show_grams(grams: Sequence[Tensor]) -> None:
    """The three matrices in one colour scale."""
    limit = max(float(gram.abs().max()) for gram in grams)
    tiles = [
        Tile(channel=place, name=name, note="", title=name, label=f"Gram matrix of the {name}")
        for place, name in enumerate(_NAMES)
    ]
    values = np.stack([gram.numpy() for gram in grams])
    # Roots, with their sign: a few channels are far stronger than the rest.
    rooted = np.sign(values) * np.sqrt(np.abs(values))
    show_sheet(
        rooted.astype(np.float32),
        limits=np.full(3, limit**0.5),
        tiles=tiles,
        scale=None,
        key="texture.grams",
        side=112,
    )


def _tabulate(models: Sequence[LoadedModel], conflict: Conflict) -> list[dict[str, object]]:
    """Each network's top-1 classes, and how probable both cues are in the conflict."""
    images = (*conflict.originals, from_array(conflict.pixels, name=_CONFLICT))
    rows = []
    for model in models:
        said = [get_prediction(model.spec.name, one) for one in images]
        row: dict[str, object] = {"network": model.spec.title}
        for name, one in zip(_NAMES, said, strict=True):
            first = one.ranking[0]
            row[f"{name}: top-1 class"] = model.spec.classes[first]
            row[f"{name}: probability"] = round(float(one.probabilities[first]), 6)
        for name, one in zip(_NAMES, said[:2], strict=False):
            share = float(said[2].probabilities[one.ranking[0]])
            row[f"conflict: probability of the {name}'s class"] = round(share, 6)
        rows.append(row)
    return rows


def _offer(rows: Sequence[dict[str, object]], conflict: Conflict) -> None:
    found = conflict.transfer
    files: list[tuple[str, Callable[[], bytes], str]] = [
        ("Conflict as PNG", lambda: to_png(conflict.pixels), "cue-conflict.png"),
        ("Predictions as CSV", lambda: write_rows_csv(rows), "cue-conflict.csv"),
    ]
    if found is not None:
        files.append(("Losses as CSV", lambda: write_losses_csv(found), "losses.csv"))
    with st.container(horizontal=True):
        for label, make, name in files:
            offer_file(label, make, name)
