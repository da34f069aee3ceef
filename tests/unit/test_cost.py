"""The cost table worked by hand, against papers, and on inputs that do not fit."""

from functools import partial

import pytest
import torch
from torch import nn

from cnnviz.costs.rows import Convention, Fold, fold_rows, sum_operations
from cnnviz.costs.table import compute_costs
from cnnviz.errors import ArithmeticInputError, NetworkError
from cnnviz.networks.zoo.architectures import get_architecture, list_architectures
from tests.cost_tables import measure, measure_module


def test_nin_has_its_authors_parameters() -> None:
    assert measure("nin_imagenet").parameters == 7_595_176
    assert measure("nin_cifar").parameters == 966_986


def test_published_resnets_have_torchvisions_parameters() -> None:
    for depth, parameters in ((18, 11_689_512), (34, 21_797_672), (50, 25_557_032)):
        assert measure(f"resnet{depth}_paper").parameters == parameters


def test_plain_networks_lack_only_the_projections() -> None:
    projections = 64 * 128 + 128 * 256 + 256 * 512 + 2 * (128 + 256 + 512)
    for depth in (18, 34):
        with_shortcuts = measure(f"resnet{depth}_paper").parameters
        assert measure(f"plain{depth}").parameters == with_shortcuts - projections


def test_conventions_worked_by_hand() -> None:
    """Two 3×3 filters on 1×4×4: 2·2·2 values, nine products each; then BN, ReLU, pooling."""

    def build() -> nn.Module:
        return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2))

    table = measure_module(build, 1, 4, 4)
    count = partial(sum_operations, table)
    assert count(Convention()) == 72
    assert count(Convention(twice=True)) == 144
    assert count(Convention(biases=True)) == 72 + 8
    assert count(Convention(normalization=True)) == 72 + 8
    assert count(Convention(twice=True, normalization=True)) == 144 + 16
    assert count(Convention(elementwise=True)) == 72 + 8
    assert count(Convention(pooling=True)) == 72 + 2 * 4
    assert table.parameters == 2 * 9 + 2 + 2 + 2
    assert table.memory_bytes == 4 * (8 + 2)


@pytest.mark.parametrize("name", ["vgg16_d", "googlenet_2014", "resnet50_paper", "vit_b_16"])
@pytest.mark.parametrize("fold", list(Fold))
def test_folding_keeps_the_totals(name: str, fold: Fold) -> None:
    table = measure(name)
    rows = fold_rows(table, fold=fold, convention=Convention())
    assert sum(row.operations for row in rows) == table.multiply_adds
    assert sum(row.parameters for row in rows) + table.unused_parameters == table.parameters
    assert sum(len(row.members) for row in rows) == len(table.layers)


def test_stages_are_map_sizes() -> None:
    rows = fold_rows(measure("resnet50_paper"), fold=Fold.STAGES, convention=Convention())
    assert [row.title for row in rows] == ["112×112", "56×56", "28×28", "14×14", "7×7", "head"]
    rows = fold_rows(measure("mobilenet_v3_small"), fold=Fold.STAGES, convention=Convention())
    assert [row.title for row in rows] == ["112×112", "56×56", "28×28", "14×14", "7×7", "head"]


def test_a_transformers_stage_is_its_tokens() -> None:
    rows = fold_rows(measure("vit_b_16"), fold=Fold.STAGES, convention=Convention())
    assert [row.title for row in rows] == ["197 tokens", "head"]  # 14·14 patches and the class
    assert rows[0].kind == "1 × convolution, 12 × attention, 24 × fully connected"


def test_an_input_that_is_too_small_gets_the_formula() -> None:
    entry = get_architecture("vgg16_d")
    with pytest.raises(ArithmeticInputError, match=r"at layer “pool5”.*N = 1.*larger input"):
        compute_costs(lambda: entry.build(16), input_shape=(3, 16, 16))
    entry = get_architecture("inception_v3")
    with pytest.raises(ArithmeticInputError, match="too small for this network: at layer"):
        compute_costs(lambda: entry.build(40), input_shape=(3, 40, 40))


def test_an_input_that_a_transformer_cannot_divide_is_refused() -> None:
    entry = get_architecture("maxvit_t")
    with pytest.raises(NetworkError, match="cannot be built for an input of 200×200"):
        compute_costs(lambda: entry.build(200), input_shape=(3, 200, 200))


def test_nothing_is_allocated() -> None:
    for parameter in _parameters("regnet_y_128gf"):
        assert parameter.device.type == "meta"


def _parameters(name: str) -> list[torch.Tensor]:
    from cnnviz.networks.zoo.meta_build import build_on_meta

    entry = get_architecture(name)
    return list(build_on_meta(lambda: entry.build(224)).parameters())


def test_names_and_titles_are_unique() -> None:
    entries = list_architectures()
    assert len({entry.name for entry in entries}) == len(entries)
    assert len({entry.title for entry in entries}) == len(entries)
    with pytest.raises(NetworkError, match="There is no architecture “resnet51”"):
        get_architecture("resnet51")


def test_every_row_has_a_name_that_a_person_can_read() -> None:
    """Also where a pooling is a bare function, not a module."""
    for name in ("mobilenet_v2", "inception_v3", "densenet121", "shufflenet_v2_x1_0"):
        titles = [layer.title for layer in measure(name).layers]
        assert len(set(titles)) == len(titles)
        assert not [title for title in titles if "<" in title or " " in title]
