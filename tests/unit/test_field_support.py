"""Receptive fields against the support of the gradient, network by network.

All weights are positive, so that no two paths cancel, and the poolings average, so that every cell
of a window counts: a pixel whose gradient is zero is then one that no path reaches. Double
precision, because a corner's share falls as 9 to the power of the depth.
"""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, fx, nn
from torch.fx.passes.shape_prop import ShapeProp
from torch.nn import functional

from cnnviz.activations.read import build_reader
from cnnviz.networks.graph.layers import Graph, LayerKind, describe_graph
from cnnviz.networks.graph.trace import trace_module
from cnnviz.networks.weights.files import WeightsOrigin, list_weights
from cnnviz.networks.zoo import get_network
from cnnviz.networks.zoo.architectures import get_architecture
from cnnviz.networks.zoo.meta_build import build_on_meta
from cnnviz.receptive_fields.theoretical import Field, Patch, compute_fields, trace_patches
from tests.quick import each

LAYERS = 4

# Where branches, sums, shuffles and joins meet, at an input that a fair part of the layers fits in.
TORCHVISION = (
    ("alexnet", 224),
    ("vgg16", 96),
    ("googlenet", 128),
    ("inception_v3", 128),
    ("resnet18", 128),
    ("resnet50", 128),
    ("resnext50_32x4d", 128),
    ("densenet121", 96),
    ("squeezenet1_1", 128),
    ("mobilenet_v2", 128),
    ("shufflenet_v2_x0_5", 128),
    ("mnasnet0_5", 128),
    ("regnet_x_400mf", 128),
)
OWN = (
    ("nin_imagenet", 224),
    ("all_cnn_c_all", 32),
    ("googlenet_2014", 128),
    ("resnet50_paper", 128),
    ("resnet20_cifar", 64),
    ("preact_resnet164_cifar", 48),
    ("inception_v4", 128),
    ("inception_resnet_v2_released", 128),
    ("fractalnet20_slim_cifar", 64),
    ("xception", 128),
    ("mobilenet_v1_025", 128),
    ("shufflenet_v1_g3", 128),
)
SIZES = dict((*TORCHVISION, *OWN))
# Others have joins of the same kinds and take less.
SLOW = {
    *("vgg16", "inception_v3", "resnet50", "inception_v4", "inception_resnet_v2_released"),
    *("xception", "preact_resnet164_cifar", "resnet18", "resnet50_paper", "resnext50_32x4d"),
    *("googlenet_2014", "mnasnet0_5", "mobilenet_v1_025", "shufflenet_v1_g3"),
    *("densenet121", "nin_imagenet", "regnet_x_400mf"),
}
# With squeeze-and-excitation, and the layers before and behind the first of it.
BUNDLED = [name for name, file in list_weights().items() if file.origin is WeightsOrigin.BUNDLED]
SQUEEZED = (
    ("efficientnet_b0", "features_1_0_block_0", "mul"),
    ("mobilenet_v3_small", "features_1_block_0", "mul"),
    ("regnet_y_400mf", "trunk_output_block1_block1_0_f_b", "mul"),
    ("se_resnet50", "stages_conv2_x_block1_bn3", "mul"),
)


def trace_on_meta(build: Callable[[], nn.Module], shape: tuple[int, int, int]) -> Graph:
    traced = trace_module(build_on_meta(build))
    ShapeProp(traced).propagate(torch.zeros(1, *shape, device="meta"))
    found = {node: node.meta.get("tensor_meta") for node in traced.graph.nodes}
    shapes = {
        node: tuple(meta.shape[1:])
        for node, meta in found.items()
        if hasattr(meta, "shape") and node.op not in ("get_attr", "output")
    }
    return describe_graph(traced, shapes=shapes, titles={})


def make_positive(reader: fx.GraphModule) -> fx.GraphModule:
    """Give the part of a network numbers, averages for its maxima, and no ceiling to its ReLUs."""
    reader = fx.GraphModule(reader, reader.graph)  # without the layers above
    for name, part in list(reader.named_modules()):
        if isinstance(part, nn.ReLU6):
            reader.set_submodule(name, nn.ReLU())
        if isinstance(part, nn.MaxPool2d):
            pool = nn.AvgPool2d(
                part.kernel_size, part.stride, part.padding, ceil_mode=part.ceil_mode
            )
            reader.set_submodule(name, pool)
    for node in reader.graph.nodes:
        if node.op == "call_function" and node.target is functional.max_pool2d:
            node.target = functional.avg_pool2d
            node.kwargs = {
                key: value
                for key, value in node.kwargs.items()
                if key in ("kernel_size", "stride", "padding", "ceil_mode")
            }
    reader.recompile()
    reader = reader.to_empty(device="cpu").double().eval()
    generator = torch.Generator().manual_seed(5)
    for name, value in reader.state_dict().items():
        if "running_mean" in name or not value.is_floating_point():
            value.zero_()
        elif value.dim() < 2:  # biases, factors, variances
            value.fill_(0.0 if name.endswith("bias") else 1.0)
        else:
            weights = torch.rand(value.shape, generator=generator, dtype=value.dtype) + 0.5
            value.copy_(weights / weights[0].numel())
    return reader


