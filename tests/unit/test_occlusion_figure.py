"""Zeiler and Fergus's figure, packed for the browser, with answers worked out by hand."""

import math

import numpy as np
import pytest
import torch

from cnnviz.attribution.occlusion import Occlusion, OcclusionOptions, read_class
from cnnviz.figures.occlusion import pack_occlusion

CLASSES = ("cat", "cup", "dog")
VIEW = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)


def logits(*shares: float) -> list[float]:
    return [math.log(share) for share in shares]


def occlusion(second: list[float]) -> Occlusion:
    return Occlusion(
        options=OcclusionOptions(patch=2, stride=2),
        size=(4, 4),
        tops=(0,),
        lefts=(0, 2),
        logits=torch.tensor([[logits(0.2, 0.7, 0.1), second]]),
        clean=torch.tensor(logits(0.6, 0.3, 0.1)),
        savings=(),
    )


def test_each_position_has_its_probability_its_best_class_and_its_guesses() -> None:
    made = occlusion(logits(0.5, 0.2, 0.3))
    packed = pack_occlusion(VIEW, VIEW, made, read_class(made, target=0), classes=CLASSES)
    assert packed["probability"] == pytest.approx([0.2, 0.5])
    assert [packed["legend"][at]["name"] for at in packed["best"]] == ["cup", "cat"]
    assert [packed["names"][at] for at, _ in packed["guesses"][0]] == ["cup", "cat", "dog"]
    assert [share for _, share in packed["guesses"][1]] == pytest.approx([0.5, 0.3, 0.2])
    assert packed["before"] == pytest.approx([0.6, 0.3, 0.1])
    assert (packed["low"], packed["top"]) == pytest.approx((0.2, 0.6))
    assert packed["fill"]["rows"] == 4


def test_what_was_not_covered_yet_has_no_guesses_and_an_even_fill_is_one_pixel() -> None:
    made = occlusion([math.nan] * 3)
    even = np.full((4, 4, 3), 7, dtype=np.uint8)
    packed = pack_occlusion(VIEW, even, made, read_class(made, target=0), classes=CLASSES)
    assert packed["guesses"][1] is None
    # Until it is known it is drawn as the coarser grid's position before it.
    assert packed["best"] == [0, 0]
    assert (packed["fill"]["rows"], packed["fill"]["columns"]) == (1, 1)
