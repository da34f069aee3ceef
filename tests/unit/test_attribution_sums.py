"""captum's methods as we call them, on networks and games whose answer is known beforehand."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cnnviz.attribution.attribute import (
    Attribution,
    Method,
    Options,
    Tunnel,
    attribute,
    find_obstacle,
    refine_attribution,
)
from cnnviz.attribution.checks.agreement import correlate_maps
from cnnviz.attribution.checks.completeness import adds_up, check_completeness
from cnnviz.attribution.checks.sensitivity import measure_infidelity, measure_sensitivity
from cnnviz.attribution.methods.private_copy import SeparateWindows
from cnnviz.attribution.methods.superpixels.feature_ablation import ablate_features
from cnnviz.attribution.methods.superpixels.kernel_shap import fit_kernel_shap
from cnnviz.attribution.methods.superpixels.segments import find_superpixels
from cnnviz.attribution.methods.superpixels.shapley_sampling import sample_shapley_values
from cnnviz.attribution.result import OF_SUPERPIXELS
from cnnviz.errors import AttributionError
from cnnviz.networks.load import LoadedModel
from tests.home_made import Branchy, chain, make_model, randomize

BLACK = -1.0  # what the preprocessing of home-made networks makes of black
FEW = Options(steps=8, samples=6, noise=0.0, segments=6, permutations=3, covers=60)


def draw(*shape: int, seed: int = 5) -> Tensor:
    return torch.randn(1, *shape, generator=torch.Generator().manual_seed(seed))


def make_linear() -> tuple[LoadedModel, Tensor]:
    """A linear network, and its weights toward class 2, (3, 16, 16)."""
    head = nn.Linear(3 * 16 * 16, 5)
    model = chain(nn.Flatten(), randomize(head, seed=3), shape=(3, 16, 16))
    return model, head.weight[2].reshape(3, 16, 16)


def draw_picture() -> Tensor:
    """Four fields of one color each, with little noise."""
    fields = torch.tensor([[-0.8, 0.6], [0.2, 0.9]]).repeat_interleave(8, 0).repeat_interleave(8, 1)
    return (fields + 0.02 * draw(3, 16, 16)).clamp(-1, 1)


@pytest.mark.parametrize(
    "method", [Method.INTEGRATED_GRADIENTS, Method.GRADIENT_SHAP, Method.DEEPLIFT]
)
def test_on_a_linear_network_a_pixel_gets_its_weight_times_its_change(method: Method) -> None:
    model, weight = make_linear()
    x = draw(3, 16, 16)
    found = attribute(model, x, method=method, target=2, options=FEW)
    assert found.pixels is not None
    torch.testing.assert_close(found.pixels, weight * (x[0] - BLACK), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("method", OF_SUPERPIXELS)
def test_on_a_linear_network_a_superpixel_gets_what_its_pixels_do(method: Method) -> None:
    model, weight = make_linear()
    x = draw_picture()
    found = attribute(model, x, method=method, target=2, options=FEW)
    assert found.superpixels is not None
    segments = found.superpixels.segments
    shares = (weight * (x[0] - BLACK)).sum(dim=0)  # (16, 16)
    expected = torch.stack([shares[segments == at].sum() for at in range(int(segments.max()) + 1)])
    # The lasso of LIME draws weights a little to zero.
    slack = 0.1 if method is Method.LIME else 1e-3
    torch.testing.assert_close(found.values, expected[segments], rtol=slack, atol=slack)


def play_gloves(shown: Tensor) -> Tensor:
    """A pair of gloves is worth 1; the first player has the left one, two have a right one."""
    return torch.minimum(shown[:, 0], shown[:, 1:].amax(dim=1)).float()


def test_the_game_of_gloves_is_shared_as_shapley_says() -> None:
    """Shapley's values are 4/6, 1/6 and 1/6; what nobody loses alone is worth nothing."""
    torch.manual_seed(4)
    values = sample_shapley_values(play_gloves, 3, 600)
    assert values.tolist() == pytest.approx([2 / 3, 1 / 6, 1 / 6], abs=0.05)
    assert fit_kernel_shap(play_gloves, 3, 600).tolist() == pytest.approx(
        [2 / 3, 1 / 6, 1 / 6], abs=0.05
    )
    assert ablate_features(play_gloves, 3, 1).tolist() == [1, 0, 0]


