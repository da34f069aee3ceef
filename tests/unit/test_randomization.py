"""The cascade against SciPy's rank correlation, and against what it must leave alone."""

import pytest
import torch
from scipy.stats import spearmanr
from torch import Tensor, nn

from cnnviz.attribution.checks.randomization import (
    cascade,
    copy_model,
    correlate_ranks,
    list_weighted,
    randomize_layer,
)
from cnnviz.networks.load import LoadedModel, load_model
from tests.home_made import Branchy, Deep, make_model, randomize

SHAPE = (3, 48, 48)


@pytest.fixture(scope="module")
def branchy() -> LoadedModel:
    return make_model(randomize(Branchy(), seed=1), shape=SHAPE)


def weigh(model: LoadedModel) -> Tensor:
    """A map that depends on every weight: the logits as a column."""
    x = torch.linspace(-1, 1, 3 * 48 * 48).reshape(1, *SHAPE)
    with torch.no_grad():
        logits: Tensor = model.module(x)
    return logits.reshape(-1, 1)


def ignore(_model: LoadedModel) -> Tensor:
    return torch.arange(6.0).reshape(2, 3) - 2


@pytest.mark.parametrize("ties", [False, True])
def test_rank_correlation_is_scipys(ties: bool) -> None:
    generator = torch.Generator().manual_seed(2)
    first, second = torch.randn(2, 9, 7, generator=generator)
    if ties:
        first, second = first.round(), second.clamp(min=0)
    expected = spearmanr(first.flatten(), second.flatten()).statistic
    assert correlate_ranks(first, second) == pytest.approx(expected, abs=1e-9)


def test_rank_correlation_looks_at_the_order_only() -> None:
    values = torch.tensor([[-3.0, 0.5], [2.0, 7.0]])
    assert correlate_ranks(values, values.exp()) == pytest.approx(1)
    assert correlate_ranks(values, -values) == pytest.approx(-1)
    # d = 1, 1, 0, 0: 1 − 6 · 2 / (4 · 15) = 0.8
    assert correlate_ranks(values, torch.tensor([[1.0, 0.0], [2.0, 3.0]])) == pytest.approx(0.8)


def test_a_level_map_has_no_order() -> None:
    assert correlate_ranks(torch.zeros(2, 2), torch.rand(2, 2)) == 0
    assert correlate_ranks(torch.zeros(2, 2), torch.zeros(2, 2)) == 1


def test_the_cascade_goes_from_the_logits_down(branchy: LoadedModel) -> None:
    stages = list(cascade(branchy, {"logits": weigh, "none": ignore}))
    assert [stage.layers for stage in stages] == [
        (), ("head",), ("second",), ("first",), ("wide",), ("narrow",), ("norm",), ("stem",)
    ]  # fmt: skip
    assert [stage.count for stage in stages] == list(range(8))
    assert stages[0].signed == {"logits": 1, "none": 1}
    assert all(stage.signed["none"] == stage.absolute["none"] == 1 for stage in stages)
    assert all(not torch.equal(a.maps["logits"], weigh(branchy)) for a in stages[1:])


def test_what_was_random_stays_so_while_the_cascade_goes_on(branchy: LoadedModel) -> None:
    def read_head(model: LoadedModel) -> Tensor:
        return model.graph.traced.get_parameter("head.weight")

    heads = [stage.maps["head"] for stage in cascade(branchy, {"head": read_head})]
    assert not torch.equal(heads[0], heads[1])
    assert all(torch.equal(head, heads[1]) for head in heads[2:])


def test_the_shared_network_is_never_touched(branchy: LoadedModel) -> None:
    before = {name: value.clone() for name, value in branchy.module.state_dict().items()}
    logits = weigh(branchy)
    list(cascade(branchy, {"logits": weigh}))
    assert all(
        torch.equal(value, before[name]) for name, value in branchy.module.state_dict().items()
    )
    assert torch.equal(weigh(branchy), logits)


def test_a_copy_says_the_same_with_weights_of_its_own(branchy: LoadedModel) -> None:
    copy = copy_model(branchy)
    assert torch.allclose(weigh(copy), weigh(branchy))
    own = {value.data_ptr() for value in branchy.module.parameters()}
    assert own.isdisjoint(value.data_ptr() for value in copy.module.parameters())
    for layer, other in zip(branchy.graph.layers, copy.graph.layers, strict=True):
        assert (layer.name, layer.shape, layer.inputs) == (other.name, other.shape, other.inputs)
        if layer.module is not None and any(True for _ in layer.module.parameters()):
            assert other.module is not None
            assert other.module is copy.graph.traced.get_submodule(layer.name)


def test_a_deep_network_loses_several_layers_at_a_time() -> None:
    deep = make_model(randomize(Deep(), seed=1), shape=(3, 32, 32))
    weighted = list_weighted(deep.graph)
    assert len(weighted) == 82
    stages = list(cascade(deep, {"none": ignore}, stages=6))
    assert len(stages) == 7
    assert stages[-1].count == 82
    assert sum(len(stage.layers) for stage in stages) == 82


def test_a_level_map_is_told(branchy: LoadedModel) -> None:
    makers = {"level": lambda _: torch.zeros(2, 3), "none": ignore}
    assert [stage.level for stage in cascade(branchy, makers, stages=2)] == [{"level"}] * 3


def test_the_same_seed_gives_the_same_cascade(branchy: LoadedModel) -> None:
    first, second, other = (
        list(cascade(branchy, {"logits": weigh}, seed=seed))[-1].maps["logits"]
        for seed in (3, 3, 4)
    )
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


def test_random_weights_are_hes() -> None:
    layer = nn.Conv2d(64, 128, 3)
    randomize_layer(layer, generator=torch.Generator().manual_seed(0))
    assert float(layer.weight.detach().std()) == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.01)
    assert layer.bias is not None
    assert not layer.bias.any()
    norm = nn.BatchNorm2d(3)
    norm.running_mean = torch.tensor([1.0, 2, 3])
    randomize_layer(norm, generator=torch.Generator())
    assert norm.running_mean.tolist() == [0, 0, 0]
    assert norm.weight.tolist() == [1, 1, 1]


def test_lenet_loses_its_five_layers() -> None:
    stages = list(cascade(load_model("lenet5"), {"none": ignore}))
    assert [stage.layers for stage in stages[1:]] == [
        ("output",),
        ("f6",),
        ("c5",),
        ("c3",),
        ("c1",),
    ]
