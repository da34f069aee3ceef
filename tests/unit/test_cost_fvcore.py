"""The cost table against fvcore, operator by operator, with every difference told.

fvcore counts what we count for convolutions and linear layers. Besides:
- batch normalisation: two operations a value (we keep them apart, one multiply-add a value);
- layer normalisation: five a value, by its own words an estimate (ours: four);
- adaptive average pooling: each value of its input once, also where windows overlap (ours: each
  value that a window reads);
- torch's fused attention is not in its list, nor is a mean, so a transformer's total lacks
  attention, and a network that ends in a plain mean lacks that.
Each is added to its total; ours, as the literature's, leaves all but attention out.
"""

from collections.abc import Callable
from math import prod

import pytest
import torch
from torch import nn

from cnnviz.costs.table import CostTable, LayerCost, compute_costs
from cnnviz.networks.graph.layers import LayerKind
from cnnviz.networks.zoo.architectures import get_architecture
from cnnviz.networks.zoo.meta_build import build_on_meta
from tests.quick import each

# The library is from 2022: torch has since deprecated how it traces.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

# A small picture: the counts are of shapes, and fvcore really runs the network.
NETWORKS = {
    "alexnet": 96,
    "vgg16": 96,
    "googlenet": 96,
    "inception_v3": 96,
    "resnet50": 96,
    "densenet121": 96,
    "mobilenet_v2": 96,
    "shufflenet_v2_x1_0": 96,
    "regnet_y_400mf": 96,
    "efficientnet_b0": 96,
    "convnext_tiny": 96,
    "vit_b_32": 224,
}
# Others have layers of the same kinds and take less.
SLOW = {"vgg16", "inception_v3", "resnet50", "densenet121", "regnet_y_400mf"}


def sum_over(table: CostTable, kind: LayerKind, count: Callable[[LayerCost], int]) -> int:
    return sum(count(layer) for layer in table.layers if layer.kind is kind)


def split_normalizations(table: CostTable, module: nn.Module) -> tuple[int, int]:
    """Values of batch and of layer normalisations."""
    parts = dict(module.named_modules())
    batch = layer = 0
    for row in table.layers:
        if row.kind is LayerKind.NORMALIZATION:
            values = prod(row.output_shape)
            if isinstance(parts.get(row.title), nn.BatchNorm2d):
                batch += values
            else:
                layer += values
    return batch, layer


def is_adaptive(row: LayerCost, module: nn.Module) -> bool:
    part = dict(module.named_modules()).get(row.title)
    return isinstance(part, nn.AdaptiveAvgPool2d) or row.title.startswith("adaptive_avg_pool2d")


@pytest.mark.parametrize("name", each(NETWORKS, NETWORKS.keys() - SLOW))
def test_fvcore_counts_the_same_but_for_what_is_named(name: str) -> None:
    from fvcore.nn import FlopCountAnalysis  # here, where its deprecations are let pass

    entry, size = get_architecture(name), NETWORKS[name]
    table = compute_costs(lambda: entry.build(size), input_shape=(3, size, size))
    module = build_on_meta(lambda: entry.build(size)).to_empty(device="cpu")
    analysis = FlopCountAnalysis(module, torch.empty(1, 3, size, size))
    analysis.unsupported_ops_warnings(enabled=False)
    analysis.uncalled_modules_warnings(enabled=False)
    theirs = dict(analysis.by_operator())

    batch, layer = split_normalizations(table, module)
    pooled = sum(
        prod(row.input_shape)
        for row in table.layers
        if row.kind is LayerKind.AVERAGE_POOLING and is_adaptive(row, module)
    )
    attention = sum_over(table, LayerKind.ATTENTION, lambda row: row.counts.multiply_adds)
    expected = {
        "conv": sum_over(table, LayerKind.CONVOLUTION, lambda row: row.counts.multiply_adds),
        "linear": sum_over(table, LayerKind.LINEAR, lambda row: row.counts.multiply_adds),
        "batch_norm": 2 * batch,
        "layer_norm": 5 * layer,
        "adaptive_avg_pool2d": pooled,
    }
    assert theirs == {operator: count for operator, count in expected.items() if count}
    assert analysis.total() == table.multiply_adds - attention + 2 * batch + 5 * layer + pooled
    missed = dict(analysis.unsupported_ops())
    assert ("aten::_native_multi_head_attention" in missed) == (attention > 0)
    assert ("aten::mean" in missed) == (name == "shufflenet_v2_x1_0")
