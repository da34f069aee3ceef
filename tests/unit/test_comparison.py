"""Several networks on one picture: classes matched, agreement counted, curves followed."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cnnviz.comparison import (
    compare_answers,
    follow_corruption,
    harden,
    list_strengths,
    measure_time,
    predict_with_map,
    shrink,
)
from cnnviz.errors import NetworkError
from cnnviz.figures.compare import write_softmax
from cnnviz.images.corruptions import Corruption
from cnnviz.images.image import CheckedImage, from_array
from cnnviz.networks.class_names import find_class, identify_classes, write_class
from cnnviz.networks.load import LoadedModel
from cnnviz.networks.zoo import get_network
from cnnviz.networks.zoo.lineage import MEMBERS
from tests.home_made import Branchy, make_model, randomize


class Brightness(nn.Module):
    """Says “ant” of a bright picture and “bee” of a dark one, with logits ±4 times the mean."""

    def __init__(self, sign: float = 1.0) -> None:
        super().__init__()
        self.scale = nn.Conv2d(3, 5, kernel_size=1, bias=False)
        weight = torch.zeros(5, 3, 1, 1)
        weight[0], weight[1] = sign * 4 / 3, -sign * 4 / 3
        self.scale.weight = nn.Parameter(weight)
        self.pool = nn.AdaptiveAvgPool2d(1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.flatten(self.pool(self.scale(x)), 1)


def brightness(sign: float = 1.0, name: str = "brightness") -> LoadedModel:
    return make_model(Brightness(sign), shape=(3, 16, 16), name=name)


def plain(value: int) -> CheckedImage:
    return from_array(np.full((32, 32, 3), value, dtype=np.uint8), name="plain")


def test_the_lineages_classes_are_torchvisions_in_the_same_order() -> None:
    """ImageNet's classes stand in the order of their WordNet numbers, and so do the lineage's."""
    theirs = get_network("squeezenet1_0").classes
    ours = identify_classes(MEMBERS[0])
    assert len(set(ours)) == 100
    places = [theirs.index(name) for name in ours]
    assert places == sorted(places)
    # Of the public list: 1 goldfish, 291 lion, 341 hog, 437 beacon, 744 projectile, 970 alp.
    assert {1, 291, 341, 437, 744, 970} <= set(places)
    assert write_class("hog") == "pig"
    assert write_class("zebra") == "zebra"


def test_an_answer_is_the_softmax_and_the_map_of_the_first_guess() -> None:
    answer = predict_with_map(brightness(), plain(255))
    # Input 1 everywhere: logits 4, −4, 0, 0, 0.
    total = np.exp(4) + np.exp(-4) + 3
    assert answer.guesses[0].identity == "ant"
    assert answer.guesses[0].probability == pytest.approx(np.exp(4) / total, rel=1e-5)
    assert len(answer.guesses) == 5
    assert answer.guesses[-1].identity == "bee"
    assert answer.view.shape == (16, 16, 3)
    assert answer.cam is not None


def test_the_formula_holds_the_pictures_own_logits() -> None:
    # Logits 4, 0, 0, 0, −4: from the largest −4 three times; 1 / (1 + 3e⁻⁴ + e⁻⁸) = 0.948.
    written = write_softmax(predict_with_map(brightness(), plain(255)))
    assert "1 + e^{-4.00} + e^{-4.00} + e^{-4.00}" in written
    assert written.endswith(r"= 94.8\,\%")


def test_networks_that_disagree_are_told_apart() -> None:
    models = [brightness(1, "one"), brightness(1, "two"), brightness(-1, "three")]
    found = compare_answers(models, [predict_with_map(model, plain(255)) for model in models])
    assert found.groups == (("ant", ("One", "Two")), ("bee", ("Three",)))
    assert {name for name, _ in found.shared} == {"ant", "bee", "cat", "dog", "eel"}
    assert found.common == 5
    assert found.among_common["Three"].identity == "bee"


def test_classes_that_not_all_know_are_left_out_of_the_common_ones() -> None:
    lineage = next(spec for spec in MEMBERS if spec.name == "alexnet64")
    module = lineage.build()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
    model = make_model(module, shape=(3, 64, 64))
    other = brightness()
    models = [LoadedModel(spec=lineage, module=module, graph=model.graph, card=model.card), other]
    found = compare_answers(models, [predict_with_map(each, plain(255)) for each in models])
    # “bee” is in both lists. All is equally probable for the one, and certain among one class.
    assert found.common == 1
    assert found.among_common["AlexNet"].probability == pytest.approx(1)
    assert {guess.identity for guess in found.among_common.values()} == {"bee"}


def test_a_curve_falls_and_names_where_the_guess_flips() -> None:
    # Bright with a dark rim: what is cut away makes the picture brighter, never darker.
    pixels = np.full((100, 100, 3), 255, dtype=np.uint8)
    pixels[25:75, 25:75] = 0
    picture = from_array(pixels, name="dark middle")
    curve = follow_corruption(brightness(), picture, Corruption.CROP)
    assert curve.strengths == list_strengths(Corruption.CROP) == tuple(9.0 * n for n in range(11))
    assert curve.identity == "ant"
    # With s % cut away a square of 100 − s stays, of which 50×50 is dark: more than half of it
    # once (100 − s)² < 5000, that is beyond 29.3 %.
    assert curve.flip == 36
    assert curve.flipped_to == "bee"
    assert curve.probabilities[0] == pytest.approx(
        predict_with_map(brightness(), picture).guesses[0].probability
    )
    assert curve.probabilities[-1] < 0.01


def test_what_changes_nothing_never_flips() -> None:
    curve = follow_corruption(brightness(), plain(255), Corruption.GRAY)
    assert curve.flip is None
    assert curve.flipped_to is None
    assert max(curve.probabilities) == pytest.approx(min(curve.probabilities))


def test_time_is_above_zero_and_each_run_is_reported() -> None:
    told: list[float] = []
    model = make_model(randomize(Branchy(), seed=1), shape=(3, 48, 48))
    assert measure_time(model, report=told.append) > 0
    assert told == [n / 8 for n in range(1, 9)]


def test_pictures_are_reduced_and_hardened_without_touching_the_first() -> None:
    picture = from_array(np.zeros((600, 1200, 3), dtype=np.uint8), name="wide")
    small = shrink(picture)
    assert small.pixels.shape == (256, 512, 3)
    assert harden(small, {}) is small
    assert harden(small, {Corruption.CROP: 50}).digest != small.digest


def test_a_class_is_found_by_either_name() -> None:
    spec = get_network("resnet64")
    # ImageNet's n09193705 is “alp” in torchvision's list.
    index = find_class(spec, "alp")
    assert identify_classes(spec)[index] == "alp"
    assert find_class(spec, spec.classes[index]) == index != spec.classes.index("espresso")
    assert find_class(spec, 99) == 99
    for unknown in ("unicorn", 100, -1):
        with pytest.raises(NetworkError, match=f"knows no class “{unknown}”"):
            find_class(spec, unknown)
