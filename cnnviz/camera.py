"""What a network makes of a camera's frame in one pass: its classes, maps of a layer, Grad-CAM.

A frame is looked at and forgotten: nothing of it is kept or written anywhere.
"""

import base64
import binascii
from dataclasses import dataclass

import torch
from torch import Tensor, fx

from cnnviz.activations.read import compile_part, name_nodes
from cnnviz.activations.strongest_maps import StrongestMaps, pick_strongest
from cnnviz.attribution.cam_layers import list_cam_layers
from cnnviz.attribution.occlusion.folding import take_folded
from cnnviz.digits.answers import Answer, check_fields
from cnnviz.errors import NetworkError, RequestError
from cnnviz.images.image import Pixels, clean_name, read_image
from cnnviz.networks.graph.layers import Graph, LayerKind
from cnnviz.networks.graph.per_graph import keep_by_key_per_graph, keep_per_graph
from cnnviz.networks.graph.stages import find_channels_last
from cnnviz.networks.load import LoadedModel, Prediction, load_model, rank_logits

MAPS = 8
# A browser sends the few pixels that the network reads.
MAX_FRAME_PIXELS = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What a network makes of one frame.

    Attributes:
        prediction: Of all its classes.
        maps: The strongest maps of a layer.
        cam: Grad-CAM of the top-1 class, (h, w), signed; None where the network has no maps.
    """

    prediction: Prediction
    maps: StrongestMaps | None
    cam: Tensor | None


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A frame that somebody sent, and what is asked of it.

    Attributes:
        model: The network.
        layer: Name of the layer whose maps are wanted.
        pixels: uint8 (H, W, 3).
    """

    model: LoadedModel
    layer: str
    pixels: Pixels


@keep_per_graph
def list_map_layers(graph: Graph) -> tuple[str, ...]:
    """List the layers with maps of more than one cell, or the input where there are none."""
    turned = find_channels_last(graph)  # their rows would be taken for maps
    found = [
        layer.name
        for layer in graph.layers
        if layer.is_spatial
        and layer.kind is not LayerKind.INPUT
        and layer.shape[1] * layer.shape[2] > 1
        and layer.name not in turned
    ]
    return tuple(found or [graph.layers[0].name])


def look(model: LoadedModel, x: Tensor, *, layer: str) -> Sight:
    """Run a network once, and back from its top-1 class to its last maps.

    Args:
        model: The network.
        x: Input, (1, C, H, W).
        layer: Name of a layer with maps.

    Raises:
        NetworkError: There is no such layer.
    """
    model.graph.find(layer)
    cams = list_cam_layers(model)
    # All weights are frozen, so that gradients begin at the seam.
    with torch.enable_grad():
        found, seen, seam = _build_watcher(model.graph, (layer, cams[-1] if cams else ""))(x)
        logits, cam = found[0], None
        if cams:
            (gradient,) = torch.autograd.grad(logits.max(), seam)
            weights = gradient.mean(dim=(2, 3), keepdim=True)  # (1, C, 1, 1)
            cam = (weights * seam.detach()).sum(dim=1)[0]
    maps = pick_strongest(layer, seen[0].detach(), count=MAPS)
    return Sight(prediction=rank_logits(logits.detach()), maps=maps, cam=cam)


@keep_by_key_per_graph
def _build_watcher(graph: Graph, names: tuple[str, str]) -> fx.GraphModule:
    """Let a network return its logits, a layer and the seam, from which gradients are followed.

    Args:
        graph: The network.
        names: Of the layer and of the seam; empty where there is no seam.
    """
    wanted = {*filter(None, names)}
    folded = take_folded(graph)
    # A convolution whose normalization would be folded into it is only to be read as it stands.
    network = folded if wanted <= name_nodes(folded).keys() else graph.traced
    sources = name_nodes(network)
    layer, seam = sources[names[0]], sources.get(names[1])
    copy = fx.Graph()
    nodes: dict[fx.Node, fx.Node] = {}
    for node in network.graph.nodes:
        if node.op == "output":
            (answer,) = node.all_input_nodes
            copy.output((nodes[answer], nodes[layer], None if seam is None else nodes[seam]))
        else:
            nodes[node] = copy.node_copy(node, nodes.__getitem__)
        if seam is not None and node is seam:
            nodes[node] = copy.call_function(_begin_gradients, (nodes[node],))
    return compile_part(network, copy)


def _begin_gradients(values: Tensor) -> Tensor:
    return values.detach().requires_grad_()


def read_frame(body: Answer) -> Frame:
    """Check and decode a frame that somebody sent.

    Args:
        body: "network", "layer", and "image", a file of an image as base64; "camera" is of no
            account here.

    Raises:
        CNNVizError: A field is missing, unknown or wrong, or the image cannot be opened.
    """
    check_fields(body, required={"network", "layer", "image"}, optional={"camera"})
    for name in ("network", "layer", "image"):
        if not isinstance(body[name], str):
            raise RequestError(f"“{name}” must be a text.", status=400)
    try:
        data = base64.b64decode(body["image"], validate=True)
    except (binascii.Error, ValueError) as error:
        raise RequestError("“image” must be an image file as base64.", status=400) from error
    model = load_model(body["network"])
    if body["layer"] not in list_map_layers(model.graph):
        shown = clean_name(body["layer"])
        raise NetworkError(f"{model.spec.title} has no layer with maps called “{shown}”.")
    image = read_image(data, name="The frame", max_pixels=MAX_FRAME_PIXELS)
    return Frame(model=model, layer=body["layer"], pixels=image.pixels)
