"""A network folded to layers, blocks and repeats, and laid out: against the papers' own tables."""

import pytest
import torch
from torch import nn

from cnnviz.activations.read import read_activations
from cnnviz.activations.strongest_maps import pick_strongest, read_strongest
from cnnviz.costs.table import trace_shapes
from cnnviz.errors import NetworkError
from cnnviz.figures.whole_network import lay_out_parts
from cnnviz.networks.graph.layer_names import name_layers
from cnnviz.networks.graph.layers import Graph, trace_network
from cnnviz.networks.graph.stages import (
    PartKind,
    count_part,
    find_channels_last,
    find_part,
    fold_network,
    list_parts,
    unfold,
)
from cnnviz.networks.load import load_model
from cnnviz.networks.zoo.torchvision_import import import_torchvision

BUNDLED = ("lenet5", "alexnet64", "googlenet64", "resnet64", "densenet64")


@pytest.fixture(scope="module")
def resnet152() -> Graph:
    build = import_torchvision("models").resnet152
    return name_layers(trace_shapes(build, input_shape=(3, 224, 224)), titles={})


def _repeats(graph: Graph) -> list[int]:
    return [len(part.parts) for part in fold_network(graph) if part.kind is PartKind.REPEAT]


def test_lenet_is_drawn_layer_by_layer() -> None:
    parts = fold_network(load_model("lenet5").graph)
    # LeCun et al. 1998, figure 2.
    assert [part.title for part in parts] == ["Input", "C1", "S2", "C3", "S4", "C5", "F6", "Output"]
    assert {part.kind for part in parts} == {PartKind.LAYER}
    assert [part.shown for part in parts][1] == "relu1"


def test_resnet152_has_the_papers_repeats(resnet152: Graph) -> None:
    # He et al. 2016, table 1: 3, 8, 36 and 3 bottlenecks, the first of each with a projection.
    assert _repeats(resnet152) == [2, 7, 35, 2]
    assert len(fold_network(resnet152)) <= 40
    blocks = [part for part in fold_network(resnet152) if part.kind is PartKind.BLOCK]
    assert [part.title for part in blocks] == [f"layer{stage}, block 1" for stage in (1, 2, 3, 4)]


def test_a_narrow_column_names_its_stage_and_block(resnet152: Graph) -> None:
    # He et al. 2016, table 1, numbered as in torchvision: blocks 2 to 36 of the third stage repeat.
    nodes = lay_out_parts(resnet152, fold_network(resnet152), opened=frozenset()).nodes
    titles = {node.title: node.label for node in nodes if node.kind in ("block", "repeat")}
    assert titles["layer3, block 1"] == "3.1"
    assert titles["layer3, block 2–36"] == "3.2–36"
    assert len(set(titles.values())) == len(titles) == 8


def test_a_narrow_column_names_what_a_layer_computes() -> None:
    graph = load_model("resnet64").graph
    parts = fold_network(graph)
    opened = frozenset(part.name for part in list_parts(parts))
    labels = {node.title: node.label for node in lay_out_parts(graph, parts, opened=opened).nodes}
    assert labels["Mean of each map"] == "Mean"
    assert labels["Block 2a, first 3×3"] == "first 3×3"
    assert labels["Block 2a, sum with the shortcut"] == "sum"


def test_densenet_has_a_repeat_for_each_dense_block() -> None:
    assert _repeats(load_model("densenet64").graph) == [6, 12, 16]


def test_googlenet_has_nine_inceptions_of_four_branches() -> None:
    graph = load_model("googlenet64").graph
    blocks = [part for part in fold_network(graph) if part.kind is PartKind.BLOCK]
    assert len(blocks) == 9
    drawing = lay_out_parts(graph, fold_network(graph), opened=frozenset({blocks[0].name}))
    inside = [node for node in drawing.nodes if node.frame == 0]
    assert {node.lane for node in inside} == {0, 1, 2, 3}
    assert {node.lanes for node in inside} == {4}
    joined = next(place for place, node in enumerate(drawing.nodes) if node.sign == "∥")
    assert sum(above == joined for _, above in drawing.ties) == 4


@pytest.mark.parametrize("network", BUNDLED)
def test_every_layer_is_drawn_once(network: str) -> None:
    graph = load_model(network).graph
    parts = fold_network(graph)
    every = frozenset(part.name for part in list_parts(parts))
    assert len(every) == len(list_parts(parts))
    for opened in (frozenset[str](), every):
        visible = unfold(parts, opened=opened)
        names = [name for each in visible for name in each.part.layers]
        assert sorted(names) == sorted(layer.name for layer in graph.layers)


@pytest.mark.parametrize("network", BUNDLED)
def test_ties_point_to_later_columns(network: str) -> None:
    graph = load_model(network).graph
    parts = fold_network(graph)
    every = frozenset(part.name for part in list_parts(parts))
    for opened in (frozenset[str](), every):
        drawing = lay_out_parts(graph, parts, opened=opened)
        columns = [node.column for node in drawing.nodes]
        assert all(columns[source] < columns[above] for source, above in drawing.ties)
        places = {(node.column, node.lane) for node in drawing.nodes}
        assert len(places) == len(drawing.nodes)
        assert drawing.nodes[0].kind == "input"