def find_supports(graph: Graph, cells: list[tuple[str, int, int]]) -> list[Patch]:
    """For each cell (layer, row, column) the smallest rectangle of all pixels that move it."""
    layers = tuple(dict.fromkeys(layer for layer, _, _ in cells))
    reader = make_positive(build_reader(graph, layers))
    generator = torch.Generator().manual_seed(6)
    shape = graph.layers[0].shape
    x = (torch.rand(1, *shape, generator=generator, dtype=torch.float64) + 0.5).requires_grad_()
    maps = dict(zip(layers, reader(x), strict=True))
    supports = []
    for layer, row, column in cells:
        cell = maps[layer][0, :, row, column].sum()
        (gradient,) = torch.autograd.grad(cell, x, retain_graph=True)
        moved = gradient[0].abs().sum(dim=0) > 0
        top, bottom = _ends(moved.any(dim=1))
        left, right = _ends(moved.any(dim=0))
        supports.append(Patch(top=top, bottom=bottom, left=left, right=right))
    return supports


def _ends(line: Tensor) -> tuple[int, int]:
    places = line.nonzero().flatten()
    return int(places[0]), int(places[-1])


def first_inside(field: Field, plane: tuple[int, int], *, axis: int) -> int | None:
    """The first of two neighbours whose fields lie within the picture along one axis."""
    cell = max(0, -(field.start[axis] // field.jump[axis]))
    last = field.start[axis] + (cell + 1) * field.jump[axis] + field.size[axis]
    return cell if last <= plane[axis] else None


def choose_layers(graph: Graph, fields: dict[str, Field]) -> list[tuple[str, int, int]]:
    """A few layers with two whole fields in the picture: the last, and joins on the way."""
    plane = (graph.layers[0].shape[1], graph.layers[0].shape[2])
    inside = []
    for layer in graph.layers:
        if layer.name not in fields or layer.kind is LayerKind.INPUT:
            continue
        row, column = (first_inside(fields[layer.name], plane, axis=axis) for axis in (0, 1))
        if row is not None and column is not None:
            inside.append((layer.name, row, column))
    steps = max(1, len(inside) // LAYERS)
    return inside[::-1][::steps][:LAYERS]


def check_fields(graph: Graph) -> None:
    """Start, size and jump of a few layers; what the last one with maps sees, cut off or not."""
    fields = compute_fields(graph)
    chosen = choose_layers(graph, fields)
    assert len(chosen) == LAYERS
    maps = [layer for layer in graph.layers if layer.is_spatial and layer.shape[1] > 1]
    last = [layer for layer in maps if layer.kind is not LayerKind.AVERAGE_POOLING][-1]
    middle = (last.name, last.shape[1] // 2, last.shape[2] // 2)
    neighbours = [(name, row + 1, column + 1) for name, row, column in chosen]
    supports = find_supports(graph, [*chosen, *neighbours, middle])
    for place, (name, row, column) in enumerate(chosen):
        field = fields[name]
        here, next_one = supports[place], supports[len(chosen) + place]
        top = field.start[0] + row * field.jump[0]
        left = field.start[1] + column * field.jump[1]
        assert here == Patch(
            top=top, bottom=top + field.size[0] - 1, left=left, right=left + field.size[1] - 1
        ), name
        assert (next_one.top - here.top, next_one.left - here.left) == field.jump, name
    name, row, column = middle
    assert supports[-1] == trace_patches(graph, layer=name, row=row, column=column)["input"]


@pytest.mark.parametrize("name", each(SIZES, SIZES.keys() - SLOW))
def test_fields_are_the_gradients_support(name: str) -> None:
    entry, size = get_architecture(name), SIZES[name]
    check_fields(trace_on_meta(lambda: entry.build(size), (entry.channels, size, size)))


@pytest.mark.parametrize("name", each(BUNDLED))
def test_fields_of_every_bundled_network(name: str) -> None:
    spec = get_network(name)
    check_fields(trace_on_meta(spec.build, spec.preprocessing.shape))


@pytest.mark.parametrize(("name", "before", "behind"), SQUEEZED)
def test_behind_a_squeeze_every_cell_sees_the_whole_picture(
    name: str, before: str, behind: str
) -> None:
    entry = get_architecture(name)
    graph = trace_on_meta(lambda: entry.build(64), (3, 64, 64))
    fields = compute_fields(graph)
    assert any(layer.startswith(before) for layer in fields)
    assert behind not in fields
    patch = trace_patches(graph, layer=behind, row=3, column=4)["input"]
    assert patch == Patch(top=0, bottom=63, left=0, right=63)
    assert find_supports(graph, [(behind, 3, 4)]) == [patch]