def test_conductance_of_a_linear_network_worked_out_by_hand() -> None:
    """Two maps, red and its double, added up over four cells with weights 3 and 5."""
    parts = (nn.Conv2d(3, 2, 1, bias=False), nn.Flatten(), nn.Linear(8, 5, bias=False))
    model = chain(*parts, shape=(3, 2, 2))
    with torch.no_grad():
        parts[0].weight.zero_()[:, 0, 0, 0] = torch.tensor([1.0, 2.0])
        parts[2].weight.zero_()[1] = torch.tensor([3.0] * 4 + [5.0] * 4)
    x = torch.tensor([[[0.0, 1.0], [2.0, 4.0]]]).repeat(3, 1, 1)[None]
    ask = {"target": 1, "layer": "layer_0", "options": FEW}
    conductance = attribute(model, x, method=Method.LAYER_CONDUCTANCE, **ask)  # type: ignore[arg-type]
    torch.testing.assert_close(conductance.values, 13 * (x[0, 0] - BLACK))  # 3·1 + 5·2
    influence = attribute(model, x, method=Method.INTERNAL_INFLUENCE, **ask)  # type: ignore[arg-type]
    torch.testing.assert_close(influence.values, torch.full((2, 2), 8.0))  # 3 + 5
    neuron = attribute(model, x, method=Method.NEURON_CONDUCTANCE, **ask)  # type: ignore[arg-type]
    assert neuron.unit == (1, 1, 1)  # the double of the largest pixel
    assert neuron.values.tolist() == [[0, 0], [0, pytest.approx(5 * 2 * 5)]]


def test_relevance_on_relus_is_gradient_times_image() -> None:
    """Ancona and others 2018, proposition 1."""
    model = make_model(randomize(Branchy(), seed=7), shape=(3, 48, 48))
    x = draw(3, 48, 48).requires_grad_()
    (gradient,) = torch.autograd.grad(model.graph.traced(x)[0, 3], x)
    found = attribute(model, x.detach(), method=Method.LRP, target=3)
    expected = (gradient * x.detach())[0]
    assert found.pixels is not None
    assert float((found.pixels - expected).abs().max()) < 1e-4 * float(expected.abs().max())


