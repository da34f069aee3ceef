"""Deletion and insertion curves against answers worked out by hand."""

import math

import pytest
import torch
from torch import Tensor, nn

from cnnviz.attribution.checks.faithfulness import (
    Faithfulness,
    measure_area,
    measure_faithfulness,
    shuffle_pixels,
)
from cnnviz.errors import AttributionError
from cnnviz.networks.load import LoadedModel
from tests.home_made import make_model

ONES = torch.ones(1, 1, 2, 2)
EMPTY = torch.zeros(1, 1, 2, 2)


class Weighing(nn.Module):
    """Its first logit is a weighted sum of the four pixels, the other four are 0."""

    def __init__(self) -> None:
        super().__init__()
        self.weights = nn.Linear(4, 5, bias=False)
        self.weights.weight.data.zero_()
        self.weights.weight.data[0] = torch.tensor([8.0, 4.0, 2.0, 1.0])

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.weights(x.flatten(1))
        return logits


@pytest.fixture
def model() -> LoadedModel:
    return make_model(Weighing(), shape=(1, 2, 2))


def softmax(logit: float) -> float:
    return math.exp(logit) / (math.exp(logit) + 4)


def measure(model: LoadedModel, values: list[list[float]], *, steps: int = 4) -> Faithfulness:
    return measure_faithfulness(
        model, ONES, torch.tensor(values), target=0, baseline=EMPTY, steps=steps
    )


def test_the_curves_are_the_sums_of_what_is_left(model: LoadedModel) -> None:
    found = measure(model, [[4, 3], [2, 1]])
    assert found.shares.tolist() == [0, 0.25, 0.5, 0.75, 1]
    # Taken away, heaviest first: 15, 7, 3, 1, 0. Given back: 0, 8, 12, 14, 15.
    assert found.deletion.tolist() == pytest.approx([softmax(s) for s in (15, 7, 3, 1, 0)])
    assert found.insertion.tolist() == pytest.approx([softmax(s) for s in (0, 8, 12, 14, 15)])


def test_the_reverse_order_is_worse_on_both(model: LoadedModel) -> None:
    good, bad = measure(model, [[4, 3], [2, 1]]), measure(model, [[1, 2], [3, 4]])
    assert bad.deletion.tolist() == pytest.approx([softmax(s) for s in (15, 14, 12, 8, 0)])
    assert good.deletion_area < bad.deletion_area
    assert good.insertion_area > bad.insertion_area


def test_equal_pixels_go_from_the_upper_left(model: LoadedModel) -> None:
    level = measure(model, [[0, 0], [0, 0]])
    assert torch.equal(level.deletion, measure(model, [[4, 3], [2, 1]]).deletion)


def test_lots_that_do_not_divide_the_picture_still_end_at_all_of_it(model: LoadedModel) -> None:
    found = measure(model, [[4, 3], [2, 1]], steps=3)
    assert found.shares.tolist() == [0, 0.25, 0.5, 1]
    assert found.deletion.tolist() == pytest.approx([softmax(s) for s in (15, 7, 3, 0)])


def test_areas_by_the_trapezoid_rule() -> None:
    # 0.5 · (1 + 0.5) / 2 + 0.5 · (0.5 + 0) / 2
    area = measure_area(torch.tensor([0, 0.5, 1]), torch.tensor([1, 0.5, 0]))
    assert area == pytest.approx(0.5)
    assert measure_area(torch.tensor([0.0, 0.25, 1.0]), torch.tensor([0.0, 1.0, 1.0])) == 0.875


def test_progress_rises_to_one_and_may_end_the_work(model: LoadedModel) -> None:
    told: list[float] = []
    values = shuffle_pixels((2, 2))
    measure_faithfulness(model, ONES, values, target=0, baseline=EMPTY, steps=4, report=told.append)
    assert told == sorted(told)
    assert told[-1] == 1

    def stop(_share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measure_faithfulness(model, ONES, values, target=0, baseline=EMPTY, report=stop)


def test_dice_give_the_same_order_for_the_same_seed() -> None:
    assert torch.equal(shuffle_pixels((3, 4), seed=5), shuffle_pixels((3, 4), seed=5))
    assert not torch.equal(shuffle_pixels((3, 4), seed=5), shuffle_pixels((3, 4), seed=6))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"values": torch.zeros(3, 2)}, r"values is \(3, 2\)"),
        ({"baseline": torch.zeros(1, 3, 2, 2)}, r"baseline \(1, 3, 2, 2\)"),
        ({"target": 5}, "target is 5; the classes go from 0 to 4"),
        ({"steps": 0}, "steps is 0"),
    ],
)
def test_what_does_not_fit_gets_a_sentence(
    model: LoadedModel, options: dict[str, Tensor | int], sentence: str
) -> None:
    given = {"values": torch.zeros(2, 2), "target": 0, "baseline": EMPTY, "steps": 4, **options}
    with pytest.raises(AttributionError, match=sentence):
        measure_faithfulness(model, ONES, **given)  # type: ignore[arg-type]
