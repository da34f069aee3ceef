"""Totals of torchvision's classifiers against its own metadata and torch's own counter."""

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from cnnviz.costs.table import measure_costs
from cnnviz.networks.zoo.architecture import Architecture
from cnnviz.networks.zoo.architectures import list_architectures
from cnnviz.networks.zoo.meta_build import build_on_meta
from cnnviz.networks.zoo.torchvision_import import import_torchvision
from cnnviz.networks.zoo.torchvision_list import read_reported
from tests.quick import each

ENTRIES = [entry for entry in list_architectures() if entry.torchvision_name]
# Of every family the smallest, or the one that stands out. The others are made of their layers.
SMALLEST_NAMES = (
    *("alexnet", "convnext_tiny", "densenet121", "efficientnet_b0", "googlenet", "inception_v3"),
    *("mobilenet_v2", "mobilenet_v3_small", "regnet_y_400mf", "resnet18", "resnet50"),
    *("resnext50_32x4d", "shufflenet_v2_x0_5", "squeezenet1_0", "swin_t", "swin_v2_t"),
    *("vgg11", "vit_b_32"),
)
SMALLEST = [entry for entry in ENTRIES if entry.torchvision_name in SMALLEST_NAMES]


def test_all_of_torchvisions_classifiers_are_listed() -> None:
    assert len(SMALLEST) == len(SMALLEST_NAMES)
    models = import_torchvision("models")
    assert {entry.torchvision_name for entry in ENTRIES} == set(models.list_models(module=models))


@pytest.mark.parametrize("entry", each(ENTRIES, SMALLEST), ids=lambda entry: entry.name)
def test_totals_are_torchvisions_and_torchs(
    entry: Architecture, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = entry.input_size
    reported = [
        found for found in read_reported(entry.name) if found.input_size == entry.input_size
    ]
    assert reported
    module = build_on_meta(lambda: entry.build(size))
    table = measure_costs(module, input_shape=(3, size, size))
    for found in reported:
        assert table.parameters == found.parameters
        assert round(table.multiply_adds / 1e9, 3) == found.gmacs
    # Torch's counter takes no note of normalisation, which is most of its time on shapes alone.
    monkeypatch.setattr(nn.BatchNorm2d, "forward", lambda _self, x: x)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        module(torch.empty(1, 3, size, size, device="meta"))
    assert 2 * table.multiply_adds == counter.get_total_flops()