def test_relevance_goes_through_zeros_laid_around() -> None:
    """Gradient times image too: of the ReLUs none is at a ceiling."""
    parts = (nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(3, 4, 3, stride=2), nn.ReLU6(), nn.Flatten())
    module = nn.Sequential(*parts, nn.Linear(4 * 16, 5))
    model = make_model(randomize(module, seed=2), shape=(3, 8, 8))
    x = draw(3, 8, 8).requires_grad_()
    (gradient,) = torch.autograd.grad(model.graph.traced(x)[0, 1], x)
    found = attribute(model, x.detach(), method=Method.LRP, target=1).pixels
    torch.testing.assert_close(found, (gradient * x.detach())[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("method", [Method.LRP, Method.DEEPLIFT])
def test_a_relu6_at_its_ceiling_is_credited_all_the_same(method: Method) -> None:
    """Its gradient is 0 at 10; its value of 6, twice, is the pixel's."""
    parts = (nn.Conv2d(3, 1, 1, bias=False), nn.ReLU6(), nn.Flatten(), nn.Linear(1, 5, bias=False))
    model = chain(*parts, shape=(3, 1, 1))
    with torch.no_grad():
        parts[0].weight.zero_()[0, 0] = 1
        parts[3].weight.fill_(2)
    found = attribute(model, torch.full((1, 3, 1, 1), 10.0), method=method, target=0)
    assert found.values.item() == pytest.approx(12)


class TwiceRead(nn.Module):
    """2 x + relu(x): the ReLU is not the only one that reads its input."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(3, 5, bias=False)
        self.head.weight.data.fill_(1)

    def forward(self, x: Tensor) -> Tensor:
        x = x * 1
        logits: Tensor = self.head(torch.flatten(2 * x + torch.relu(x), 1))
        return logits


def test_what_a_relu_and_others_read_gets_the_signals_of_all() -> None:
    model = make_model(TwiceRead(), shape=(3, 1, 1))
    x = torch.tensor([3.0, -0.5, 0.0]).reshape(1, 3, 1, 1)
    found = attribute(model, x, method=Method.DEEPLIFT, target=0).pixels
    assert found is not None
    assert found.flatten().tolist() == pytest.approx([2 * 4 + 3, 2 * 0.5, 2 * 1])


@pytest.mark.parametrize("ceil_mode", [False, True])
@pytest.mark.parametrize(
    "window", [{"kernel_size": 3, "stride": 2, "padding": 1}, {"kernel_size": 3, "dilation": 2}]
)
def test_windows_laid_side_by_side_pool_the_same(window: dict[str, Any], ceil_mode: bool) -> None:
    pool = nn.MaxPool2d(**window, ceil_mode=ceil_mode)
    x = draw(4, 12, 15)
    assert torch.equal(SeparateWindows(pool)(x), pool(x))


@pytest.mark.parametrize(
    "method", [each for each in Method if each is not Method.INTEGRATED_GRADIENTS]
)
def test_what_promises_a_sum_keeps_it(method: Method) -> None:
    """The network pools overlapping windows, adds, and puts branches side by side."""
    model = make_model(randomize(Branchy(), seed=7), shape=(3, 48, 48))
    x = draw(3, 48, 48)
    options = replace(FEW, steps=60, samples=60)
    found = attribute(model, x, method=method, target=1, options=options)
    if not adds_up(found):
        return
    gap = check_completeness(model, x, found).gap
    if method is Method.LRP:
        assert gap > 0.01  # its biases keep a part
    else:
        drawn = method in (Method.GRADIENT_SHAP, Method.LAYER_CONDUCTANCE)  # points of a path
        assert gap < (0.1 if drawn else 1e-3)


class Squares(nn.Module):
    """Logit k is k times the sum of the squares, so its gradient is 2 k x."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(3 * 16 * 16, 5, bias=False)
        with torch.no_grad():
            self.head.weight.copy_(torch.arange(5.0)[:, None])

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(torch.flatten(x * x, 1))
        return logits


def test_noise_tunnels_of_a_gradient_of_known_spread() -> None:
    """The gradient 4 x of a value with noise s has mean 4 x, variance 16 s², and their square."""
    model = make_model(Squares(), shape=(3, 16, 16))
    x = torch.linspace(-1, 1, 3 * 256).reshape(1, 3, 16, 16)
    spread = 0.1 * 2.0  # of the range from −1 to 1
    found = {}
    for tunnel in (Tunnel.SMOOTHGRAD, Tunnel.SQUARED, Tunnel.VARGRAD):
        options = Options(samples=80, noise=0.1, tunnel=tunnel, seed=2)
        pixels = attribute(model, x, method=Method.SALIENCY, target=2, options=options).pixels
        assert pixels is not None
        found[tunnel] = pixels
    off = found[Tunnel.SMOOTHGRAD] - 4 * x[0]
    assert float(off.std()) == pytest.approx(4 * spread / math.sqrt(80), rel=0.1)
    assert float(found[Tunnel.VARGRAD].mean()) == pytest.approx(16 * spread**2, rel=0.05)
    together = found[Tunnel.SMOOTHGRAD] ** 2 + found[Tunnel.VARGRAD]
    torch.testing.assert_close(found[Tunnel.SQUARED], together, rtol=1e-3, atol=1e-3)


def test_what_has_no_rule_is_named_in_one_sentence() -> None:
    model = make_model(Squares(), shape=(3, 16, 16))
    for method in (Method.DEEPLIFT, Method.LRP):
        said = str(find_obstacle(model, method))
        assert "no rule for products of two layers" in said
        with pytest.raises(AttributionError, match="products of two layers"):
            attribute(model, draw(3, 16, 16), method=method, target=0)
    smooth = chain(nn.Conv2d(1, 2, 1), nn.GELU(), nn.Flatten(), nn.Linear(8, 5), shape=(1, 2, 2))
    assert "no rule for GELU" in str(find_obstacle(smooth, Method.LRP))


def test_a_noise_tunnel_around_what_takes_many_passes_is_refused() -> None:
    model, _ = make_linear()
    options = Options(tunnel=Tunnel.VARGRAD)
    with pytest.raises(AttributionError, match="tunnel is VarGrad; a noise tunnel goes around"):
        attribute(model, draw(3, 16, 16), method=Method.LIME, target=0, options=options)


@pytest.mark.parametrize(
    "wrong", [{"segments": 1}, {"permutations": 0}, {"covers": 9999}, {"tunnel": "pipe"}]
)
def test_options_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(AttributionError, match=next(iter(wrong))):
        Options(**wrong)


@pytest.mark.parametrize("method", OF_SUPERPIXELS)
def test_a_map_of_superpixels_grows_and_can_be_stopped(method: Method) -> None:
    model, _ = make_linear()
    steps = list(refine_attribution(model, draw_picture(), method=method, target=2, options=FEW))
    shares = [share for share, _ in steps]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    first, last = (found.superpixels for _, found in (steps[0], steps[-1]))
    assert first is not None
    assert last is not None
    assert first.done <= last.done == last.wanted
    # The last covered image is black where a superpixel is off, and the image elsewhere.
    off = ~last.shown[last.segments]
    assert (last.covered[0][:, off] == BLACK).all()
    assert torch.equal(last.covered[0][:, ~off], draw_picture()[0][:, ~off])

    def stop(_: float) -> None:
        raise AttributionError("stopped")

    with pytest.raises(AttributionError, match="stopped"):
        attribute(model, draw_picture(), method=method, target=2, options=FEW, report=stop)


def test_superpixels_follow_colors_and_noise_is_cut_too() -> None:
    pixels = np.zeros((32, 32, 3), dtype=np.uint8)
    pixels[:, 16:] = 255
    segments = find_superpixels(pixels, count=8)
    assert set(segments[:, :16].flatten().tolist()).isdisjoint(segments[:, 16:].flatten().tolist())
    noise = np.random.default_rng(0).integers(0, 256, (48, 48, 3), dtype=np.uint8)
    assert int(find_superpixels(noise, count=12).max()) >= 3
    with pytest.raises(AttributionError, match="single superpixel"):
        find_superpixels(np.zeros((1, 1, 3), dtype=np.uint8), count=4)


def test_ranks_agree_whatever_the_scale() -> None:
    values = torch.tensor([[1.0, 2.0], [3.0, -9.0]])
    maps = {
        Method.SALIENCY: values,
        Method.GRAD_CAM: values**3,
        Method.LRP: -values,
        Method.LIME: torch.ones(2, 2),
    }
    found = correlate_maps(maps)
    assert found.signed[0, :3].tolist() == pytest.approx([1, 1, -1])
    assert found.absolute[0, :3].tolist() == pytest.approx([1, 1, 1])
    assert np.isnan(found.signed[0, 3])
    assert correlate_maps({Method.LIME: values}).signed.tolist() == [[1]]


def test_a_linear_network_is_predicted_without_error_and_maps_move_with_noise() -> None:
    model, _ = make_linear()
    x = draw(3, 16, 16)
    baseline = torch.full_like(x, BLACK)

    def measure(found: Attribution) -> float:
        return measure_infidelity(model, x, found, target=2, baseline=baseline)

    for method in (Method.SALIENCY, Method.DEEPLIFT):
        assert measure(attribute(model, x, method=method, target=2)) == pytest.approx(0, abs=1e-6)
    turned = attribute(model, x, method=Method.SALIENCY, target=1)
    assert measure(turned) > 0.01
    assert measure_sensitivity(x, lambda _: torch.ones(4, 4)) == 0
    # Noise between −r and r has a root mean square of r / √3.
    radius = 0.02 * float(x.max() - x.min())
    expected = radius / math.sqrt(3) * math.sqrt(x.numel()) / float(x.norm())
    assert measure_sensitivity(x, lambda image: image[0]) == pytest.approx(expected, rel=0.1)
