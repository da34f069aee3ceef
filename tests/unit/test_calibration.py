"""The temperature that makes a network's confidence honest: expected values are worked by hand."""

import json
import math
from copy import deepcopy

import pytest
import torch
from torch import Tensor, nn

from cnnviz.networks.weights.files import BUNDLED
from cnnviz.networks.zoo.lineage import MEMBERS
from cnnviz.networks.zoo.registry import NetworkSpec, build_network
from cnnviz.training.calibration import (
    calibrate,
    divide_logits,
    fit_temperature,
    measure_calibration_error,
)
from cnnviz.training.labelled import LabelledImages


def label(*, right: int, of: int) -> Tensor:
    """Labels of pictures that are all named class 0."""
    return (torch.arange(of) >= right).long()


def say(confidences: list[float]) -> Tensor:
    """Logits of two classes, of which the first has these probabilities."""
    first = torch.tensor(confidences, dtype=torch.float64)
    return torch.stack([first, 1 - first], dim=1).log()


@pytest.mark.parametrize("difference", [2.0, 0.5])
def test_the_temperature_makes_the_confidence_the_share_of_right_answers(difference: float) -> None:
    """Three of four right: the difference over the temperature must be log(3/4 : 1/4)."""
    logits = torch.tensor([[difference, 0.0]]).expand(4, 2)
    found = fit_temperature(logits, label(right=3, of=4))
    assert found == pytest.approx(difference / math.log(3), rel=1e-4)


@pytest.mark.parametrize(("right", "bound"), [(4, 0.1), (0, 10)])
def test_what_is_always_right_or_wrong_stops_at_a_bound(right: int, bound: float) -> None:
    logits = torch.tensor([[1.0, 0.0]]).expand(4, 2)
    assert fit_temperature(logits, label(right=right, of=4)) == pytest.approx(bound, rel=1e-2)


@pytest.mark.parametrize(
    ("confidences", "right", "percent"),
    [
        ([0.9, 0.9, 0.9, 0.9], 4, 10),
        ([0.62, 0.62, 0.91, 0.91], 3, 100 * (2 - 1.24 + 1.82 - 1) / 4),
        ([0.91, 0.92], 1, 100 * (1.83 - 1) / 2),  # one bin, 13/15 to 14/15
        ([0.85, 0.88], 1, 100 * (1 - 0.85 + 0.88) / 2),  # two bins
    ],
)
def test_calibration_error(confidences: list[float], right: int, percent: float) -> None:
    labels = label(right=right, of=len(confidences))
    assert measure_calibration_error(say(confidences), labels) == pytest.approx(percent)


def test_a_half_is_measured_with_the_other_halfs_temperature() -> None:
    """Even pictures: 15 of 20 right. Odd ones: 18 of 20. Each is told the other's share."""
    last = nn.Linear(1, 2)
    module = nn.Sequential(nn.Flatten(), last)
    with torch.no_grad():
        last.weight.copy_(torch.tensor([[1.5], [0.0]]))
        last.bias.copy_(torch.tensor([0.5, 0.0]))
    labels = torch.stack([label(right=15, of=20), label(right=18, of=20)], dim=1).flatten()
    photos = LabelledImages(images=torch.ones(40, 1, 1, 1, dtype=torch.uint8), labels=labels)
    told = calibrate(module, photos, to_input=lambda images: images.float())
    temperature = 2 / math.log(33 / 7)
    assert told == {
        "temperature": pytest.approx(temperature, abs=1e-4),
        "images": 40,
        "error_before": pytest.approx(100 * (1 / (1 + math.exp(-2)) - 33 / 40), abs=0.01),
        "error": pytest.approx(100 * (0.9 - 0.75), abs=0.01),
    }
    assert float(last.weight[0, 0].detach()) == pytest.approx(1.5 / temperature, rel=1e-3)
    assert float(last.bias[0].detach()) == pytest.approx(0.5 / temperature, rel=1e-3)


@pytest.mark.parametrize("spec", MEMBERS, ids=lambda spec: spec.name)
def test_all_logits_of_a_network_are_divided(spec: NetworkSpec) -> None:
    torch.manual_seed(3)
    module = build_network(spec).double().eval()
    x = torch.randn(2, *spec.preprocessing.shape, dtype=torch.float64)
    cooler = deepcopy(module)
    divide_logits(cooler, 0.8)
    with torch.no_grad():
        logits = module(x)
        assert float(logits.abs().max()) > 0
        torch.testing.assert_close(cooler(x), logits / 0.8)


@pytest.mark.parametrize("temperature", [0.0, -1.0, math.inf, math.nan])
def test_a_temperature_must_be_above_zero(temperature: float) -> None:
    with pytest.raises(ValueError, match="temperature"):
        divide_logits(nn.Linear(1, 1), temperature)


@pytest.mark.parametrize("spec", MEMBERS, ids=lambda spec: spec.name)
def test_every_shipped_network_was_calibrated(spec: NetworkSpec) -> None:
    card = json.loads((BUNDLED / f"{spec.name}.json").read_text(encoding="utf-8"))
    told = card["calibration"]
    assert told["images"] == card["accuracy"]["top1"]["total"]
    assert told["error"] < told["error_before"]
