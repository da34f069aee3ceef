"""What a network makes of a camera's frame in one pass: its classes, maps of a layer, Grad-CAM.

A frame is looked at and forgotten: nothing of it is kept or written anywhere.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx

from cnnviz.activations.read import name_nodes
from cnnviz.activations.strongest_maps import StrongestMaps, pick_strongest
from cnnviz.attribution.cam_layers import list_cam_layers
from cnnviz.attribution.occlusion.folding import take_folded
from cnnviz.digits.answers import Answer, check_fields
from cnnviz.errors import NetworkError, RequestError
from cnnviz.images.image import Pixels, clean_name, read_image
from cnnviz.networks.graph.layers import Graph, LayerKind
from cnnviz.networks.graph.per_graph import keep_per_graph
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
    seam = cams[-1] if cams else None
    folded = take_folded(model.graph)
    # A convolution whose normalization would be folded into it is only to be read as it stands.
    is_whole = {layer, seam or layer} <= name_nodes(folded).keys()
    watcher = _Watcher(folded if is_whole else model.graph.traced, layer=layer, seam=seam)
    logits = watcher.run(x)[0]
    cam = None
    if watcher.seam is not None:
        (gradient,) = torch.autograd.grad(logits.max(), watcher.seam)
        weights = gradient.mean(dim=(2, 3), keepdim=True)  # (1, C, 1, 1)
        cam = (weights * watcher.seam.detach()).sum(dim=1)[0]
    maps = None if watcher.maps is None else pick_strongest(layer, watcher.maps, count=MAPS)
    return Sight(prediction=rank_logits(logits.detach()), maps=maps, cam=cam)


class _Watcher(fx.Interpreter):
    """Runs a network without gradients up to a seam and with them behind it, and reads a layer."""

    def __init__(self, network: fx.GraphModule, *, layer: str, seam: str | None) -> None:
        super().__init__(network)
        self.extra_traceback = False
        self.maps: Tensor | None = None
        self.seam: Tensor | None = None
        nodes = name_nodes(network)
        self._layer = nodes[layer]
        self._seam = None if seam is None else nodes[seam]

    def run_node(self, n: fx.Node) -> Any:
        with torch.set_grad_enabled(self.seam is not None):
            result = super().run_node(n)
        if n is self._layer:
            self.maps = result[0].detach()
        if n is self._seam:
            self.seam = result = result.detach().requires_grad_()
        return result


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
