"""The diagram of the whole network, and what happens in it."""

from functools import partial

import streamlit as st

from cnnviz.cached import MAPS_A_PART, get_input, get_whole
from cnnviz.digits.answers import reads_drawings
from cnnviz.digits.mnist import PEN
from cnnviz.figures.format import format_probability
from cnnviz.figures.network_view import AnswerRow, PadData, pack_network
from cnnviz.figures.whole_network import NetworkDrawing, lay_out_parts
from cnnviz.images.image import CheckedImage
from cnnviz.images.names import find_strokes, name_drawing
from cnnviz.networks.graph.stages import find_part, fold_network, list_parts
from cnnviz.networks.load import LoadedModel, Prediction
from cnnviz.networks.zoo.registry import Pixels
from cnnviz.web.chrome import declare_page
from cnnviz.web.components.network_view.network_view import show_network_view
from cnnviz.web.pages.whole_network.controls import Page
from cnnviz.web.sitemap import find_page
from cnnviz.web.state import BENCH, keep

KEY = "network_view"
_ENTERED = "whole_network.entered"
_ANSWERS = 5


def show_whole(page: Page) -> NetworkDrawing:
    """Draw the network with its maps on the image; return where its parts stand."""
    bench = page.at.bench
    model: LoadedModel = bench.model
    image: CheckedImage | None = bench.image
    parts = fold_network(model.graph)
    drawing = lay_out_parts(model.graph, parts, opened=frozenset(page.values.opened))
    reading = None if image is None else get_whole(bench.network, image)
    has_pad = reads_drawings(bench.network)
    strokes = find_strokes(bench.values.image) if has_pad else ()
    is_blank = has_pad and bench.values.image.startswith("drawing.") and not strokes
    show_network_view(
        pack_network(
            drawing,
            network=bench.network,
            image="" if image is None else image.digest,
            parts={part.name: part for part in list_parts(parts)},
            opened=page.values.opened,
            maps={} if reading is None else reading.maps,
            pixels=None if has_pad or image is None else _view_input(model, image),
            answer=() if reading is None or is_blank else _rank(model, reading.prediction),
            pad=PadData(strokes=strokes, pen=PEN, classes=model.spec.classes) if has_pad else None,
            most=MAPS_A_PART,
            label=page.text("picture", network=model.spec.title, count=len(drawing.nodes)),
            follows=KEY,
        ),
        key=KEY,
        on_pick=partial(_take_pick, page),
        on_open=partial(_take_opened, page),
        on_draw=_take_strokes,
        on_enter=_take_entered,
    )
    page.marks[KEY] = page.values.part
    return drawing


def follow_entered(page: Page) -> None:
    """Go to the layer that was entered in the diagram, if one was."""
    entered = st.session_state.pop(_ENTERED, None)
    if entered is None:
        return
    model: LoadedModel = page.at.bench.model
    part = find_part(fold_network(model.graph), str(entered.get("part")))
    if part is not None:
        values = page.at.bench.write_address() | {"layer": part.shown}
        if isinstance(entered.get("channel"), int):
            values["channel"] = str(entered["channel"])
        st.switch_page(declare_page(find_page("activations")), query_params=values)


def take_step(page: Page, drawing: NetworkDrawing, step: int) -> None:
    """Go to the next part of the diagram, or the one before."""
    names = [node.name for node in drawing.nodes]
    here = names.index(page.values.part) if page.values.part in names else 0
    page.keep(part=names[min(max(here + step, 0), len(names) - 1)])


def _view_input(model: LoadedModel, image: CheckedImage) -> Pixels:
    pixels = model.spec.preprocessing.view(get_input(model.spec.name, image))
    return pixels if pixels.ndim == 3 else pixels[:, :, None].repeat(3, axis=2)


def _rank(model: LoadedModel, prediction: Prediction) -> tuple[AnswerRow, ...]:
    first = prediction.ranking[:_ANSWERS]
    shares = (float(prediction.probabilities[index]) for index in first)
    return tuple(
        AnswerRow(model.spec.classes[index], share, format_probability(share))
        for index, share in zip(first, shares, strict=True)
    )


def _take_pick(page: Page, picked: object) -> None:
    if not isinstance(picked, dict):
        return
    graph = page.at.bench.model.graph
    part = find_part(fold_network(graph), str(picked.get("part")))
    if part is None:
        return
    channel = picked.get("channel")
    is_one = type(channel) is int and 0 <= channel < graph.find(part.shown).shape[0]
    page.keep(part=part.name)
    page.keep(channel=channel if is_one else None)


def _take_opened(page: Page, opened: object) -> None:
    known = {part.name for part in list_parts(fold_network(page.at.bench.model.graph))}
    if isinstance(opened, list):
        page.keep(opened=tuple(name for name in opened if name in known))


def _take_strokes(strokes: object) -> None:
    if strokes is not None:
        keep(BENCH, image=name_drawing(strokes))


def _take_entered(entered: object) -> None:
    if isinstance(entered, dict):
        st.session_state[_ENTERED] = entered
