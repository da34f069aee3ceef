"""One cue conflict of two pictures: made on the screen, and named by every network."""

from collections.abc import Iterator, Sequence

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
from cnnviz.web.jobs import HeavyResult, show_result
from cnnviz.web.picture_chooser import choose_picture
from cnnviz.web.texture.controls import Making, choose_making

_FIRST_SHAPE, _FIRST_TEXTURE = "coffee", "cat"
_NAMES = ("shape", "texture", "conflict")
_CONFLICT = "Cue conflict"


def show_conflict(models: Sequence[LoadedModel]) -> None:
    """Choose two pictures, make their cue conflict, and let the networks name it."""
    stage = st.container()  # above the two galleries, which are a screen high
    left, right = st.columns(2, gap="large")
    with left:
        shape = choose_picture(models[0], first=_FIRST_SHAPE, slot="shape_", label="Shape of")
    with right:
        texture = choose_picture(
            models[0], first=_FIRST_TEXTURE, slot="texture_", label="Texture of"
        )
    making = choose_making()
    if shape is None or texture is None or making is None:
        stage.info(
            "Choose two pictures; the one with the first's shape and the second's texture "
            "grows here."
        )
        return
    originals = tuple(from_array(cut_square(one.pixels), name=one.name) for one in (shape, texture))
    if making.makers:
        with stage:
            found = _show_transfer(models, originals, making)
        if found is not None:
            _explain_transfer(originals, making, found)
            _offer(models, originals, found.pixels[0], found)
        return
    with stage:
        made = _show_patchwork(models, originals, making)
    if made is not None:
        st.caption(
            "The silhouette is what no smooth path of colours connects with the picture's border; "
            "no network is asked. Where the object fills the frame it finds too little."
        )
        _offer(models, originals, made, None)


def _show_patchwork(
    models: Sequence[LoadedModel], originals: Sequence[CheckedImage], making: Making
) -> Pixels | None:
    try:
        made = make_patchwork(originals[0].pixels, originals[1].pixels, options=making.patches)
    except CNNVizError as error:
        show_error(error)
        return None
    note = f"patches of {making.patches.side} % of the side"
    _show_pictures(models, originals, made, note=note)
    return made


def _show_transfer(
    models: Sequence[LoadedModel],
    originals: Sequence[CheckedImage],
    making: Making,
) -> StyleTransfer | None:
    maker, options = making.makers[0]
    contents, styles = (view(maker, one.pixels) for one in originals)

    def begin() -> Iterator[tuple[float, str, StyleTransfer]]:
        for one in transfer_style(maker, contents[None], styles[None], options=options):
            yield one.step / one.steps, f"step {one.step} of {one.steps}", one

    def show_growing(one: StyleTransfer) -> None:
        done = one.step == one.steps
        note = f"made with {maker.spec.title}, step {one.step} of {one.steps}"
        _show_pictures(models if done else (), originals, one.pixels[0], note=note, maker=maker)

    digests = "/".join(one.digest for one in originals)
    return show_result(
        HeavyResult(
            key=f"conflict/{making.key}/{digests}",
            title="The cue conflict",
            run=begin,
            size=lambda one: one.pixels.nbytes,
        ),
        draw=show_growing,
    )


def _show_pictures(
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
        why = "made with its own features, so it leans to texture" if own else ""
        cards.append(pack_card(model, said, cues=(first, second), note=why))
    shown = (
        Shown(originals[0].pixels, "Shape", originals[0].name, "shape"),
        Shown(originals[1].pixels, "Texture", originals[1].name, "texture"),
        Shown(made, _CONFLICT, note),
    )
    show_cues(shown, cards, key="cues")
    if cards:
        st.caption(
            "A cue's class is the network's own first guess on that original, right or wrong. The "
            "decision is its first guess on the conflict: the shape's class (blue), the texture's "
            "(orange), or neither."
        )


def _explain_transfer(
    originals: Sequence[CheckedImage], making: Making, found: StyleTransfer
) -> None:
    """Losses, Gram matrices and formulas, with these pictures' own numbers."""
    st.header("How it was made", anchor=False)
    maker, options = making.makers[0]
    pictures = (*(view(maker, one.pixels) for one in originals), found.pixels[0])
    layer = maker.graph.find(options.style[0])
    grams = [read_gram(maker, one, layer=layer.name) for one in pictures]
    curve, matrices = st.columns(2, gap="large")
    with curve:
        st.plotly_chart(
            draw_losses(found),
            key="losses",
            config={"displayModeBar": False},
            alt="Content loss and style loss against the steps",
        )
    with matrices:
        _show_grams(grams)
        st.caption(
            f"Gram matrices of {name_layer(layer)}, {len(grams[0])}×{len(grams[0])}: how much each "
            "two of its channels go together, wherever in the picture. The conflict's follows the "
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
        f"F are the maps of {content}, P those of the shape picture; G and A the Gram matrices of "
        f"the conflict and of the texture picture in {layers}. {fallen}"
    )


def _tell_fall(found: StyleTransfer) -> Iterator[str]:
    for name, values in (("style", found.style), ("content", found.content)):
        first, last = format_number(values[0]), format_number(values[-1])
        yield f"The {name} loss went from {first} to {last}."


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
        key="grams",
        side=112,
    )


def _offer(
    models: Sequence[LoadedModel],
    originals: Sequence[CheckedImage],
    made: Pixels,
    found: StyleTransfer | None,
) -> None:
    conflict = from_array(made, name=_CONFLICT)
    rows = []
    for model in models:
        said = [get_prediction(model.spec.name, one) for one in (*originals, conflict)]
        row: dict[str, object] = {"network": model.spec.title}
        for name, one in zip(_NAMES, said, strict=True):
            first = one.ranking[0]
            row[f"{name}: first guess"] = model.spec.classes[first]
            row[f"{name}: probability"] = round(float(one.probabilities[first]), 6)
        for name, one in zip(_NAMES, said[:2], strict=False):
            share = float(said[2].probabilities[one.ranking[0]])
            row[f"conflict: probability of the {name}'s class"] = round(share, 6)
        rows.append(row)
    files = [
        ("Conflict as PNG", to_png(made), "cue-conflict.png", "image/png"),
        ("Guesses as CSV", write_rows_csv(rows), "cue-conflict.csv", "text/csv"),
    ]
    if found is not None:
        files.append(("Losses as CSV", write_losses_csv(found), "losses.csv", "text/csv"))
    with st.container(horizontal=True):
        for label, data, name, mime in files:
            st.download_button(
                label,
                data,
                file_name=name,
                mime=mime,
                icon=":material/download:",
                on_click="ignore",
            )
