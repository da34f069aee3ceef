"""Layers that Grad-CAM may read: maps of many cells that every path to the output passes."""

from torch import fx

from cnnviz.errors import AttributionError
from cnnviz.networks.graph.layers import Graph, Layer, LayerKind
from cnnviz.networks.graph.per_graph import keep_per_graph
from cnnviz.networks.load import LoadedModel

_PASSED_OVER = (
    LayerKind.INPUT,
    LayerKind.MAX_POOLING,
    LayerKind.AVERAGE_POOLING,
    LayerKind.DROPOUT,
    LayerKind.RESHAPE,
    LayerKind.CHANNELS,
    LayerKind.PADDING,
)
_FINISHING = (LayerKind.ACTIVATION, LayerKind.NORMALIZATION, LayerKind.DROPOUT)
_NO_MAPS = (
    "{title} has no layer whose maps all of its answer passes through; choose a method of pixels."
)


def list_cam_layers(model: LoadedModel) -> tuple[str, ...]:
    """List the layers whose maps Grad-CAM can use, from the first to the last.

    Every path from the input to the output passes them, so that no other branch has a part in the
    answer, and their maps have more than one cell. Of a convolution, its normalization and its
    activation only the last is listed; pooling is not.
    """
    return _list_layers(model.graph)


def list_offered_layers(model: LoadedModel) -> tuple[str, ...]:
    """List those layers and, behind them, the first with maps of one cell, where there is one.

    It shows what “too late” means.
    """
    names = list_cam_layers(model)
    order = [layer.name for layer in model.graph.layers]
    later = model.graph.layers[order.index(names[-1]) :] if names else ()
    late = next((layer.name for layer in later if layer.shape[1:] == (1, 1)), None)
    return names if late is None or late in names else (*names, late)


def list_map_layers(model: LoadedModel) -> list[Layer]:
    """List the layers with maps of several cells, of a block only the last where that is known.

    Of a network without maps these are all its layers.
    """
    names, layers = list_cam_layers(model), model.graph.layers
    found = [layer for layer in layers if layer.name in names]
    return found or [layer for layer in layers if layer.is_spatial] or list(layers)


def find_last_maps(model: LoadedModel) -> str:
    """Return the last layer with maps, which the Grad-CAM paper reads.

    Raises:
        AttributionError: There is none.
    """
    layers = list_cam_layers(model)
    if not layers:
        raise AttributionError(_NO_MAPS.format(title=model.spec.title))
    return layers[-1]


def describe_missing_maps(model: LoadedModel) -> str | None:
    """Say why Grad-CAM does not apply; None where it does."""
    return None if list_cam_layers(model) else _NO_MAPS.format(title=model.spec.title)


@keep_per_graph
def _list_layers(graph: Graph) -> tuple[str, ...]:
    passed = find_bottlenecks(graph)
    channels_first = _find_channels_first(graph)
    return tuple(
        layer.name
        for layer in graph.layers
        if layer.name in passed & channels_first
        and layer.kind not in _PASSED_OVER
        and layer.shape[1] * layer.shape[2] > 1
        and not _is_finished_later(layer, graph)
    )


def find_bottlenecks(graph: Graph) -> frozenset[str]:
    """Names of the layers that every path from the input to the output passes.

    In the order of computation, no value made before such a layer is read after it.
    """
    nodes = [node for node in graph.traced.graph.nodes if node.op != "get_attr"]
    order = {node: index for index, node in enumerate(nodes)}
    reached: set[fx.Node] = set()
    needed: set[fx.Node] = set()
    for node in nodes:
        if node.op == "placeholder" or not reached.isdisjoint(node.all_input_nodes):
            reached.add(node)
    for node in reversed(nodes):
        if node.op == "output" or not needed.isdisjoint(node.users):
            needed.add(node)
    last_read = -1
    found = set()
    for node in nodes:
        if node not in reached or node not in needed:
            continue
        if last_read <= order[node]:
            found.add("input" if node.op == "placeholder" else node.name)
        readers = [order[user] for user in node.users if user in needed]
        last_read = max([last_read, *readers])
    return frozenset(found)


def _find_channels_first(graph: Graph) -> frozenset[str]:
    """Names of the layers whose maps are (C, H, W); transformers and ConvNeXt also have (H, W, C).

    Where the order is not plain, the layer is left out.
    """
    states: dict[fx.Node, bool] = {}
    layers = {layer.name: layer for layer in graph.layers}
    for node in graph.traced.graph.nodes:
        name = "input" if node.op == "placeholder" else node.name
        layer = layers.get(name)
        before = [states.get(source, True) for source in node.all_input_nodes]
        states[node] = _is_channels_first(node, layer, before=all(before))
    return frozenset(
        layer.name
        for node, first in states.items()
        if first
        and (layer := layers.get("input" if node.op == "placeholder" else node.name))
        and layer.is_spatial
    )


def _is_channels_first(node: fx.Node, layer: Layer | None, *, before: bool) -> bool:
    if layer is not None and layer.kind in (LayerKind.INPUT, LayerKind.CONVOLUTION):
        return True
    if layer is not None and layer.kind is LayerKind.CHANNELS:
        return before
    operation = str(getattr(node.target, "__name__", node.target))
    if operation == "permute":
        axes = node.args[1] if len(node.args) == 2 else node.args[1:]
        return not before and axes in ((0, 3, 1, 2), [0, 3, 1, 2])
    if operation in ("transpose", "swapaxes", "view", "reshape", "unflatten", "flatten"):
        return False
    return before


def _is_finished_later(layer: Layer, graph: Graph) -> bool:
    """Whether only a normalization or activation of the same shape reads the layer."""
    readers = [reader for reader in graph.layers if layer.name in reader.inputs]
    return (
        len(readers) == 1
        and readers[0].kind in _FINISHING
        and readers[0].shape == layer.shape
        and _is_read_once(layer, graph)
    )


def _is_read_once(layer: Layer, graph: Graph) -> bool:
    return sum(node.name == layer.name and len(node.users) == 1 for node in _nodes(graph)) == 1


def _nodes(graph: Graph) -> list[fx.Node]:
    return list(graph.traced.graph.nodes)
