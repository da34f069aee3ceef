"""What networks predict of a made image: a cue conflict, or one without shape or texture."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import streamlit as st
from torch import Tensor

from cnnviz.cached import get_prediction
from cnnviz.csv_file import write_rows_csv
from cnnviz.figures import texture as figures
from cnnviz.figures.format import format_setting
from cnnviz.figures.formulas import name_layer
from cnnviz.images.corruptions import Corruption, corrupt
from cnnviz.images.image import CheckedImage, Pixels, from_array, to_png
from cnnviz.networks.load import LoadedModel, Prediction
from cnnviz.runs.texture import Curves, Models, follow_curves, follow_transfer
from cnnviz.shape_texture.bias import Naming
from cnnviz.shape_texture.images import cut_square
from cnnviz.shape_texture.patchwork import make_patchwork
from cnnviz.shape_texture.style import StyleTransfer, read_gram
from cnnviz.shape_texture.trials import Making, view
from cnnviz.web.charts import show_chart, show_table
from cnnviz.web.components.cues.cues import show_cues
from cnnviz.web.components.maps.maps import show_sheet
from cnnviz.web.controls.corruption import read_strengths
from cnnviz.web.controls.image import find_image
from cnnviz.web.files import offer_file, offer_files
from cnnviz.web.jobs import show_heavy
from cnnviz.web.pages.texture.controls import DISTORTIONS, Page, find_making
from cnnviz.web.pages.texture.view import list_set, show_set, write_key

_CONFLICT = "Cue conflict"

Originals = Sequence[CheckedImage]  # the image with the shape, and the one with the texture


def show_conflict(page: Page, models: Models) -> Callable[[], None] | None:
    """Make a cue conflict, and return what explains it below the stage, once there is one.

    Raises:
        CNNVizError: The images make no patchwork.
    """
    images = (page.at.bench.image, find_image(page.values.texture))
    making = find_making(page.values, models)
    originals = [from_array(cut_square(one.pixels), name=one.name) for one in images if one]
    if making is None or len(originals) < 2:
        return None
    if making.makers:
        found = _show_transfer(page, models, originals, making)
        if found is None:
            return None
        return lambda: _explain(page, models, originals, found.pixels[0], (making, found))
    shape, texture = (one.pixels for one in originals)
    made = make_patchwork(shape, texture, options=making.patches)
    _show_images(page, models, originals, made, note=f"patch size {making.patches.side} %")
    return partial(_explain, page, models, originals, made, None)


def _show_transfer(
    page: Page, models: Models, originals: Originals, making: Making
) -> StyleTransfer | None:
    maker, options = making.makers[0]
    contents, styles = (view(maker, one.pixels)[None] for one in originals)
    run = partial(follow_transfer, maker, contents, styles, options)

    def draw(one: StyleTransfer) -> None:
        note = f"made with {maker.spec.title}, step {one.step} of {one.steps}"
        _show_images(page, models, originals, one.pixels[0], note=note, maker=maker)

    key = (making.key, *(one.digest for one in originals))
    return show_heavy(
        _CONFLICT,
        *key,
        run=run,
        draw=draw,
        slot="texture.conflict",
        meanwhile=lambda: show_cues(_pack_originals(originals), [], key="texture.cues"),
    )


def _predict(models: Models, originals: Originals, made: Pixels) -> list[list[Prediction]]:
    """What each network says of the two originals and the conflict."""
    images = (*originals, from_array(made, name=_CONFLICT))
    return [[get_prediction(model.spec.name, one) for one in images] for model in models]


def _show_images(
    page: Page,
    models: Models,
    originals: Originals,
    made: Pixels,
    *,
    note: str,
    maker: LoadedModel | None = None,
) -> None:
    """The two originals and the conflict, and a card for each network."""
    cards = figures.pack_cards(models, _predict(models, originals, made), maker=maker)
    shown = (*_pack_originals(originals), figures.pack_image(made, _CONFLICT, note))
    show_cues(shown, cards, key="texture.cues")
    st.caption(page.text("decision"))


def _pack_originals(originals: Originals) -> list[dict[str, str]]:
    shape, texture = originals
    return [
        figures.pack_image(shape.pixels, "Shape", shape.name, "shape"),
        figures.pack_image(texture.pixels, "Texture", texture.name, "texture"),
    ]


def _explain(
    page: Page,
    models: Models,
    originals: Originals,
    made: Pixels,
    transfer: tuple[Making, StyleTransfer] | None,
) -> None:
    """Show all predictions as a table, how the conflict was made, and files."""
    predictions = _predict(models, originals, made)
    rows = figures.tabulate_conflict(models, predictions)
    st.subheader("Predictions", anchor=False)
    show_table(
        figures.list_conflict_cells(models, predictions),
        helps={
            f"P({name} class)": f"Probability of the {name} image's top-1 class, in the conflict"
            for name in figures.CUES[:-1]
        },
    )
    files: dict[str, tuple[Callable[[], bytes], str]] = {
        "Conflict as PNG": (lambda: to_png(made), "cue-conflict.png"),
        "Predictions as CSV": (lambda: write_rows_csv(rows), "cue-conflict.csv"),
    }
    if transfer is not None:
        files["Losses as CSV"] = (lambda: figures.write_losses_csv(transfer[1]), "losses.csv")
    offer_files(files)
    if transfer is not None:
        _explain_transfer(page, originals, *transfer)


def _explain_transfer(
    page: Page, originals: Originals, making: Making, found: StyleTransfer
) -> None:
    """Losses, Gram matrices and formulas, with these images' own numbers."""
    st.subheader("Style transfer", anchor=False)
    maker, options = making.makers[0]
    images = (*(view(maker, one.pixels) for one in originals), found.pixels[0])
    layer = maker.graph.find(options.style[0])
    grams = [read_gram(maker, one, layer=layer.name) for one in images]
    curve, matrices = st.columns(2, gap="large")
    with curve:
        alt = "Content loss and style loss against the steps"
        show_chart(figures.draw_losses(found), key="texture.losses", alt=alt)
    with matrices:
        _show_grams(grams)
        st.caption(page.text("grams", layer=name_layer(layer), count=len(grams[0])))
    loss = figures.write_loss_formula(found, weight=options.weight, layers=len(options.style))
    for line in (*figures.write_gram_formula(grams, places=layer.shape[1] * layer.shape[2]), *loss):
        st.latex(line)
    layers = ", ".join(name_layer(maker.graph.find(name)) for name in options.style)
    content = name_layer(maker.graph.find(options.content))
    change = figures.describe_losses(found)
    st.markdown(page.text("losses", content=content, layers=layers, change=change))


