"""Grids of made pictures: a network layer by layer, a class across networks, fooling noise."""

from collections.abc import Iterator

import numpy as np
import streamlit as st

from cnnviz.figures.formulas import name_layer
from cnnviz.figures.maps import draw_tiles
from cnnviz.figures.synthesis import pad_pictures, tile_pictures
from cnnviz.imaging import Pixels, to_png
from cnnviz.inference import LoadedModel
from cnnviz.synthesis.across import AcrossCell, grow_across
from cnnviz.synthesis.depth import DepthRow, grow_depths
from cnnviz.synthesis.fooling import FoolingImage, fool
from cnnviz.synthesis.regularizers import PRESETS, Preset
from cnnviz.web.caches import get_facts, get_input
from cnnviz.web.excites.controls import choose_class
from cnnviz.web.maps_component import Tile, show_color_sheet
from cnnviz.web.picture_chooser import list_gallery
from cnnviz.web.runnable import list_runnable
from cnnviz.web.runs import show_run

_SETTINGS = PRESETS[Preset.OLAH]
_DEPTH_STEPS = 64
_STEPS = 128
_FOOLED = 8

Rows = tuple[DepthRow, ...]
Cells = tuple[AcrossCell, ...]
Noise = tuple[FoolingImage, ...]


def show_depths(model: LoadedModel) -> None:
    """Show what channels of early, middle and late layers want to see."""
    st.markdown(
        "From the first layer to the last: edges and colours, textures, patterns, parts, and in "
        "the last row classes. Each picture is made for one channel, those that stand out most on "
        "the sample pictures."
    )
    key = f"depth/{model.spec.name}/{model.card.sha256}"

    def begin() -> Iterator[tuple[float, str, Rows]]:
        inputs = [get_input(model.spec.name, picture) for picture in list_gallery()]
        for share, rows in grow_depths(model, inputs, settings=_SETTINGS, steps=_DEPTH_STEPS):
            yield share, f"layer {len(rows) or 1}", rows

    rows = show_run(
        key,
        title=f"{model.spec.title} layer by layer",
        begin=begin,
        measure=lambda rows: sum(row.pixels.nbytes for row in rows),
        show=lambda rows: _show_rows(model, rows),
    )
    if rows:
        _offer(
            draw_tiles(
                np.concatenate([row.pixels for row in rows]),
                captions=[
                    f"{name_layer(row.layer)[:14]} {channel}"
                    for row in rows
                    for channel in row.channels
                ],
                title=f"{model.spec.title}, layer by layer",
                limit=None,
            ),
            f"{model.spec.name}-layers.png",
        )


def _show_rows(model: LoadedModel, rows: Rows) -> None:
    facts = get_facts(model.spec.name)
    for row in rows:
        is_output = row.layer is model.graph.layers[-1]
        field = facts[row.layer.name].field
        seen = f" · a cell sees {field.size[0]}×{field.size[1]}" if field else ""
        st.caption(f"**{name_layer(row.layer)}**{'' if is_output else seen}")
        names = [
            model.spec.classes[channel] if is_output else str(channel) for channel in row.channels
        ]
        _show_sheet(row.pixels, names, ["" for _ in names], key=f"depth-{row.layer.name}")


def show_across(model: LoadedModel) -> None:
    """Show one class as each network that knows it would like to see it."""
    st.markdown(
        "The same class, the same start, the same settings, each network's own picture. A picture "
        "that the others name too shows the thing, not one network's whims."
    )
    label = model.spec.classes[choose_class(model)]
    names = [listing.name for listing in list_runnable()]

    def begin() -> Iterator[tuple[float, str, Cells]]:
        for share, cells in grow_across(names, label, settings=_SETTINGS, steps=_STEPS):
            yield share, f"network {len(cells) + 1}", cells

    cells = show_run(
        f"across/{label}/{names}/{model.card.sha256}",
        title=f"{label} across networks",
        begin=begin,
        measure=lambda cells: sum(0 if c.pixels is None else c.pixels.nbytes for c in cells),
        show=lambda cells: _show_cells(cells, label),
    )
    if cells:
        _tell_readings(cells, label)
        made = [cell for cell in cells if cell.pixels is not None]
        if made:
            pictures = pad_pictures([cell.pixels for cell in made if cell.pixels is not None])
            _offer(to_png(tile_pictures(pictures)), f"{label}-networks.png".replace(" ", "-"))


