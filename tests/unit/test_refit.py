"""The last layer fitted anew, against scikit-learn's logistic regression of the same features."""

import json
from copy import deepcopy

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn

from cnnviz.networks.weights.files import BUNDLED
from cnnviz.networks.zoo.lineage import MEMBERS
from cnnviz.networks.zoo.registry import NetworkSpec
from cnnviz.training.labelled import LabelledImages
from cnnviz.training.recipes import PHOTO_RECIPES
from cnnviz.training.refit import find_last_layer, refit_last_layer

COUNT, CLASSES, DECAY = 90, 3, 0.01


def make_photos() -> LabelledImages:
    """Noise, each class a little brighter in a channel of its own."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(COUNT) % CLASSES
    images = torch.randint(0, 200, (COUNT, 3, 4, 4), generator=generator)
    images[torch.arange(COUNT), labels] += 25
    return LabelledImages(images=images.to(torch.uint8), labels=labels)


def to_input(images: Tensor) -> Tensor:
    return images.double() / 255


def in_a_vector() -> nn.Module:
    """Ends in a fully connected layer, as AlexNet does."""
    return nn.Sequential(nn.AvgPool2d(2), nn.Flatten(), nn.Linear(12, CLASSES))


def in_maps() -> nn.Module:
    """Ends in the means of maps, as Network in network does."""
    return nn.Sequential(
        nn.AvgPool2d(2), nn.Conv2d(3, CLASSES, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    )


@pytest.mark.parametrize("build", [in_a_vector, in_maps])
def test_it_says_what_logistic_regression_says(build: type[nn.Module]) -> None:
    torch.manual_seed(1)
    module, photos = build().double(), make_photos()
    refit_last_layer(module, photos, to_input=to_input, decay=DECAY)
    pixels = to_input(photos.images)
    if build is in_maps:
        features = pixels.mean(dim=(2, 3)).numpy()
    else:
        features = nn.functional.avg_pool2d(pixels, 2).flatten(1).numpy()
    scaled = features / features.std(axis=0, ddof=1)
    theirs = LogisticRegression(C=1 / (COUNT * DECAY), tol=1e-10, max_iter=10000)
    theirs.fit(scaled, photos.labels.numpy())
    with torch.no_grad():
        ours = module(pixels).softmax(dim=1).numpy()
    np.testing.assert_allclose(ours, theirs.predict_proba(scaled), atol=1e-4)


def test_a_layer_without_bias_gets_none_and_the_others_stay() -> None:
    torch.manual_seed(1)
    module = nn.Sequential(
        nn.Conv2d(3, 5, 2),
        nn.BatchNorm2d(5),
        nn.ReLU(),
        nn.Conv2d(5, CLASSES, 1, bias=False),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    )
    module.double()
    before = deepcopy(module.state_dict())
    refit_last_layer(module, make_photos(), to_input=to_input, decay=DECAY)
    changed = [name for name, value in module.state_dict().items() if (value != before[name]).any()]
    assert changed == ["3.weight"]
    assert find_last_layer(module) is module[3]


@pytest.mark.parametrize("spec", MEMBERS, ids=lambda spec: spec.name)
def test_what_the_card_tells_of_the_fit_is_in_the_recipe(spec: NetworkSpec) -> None:
    card = json.loads((BUNDLED / f"{spec.name}.json").read_text(encoding="utf-8"))
    assert card["recipe"].get("refit") == PHOTO_RECIPES[spec.name].refit
    assert ("new fit" in card["data"]["choices"]) == (card["recipe"].get("refit") is not None)
