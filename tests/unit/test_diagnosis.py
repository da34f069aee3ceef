"""Every trouble of a map is made on purpose and must be named, with its numbers."""

import numpy as np
import pytest
import torch

from cnnviz.attribution.checks.diagnosis import (
    Trouble,
    diagnose_input,
    diagnose_map,
    diagnose_target,
    trace_values,
)
from cnnviz.attribution.checks.preparation import (
    Mistake,
    find_range,
    list_mistakes,
    make_mistake,
)
from cnnviz.errors import AttributionError
from cnnviz.images.samples import load_sample
from cnnviz.networks.load import rank_logits
from cnnviz.networks.weights.files import list_weights
from cnnviz.networks.zoo import get_network
from cnnviz.networks.zoo.preprocessing import prepare_photographs
from cnnviz.networks.zoo.registry import Preprocessing
from tests.bundled import BUNDLED_NETWORKS
from tests.quick import each

IMAGENET = prepare_photographs(
    shape=(3, 64, 64), mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)
)
CLASSES = ("ant", "bee", "cat")


def name_troubles(values: list[list[float]], *, seen: int | None = 200) -> list[Trouble]:
    found = diagnose_map(torch.tensor(values), input_side=224, seen=seen, of_layer=True)
    return [finding.trouble for finding in found]


@pytest.mark.parametrize(
    ("values", "troubles"),
    [
        ([[0.0, 0.0], [0.0, 0.0]], [Trouble.ZERO]),
        ([[-4.0, -2.0], [-1.0, -0.5]], [Trouble.NEGATIVE]),
        ([[-4.0, 0.0], [-1.0, -0.5]], [Trouble.NEGATIVE]),
        ([[3.0]], [Trouble.ONE_CELL]),
        ([[-3.0]], [Trouble.NEGATIVE, Trouble.ONE_CELL]),
        ([[1.0, 0.99], [0.98, 0.95]], [Trouble.UNIFORM]),
        ([[-1.0, -0.99], [-0.98, -0.95]], [Trouble.NEGATIVE, Trouble.UNIFORM]),
        ([[1.0, 0.8], [0.0, -0.3]], []),
    ],
)
def test_a_map_by_its_values(values: list[list[float]], troubles: list[Trouble]) -> None:
    assert name_troubles(values) == troubles


def test_a_layer_is_too_early_by_what_its_cells_see() -> None:
    values = [[1.0, 0.0], [0.0, -1.0]]
    assert name_troubles(values, seen=11) == [Trouble.EARLY]
    assert name_troubles(values, seen=56) == []
    assert name_troubles(values, seen=None) == []
    (finding,) = diagnose_map(torch.tensor(values), input_side=224, seen=11, of_layer=True)
    assert "11×11 of 224×224" in finding.sentence
    assert not diagnose_map(torch.tensor(values), input_side=224, seen=1, of_layer=False)


def test_sentences_hold_the_numbers() -> None:
    (finding,) = diagnose_map(torch.tensor([[-4.25, -2.0]]), input_side=8, seen=8, of_layer=True)
    assert "All 2 values" in finding.sentence
    assert "from −4.25 to −2" in finding.sentence


def test_the_three_steps_of_a_map() -> None:
    steps = trace_values(torch.tensor([[-2.0, 1.0], [4.0, 0.0]]))
    assert steps.rectified.tolist() == [[0, 1], [4, 0]]
    assert steps.normalized.tolist() == [[0, 0.25], [1, 0]]
    assert trace_values(torch.tensor([[-2.0]])).normalized.tolist() == [[0]]


def test_a_saturated_and_a_doubted_class() -> None:
    prediction = rank_logits(torch.tensor([0.0, 10.0, 1.0]))
    (sure,) = diagnose_target(prediction, target=1, classes=CLASSES)
    assert sure.trouble is Trouble.SATURATED
    p = float(prediction.probabilities[1])
    assert f"{p * (1 - p):.3g}" in sure.sentence
    (doubted,) = diagnose_target(prediction, target=0, classes=CLASSES)
    assert doubted.trouble is Trouble.DOUBTED
    assert "place 3 of 3" in doubted.sentence
    even = rank_logits(torch.tensor([1.0, 1.0, 1.0]))
    assert not diagnose_target(even, target=0, classes=CLASSES)


def test_the_range_of_imagenets_preprocessing() -> None:
    values = find_range(IMAGENET)
    assert values.mean.flatten().tolist() == pytest.approx([0.485, 0.456, 0.406], abs=1e-5)
    assert values.deviation.flatten().tolist() == pytest.approx([0.229, 0.224, 0.225], abs=1e-5)


def test_406_for_0406_is_seen_in_blue() -> None:
    values = find_range(IMAGENET)
    x = IMAGENET.prepare(load_sample("checkerboard").pixels)
    wrong = make_mistake(x, values, mistake=Mistake.DECIMAL)
    assert torch.allclose(wrong[:, :2], x[:, :2], atol=1e-5)
    # By the definition: (pixel − 406) / 0.225.
    pixels = x[0, 2] * 0.225 + 0.406
    assert torch.allclose(wrong[0, 2], (pixels - 406) / 0.225, rtol=1e-4)
    (finding,) = diagnose_input(wrong, x, values)
    assert finding.trouble is Trouble.SHIFTED
    assert "in blue is −1,80" in finding.sentence


@pytest.mark.parametrize("name", each(list_weights(), BUNDLED_NETWORKS))
def test_every_mistake_of_every_network_is_named(name: str) -> None:
    preprocessing = get_network(name).preprocessing
    values = find_range(preprocessing)
    picture = np.full((90, 120, 3), 255, dtype=np.uint8)
    picture[20:70, 30:45] = (40, 10, 200)
    x = preprocessing.prepare(picture)
    expected = {Mistake.NONE: [], Mistake.SWAPPED: [Trouble.SWAPPED]}
    for mistake in list_mistakes(preprocessing):
        wrong = make_mistake(x, values, mistake=mistake)
        found = [finding.trouble for finding in diagnose_input(wrong, x, values)]
        if mistake is not Mistake.UNSCALED or name != "lenet5":  # its scale is nearly 0 to 1
            assert found == expected.get(mistake, [Trouble.SHIFTED]), mistake
        assert bool(torch.allclose(wrong, x, atol=1e-4)) is (mistake is Mistake.NONE)


def test_a_preprocessing_that_forgets_the_picture_is_refused() -> None:
    blind = Preprocessing(
        shape=(1, 4, 4),
        prepare=lambda _: torch.zeros(1, 1, 4, 4),
        view=lambda _: np.zeros((4, 4), dtype=np.uint8),
        description="Nothing.",
    )
    with pytest.raises(AttributionError, match="one value of black and white"):
        find_range(blind)
