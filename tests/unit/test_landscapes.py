"""Loss landscapes: filters normalized by hand, a quadratic, torch's loss, and the cards."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from cnnviz.figures.landscapes import draw_contours, draw_surface, find_limits, write_landscapes
from cnnviz.labs.landscapes import (
    Landscape,
    draw_direction,
    find_mean_loss,
    measure_surface,
    normalize_filters,
    read_landscape,
)
from cnnviz.labs.lesions import NETWORKS
from cnnviz.networks.load import load_model
from cnnviz.training.labelled import LabelledImages
from cnnviz.training.landscapes import main, measure_landscape


def test_filters_are_normalized_by_hand() -> None:
    """Li et al., section 4: d ← d / ‖d‖ · ‖w‖ for each filter."""
    weights = torch.tensor([[[[3.0, 4.0]]], [[[0.0, 2.0]]]])  # norms 5 and 2
    direction = torch.tensor([[[[0.0, 10.0]]], [[[3.0, 4.0]]]])  # norms 10 and 5
    expected = torch.tensor([[[[0.0, 5.0]]], [[[1.2, 1.6]]]])
    torch.testing.assert_close(normalize_filters(direction, weights), expected)


def test_a_direction_leaves_biases_and_normalization() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, 2))
    weights = dict(network.named_parameters())
    first, again = (draw_direction(weights, seed=1) for _ in range(2))
    for name in ("0.weight", "3.weight"):
        norms = (one[name].detach().flatten(1).norm(dim=1) for one in (first, weights))
        torch.testing.assert_close(*norms)
        assert torch.equal(first[name], again[name])
    assert not any(first[name].any() for name in ("0.bias", "1.weight", "1.bias", "3.bias"))


def test_the_surface_of_a_quadratic_is_known() -> None:
    """½ |w + a d + b e|² with w = (1, 0), d = (2, 0), e = (0, 1): ½ ((1 + 2a)² + b²)."""
    center = {"w": torch.tensor([1.0, 0.0])}
    directions = ({"w": torch.tensor([2.0, 0.0])}, {"w": torch.tensor([0.0, 1.0])})
    offsets = (-1.0, 0.0, 0.5)
    found = list(
        measure_surface(lambda w: 0.5 * float((w["w"] ** 2).sum()), center, directions, offsets)
    )
    assert found == [0.5 * ((1 + 2 * a) ** 2 + b**2) for b in offsets for a in offsets]


def test_the_loss_is_torchs_and_the_network_stays() -> None:
    model = load_model("resnet64")
    dice = torch.Generator().manual_seed(0)
    x, labels = torch.randn(5, 3, 64, 64, generator=dice), torch.arange(5)
    with torch.no_grad():
        expected = nn.CrossEntropyLoss()(model.module(x), labels)
    weights = dict(model.module.named_parameters())
    before = {name: one.detach().clone() for name, one in weights.items()}
    parts = [(x[:2], labels[:2]), (x[2:], labels[2:])]
    assert find_mean_loss(model.module, weights, parts) == pytest.approx(float(expected), rel=1e-5)
    direction = draw_direction(weights, seed=0)
    moved = {name: one + direction[name] for name, one in weights.items()}
    assert find_mean_loss(model.module, moved, parts) != pytest.approx(float(expected), rel=0.01)
    assert all(torch.equal(one, weights[name]) for name, one in before.items())


def test_the_command_measures_a_grid_around_the_trained_weights() -> None:
    model = load_model("plain64")
    dice = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (2, 3, 64, 64), generator=dice, dtype=torch.uint8)
    few = LabelledImages(images=images, labels=torch.tensor([3, 7]))
    found = measure_landscape(model, few, points=3, seed=1)
    assert found["offsets"] == [-1, 0, 1]
    card = replace(model.card, facts=model.card.facts | {"landscape": found})
    landscape = read_landscape(replace(model, card=card))
    assert landscape is not None
    assert landscape.losses.shape == (3, 3)
    assert landscape.images == 2
    for told in (None, 3, found | {"losses": [[1]]}, {"offsets": [0]}):
        broken = replace(model.card, facts=model.card.facts | {"landscape": told})
        assert read_landscape(replace(model, card=broken)) is None


def test_the_command_says_what_it_misses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(tmp_path)]) == 2
    assert str(tmp_path) in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["--data", str(tmp_path), "--points", "4"])


def test_a_landscape_is_drawn_and_told() -> None:
    losses = torch.tensor([[9.0, 4.0, 9.0], [3.0, 1.5, 5.0], [9.0, 4.5, 9.0]])
    landscape = Landscape(images=10, offsets=(-1, 0, 1), losses=losses)
    limits = find_limits([landscape])
    assert limits == (1.5, 9)
    assert landscape.center == 1.5
    told = write_landscapes({"Net": landscape}, chance=math.log(100))
    # 4, 3, 1.5 and 4.5 of nine lie below ln 100 = 4.605.
    assert told == (
        "Net: loss 1.50 in the middle, at most 9.00, below that of guessing on 44 % of the square."
    )
    assert draw_surface(landscape, limits=limits).data[0].z.tolist() == losses.tolist()
    assert draw_contours(landscape, limits=limits).data[0].z[1][1] == pytest.approx(
        0.1761, abs=1e-4
    )


def test_the_cards_tell_a_basin_around_the_trained_weights() -> None:
    """Li et al., figure 1, on the cards of this project: the loss of the plain network climbs."""
    chance, highest = math.log(100), {}
    for name in NETWORKS:
        landscape = read_landscape(load_model(name))
        assert landscape is not None
        assert landscape.offsets[0] == -landscape.offsets[-1] == -1
        assert landscape.center < 1.05 * float(landscape.losses.min())
        assert 0.1 < landscape.find_share_below(chance) < 0.5
        highest[name] = float(landscape.losses.max())
    assert highest["plain64"] > 2 * highest["resnet64"] > 4 * chance
