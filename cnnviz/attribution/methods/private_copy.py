"""A network of its own for captum, which hangs hooks on modules: cheap, since weights are shared.

captum's rules want each nonlinearity to be a module that is called once. In the copy every call of
a module, and of a function that a module can stand for, has a module of its own; tensors of weights
are the network's. A copy serves one question and is thrown away, so that no lock is needed.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn import functional

from cnnviz.attribution.methods.relu_rules import find_ceiling
from cnnviz.device import CPU, add_transfers, find_device
from cnnviz.networks.graph.calls import find_module

_LAYER = "chosen_layer"
# Below every value of a network, and far enough from the end of float32 to be subtracted.
_LOWEST = -1e9

# Activations without weights that captum's DeepLIFT has a rule for, besides ReLU.
CURVES = (nn.ELU, nn.LeakyReLU, nn.Sigmoid, nn.Tanh, nn.Softplus)

Make = Callable[["PrivateCopy", fx.Node], fx.Node | None]


@dataclass(frozen=True, slots=True, eq=False)
class PrivateCopy:
    """A copy while it is made.

    Attributes:
        traced: The network that is copied.
        graph: The copy's graph.
        nodes: The copy's nodes by those of the network.
        parts: The copy's modules and tensors by name.
    """

    traced: fx.GraphModule
    graph: fx.Graph = field(default_factory=fx.Graph)
    nodes: dict[fx.Node, fx.Node] = field(default_factory=dict)
    parts: dict[str, Any] = field(default_factory=dict)

    def call(self, module: nn.Module, *sources: fx.Node) -> fx.Node:
        """Call a module of its own on nodes of the copy."""
        name = f"own_{len(self.parts)}"
        self.parts[name] = module
        return self.graph.call_module(name, sources)

    def find_sources(self, node: fx.Node) -> list[fx.Node]:
        """Return the copy's nodes that a node's twin reads."""
        return [self.nodes[source] for source in node.all_input_nodes]

    def copy_plainly(self, node: fx.Node) -> fx.Node:
        """Copy a node: a module without its hooks, all else as it is."""
        if node.op == "call_module":
            args, kwargs = fx.node.map_arg((node.args, node.kwargs), self.nodes.__getitem__)
            twin = self.call(self._copy_module(str(node.target)))
            twin.args, twin.kwargs = args, kwargs
            return twin
        if node.op == "get_attr":
            self.parts[str(node.target)] = attrgetter(str(node.target))(self.traced)
        elif node.op == "call_function" and (module := find_module(node, self.traced)) is not None:
            return self.call(module.eval(), self.nodes[node.all_input_nodes[0]])
        return self.graph.node_copy(node, self.nodes.__getitem__)

    def _copy_module(self, name: str) -> nn.Module:
        module = self.traced.get_submodule(name)
        tensors = [*module.parameters(), *module.buffers()]
        return deepcopy(module, {id(each): each for each in tensors})


def copy_network(
    traced: fx.GraphModule, *, make: Make | None = None, layer: str | None = None
) -> fx.GraphModule:
    """Copy a network so that nobody else sees the hooks on the copy's modules.

    Args:
        traced: The network.
        make: Puts a node of its own into the copy in place of another's; None where it has none.
        layer: A layer whose values shall pass a module, which `find_layer` returns.
    """
    copy = PrivateCopy(traced)
    for node in traced.graph.nodes:
        twin = make(copy, node) if make is not None else None
        twin = copy.copy_plainly(node) if twin is None else twin
        if node.name == layer:
            copy.parts[_LAYER] = nn.Identity()
            # captum multiplies its values with numbers of the CPU.
            twin = copy.graph.call_module(_LAYER, (copy.graph.call_method("to", (twin, CPU)),))
            twin = copy.graph.call_method("to", (twin, find_device(traced)))
        copy.nodes[node] = twin
    return add_transfers(fx.GraphModule(copy.parts, copy.graph).eval())


def find_layer(copy: fx.GraphModule) -> nn.Module:
    """Return the module that the chosen layer's values pass in a copy."""
    return copy.get_submodule(_LAYER)


def make_rescaled(copy: PrivateCopy, node: fx.Node) -> fx.Node | None:
    """Write a node with modules that captum's DeepLIFT has rules for, each called once.

    Each reads a tensor of its own: captum puts a rule's signal in place of all that comes back to
    the tensor, also of what others sent that read it. ReLU6(x) is ReLU(x) − ReLU(x − 6), whose two
    multipliers have one denominator: together they are ReLU6's own. Windows of a max pooling that
    overlap are laid side by side, since captum's rule forgets all but one of the windows that a
    value wins.
    """
    if node.op not in ("call_module", "call_function", "call_method"):
        return None
    ceiling, module = find_ceiling(node, copy.traced), find_module(node, copy.traced)
    if ceiling is None and not isinstance(module, (nn.MaxPool2d, *CURVES)):
        return None
    source = copy.find_sources(node)[0]
    own = copy.graph.call_function(torch.clone, (source,))
    if isinstance(module, nn.MaxPool2d):
        return copy.call(SeparateWindows(module), own)
    if ceiling is None and module is not None:
        return copy.call(deepcopy(module), own)
    low = copy.call(nn.ReLU(), own)
    if ceiling == float("inf"):
        return low
    above = copy.call(nn.ReLU(), copy.graph.call_function(torch.sub, (source, ceiling)))
    return copy.graph.call_function(torch.sub, (low, above))


class SeparateWindows(nn.Module):
    """A max pooling whose windows are copied next to each other first, so that none overlap."""

    def __init__(self, pool: nn.MaxPool2d) -> None:
        """Take over a pooling's windows."""
        super().__init__()
        self.kernel, self.stride, self.padding, self.dilation = (
            each if isinstance(each, tuple) else (each, each)
            for each in (pool.kernel_size, pool.stride, pool.padding, pool.dilation)
        )
        self.ceil_mode = pool.ceil_mode
        self.largest = nn.MaxPool2d((self.kernel[0] * self.kernel[1], 1))

    def forward(self, x: Tensor) -> Tensor:
        """Pool (N, C, H, W) to (N, C, h, w)."""
        count, channels = x.shape[:2]
        with torch.no_grad():
            height, width = functional.max_pool2d(
                x, self.kernel, self.stride, self.padding, self.dilation, self.ceil_mode
            ).shape[2:]
        pads: list[int] = []
        for axis, size in ((1, width), (0, height)):  # functional.pad begins with the last axis
            reach = (size - 1) * self.stride[axis] + self.dilation[axis] * (self.kernel[axis] - 1)
            before = self.padding[axis]
            pads += [before, max(0, reach + 1 - x.shape[2 + axis] - before)]
        planes = functional.pad(x, pads, value=_LOWEST).flatten(0, 1)[:, None]  # (N·C, 1, H', W')
        windows = functional.unfold(planes, self.kernel, self.dilation, 0, self.stride)
        # Behind the last whole window there may be room for more; (N·C, 1, cells, h·w).
        windows = self._drop_beyond(windows, planes.shape, height, width)
        best: Tensor = self.largest(windows[:, None])
        return best.reshape(count, channels, height, width)

    def _drop_beyond(self, windows: Tensor, shape: torch.Size, height: int, width: int) -> Tensor:
        rows, columns = (
            (shape[2 + axis] - self.dilation[axis] * (self.kernel[axis] - 1) - 1)
            // self.stride[axis]
            + 1
            for axis in (0, 1)
        )
        grid = windows.reshape(*windows.shape[:2], rows, columns)[:, :, :height, :width]
        return grid.flatten(2)
