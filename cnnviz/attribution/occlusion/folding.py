"""A network made ready to run fast: batch normalisations folded into convolutions, channels last.

Forward it then takes about a sixth less time. The weights of its convolutions are private copies;
all else is shared with the network.

Gradients down to the pixels are not computed with it. They jump where a unit is on or off by no
more than a rounding, and folding or another order of memory rounds otherwise: on VGG-16 a gradient
then differs by 4 % of its largest value.
"""

from operator import attrgetter
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from cnnviz.device import add_transfers
from cnnviz.networks.graph.layers import Graph
from cnnviz.networks.graph.per_graph import keep_per_graph


@keep_per_graph
def take_folded(graph: Graph) -> fx.GraphModule:
    """Return a network that computes the same but for rounding, for reading only.

    Its nodes have the names of the graph's, except that a convolution and the batch normalisation
    folded into it are one node, named after the normalisation.
    """
    traced = graph.traced
    folded = find_folded(traced)
    convolutions = {norm: convolution for convolution, norm in folded.items()}
    order = _choose_order(traced)
    copy = fx.Graph()
    nodes: dict[fx.Node, fx.Node] = {}
    parts: dict[str, Any] = {}
    for node in traced.graph.nodes:
        if node in folded:
            continue
        source, target = convolutions.get(node, node), node.target
        if node.op in ("call_module", "get_attr"):
            part = attrgetter(str(source.target))(traced)
            if isinstance(part, nn.Conv2d):
                norm = traced.get_submodule(str(node.target)) if source is not node else None
                target, part = f"private_{node.name}", _copy_convolution(part, norm, order)
            parts[str(target)] = part
        args, kwargs = fx.node.map_arg((source.args, source.kwargs), nodes.__getitem__)
        nodes[node] = copy.create_node(node.op, target, args, kwargs, name=node.name)
    return add_transfers(fx.GraphModule(parts, copy))


def _choose_order(traced: fx.GraphModule) -> torch.memory_format:
    """Channels last, unless there is a `view` that is written for the usual order of memory."""
    written = any(node.target == "view" for node in traced.graph.nodes)
    return torch.contiguous_format if written else torch.channels_last


def _copy_convolution(
    module: nn.Conv2d, norm: nn.Module | None, order: torch.memory_format
) -> nn.Conv2d:
    weight, bias = (module.weight, module.bias) if norm is None else fold_norm(module, norm)
    # A plain convolution: the module's own weight may be computed from others at every call.
    twin = nn.Conv2d(
        module.in_channels,
        module.out_channels,
        (module.kernel_size[0], module.kernel_size[1]),
        stride=(module.stride[0], module.stride[1]),
        padding=module.padding,  # type: ignore[arg-type]
        dilation=(module.dilation[0], module.dilation[1]),
        groups=module.groups,
        bias=bias is not None,
        padding_mode=module.padding_mode,
        device="meta",
    ).eval()
    weight = weight.detach().contiguous(memory_format=order)
    twin.weight = nn.Parameter(weight, requires_grad=False)
    if bias is not None:
        twin.bias = nn.Parameter(bias.detach(), requires_grad=False)
    return twin


def find_folded(traced: fx.GraphModule) -> dict[fx.Node, fx.Node]:
    """Find batch normalisations behind a convolution that nothing else reads, by convolution."""
    folded: dict[fx.Node, fx.Node] = {}
    for node in traced.graph.nodes:
        if node.op != "call_module" or not node.args or not isinstance(node.args[0], fx.Node):
            continue
        below, module = node.args[0], traced.get_submodule(str(node.target))
        if (
            isinstance(module, nn.BatchNorm2d)
            and module.running_mean is not None
            and below.op == "call_module"
            and isinstance(traced.get_submodule(str(below.target)), nn.Conv2d)
            and len(below.users) == 1
        ):
            folded[below] = node
    return folded


def fold_norm(module: nn.Conv2d, norm: nn.Module) -> tuple[Tensor, Tensor | None]:
    """Return weights and bias of a convolution with the batch normalisation behind it."""
    if (
        not isinstance(norm, nn.BatchNorm2d)
        or norm.running_mean is None
        or norm.running_var is None
    ):
        raise TypeError("Only a batch normalisation in use can be folded.")
    with torch.no_grad():
        weight, bias = fuse_conv_bn_weights(
            module.weight,
            module.bias,
            norm.running_mean,
            norm.running_var,
            norm.eps,
            norm.weight,
            norm.bias,
        )
    return weight.detach(), bias.detach()
