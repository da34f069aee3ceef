"""Figure 1 of the Grad-CAM paper: its maps are those of each method alone, for both classes."""

import numpy as np
import torch

from cnnviz.attribution.attribute import Attribution, attribute
from cnnviz.attribution.occlusion.cover import compute_occlusion
from cnnviz.attribution.paper_figure import METHODS, find_cost, make_paper_figure
from cnnviz.attribution.result import Method
from cnnviz.figures.paper_figure import COLUMNS, draw_paper_figure
from cnnviz.images.samples import load_sample
from cnnviz.networks.load import load_model
from tests.home_made import Branchy, make_model

TARGETS = (3, 8)


def test_each_panel_is_its_methods_own_map_for_each_class() -> None:
    model, image = load_model("lenet5"), load_sample("digit-3")
    *_, (share, _, figure) = make_paper_figure(model, model, image, targets=TARGETS)
    assert share == 1
    x = model.spec.preprocessing.prepare(image.pixels)
    assert figure.occlusion is not None
    alone = compute_occlusion(model, x, options=figure.occlusion.options)
    for row, target in zip(figure.rows, TARGETS, strict=True):
        assert row.target == target
        for method, made in zip(METHODS, row.maps, strict=True):
            assert isinstance(made, Attribution)
            expected = attribute(model, x, method=method, target=target).values
            assert torch.equal(made.values, expected)
        assert isinstance(row.other, Attribution)
        assert row.other.method is Method.GRAD_CAM
        assert torch.equal(row.other.values, row.maps[1].values)  # type: ignore[union-attr]
        with torch.no_grad():
            clean = model.module(x)[0, target]
        cost = find_cost(figure.occlusion, target)
        assert torch.allclose(cost, clean - alone.logits[..., target], atol=1e-4)


def test_a_class_that_the_other_network_does_not_know_gets_a_sentence() -> None:
    other = make_model(Branchy(), shape=(3, 48, 48))
    image = load_sample("digit-3")
    *_, (_, _, figure) = make_paper_figure(load_model("lenet5"), other, image, targets=(3,))
    assert "knows no class “3”" in str(figure.rows[0].other)


def test_the_image_grows_while_the_maps_come_and_keeps_its_size() -> None:
    model, image = load_model("lenet5"), load_sample("digit-3")
    sizes, greys = set(), []
    for _, _, figure in make_paper_figure(model, model, image, targets=TARGETS):
        pixels = draw_paper_figure(figure, names=["three", "eight"], other="LeNet-5")
        sizes.add(pixels.shape)
        greys.append(int((pixels == 224).all(axis=2).sum()))
    assert len(sizes) == 1
    assert greys[0] > greys[-1]
    assert greys == sorted(greys, reverse=True)
    assert len(COLUMNS) == 5
    assert np.asarray(pixels).dtype == np.uint8
