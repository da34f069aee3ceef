"""The strongest map under occlusion, against sums read off networks worked by hand."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cnnviz.attribution.occlusion.cover import OcclusionOptions, compute_occlusion, read_class
from cnnviz.attribution.occlusion.fills import Fill
from cnnviz.attribution.occlusion.strongest import follow_strongest_map
from cnnviz.errors import AttributionError, NetworkError
from cnnviz.figures.occlusion import draw_figure
from cnnviz.networks.load import LoadedModel
from tests.home_made import CLASSES, make_model


class Copies(nn.Module):
    """Two maps, the input's first channel once and three times, and their means as logits."""

    def __init__(self) -> None:
        super().__init__()
        self.maps = nn.Conv2d(3, 2, 1, bias=False)
        self.relu = nn.ReLU()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(2, len(CLASSES))
        with torch.no_grad():
            self.maps.weight.copy_(torch.tensor([[1.0, 0, 0], [3.0, 0, 0]])[:, :, None, None])

    def forward(self, x: Tensor) -> Tensor:
        maps = self.relu(self.maps(x))
        logits: Tensor = self.head(torch.flatten(self.pool(maps), 1))
        return logits


@pytest.fixture(scope="module")
def model() -> LoadedModel:
    return make_model(Copies(), shape=(3, 8, 8))


def test_the_sum_is_the_maps_own_and_falls_where_it_is_covered(model: LoadedModel) -> None:
    """One bright pixel, 1, at (5, 6); black is −1. The map of weight 3 is 3 there and 0 else."""
    x = torch.full((1, 3, 8, 8), -1.0)
    x[0, 0, 5, 6] = 1.0
    options = OcclusionOptions(patch=2, stride=2, fill=Fill.BLACK)
    occlusion = compute_occlusion(model, x, options=options)
    steps = [*follow_strongest_map(model, x, occlusion, layer="relu")]
    share, found = steps[-1]
    assert share == 1
    assert (found.channel, found.clean) == (1, 3.0)
    expected = np.full((4, 4), 3.0)
    expected[2, 3] = 0.0  # rows 4 and 5, columns 6 and 7
    assert np.allclose(found.sums.numpy(), expected)
    # Coarse first: of sixteen positions one in every fourth row and column.
    assert bool((~steps[1][1].sums.isnan())[0, 0])
    assert isinstance(found.projection, Tensor)
    lit = found.projection.abs().sum(dim=0).nonzero().tolist()
    assert lit == [[5, 6]]


def test_the_figure_holds_six_panels_in_two_rows(model: LoadedModel) -> None:
    x = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(1))
    occlusion = compute_occlusion(model, x, options=OcclusionOptions(patch=4, stride=4))
    *_, (_, strongest) = follow_strongest_map(model, x, occlusion, layer="relu")
    view = np.zeros((8, 8, 3), dtype=np.uint8)
    found = read_class(occlusion, target=0)
    plain = draw_figure(view, occlusion, found, classes=CLASSES)
    whole = draw_figure(view, occlusion, found, classes=CLASSES, strongest=strongest)
    assert whole.shape[0] > 1.8 * plain.shape[0]
    assert whole.shape[1] < plain.shape[1]


def test_a_layer_without_maps_is_told(model: LoadedModel) -> None:
    x = torch.zeros(1, 3, 8, 8)
    occlusion = compute_occlusion(model, x, options=OcclusionOptions(patch=4, stride=4))
    with pytest.raises(AttributionError, match="has no maps"):
        next(follow_strongest_map(model, x, occlusion, layer="head"))
    with pytest.raises(NetworkError):
        next(follow_strongest_map(model, x, occlusion, layer="nowhere"))
