"""Grids of made pictures: a network layer by layer, a class across networks."""

from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import streamlit as st

from cnnviz.errors import WeightsError
from cnnviz.figures.formulas import name_layer
from cnnviz.figures.maps import draw_tiles
from cnnviz.figures.synthesis import pad_pictures, tile_pictures
from cnnviz.imaging import Pixels, to_png
from cnnviz.inference import LoadedModel
from cnnviz.synthesis.across import AcrossCell, grow_across
from cnnviz.synthesis.depth import DepthRow, grow_depths
from cnnviz.synthesis.regularizers import PRESETS, Preset
from cnnviz.synthesis.transfer_score import Reading, TransferScore, read_score
from cnnviz.web.caches import get_facts, get_input
from cnnviz.web.excites.controls import choose_class
from cnnviz.web.excites.lesson import tell_transfer
from cnnviz.web.maps_component import Tile, show_color_sheet
from cnnviz.web.picture_chooser import list_gallery
from cnnviz.web.runnable import list_runnable
from cnnviz.web.runs import show_run
from cnnviz.weights import read_card
from cnnviz.zoo.lineage import MEMBERS
from cnnviz.zoo.registry import get_listing

_SETTINGS = PRESETS[Preset.OLAH]
_DEPTH_STEPS = 64
_CHANNELS = 6
_STEPS = 128

Rows = tuple[DepthRow, ...]
Cells = tuple[AcrossCell, ...]


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
        for share, rows in grow_depths(
            model, inputs, settings=_SETTINGS, steps=_DEPTH_STEPS, count=_CHANNELS
        ):
            yield share, f"picture {sum(len(row.channels) for row in rows) + 1}", rows

    rows = show_run(
        key,
        title=f"{model.spec.title} layer by layer",
        begin=begin,
        measure=lambda rows: sum(row.pixels.nbytes for row in rows),
        show=lambda rows: _show_rows(model, rows),
    )
    if rows:
        if any(len(row.channels) < min(_CHANNELS, row.layer.shape[0]) for row in rows):
            st.caption("The network is large: these are all that were made in a run's time.")
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
    _show_scores(model)


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


def _show_scores(model: LoadedModel) -> None:
    """The same over all classes, from the networks' model cards."""
    st.header("How real are they?", anchor=False)
    st.markdown(tell_transfer(model))
    scores = _read_scores(model)
    rows = {
        f"{get_listing(name).title}’s pictures": [
            f"{score.sure} of {score.pictures}",
            *(_write_reading(score.others.get(other)) for other in scores),
        ]
        for name, score in scores.items()
    }
    if rows:
        columns = [
            "itself, at least 99 % sure",
            *(f"{get_listing(name).title}, among five" for name in scores),
        ]
        st.table(
            {"": list(rows)}
            | dict(zip(columns, map(list, zip(*rows.values(), strict=True)), strict=True))
        )


def _read_scores(model: LoadedModel) -> dict[str, TransferScore]:
    """Of the bundled networks of the same classes that were measured."""
    scores = {}
    for spec in MEMBERS:
        if spec.classes == model.spec.classes:
            with suppress(WeightsError):  # not trained yet
                scores[spec.name] = read_score(read_card(spec.name))
    return {name: score for name, score in scores.items() if score is not None}


def _write_reading(reading: Reading | None) -> str:
    return "" if reading is None else f"{reading.among_five} of {reading.pictures}"


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
