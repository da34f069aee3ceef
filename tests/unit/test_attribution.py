"""Attribution methods on networks whose right answer is known beforehand."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812  (the usual name)
from torch import Tensor, nn

from cnnviz.attribution.attribute import (
    Baseline,
    Method,
    Options,
    attribute,
    find_last_maps,
    find_obstacle,
    list_cam_layers,
)
from cnnviz.attribution.baselines import blur, make_baseline
from cnnviz.attribution.checks.completeness import check_completeness
from cnnviz.attribution.checks.pointing import compose_pair, find_half
from cnnviz.attribution.checks.pointing_score import PointingScore, read_score, write_score
from cnnviz.attribution.methods.deconvnet import project_activation
from cnnviz.attribution.result import resize_to
from cnnviz.errors import AttributionError, NetworkError, WeightsError
from cnnviz.networks.load import LoadedModel, load_model
from cnnviz.networks.weights.files import ModelCard, WeightsFile, WeightsOrigin
from tests.home_made import CLASSES, Branchy, chain, make_model, randomize

TOP, LEFT, SIDE = 18, 4, 10  # the square on which the decision rests


class Stripes(nn.Module):
    """Class 0 is upright stripes, class 1 lying ones: edges, then their difference, (3, 32, 32)."""

    def __init__(self) -> None:
        super().__init__()
        # Else the picture's own border would be an edge.
        self.edges = nn.Conv2d(3, 4, kernel_size=3, padding=1, padding_mode="replicate")
        self.pool = nn.MaxPool2d(2)
        self.judge = nn.Conv2d(4, 2, kernel_size=3, padding=1)
        self.relu = nn.ReLU()
        self.head = nn.Linear(2, 5)
        edge = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]) / 24
        kernels = torch.stack([edge, -edge, edge.T, -edge.T])
        with torch.no_grad():
            self.edges.weight.copy_(kernels[:, None].expand(4, 3, 3, 3))
            self.edges.bias.fill_(-0.05)  # type: ignore[union-attr]
            sign = torch.tensor([[1.0, 1.0, -9.0, -9.0], [-9.0, -9.0, 1.0, 1.0]])
            self.judge.weight.copy_(sign[:, :, None, None].expand(2, 4, 3, 3) / 9)
            self.judge.bias.fill_(-0.05)  # type: ignore[union-attr]
            self.head.weight.zero_()[:2] = torch.eye(2)
            self.head.bias.zero_()

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.relu(self.edges(x)))  # (N, 4, 16, 16)
        x = self.relu(self.judge(x))  # (N, 2, 16, 16)
        logits: Tensor = self.head(x.mean(dim=(2, 3)))
        return logits


def stripes_picture() -> Tensor:
    """Upright stripes in the square, lying ones as strong elsewhere, black around both."""
    x = torch.full((1, 3, 32, 32), -1.0)
    # A pixel within the square all around: its edges are part of it.
    x[..., TOP + 1 : TOP + SIDE - 1, LEFT + 1 : LEFT + SIDE - 1 : 4] = 1
    x[..., TOP + 1 : TOP + SIDE - 1, LEFT + 2 : LEFT + SIDE - 1 : 4] = 1
    x[..., 3:13:4, 18:28] = 1
    x[..., 4:13:4, 18:28] = 1
    return x


def is_inside(row: int, column: int) -> bool:
    return TOP <= row < TOP + SIDE and LEFT <= column < LEFT + SIDE


# Below a mean over all cells the influence of each is the same: it has no maximum. The lasso of
# LIME takes off all weights below a hundredth of a logit, and these logits are smaller.
NO_MAXIMUM = {Method.DECONVNET, Method.INTERNAL_INFLUENCE, Method.LIME}


@pytest.mark.parametrize("method", sorted(set(Method) - NO_MAXIMUM))
def test_the_maximum_lies_in_the_square_that_decides(method: Method) -> None:
    model = make_model(Stripes(), shape=(3, 32, 32))
    x = stripes_picture()
    with torch.no_grad():
        assert float(model.module(x)[0, 0]) > 0
    answer = attribute(model, x, method=method, target=0, options=Options(noise=0.02, covers=150))
    values = resize_to(answer, (32, 32))
    row, column = divmod(int(values.argmax()), 32)
    assert float(values.max()) > 0
    assert is_inside(row, column), (row, column)


def test_deconvnet_also_lights_what_did_not_decide() -> None:
    """Its ReLUs are open wherever the signal is above zero, whatever the picture shows there."""
    model = make_model(Stripes(), shape=(3, 32, 32))
    x = stripes_picture()
    elsewhere = (..., slice(0, 14), slice(17, 29))  # around the lying stripes
    deconvnet = attribute(model, x, method=Method.DECONVNET, target=0).pixels
    guided = attribute(model, x, method=Method.GUIDED_BACKPROP, target=0).pixels
    assert deconvnet is not None
    assert guided is not None
    assert float(deconvnet[elsewhere].abs().max()) > 0
    assert float(guided[elsewhere].abs().max()) == 0


def test_grad_cam_on_a_linear_head_is_cam() -> None:
    """Zhou et al. 2016, equation 2: the class's weights times the maps; here over 8×8 cells."""
    model = chain(
        nn.Conv2d(3, 16, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(16, 5),
        shape=(3, 8, 8),
    )
    x = torch.randn(1, 3, 8, 8, generator=torch.Generator().manual_seed(4))
    convolution, head = model.module[0], model.module[4]  # type: ignore[index]
    with torch.no_grad():
        maps = convolution(x)[0].relu()
        for target in range(5):
            cam = (head.weight[target][:, None, None] * maps).sum(dim=0)
            ours = attribute(model, x, method=Method.GRAD_CAM, target=target)
            assert ours.layer == "layer_1"
            torch.testing.assert_close(ours.values * 64, cam, rtol=1e-6, atol=1e-6)


def test_grad_cam_plus_plus_worked_out_by_hand() -> None:
    """Maps 1, 2, 0, 1 (sum 4) with gradients 1, 0, 2, −1.

    The shares are 1/(2 + 4) = 1/6, 0, 4/(8 + 32) = 1/10 and one that its negative gradient takes
    off: the weight is 1/6·1 + 1/10·2 = 11/30. Grad-CAM's is the mean gradient, 1/2.
    """
    model = chain(nn.ReLU(), nn.Flatten(), nn.Linear(4, 5), shape=(1, 2, 2))
    with torch.no_grad():
        model.module[2].weight[1] = torch.tensor([1.0, 0.0, 2.0, -1.0])  # type: ignore[index]
    x = torch.tensor([[[[1.0, 2.0], [-3.0, 1.0]]]])
    maps = torch.tensor([[1.0, 2.0], [0.0, 1.0]])
    plus = attribute(model, x, method=Method.GRAD_CAM_PLUS_PLUS, target=1, layer="layer_0")
    torch.testing.assert_close(plus.values, maps * 11 / 30)
    plain = attribute(model, x, method=Method.GRAD_CAM, target=1, layer="layer_0")
    torch.testing.assert_close(plain.values, maps / 2)


def test_a_projection_worked_out_by_hand() -> None:
    """Times 2, ReLU, the maximum of four, times 3: 3 is the maximum and gives 18.

    Down again: 18·3 = 54 goes to where the 3 was, and 54·2 = 108 to the picture.
    """
    parts = (nn.Conv2d(1, 1, 1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(1, 5, 1))
    model = chain(*parts, nn.Flatten(), nn.Linear(10, 5), shape=(1, 2, 4))
    with torch.no_grad():
        for part, factor in ((parts[0], 2.0), (parts[3], 3.0)):
            part.weight.fill_(factor)
            torch.nn.init.zeros_(part.get_parameter("bias"))
    x = torch.tensor([[[[1.0, 2.0, 0.5, 0.0], [3.0, -4.0, 0.0, -1.0]]]])
    strongest = project_activation(model, x, layer="layer_3", channel=4)
    assert strongest.values.tolist() == [[0, 0, 0, 0], [108, 0, 0, 0]]
    other = project_activation(model, x, layer="layer_3", channel=0, place=(0, 1))
    assert other.values.tolist() == [[0, 0, 18, 0], [0, 0, 0, 0]]
    with pytest.raises(AttributionError, match="place is"):
        project_activation(model, x, layer="layer_3", channel=0, place=(1, 0))


def relu_module(inplace: bool) -> Callable[[Tensor], Tensor]:
    return nn.ReLU(inplace=inplace)


RELUS: dict[str, tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]] = {
    "two modules": (relu_module(inplace=False), relu_module(inplace=False)),
    "in place": (relu_module(inplace=True), relu_module(inplace=True)),
    "reused": ((shared := relu_module(inplace=True)), shared),
    "functions": (F.relu, torch.relu),
    "functions in place": (F.relu_, lambda x: F.relu(x, inplace=True)),
    "methods": (lambda x: x.relu(), lambda x: x.relu_()),
}


class TwoRelus(nn.Module):
    def __init__(self, one: Callable[[Tensor], Tensor], two: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.low = nn.Conv2d(3, 6, kernel_size=3, padding=1)
        self.high = nn.Conv2d(6, 6, kernel_size=3, padding=1)
        self.head = nn.Linear(6, 5)
        self.one, self.two = one, two

    def forward(self, x: Tensor) -> Tensor:
        maps = self.two(self.high(self.one(self.low(x))))
        logits: Tensor = self.head(maps.mean(dim=(2, 3)))
        return logits


@pytest.mark.parametrize("form", list(RELUS)[1:])
@pytest.mark.parametrize("method", Method)
def test_every_way_to_write_a_relu_gives_the_same(form: str, method: Method) -> None:
    """Two modules, used once each, are what captum agrees with us on."""
    x = torch.randn(1, 3, 12, 12, generator=torch.Generator().manual_seed(6))
    expected, answer = (
        attribute(
            make_model(randomize(TwoRelus(*RELUS[key]), seed=8), shape=(3, 12, 12)),
            x,
            method=method,
            target=1,
            options=Options(steps=8, samples=4, segments=6, permutations=1, covers=16),
        )
        for key in ("two modules", form)
    )
    assert float(expected.values.abs().max()) > 0
    assert torch.equal(answer.values, expected.values)


class Squares(nn.Module):
    """Logit k is k times the sum of the squares, so its gradient is 2 k x."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(3 * 48 * 48, len(CLASSES), bias=False)
        self.head.weight.copy_(torch.arange(float(len(CLASSES)))[:, None])

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(torch.flatten(x * x, 1))
        return logits


@pytest.mark.parametrize("samples", [5, 18, 40])
def test_smoothgrad_is_the_mean_of_the_gradients_of_noisy_pictures(samples: int) -> None:
    with torch.no_grad():
        model = make_model(Squares(), shape=(3, 48, 48))
    x = torch.randn(1, 3, 48, 48, generator=torch.Generator().manual_seed(3))
    options = Options(samples=samples, noise=0.2, seed=9)
    ours = attribute(model, x, method=Method.SMOOTHGRAD, target=2, options=options)
    # 2 · 2 · (x + the mean of n noises of deviation s), whose own deviation is s / √n.
    assert ours.pixels is not None
    mean_noise = ours.pixels / 4 - x[0]
    deviation = 0.2 * float(x.max() - x.min()) / samples**0.5
    assert float(mean_noise.std()) == pytest.approx(deviation, rel=0.05)
    assert abs(float(mean_noise.mean())) < 5 * deviation / mean_noise.numel() ** 0.5


@pytest.mark.parametrize("baseline", Baseline)
def test_integrated_gradients_are_complete_to_a_hundredth(baseline: Baseline) -> None:
    model = make_model(randomize(Branchy(), seed=7), shape=(3, 48, 48))
    x = torch.randn(1, 3, 48, 48, generator=torch.Generator().manual_seed(3))
    options = Options(steps=200, baseline=baseline)
    for target in (0, 3):
        answer = attribute(
            model, x, method=Method.INTEGRATED_GRADIENTS, target=target, options=options
        )
        with torch.no_grad():
            start = make_baseline(model, x, baseline=baseline)
            difference = float(model.module(x)[0, target] - model.module(start)[0, target])
        assert float(answer.values.sum()) == pytest.approx(difference, rel=0.01)
        assert check_completeness(model, x, answer).gap < 0.01


def test_a_blur_keeps_what_is_even_and_spreads_a_dot() -> None:
    even = torch.full((1, 3, 20, 24), 0.7)
    torch.testing.assert_close(blur(even, deviation=2.0), even)
    dot = torch.zeros(1, 1, 21, 21)
    dot[0, 0, 10, 10] = 1
    spread = blur(dot, deviation=1.5)[0, 0]
    assert float(spread.sum()) == pytest.approx(1)
    assert float(spread[10, 11] / spread[10, 10]) == pytest.approx(0.8007374)  # exp(−1/4.5)


@pytest.mark.parametrize(
    ("other", "said"), [(nn.GELU(), "also uses GELU"), (nn.Sigmoid(), "has none")]
)
def test_a_network_without_relu_is_told_so(other: nn.Module, said: str) -> None:
    model = make_model(TwoRelus(other, other), shape=(3, 12, 12))
    x = torch.zeros(1, 3, 12, 12)
    for method in (Method.DECONVNET, Method.GUIDED_BACKPROP, Method.GUIDED_GRAD_CAM):
        assert said in str(find_obstacle(model, method))
        with pytest.raises(AttributionError, match=said):
            attribute(model, x, method=method, target=0)
    assert find_obstacle(model, Method.GRAD_CAM) is None


def test_a_network_without_maps_is_told_so() -> None:
    model = chain(nn.Flatten(), nn.Linear(12, 5), shape=(3, 2, 2))
    assert "no layer whose maps" in str(find_obstacle(model, Method.GRAD_CAM))
    assert list_cam_layers(model) == ()
    with pytest.raises(AttributionError, match="no layer whose maps"):
        find_last_maps(model)
    with pytest.raises(AttributionError, match="has no maps"):
        attribute(
            make_model(Branchy(), shape=(3, 48, 48)),
            torch.zeros(1, 3, 48, 48),
            method=Method.GRAD_CAM,
            target=0,
            layer="head",
        )


def test_the_layers_of_grad_cam_are_those_that_all_paths_pass() -> None:
    assert list_cam_layers(make_model(Branchy(), shape=(3, 48, 48))) == ("relu", "cat", "relu_")
    assert list_cam_layers(load_model("lenet5")) == ("relu1", "relu3")


@pytest.mark.parametrize(
    "wrong", [{"steps": 0}, {"samples": 501}, {"noise": float("nan")}, {"seed": -1}]
)
def test_options_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(AttributionError, match=next(iter(wrong))):
        Options(**wrong)


def test_bad_questions_are_refused() -> None:
    model = make_model(Branchy(), shape=(3, 48, 48))
    x = torch.zeros(1, 3, 48, 48)
    with pytest.raises(AttributionError, match="target is 5"):
        attribute(model, x, method=Method.SALIENCY, target=5)
    with pytest.raises(AttributionError, match="give one prepared image"):
        attribute(model, x[0], method=Method.SALIENCY, target=0)
    with pytest.raises(NetworkError, match="no layer"):
        attribute(model, x, method=Method.GRAD_CAM, target=0, layer="nowhere")


def test_a_long_method_tells_how_far_it_is_and_can_be_stopped() -> None:
    model = make_model(Branchy(), shape=(3, 48, 48))
    shares: list[float] = []

    def stop(share: float) -> None:
        shares.append(share)
        if len(shares) == 2:
            raise NetworkError("stopped")

    with pytest.raises(NetworkError, match="stopped"):
        attribute(
            model,
            torch.zeros(1, 3, 48, 48),
            method=Method.INTEGRATED_GRADIENTS,
            target=0,
            report=stop,
        )
    assert shares == [0.32, 0.64]  # 16 and 32 of 50


def test_eight_threads_get_what_one_gets() -> None:
    def ask(model: LoadedModel, number: int) -> Tensor:
        x = torch.randn(1, 3, 48, 48, generator=torch.Generator().manual_seed(number))
        method = tuple(Method)[number % len(Method)]
        layers = list_cam_layers(model)
        return attribute(
            model,
            x,
            method=method,
            target=number % 5,
            layer=layers[number % len(layers)],
            options=Options(steps=5, samples=3, segments=6, permutations=2, covers=16),
        ).values

    def make() -> LoadedModel:
        return make_model(randomize(Branchy(), seed=7), shape=(3, 48, 48))

    alone = make()
    expected = [ask(alone, number) for number in range(80)]
    shared = make()  # nothing is cached yet when the threads begin
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: ask(shared, number), range(80)))
    for answer, right in zip(answers, expected, strict=True):
        torch.testing.assert_close(answer, right, rtol=1e-6, atol=1e-8)


def test_two_pictures_are_set_side_by_side_and_a_map_points_at_one() -> None:
    left = torch.arange(16, dtype=torch.uint8).reshape(1, 4, 4)
    pair = compose_pair(left, torch.full((1, 4, 4), 200, dtype=torch.uint8))
    assert pair[0, 1].tolist() == [4, 6, 200, 200]  # 4.5 and 6.5, rounded to even
    assert find_half(torch.tensor([[0.0, 1.0, 3.0], [0.0, 0.0, 2.0]])) == 1
    assert find_half(torch.tensor([[4.0, 1.0], [0.0, 3.0]])) == 0
    assert find_half(torch.tensor([[1.0, 1.0]])) is None
    assert find_half(torch.tensor([[-1.0, -2.0]])) is None


def test_a_pointing_score_goes_into_the_card_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "alexnet64.json"
    path.write_text('{"name": "alexnet64", "sha256": "é"}\n', encoding="utf-8")
    weights = WeightsFile("alexnet64", path.with_suffix(".safetensors"), WeightsOrigin.FOLDER)
    card = ModelCard(name="alexnet64", sha256="", facts={}, file=weights)
    assert read_score(card) is None
    score = PointingScore(pairs=200, both=164, single=360, seed=3)
    assert write_score(card, score) == path
    facts = json.loads(path.read_text(encoding="utf-8"))
    assert facts["sha256"] == "é"
    assert "alexnet64 --data DIR --pairs 200 --seed 3" in facts["pointing"]["command"]
    assert read_score(replace(card, facts=facts)) == score
    assert "82.0% of 200 pairs; 90.0% of the 400 maps" in score.write_summary()
    with pytest.raises(WeightsError, match="no model card"):
        write_score(replace(card, file=None), score)
