"""The live camera's figure, and the frozen frame that a visitor sends on."""

import base64
import binascii
from functools import partial

import streamlit as st

from cnnviz.cached import get_costs, get_input, get_sight
from cnnviz.camera import MAX_FRAME_PIXELS, list_map_layers
from cnnviz.errors import CNNVizError
from cnnviz.figures.attribution import pack_image
from cnnviz.figures.camera import find_frame_size, pack_sight
from cnnviz.images.image import read_image
from cnnviz.networks.load import LoadedModel
from cnnviz.web.components.camera.camera import Payload, show_camera
from cnnviz.web.controls.image import keep_upload
from cnnviz.web.page import link_pages
from cnnviz.web.pages.camera.controls import Page

_RATE = 8  # frames a second, in the lesson's question


def show_stage(page: Page) -> None:
    """Show what the network makes of the camera, at first of the workbench's image."""
    bench = page.at.bench
    model: LoadedModel = bench.model
    size = find_frame_size(model.spec.preprocessing)
    image = sight = None
    if bench.image is not None:
        x = get_input(bench.network, bench.image)
        seen = get_sight(bench.network, bench.image, page.values.layer)
        image = pack_image(model.spec.preprocessing.view(x))
        sight = pack_sight(model, seen, x=x, fault=bench.fault)
    show_camera(
        Payload(
            network=bench.network,
            layer=page.values.layer,
            title=model.graph.find(page.values.layer).title,
            side=size.side,
            rows=size.rows,
            columns=size.columns,
            mirror=page.values.mirror,
            image=image,
            sight=sight,
        ),
        key="camera.figure",
        on_send=partial(_take_frame, page),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        page.draw("layer", width=280, label_visibility="collapsed")
        page.draw("mirror")
    others = ("whole_network", "activations", "attribution", "occlusion", "adversarial")
    link_pages(*others, image=bench.values.image)


def list_words(page: Page) -> dict[str, object]:
    """Return what the lesson's {names} stand for."""
    graph = page.at.bench.model.graph
    layer, last = page.values.layer, list_map_layers(graph)[-1]
    return {"rate": _RATE, "layer": graph.find(layer).title, "last_layer": last}


def find_answers(page: Page) -> dict[str, float]:
    """Return the answers to the lesson's questions."""
    model: LoadedModel = page.at.bench.model
    channels, rows, columns = model.spec.preprocessing.shape
    costs = get_costs(page.at.bench.network)
    return {
        "numbers": float(channels * rows * columns),
        "work": _RATE * costs.multiply_adds / 1e9,
    }


def _take_frame(page: Page, sent: object) -> None:
    """Keep a frozen frame as an upload and put it on the workbench."""
    if not isinstance(sent, str):
        return
    try:
        data = base64.b64decode(sent, validate=True)
        image = read_image(data, name="camera", max_pixels=MAX_FRAME_PIXELS)
    except (binascii.Error, ValueError, CNNVizError):
        return  # nothing that the page's own script sends
    page.apply(image=keep_upload(image))
