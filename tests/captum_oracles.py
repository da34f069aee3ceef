"""captum's answers to what our attribution methods answer.

captum wants each ReLU to be a module that is called once and does not write in place, so it is
given a copy of the traced graph, in which nothing writes in place any more and in which each call
of a ReLU gets a module of its own. A layer is shown to it as a module that hands its maps on.
"""

import copy

import torch
import torch.nn.functional as F  # noqa: N812  (the usual name)
from captum import attr
from torch import Tensor, fx, nn

from cnnviz.attribution.attribute import Method, Options
from cnnviz.attribution.baselines import make_baseline
from cnnviz.networks.load import LoadedModel

METHODS = (
    Method.SALIENCY,
    Method.INTEGRATED_GRADIENTS,
    Method.DECONVNET,
    Method.GUIDED_BACKPROP,
    Method.GRAD_CAM,
    Method.GUIDED_GRAD_CAM,
)


def copy_clean(model: LoadedModel, *, layer: str) -> tuple[fx.GraphModule, nn.Module]:
    """A network of its own with one ReLU module a call, and the module that is its layer."""
    clean = copy.deepcopy(model.graph.traced)
    for number, node in enumerate(list(clean.graph.nodes)):
        is_relu = node.target in (F.relu, torch.relu, "relu")
        if node.op == "call_module":
            is_relu = isinstance(clean.get_submodule(str(node.target)), nn.ReLU)
        if is_relu:
            _put_module(clean, node, f"own_relu_{number}", nn.ReLU())
            clean.graph.erase_node(node)
        elif node.name == layer:
            _put_module(clean, node, "chosen_layer", nn.Identity())
        if is_relu and node.name == layer:
            clean.add_module("chosen_layer", clean.get_submodule(f"own_relu_{number}"))
    clean.recompile()
    return clean.requires_grad_(requires_grad=True), clean.get_submodule("chosen_layer")


def _put_module(clean: fx.GraphModule, node: fx.Node, name: str, module: nn.Module) -> None:
    """Call a module after a node, and let it be read in the node's place."""
    clean.add_module(name, module)
    with clean.graph.inserting_after(node):
        put = clean.graph.call_module(name, (node,))
    node.replace_all_uses_with(put, lambda user: user is not put)
    if isinstance(module, nn.ReLU):
        put.args = (node.all_input_nodes[0],)


def ask_captum(
    model: LoadedModel, x: Tensor, *, method: Method, target: int, layer: str, options: Options
) -> Tensor:
    """captum's answer: (C, H, W) for methods of pixels, (H, W) of the layer for Grad-CAM."""
    clean, module = copy_clean(model, layer=layer)
    x = x.clone()
    if method is Method.SALIENCY:
        answer = attr.Saliency(clean).attribute(x, target=target, abs=False)
    elif method is Method.INTEGRATED_GRADIENTS:
        answer = attr.IntegratedGradients(clean).attribute(
            x,
            baselines=make_baseline(model, x, baseline=options.baseline),
            target=target,
            n_steps=options.steps,
            internal_batch_size=4,
        )
    elif method is Method.DECONVNET:
        answer = attr.Deconvolution(clean).attribute(x, target=target)
    elif method is Method.GUIDED_BACKPROP:
        answer = attr.GuidedBackprop(clean).attribute(x, target=target)
    elif method is Method.GRAD_CAM:
        cam: Tensor = attr.LayerGradCam(clean, module).attribute(x, target=target)[0, 0]
        return cam.detach()
    else:
        answer = attr.GuidedGradCam(clean, module).attribute(
            x, target=target, interpolate_mode="bilinear"
        )
    pixels: Tensor = answer[0].detach()
    return pixels
