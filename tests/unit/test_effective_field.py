"""Effective fields against the theory of Luo et al. 2016, worked out exactly where it is exact."""

import math
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn

from cnnviz.errors import NetworkError
from cnnviz.networks.graph.layers import Graph, trace_network
from cnnviz.networks.load import load_model
from cnnviz.receptive_fields.effective import (
    EffectiveField,
    Measure,
    WeightSource,
    average_gradients,
    compute_effective_field,
    count_pixels_holding,
    measure_spread,
)
from cnnviz.receptive_fields.theoretical import compute_fields, compute_path_ranges
from tests.home_made import Branchy, make_model


def stack_of(count: int, *, kernel: int, channels: int = 1, relu: bool = False) -> nn.Sequential:
    layers: list[nn.Module] = []
    for index in range(count):
        layers.append(nn.Conv2d(1 if index == 0 else channels, channels, kernel, bias=relu))
        layers += [nn.ReLU()] if relu else []
    return nn.Sequential(*layers)


def trace(module: nn.Module, size: int) -> Graph:
    frozen = module.eval().requires_grad_(requires_grad=False)
    return trace_network(frozen, input_shape=(1, size, size), titles={})


def measure_ones(count: int, *, kernel: int) -> EffectiveField:
    """The field of a stack of ones: exactly the number of paths to each pixel."""
    module = stack_of(count, kernel=kernel)
    for layer in module:
        nn.init.ones_(layer.weight)  # type: ignore[arg-type]
    size = count * (kernel - 1) + 1
    graph = trace(module, size)
    return average_gradients(
        iter([graph]),
        layer=graph.layers[-1].name,
        input_shape=(1, size, size),
        measure=Measure.ABSOLUTE,
        samples_each=1,
    )


# Luo et al., section 2.1: n-fold convolution of a uniform kernel of width k, whose variance is
# n (k² − 1) / 12.
@pytest.mark.parametrize(("count", "kernel"), [(1, 7), (3, 3), (16, 3), (5, 5), (4, 2)])
def test_spread_of_ones_is_exact(count: int, kernel: int) -> None:
    field = measure_ones(count, kernel=kernel)
    expected = math.sqrt(count * (kernel**2 - 1) / 12)
    assert measure_spread(field.energy) == pytest.approx((expected, expected), rel=1e-5)


def test_spread_grows_as_the_root_of_the_depth_and_the_field_with_the_depth() -> None:
    four, sixteen = measure_ones(4, kernel=3), measure_ones(16, kernel=3)
    assert measure_spread(sixteen.energy)[0] / measure_spread(four.energy)[0] == pytest.approx(2)
    assert (math.isqrt(four.area), math.isqrt(sixteen.area)) == (9, 33)


# The fourth cumulant of one uniform kernel of width k is −(k⁴ − 1)/120; n of them add up.
def test_deep_ones_are_nearly_gaussian() -> None:
    field = measure_ones(16, kernel=3)
    profile = field.energy.sum(dim=0)
    places = torch.arange(len(profile), dtype=profile.dtype) - len(profile) // 2
    variance = float((places**2 * profile).sum())
    excess = float((places**4 * profile).sum()) / variance**2 - 3
    assert excess == pytest.approx(-16 * (3**4 - 1) / 120 / (16 * 8 / 12) ** 2, rel=1e-4)
    assert abs(excess) < 0.1


# With independent weights of mean 0 the expected square of the gradient is the same n-fold
# convolution (Luo et al., section 2.2).
@pytest.mark.parametrize(("count", "kernel"), [(4, 3), (2, 5)])
def test_random_weights_spread_as_theory_says(count: int, kernel: int) -> None:
    size = count * (kernel - 1) + 1
    module = stack_of(count, kernel=kernel, channels=16)
    graph = trace(module, size)
    generator = torch.Generator().manual_seed(1)

    def draw() -> Iterator[Graph]:
        for _ in range(60):
            for value in graph.traced.parameters():
                value.normal_(generator=generator)
            yield graph

    field = average_gradients(
        draw(),
        layer=graph.layers[-1].name,
        input_shape=(1, size, size),
        measure=Measure.SQUARES,
        samples_each=4,
    )
    expected = math.sqrt(count * (kernel**2 - 1) / 12)
    assert measure_spread(field.energy) == pytest.approx((expected, expected), rel=0.03)
    assert field.samples == 240


@pytest.mark.parametrize(("share", "pixels"), [(0.5, 1), (0.51, 2), (0.8, 2), (0.95, 3), (1.0, 4)])
def test_pixels_that_hold_a_share(share: float, pixels: int) -> None:
    energy = torch.tensor([[0.15, 0.5], [0.3, 0.05]], dtype=torch.float64)
    assert count_pixels_holding(energy, share=share) == pixels


def test_a_flat_field_needs_its_whole_area() -> None:
    energy = torch.full((10, 10), 0.01, dtype=torch.float64)
    assert count_pixels_holding(energy, share=0.95) == 95
    assert count_pixels_holding(energy, share=1.0) == 100


