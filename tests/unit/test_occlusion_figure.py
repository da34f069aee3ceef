"""Zeiler and Fergus's figure, packed for the browser, with answers worked out by hand."""

import io
import math

import numpy as np
import pytest
import torch
from PIL import Image

from cnnviz.attribution.occlusion.cover import Occlusion, OcclusionOptions, read_class
from cnnviz.figures.occlusion import pack_occlusion, write_image

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


def test_the_file_shows_what_covering_costs_and_the_best_class_in_the_keys_colours() -> None:
    made = occlusion(logits(0.5, 0.2, 0.3))
    black = np.zeros((4, 4, 3), dtype=np.uint8)
    file = write_image(black, made, read_class(made, target=0), classes=CLASSES)
    sheet = np.array(Image.open(io.BytesIO(file)))
    # Panels are 420 wide and 16 apart, from row 40 on; a pixel in the left and in the right half.
    left, right = ([sheet[140, 16 + 436 * panel + x] for panel in range(4)] for x in (100, 320))
    # From 0.6 to 0.2 is the whole range, to 0.5 a quarter; 0.85 of (240, 120, 40) over black.
    assert left[1].tolist() == [204, 102, 34]
    assert right[1].tolist() == [51, 25, 8]
    assert left[3].tolist() == [0x3F, 0x8F, 0x6B]
    assert right[3].tolist() == [0xD9, 0x72, 0x2E]
    assert left[2].tolist() == [68, 1, 84]  # viridis at 0
