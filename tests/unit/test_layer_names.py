"""Names of layers: what a student reads of branches, sums and concatenations."""

from functools import cache
from itertools import pairwise

import pytest
from torch import Tensor, nn

from cnnviz.figures.network import lay_out_network
from cnnviz.networks.graph.layer_names import name_layers
from cnnviz.networks.graph.layers import Graph, LayerKind, trace_network
from cnnviz.networks.zoo import get_network
from cnnviz.networks.zoo.registry import build_network
from tests.home_made import Branchy, Deep


@cache
def trace(name: str) -> Graph:
    spec = get_network(name)
    module = build_network(spec)
    graph = trace_network(module, input_shape=spec.preprocessing.shape, titles={})
    return name_layers(graph, titles=spec.layer_titles)


# What the papers and courses call these layers, by the names in torchvision's definitions.
KNOWN = {
    "resnet18": {
        "conv1": "conv1",
        "bn1": "conv1 normalized",
        "relu": "conv1 after ReLU",
        "layer1_0_conv2": "layer1, block 1, conv2",
        "layer2_0_downsample_0": "layer2, block 1, shortcut",
        "layer2_0_downsample_1": "layer2, block 1, shortcut normalized",
        "add_2": "layer2, block 1, sum",
        "layer2_0_relu_1": "layer2, block 1, sum after ReLU",
        "fc": "fc",
    },
    "googlenet": {
        "conv1_conv": "conv1",
        "inception4a_branch1_conv": "inception 4a, 1×1 branch",
        "inception4a_branch2_0_conv": "inception 4a, 3×3 branch, 1×1 convolution",
        "inception4a_branch2_1_conv": "inception 4a, 3×3 branch, 3×3 convolution",
        "inception4a_branch3_1_conv": "inception 4a, second 3×3 branch, 3×3 convolution",
        "inception4a_branch4_0": "inception 4a, pooling branch, max pooling",
        "cat_2": "inception 4a, concatenation",
    },
    "inception_v3": {
        "mixed_5b_branch5x5_2_conv": "mixed 5b, 5×5 branch, layer 2",
        "mixed_5b_branch3x3dbl_3_conv": "mixed 5b, double 3×3 branch, layer 3",
        "mixed_6b_branch_pool_conv": "mixed 6b, pooling branch",
    },
    "densenet121": {
        "cat_1": "dense block 1, layer 2, concatenation",
        "features_denseblock1_denselayer2_conv1": "dense block 1, layer 2, conv1",
        "features_transition1_conv": "transition 1, conv",
        "cat_6": "dense block 1, concatenation",
    },
    "squeezenet1_0": {
        "features_3_squeeze": "fire 2, squeeze",
        "features_3_expand1x1": "fire 2, 1×1 expand",
        "features_12_expand3x3_activation": "fire 9, 3×3 expand after ReLU",
        "cat": "fire 2, concatenation",
        "features_2": "max pooling 1",
    },
    "mobilenet_v2": {
        "features_2_conv_1_0": "block 2, depthwise 3×3 convolution",
        "add": "block 3, sum",
    },
    "alexnet": {
        "features_0": "11×11 convolution",
        "features_12": "max pooling 3",
        "classifier_6": "classifier, linear layer 3",
    },
}


@pytest.mark.parametrize("name", KNOWN)
def test_layers_have_the_names_that_students_know(name: str) -> None:
    titles = {layer.name: layer.title for layer in trace(name).layers}
    assert {key: titles.get(key) for key in KNOWN[name]} == KNOWN[name]


@pytest.mark.parametrize("name", ["lenet5", *KNOWN, "shufflenet_v2_x0_5", "swin_t", "vit_b_32"])
def test_every_title_is_the_only_one_of_its_kind(name: str) -> None:
    titles = [layer.title for layer in trace(name).layers]
    assert len(titles) == len(set(titles))
    assert all(titles)


def test_a_networks_own_titles_go_first() -> None:
    titles = [layer.title for layer in trace("lenet5").layers]
    assert titles[:5] == ["Input", "C1", "C1 after ReLU", "S2", "C3"]


def test_functional_relus_and_top_level_layers() -> None:
    graph = trace_network(Branchy().eval(), input_shape=(3, 48, 48), titles={})
    titles = {layer.name: layer.title for layer in name_layers(graph, titles={}).layers}
    assert titles["stem"] == "stem"
    assert titles["relu"] == "stem after ReLU"
    assert titles["relu_1"] == "first after ReLU"
    assert titles["cat"] == "concatenation"
    assert titles["add"] == "sum"
    assert "sum after ReLU" in titles.values()


class Wrapped(nn.Module):
    """A network within a network, its blocks deep inside."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = Deep(blocks=3)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.backbone(x)
        return y


def test_a_module_around_it_all_is_no_block_unless_it_is_small() -> None:
    graph = trace_network(Wrapped().eval(), input_shape=(3, 32, 32), titles={})
    units = {layer.unit for layer in name_layers(graph, titles={}).layers}
    assert units == {"", "backbone"}


def test_resnet_152_is_folded_into_its_fifty_blocks() -> None:
    graph = trace("resnet152")
    units = lay_out_network(graph).units
    # 3 + 8 + 36 + 3 blocks; conv1, the pooling and the head stand alone.
    blocks = [unit for unit in units if "block" in unit.title]
    assert len(blocks) == 50
    assert [unit.title for unit in units[:4]] == [
        "Input",
        "conv1",
        "maxpool",
        "layer1, block 1",
    ]
    assert all(unit.sign == "+" for unit in blocks)
    stages = [unit.stage for unit in blocks]
    assert [stages.count(size) for size in ("56×56", "28×28", "14×14", "7×7")] == [3, 8, 36, 3]
    # Every layer is in one unit, in order.
    assert units[0].first == 0
    assert units[-1].last == len(graph.layers) - 1
    for before, after in pairwise(units):
        assert after.first == before.last + 1


@pytest.mark.parametrize(
    ("name", "title", "count"),
    [
        ("googlenet", "inception ", 9),
        ("squeezenet1_0", "fire ", 8),
        # The papers' blocks have 6 + 12 + 24 + 16 layers and end in a concatenation each.
        ("densenet121", "dense block ", 58 + 4),
        ("mobilenet_v2", "block ", 17),
        ("vit_b_32", "layer ", 12),
        ("efficientnet_b0", "block ", 16),
    ],
)
def test_long_networks_are_folded_into_their_papers_blocks(
    name: str, title: str, count: int
) -> None:
    units = lay_out_network(trace(name)).units
    titles = [unit.title for unit in units if "normalized" not in unit.title]
    assert sum(title in found for found in titles) == count


def test_a_short_network_is_drawn_whole() -> None:
    graph = trace("lenet5")
    assert lay_out_network(graph).units == ()
    assert {layer.kind for layer in graph.layers} >= {LayerKind.CONVOLUTION, LayerKind.LINEAR}
