"""Grids of made pictures: a network layer by layer, a class across networks."""

from collections.abc import Iterator
from contextlib import suppress
from enum import StrEnum

import numpy as np
import streamlit as st

from cnnviz.errors import WeightsError
from cnnviz.figures.formulas import name_layer
from cnnviz.figures.maps import draw_tiles
from cnnviz.figures.matrix import MatrixCell, draw_matrix, shorten_titles
from cnnviz.figures.synthesis import pad_images, tile_images
from cnnviz.imaging import Pixels, to_png
from cnnviz.inference import LoadedModel
from cnnviz.synthesis.across import AcrossCell, grow_across
from cnnviz.synthesis.depth import DepthRow, grow_depths
from cnnviz.synthesis.regularizers import PRESETS, Preset
from cnnviz.synthesis.transfer_score import Reading, TransferScore, read_score
from cnnviz.web.caches import get_facts, get_input
from cnnviz.web.components.maps.maps import Tile, show_color_sheet
from cnnviz.web.excites.controls import choose_class
from cnnviz.web.excites.lesson import tell_transfer
from cnnviz.web.jobs import HeavyResult, show_result
from cnnviz.web.option_chooser import choose_segment
from cnnviz.web.picture_chooser import list_gallery
from cnnviz.web.runnable import list_runnable
from cnnviz.weights import read_card
from cnnviz.zoo.lineage import MEMBERS
from cnnviz.zoo.registry import get_listing

_SETTINGS = PRESETS[Preset.OLAH]
_DEPTH_STEPS = 64
_CHANNELS = 6
_STEPS = 128

Rows = tuple[DepthRow, ...]
Cells = tuple[AcrossCell, ...]


class _Named(StrEnum):
    """When a class counts as named."""

    AMONG_FIVE = "among five guesses"
    FIRST = "at the first guess"


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

    rows = show_result(
        HeavyResult(
            key=key,
            title=f"{model.spec.title} layer by layer",
            run=begin,
            size=lambda rows: sum(row.pixels.nbytes for row in rows),
        ),
        draw=lambda rows: _show_rows(model, rows),
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

    cells = show_result(
        HeavyResult(
            key=f"across/{label}/{names}/{model.card.sha256}",
            title=f"{label} across networks",
            run=begin,
            size=lambda cells: sum(0 if c.pixels is None else c.pixels.nbytes for c in cells),
        ),
        draw=lambda cells: _show_cells(cells, label),
    )
    if cells:
        _tell_readings(cells, label)
        made = [cell for cell in cells if cell.pixels is not None]
        if made:
            pictures = pad_images([cell.pixels for cell in made if cell.pixels is not None])
            _offer(to_png(tile_images(pictures)), f"{label}-networks.png".replace(" ", "-"))
    _show_scores(model)


def _show_cells(cells: Cells, label: str) -> None:
    made = [cell for cell in cells if cell.pixels is not None]
    if made:
        pictures = pad_images([cell.pixels for cell in made if cell.pixels is not None])
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
    """At which guess each network names the class on each picture."""
    made = [cell for cell in cells if cell.readings]
    if len(cells) < 2:
        st.info(
            f"Only one network here knows the class {label}. With a second one of the lineage a "
            "matrix tells whether it recognises the first one's picture."
        )
        return
    if not made:
        return
    st.markdown(f"At which guess each network (column) names **{label}** on each picture (row):")
    titles = dict(
        zip((cell.name for cell in cells), shorten_titles([c.title for c in cells]), strict=True)
    )
    readers = [name for name in titles if any(name in cell.readings for cell in made)]
    st.plotly_chart(
        draw_matrix(
            [[_tell_place(cell.readings.get(name)) for name in readers] for cell in made],
            rows=[titles[cell.name] for cell in made],
            columns=[titles[name] for name in readers],
        ),
        key="readings",
        config={"displayModeBar": False},
        alt=f"At which guess each network names {label} on the picture made for each",
    )


def _tell_place(place: int | None) -> MatrixCell | None:
    if place is None:
        return None
    return MatrixCell(share=1 / place, text=str(place), says=f"named at guess {place}")


def _show_scores(model: LoadedModel) -> None:
    """The same over all classes, from the networks' model cards."""
    st.header("How real are they?", anchor=False)
    st.markdown(tell_transfer(model))
    scores = _read_scores(model)
    if not scores:
        return
    named = choose_segment("Named", list(_Named), key="named", noun="way of counting")
    titles = shorten_titles([get_listing(name).title for name in scores])
    st.plotly_chart(
        draw_matrix(
            [
                [
                    _tell_count(score.sure, score.pictures),
                    *(_tell_reading(score.others.get(other), named) for other in scores),
                ]
                for score in scores.values()
            ],
            rows=titles,
            columns=["itself, 99 % sure", *titles],
        ),
        key="scores",
        config={"displayModeBar": False},
        alt="Of a picture of each class made for each network, how many each other one names",
    )
    st.caption(
        "Of a picture of each class: in the first column those of which the network itself is at "
        f"least 99 % sure, in the others those that another network names {named}. "
        "`python -m cnnviz.synthesis.transfer` counts them, and model cards keep the counts."
    )


def _read_scores(model: LoadedModel) -> dict[str, TransferScore]:
    """Of the bundled networks of the same classes that were measured, by year."""
    scores = {}
    for spec in sorted(MEMBERS, key=lambda spec: (spec.year, spec.name)):
        if spec.classes == model.spec.classes:
            with suppress(WeightsError):  # not trained yet
                scores[spec.name] = read_score(read_card(spec.name))
    return {name: score for name, score in scores.items() if score is not None}


def _tell_reading(reading: Reading | None, named: _Named) -> MatrixCell | None:
    if reading is None:
        return None
    count = reading.first if named is _Named.FIRST else reading.among_five
    return _tell_count(count, reading.pictures)


def _tell_count(count: int, pictures: int) -> MatrixCell:
    return MatrixCell(
        share=count / pictures, text=str(count), says=f"{count} of {pictures} pictures"
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