def test_spread_by_hand() -> None:
    energy: Tensor = torch.tensor([[0.5, 0.0, 0.5], [0.0, 0.0, 0.0]], dtype=torch.float64)
    assert measure_spread(energy) == pytest.approx((0.0, 1.0))


@pytest.mark.parametrize("weights", list(WeightSource))
@pytest.mark.parametrize(("layer", "area"), [("c1", 25), ("s2", 36), ("c3", 196), ("c5", 1024)])
def test_lenet_stays_within_the_theoretical_field(
    weights: WeightSource, layer: str, area: int
) -> None:
    field = compute_effective_field(load_model("lenet5"), layer=layer, weights=weights, samples=8)
    assert field.area == area
    assert float(field.energy.sum()) == pytest.approx(1)
    inside = torch.zeros(32, 32, dtype=torch.bool)
    patch = field.patch
    inside[patch.top : patch.bottom + 1, patch.left : patch.right + 1] = True
    assert bool((field.energy[~inside] == 0).all())
    assert bool((field.energy[inside] > 0).all())


def test_the_same_seed_gives_the_same_field() -> None:
    model = load_model("lenet5")
    first, again, other = (
        compute_effective_field(
            model, layer="c3", weights=WeightSource.RANDOM, samples=8, seed=seed
        ).energy
        for seed in (0, 0, 1)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_measuring_leaves_the_network_as_it_is() -> None:
    model = load_model("lenet5")
    before = {name: value.clone() for name, value in model.module.state_dict().items()}
    for weights in WeightSource:
        compute_effective_field(model, layer="c3", weights=weights, samples=8)
    assert all(
        torch.equal(before[name], value) for name, value in model.module.state_dict().items()
    )
    assert not any(value.requires_grad for value in model.module.parameters())


def test_time_runs_out_after_the_first_batch() -> None:
    model = load_model("lenet5")
    for weights in WeightSource:
        field = compute_effective_field(
            model, layer="c1", weights=weights, samples=64, limit_seconds=0
        )
        assert field.samples == 4


@pytest.mark.parametrize("weights", list(WeightSource))
def test_it_tells_after_each_batch_how_far_it_is_and_can_be_ended_there(
    weights: WeightSource,
) -> None:
    """Who left the page waited for all of it: one step of a job took five seconds."""
    model, shares = load_model("lenet5"), list[float]()
    compute_effective_field(model, layer="c1", weights=weights, samples=16, report=shares.append)
    inputs = [4, 8, 12, 16] if weights is WeightSource.TRAINED else range(2, 17, 2)
    assert shares == [count / 16 for count in inputs]

    def end(share: float) -> None:
        raise InterruptedError(str(share))

    with pytest.raises(InterruptedError, match=str(shares[0])):
        compute_effective_field(model, layer="c1", weights=weights, samples=16, report=end)


def test_layers_that_cannot_be_measured_are_refused() -> None:
    model = load_model("lenet5")
    with pytest.raises(NetworkError, match="has no maps"):
        compute_effective_field(model, layer="f6", weights=WeightSource.TRAINED)
    with pytest.raises(NetworkError, match="no layer “x9”"):
        compute_effective_field(model, layer="x9", weights=WeightSource.TRAINED)


def test_a_layer_that_is_always_off_is_told() -> None:
    module = stack_of(1, kernel=3, relu=True)
    nn.init.constant_(module[0].bias, -1000)  # type: ignore[arg-type]
    graph = trace(module, 8)
    with pytest.raises(NetworkError, match="choose a layer before the ReLU"):
        average_gradients(
            iter([graph]),
            layer=graph.layers[-1].name,
            input_shape=(1, 8, 8),
            measure=Measure.SQUARES,
            samples_each=4,
        )


def test_branches_and_normalisation() -> None:
    model = make_model(Branchy(), shape=(3, 48, 48))
    for weights in WeightSource:
        field = compute_effective_field(model, layer="pool", weights=weights, samples=8)
        assert field.area == 25 * 25
        assert float(field.energy.sum()) == pytest.approx(1)


# stem 5×5 stride 2; then 1×1 beside 3×3 with dilation 2; 3×3, 3×3 with a shortcut; pool 3×3:
# widest 5 + 4·2 + 2·2 + 2·2 + 2·2, narrowest 5 + 0 + shortcut + 2·2.
def test_paths_through_branches_by_hand() -> None:
    graph = make_model(Branchy(), shape=(3, 48, 48)).graph
    ranges, fields = compute_path_ranges(graph), compute_fields(graph)
    assert ranges.keys() == fields.keys()
    assert (ranges["stem"].smallest, ranges["stem"].largest) == ((5, 5), (5, 5))
    assert (ranges["cat"].smallest, ranges["cat"].largest) == ((5, 5), (13, 13))
    assert (ranges["second"].smallest, ranges["second"].largest) == ((13, 13), (21, 21))
    assert (ranges["pool"].smallest, ranges["pool"].largest) == ((9, 9), (25, 25))
    assert fields["pool"].size == (25, 25)