def test_counts_are_those_of_the_whole(resnet152: Graph) -> None:
    counts = [count_part(resnet152, part) for part in fold_network(resnet152)]
    # torchvision's own table: 60,192,808 parameters.
    assert sum(count.parameters for count in counts) == 60_192_808
    # and 11.514 G multiply-adds of weights; pooling adds a little.
    assert sum(count.multiply_adds for count in counts) == pytest.approx(11.514e9, rel=1e-3)


def test_an_opened_repeat_shows_its_blocks_in_a_frame(resnet152: Graph) -> None:
    parts = fold_network(resnet152)
    repeat = next(part for part in parts if len(part.parts) == 35)
    drawing = lay_out_parts(resnet152, parts, opened=frozenset({repeat.name}))
    assert len(drawing.nodes) == len(parts) + 34
    (frame,) = drawing.frames
    assert (frame.name, frame.count, frame.last - frame.first) == (repeat.name, 35, 34)
    assert all(node.is_skipped for node in drawing.nodes if node.frame == 0)


def test_an_opened_residual_block_has_its_shortcut() -> None:
    graph = load_model("resnet64").graph
    parts = fold_network(graph)
    repeat = next(part for part in parts if part.kind is PartKind.REPEAT)
    opened = frozenset({repeat.name, repeat.parts[0].name})
    drawing = lay_out_parts(graph, parts, opened=opened)
    names = [node.name for node in drawing.nodes]
    joined = names.index("add")
    below = {names[source] for source, above in drawing.ties if above == joined}
    assert below == {"conv1", "conv2_a_conv2"}
    assert [frame.depth for frame in drawing.frames] == [0, 1]


def test_unknown_and_hidden_names_open_nothing() -> None:
    parts = fold_network(load_model("resnet64").graph)
    inner = next(part for part in parts if part.parts).parts[0]
    assert len(unfold(parts, opened=frozenset({"nothing", inner.name}))) == len(parts)


def test_a_part_is_found_by_any_of_its_layers() -> None:
    parts = fold_network(load_model("lenet5").graph)
    for name in ("c3", "relu3"):
        found = find_part(parts, name)
        assert found is not None
        assert found.name == "c3"
    assert find_part(parts, "nothing") is None


def test_what_stands_before_a_convolution_joins_it() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 1), nn.MaxPool2d(2), nn.ReLU(), nn.Conv2d(2, 3, 1))
    parts = fold_network(trace_network(network, input_shape=(1, 4, 4), titles={}))
    assert [len(part.layers) for part in parts] == [1, 1, 2, 1]


class _Mixer(nn.Module):
    """A convolution, and a linear layer over its channels, which stand last for it."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 5, 3)
        self.linear = nn.Linear(5, 7)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        rows: torch.Tensor = self.linear(self.convolution(x).permute(0, 2, 3, 1))
        return rows.permute(0, 3, 1, 2)


def test_outputs_with_channels_last_stand_for_no_part() -> None:
    graph = trace_network(_Mixer(), input_shape=(3, 8, 8), titles={})
    assert find_channels_last(graph) == {"permute", "linear"}
    shown = [graph.find(part.shown).shape for part in fold_network(graph)]
    assert shown == [(3, 8, 8), (5, 6, 6), (7, 6, 6)]


def test_strongest_maps_are_those_with_the_largest_values() -> None:
    model = load_model("lenet5")
    x = torch.linspace(-0.1, 1.175, 1024).reshape(1, 1, 32, 32)
    reading = read_strongest(model, x, layers=("input", "relu3", "relu6"), count=4)
    values = read_activations(model, x, layers=("relu3", "relu6"))
    peaks = values["relu3"][0].amax(dim=(1, 2))
    maps = reading.maps["relu3"]
    assert peaks[list(maps.channels)].tolist() == peaks.topk(4).values.tolist()
    shown = torch.tensor(maps.values) * maps.scale
    assert torch.allclose(shown, values["relu3"][0][list(maps.channels)], atol=maps.scale)
    numbers = reading.maps["relu6"]
    assert numbers.channels == tuple(range(84))
    assert numbers.values.shape == (84, 1, 1)
    assert torch.allclose(reading.prediction.logits, model.module(x)[0].detach(), atol=1e-5)


def test_large_maps_are_block_means() -> None:
    values = torch.zeros(2, 113, 113)
    values[1, :3, :3] = 9.0
    maps = pick_strongest("layer", values, count=1)
    assert maps is not None
    assert (maps.channels, maps.step, maps.values.shape) == ((1,), 3, (1, 38, 38))
    assert maps.values[0, 0, 0] == 127
    assert maps.values.sum() == 127
    assert maps.scale == pytest.approx(9 / 127)


def test_tokens_have_no_maps() -> None:
    assert pick_strongest("layer", torch.zeros(7, 8), count=2) is None


def test_strongest_refuses_an_unknown_layer() -> None:
    with pytest.raises(NetworkError, match="nothing"):
        read_strongest(load_model("lenet5"), torch.zeros(1, 1, 32, 32), layers=["nothing"], count=1)