def _show_cells(cells: Cells, label: str) -> None:
    made = [cell for cell in cells if cell.pixels is not None]
    if made:
        pictures = pad_pictures([cell.pixels for cell in made if cell.pixels is not None])
        _show_sheet(
            pictures,
            [cell.title for cell in made],
            [str(cell.year) for cell in made],
            key="across",
            side=224,
        )
    for cell in cells:
        if cell.pixels is None:
            st.caption(f"{cell.title} was passed over: its picture of {label} {cell.note}.")


def _tell_readings(cells: Cells, label: str) -> None:
    titles = {cell.name: cell.title for cell in cells}
    rows = {
        f"{cell.title}’s picture": {
            titles[name]: f"{place}." for name, place in cell.readings.items()
        }
        for cell in cells
        if cell.readings
    }
    if len(titles) < 2:
        st.info(
            f"Only one network here knows the class {label}. With a second one of the lineage this "
            "table tells whether it recognises the first one's picture."
        )
    if not rows:
        return
    st.markdown(f"At which guess each network (column) names **{label}** on each picture (row):")
    columns = list(next(iter(rows.values())))
    st.table(
        {"": list(rows)} | {name: [row.get(name, "") for row in rows.values()] for name in columns}
    )


def show_fooling(model: LoadedModel) -> None:
    """Show noise that the network is sure about."""
    st.markdown(
        "Noise, changed along the gradient with every regulariser off until the network gives a "
        "class 99 %. Above what it started from, below what the network is sure of."
    )
    classes = np.linspace(0, len(model.spec.classes) - 1, _FOOLED).round().astype(int).tolist()
    classes = list(dict.fromkeys(classes))

    def begin() -> Iterator[tuple[float, str, Noise]]:
        for share, images in fool(model, classes):
            yield share, f"picture {len(images) + 1} of {len(classes)}", images

    images = show_run(
        f"fool/{model.spec.name}/{model.card.sha256}",
        title=f"Fooling noise for {model.spec.title}",
        begin=begin,
        measure=lambda images: sum(2 * image.after.nbytes for image in images),
        show=lambda images: _show_noise(model, images),
    )
    if not images:
        return
    last = images[-1]
    name = model.spec.classes[last.index]
    size = last.before.size if model.spec.preprocessing.shape[0] == 3 else last.before[..., 0].size
    st.latex(
        r"\sqrt{\tfrac{1}{n}\textstyle\sum (x' - x)^2} = "
        rf"{last.change:.1f} / 255, \quad n = {size}, \quad"
        rf" p_{{\text{{{name}}}}}(x') = {100 * last.probability:.2f}\,\%"
    )
    sure = sum(image.probability >= 0.99 for image in images)
    st.markdown(
        f"{sure} of {len(images)} reached 99 % (of the 8-bit picture), after "
        f"{min(image.steps for image in images)} to {max(image.steps for image in images)} steps."
    )
    sheet = np.stack([picture for image in images for picture in (image.before, image.after)])
    captions = [
        text
        for image in images
        for text in ("noise", f"{model.spec.classes[image.index]} {100 * image.probability:.1f} %")
    ]
    title = f"Fooling noise for {model.spec.title}"
    _offer(
        draw_tiles(sheet, captions=captions, title=title, limit=None),
        f"{model.spec.name}-fooling.png",
    )


def _show_noise(model: LoadedModel, images: Noise) -> None:
    if not images:
        return
    classes = model.spec.classes
    _show_sheet(
        np.stack([image.before for image in images]),
        [f"taken for {classes[image.first_guess[0]]}" for image in images],
        [f"{100 * image.first_guess[1]:.0f} %" for image in images],
        key="noise-before",
        side=128,
    )
    _show_sheet(
        np.stack([image.after for image in images]),
        [classes[image.index] for image in images],
        [f"{100 * image.probability:.1f} %" for image in images],
        key="noise-after",
        side=128,
    )


def _show_sheet(
    pixels: Pixels,
    names: list[str],
    notes: list[str],
    *,
    key: str,
    side: int | None = 128,
) -> None:
    tiles = [
        Tile(channel=place, name=name, note=note, title=name, label=f"{name} {note}".strip())
        for place, (name, note) in enumerate(zip(names, notes, strict=True))
    ]
    show_color_sheet(pixels, tiles=tiles, key=key, side=side)


def _offer(data: bytes, name: str) -> None:
    st.download_button(
        "Sheet as PNG",
        data,
        file_name=name,
        mime="image/png",
        icon=":material/download:",
        on_click="ignore",
    )