def _show_grams(grams: Sequence[Tensor]) -> None:
    """The three matrices in one colour scale."""
    rooted = figures.root_grams(grams)
    show_sheet(
        rooted,
        limits=np.full(3, np.abs(rooted).max(), dtype=np.float64),
        tiles=figures.name_grams(),
        scale=None,
        key="texture.grams",
        side=112,
    )


def show_distorted(page: Page, models: Sequence[LoadedModel]) -> Callable[[], None] | None:
    """Show an image distorted, and return what shows the set's curves below the stage."""
    image, strengths = page.at.bench.image, read_strengths(page.values, DISTORTIONS)
    if image is None:
        return None
    clean = from_array(cut_square(image.pixels), name=image.name)
    made = from_array(corrupt(clean.pixels, strengths), name=clean.name)
    told = ", ".join(f"{one.lower()} {format_setting(value)}" for one, value in strengths.items())
    cards = []
    for model in models:
        before, now = (get_prediction(model.spec.name, one) for one in (clean, made))
        cards.append(figures.pack_distorted_card(model, before, now))
    shown = (
        figures.pack_image(clean.pixels, "Image", f"{clean.name}, center crop"),
        figures.pack_image(made.pixels, "Distorted image", told or "no distortion"),
    )
    show_cues(shown, cards, key="texture.distorted")
    st.caption("Blue: the top-1 class of the undistorted image. Orange: another class leads.")

    def show_below() -> None:
        offer_file("Distorted image as PNG", lambda: to_png(made.pixels), "distorted.png")
        _show_curves(page, models)

    return show_below


def _show_curves(page: Page, models: Sequence[LoadedModel]) -> None:
    """Show how many images of the set each network still predicts as before."""
    st.subheader("Robustness over a set of images", anchor=False)
    st.markdown(page.text("robustness"))
    page.draw("follow", "naming")
    show_set(page, models)
    corruption, naming, images = page.values.follow, page.values.naming, list_set()

    found = show_heavy(
        "Robustness curves",
        *(corruption, naming, write_key(models)),
        run=partial(follow_curves, models, images, corruption, naming),
        draw=partial(_draw, page, corruption),
        slot="texture.curves",
        start="Compute the curves",
    )
    if found is not None:
        rows = figures.tabulate_robustness(found, corruption)
        name = f"{corruption.name.lower()}.csv"
        offer_file("Counts as CSV", lambda: write_rows_csv(rows), name)


def _draw(page: Page, corruption: Corruption, curves: Curves) -> None:
    if not any(curve.total for curve in curves):
        st.info(page.text("no_images"))
        return
    alt = f"How many images each network still predicts as before, against {corruption.lower()}"
    figure = figures.draw_robustness(curves, corruption)
    show_chart(figure, key="texture.robustness", alt=alt, file="robustness")
    is_truth = page.values.naming is Naming.TRUTH
    how = "that a network predicts correctly" if is_truth else "of the set"
    told = ", ".join(f"{curve.title} {curve.total}" for curve in curves)
    st.caption(f"Share of the undistorted images {how}: {told}. Few images give coarse steps.")
