"""Normalization, running means, fusing and the race, against torch's own layers."""

import copy
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from cnnviz.errors import NetworkError
from cnnviz.images.samples import load_image
from cnnviz.labs.normalization import (
    Normalization,
    follow_mean,
    fuse_network,
    list_batch_layers,
    normalize,
    predict_in_training,
    race_networks,
)
from cnnviz.networks.load import load_model

ORACLES: dict[Normalization, Callable[[Tensor], Tensor]] = {
    Normalization.BATCH: lambda x: functional.batch_norm(x, None, None, training=True),
    Normalization.LAYER: lambda x: functional.layer_norm(x, x.shape[1:]),
    Normalization.INSTANCE: functional.instance_norm,
    Normalization.GROUP: lambda x: functional.group_norm(x, 3),
}


@pytest.fixture(scope="module")
def values() -> Tensor:
    return 3 + 2 * torch.randn(4, 6, 5, 7, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def photographs() -> Tensor:
    prepare = load_model("resnet64").spec.preprocessing.prepare
    return torch.cat([prepare(load_image(name).pixels) for name in ("cat", "coffee", "rocket")])


@pytest.mark.parametrize("kind", Normalization)
def test_each_kind_is_torchs(values: Tensor, kind: Normalization) -> None:
    found = normalize(values, kind=kind, groups=3)
    torch.testing.assert_close(found.scaled, ORACLES[kind](values), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", Normalization)
def test_the_statistics_are_those_of_the_maps_that_share_them(
    values: Tensor, kind: Normalization
) -> None:
    found = normalize(values, kind=kind, groups=3)
    shared = found.find_shared(2, 5)
    place = found.find_place(2, 5)
    assert float(found.mean[place]) == pytest.approx(float(values[shared].mean()), rel=1e-5)
    variance = float(values[shared].var(correction=0))
    assert float(found.variance[place]) == pytest.approx(variance, rel=1e-5)


@pytest.mark.parametrize(
    ("kind", "maps", "means"),
    [("batch", 4, 6), ("layer", 6, 4), ("instance", 1, 24), ("group", 2, 12)],
)
def test_how_many_maps_share_and_how_many_means_there_are(
    values: Tensor, kind: str, maps: int, means: int
) -> None:
    """Of 4 images and 6 channels in 3 groups, counted by hand on Wu and He's cube."""
    found = normalize(values, kind=Normalization(kind), groups=3)
    assert int(found.find_shared(1, 4).sum()) == maps
    assert found.mean.numel() == means


def test_gamma_and_beta_can_give_the_input_back(values: Tensor) -> None:
    found = normalize(values, kind=Normalization.BATCH)
    place = found.find_place(0, 3)
    back = found.scale(float((found.variance[place] + 1e-5).sqrt()), float(found.mean[place]))
    torch.testing.assert_close(back[:, 3], values[:, 3], rtol=0, atol=1e-5)


def test_a_fully_connected_layer_has_one_mean_a_feature() -> None:
    values = torch.randn(8, 5, generator=torch.Generator().manual_seed(1))
    found = normalize(values, kind=Normalization.BATCH)
    torch.testing.assert_close(found.mean, values.mean(dim=0, keepdim=True))
    expected = functional.batch_norm(values, None, None, training=True)
    torch.testing.assert_close(found.scaled[..., 0, 0], expected, rtol=1e-4, atol=1e-5)


def test_groups_that_do_not_divide_the_channels_are_refused(values: Tensor) -> None:
    with pytest.raises(ValueError, match="6 channels cannot be divided into 4 groups"):
        normalize(values, kind=Normalization.GROUP, groups=4)


def test_the_running_mean_is_torchs() -> None:
    values = 5 + torch.randn(6, 4, 4, generator=torch.Generator().manual_seed(2))
    found = follow_mean(values, batch=6, momentum=0.1, steps=20)
    layer = nn.BatchNorm2d(1, momentum=0.1).train()
    for step in range(20):  # the batch is the whole each time, in another order
        layer(values[:, None])
        expected = float(layer.get_buffer("running_mean"))
        assert float(found.running[step]) == pytest.approx(expected, rel=1e-5)
    assert found.whole == pytest.approx(float(values.mean()), rel=1e-6)


def test_training_mode_is_torchs_and_leaves_the_network_alone(photographs: Tensor) -> None:
    model = load_model("resnet64")
    before = {name: one.clone() for name, one in model.module.state_dict().items()}
    found = predict_in_training(model, photographs)
    for name, one in model.module.state_dict().items():
        assert torch.equal(one, before[name])
    assert not any(layer.training for layer in model.module.modules())
    assert not torch.allclose(found, model.module(photographs).softmax(dim=1), atol=0.01)
    # Without running statistics torch itself uses those of the batch in either mode.
    own = {"track_running_stats": False, "running_mean": None, "running_var": None}
    module = copy.deepcopy(model.module)
    for layer in list_batch_layers(module):
        for name, value in own.items():
            setattr(layer, name, value)
    torch.testing.assert_close(found, module(photographs).softmax(dim=1), rtol=1e-4, atol=1e-5)


def test_a_network_without_batch_normalization_says_so() -> None:
    with pytest.raises(NetworkError, match="LeNet-5 has no batch normalization"):
        predict_in_training(load_model("lenet5"), torch.zeros(2, 1, 32, 32))
    with pytest.raises(NetworkError, match="LeNet-5 has no batch normalization"):
        fuse_network(load_model("lenet5"), torch.zeros(1, 1, 32, 32))


@pytest.mark.parametrize(("name", "before", "after"), [("resnet64", 36, 0), ("densenet64", 72, 37)])
def test_a_fused_network_predicts_the_same(
    photographs: Tensor, name: str, before: int, after: int
) -> None:
    """DenseNet normalizes before it convolves.

    Of 1 + 34·2 + 2 + 1 only the first one and the second of each dense layer follow a convolution.
    """
    found = fuse_network(load_model(name), photographs[:1], runs=1)
    assert found.before == before
    assert found.after == after
    assert found.difference < 1e-3 * found.largest


def test_with_batch_normalization_a_high_rate_is_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    """The networks are judged at both ends and once between: each look takes as long as a step."""
    monkeypatch.setattr("cnnviz.labs.normalization._LOOKS", 100)
    *_, (share, _, race) = race_networks(rate=0.3)
    assert share == 1
    assert race.steps[0] == 1
    assert race.steps[-1] == 200
    plain, normalized = race.accuracies
    assert normalized[-1] > 0.9
    assert plain[-1] < 0.5
