"""The curves beside an adversarial picture: probabilities are set by hand."""

import numpy as np
import pytest
import torch

from cnnviz.adversarial.craft import AdversarialImage, AttackOptions
from cnnviz.adversarial.transfer import TransferMatrix
from cnnviz.figures.attack import draw_confidence, draw_transfer, tabulate_guesses
from cnnviz.networks.load import Prediction, rank_logits

CLASSES = ("ant", "bee", "cow")
SAID = ((0.7, 0.2, 0.1), (0.3, 0.6, 0.1), (0.1, 0.2, 0.7))


def say(probabilities: tuple[float, ...]) -> Prediction:
    return rank_logits(torch.tensor(probabilities).log())


def make_pictures(*, target: int | None = None) -> tuple[AdversarialImage, ...]:
    """An ant that is called a bee with an epsilon of 1, and a cow with 2."""
    empty = np.zeros((4, 4, 3), dtype=np.uint8)
    return tuple(
        AdversarialImage(
            network="by hand",
            options=AttackOptions(target=target),
            epsilon=float(epsilon),
            weight=None,
            original=empty,
            pixels=empty,
            clean=say(SAID[0]),
            unrounded=say(said),
            prediction=say(said),
            noise=say((0.65, 0.25, 0.1)),
            label=0,
            linf=float(epsilon),
            l2=float(epsilon),
        )
        for epsilon, said in enumerate(SAID)
    )


@pytest.mark.parametrize(
    ("chosen", "target", "name", "percents"),
    [
        (0, None, "bee", (20, 60, 20)),  # nothing fools yet: what fools first
        (1, None, "bee", (20, 60, 20)),
        (2, None, "cow", (10, 10, 70)),
        (1, 2, "cow", (10, 10, 70)),
    ],
)
def test_the_wrong_guess_is_that_of_the_chosen_strength(
    chosen: int, target: int | None, name: str, percents: tuple[float, ...]
) -> None:
    figure = draw_confidence(make_pictures(target=target), CLASSES, chosen=chosen)
    right, wrong, noise = figure.data
    assert (right.name, wrong.name) == ("ant, attacked", f"{name}, attacked")
    assert list(wrong.x) == [0, 1, 2]
    assert list(right.y) == pytest.approx([70, 30, 10])
    assert list(wrong.y) == pytest.approx(percents)
    assert list(noise.y) == pytest.approx([65] * 3)
    (mark,) = figure.layout.shapes
    assert (mark.x0, mark.x1) == (chosen, chosen)


def make_matrix(*, pictures: int) -> TransferMatrix:
    """Pictures of ants made for one network fool both; made for the other, only that one."""
    return TransferMatrix(
        sources=("VGG", "SENet", "random noise"),
        targets=("VGG", "SENet"),
        epsilon=8,
        fooled=np.array([[pictures, 1], [0, pictures], [0, 0]]),
        images=pictures,
        clean=np.array([0, 1]),
        guesses=np.array([[1, 2], [0, 1], [0, 0]]),
        shares=np.array([[0.6, 0.45], [0.9, 0.5], [0.9995, 0.7]]),
    )


def test_of_one_picture_the_matrix_says_what_each_takes_it_for() -> None:
    (cells,) = draw_transfer(make_matrix(pictures=1), CLASSES).data
    assert (list(cells.x), list(cells.y)) == (["VGG", "SENet"], ["VGG", "SENet", "random noise"])
    assert [list(row) for row in cells.text] == [["fooled", "fooled"], ["", "fooled"], ["", ""]]
    assert cells.customdata[0][1] == "says cow (45.0 %)"
    assert cells.customdata[2][0] == "says ant (> 99.9 %)"


def test_of_many_pictures_the_matrix_tells_the_percentage_that_fools() -> None:
    (cells,) = draw_transfer(make_matrix(pictures=4), CLASSES).data
    assert [list(row) for row in cells.text] == [
        ["100 %", "25 %"],
        ["0 %", "100 %"],
        ["0 %", "0 %"],
    ]
    assert cells.customdata[0][1] == "fooled by 25 %"


def test_the_table_tells_what_each_says_of_the_first_network_s_picture() -> None:
    said = [list(row.values()) for row in tabulate_guesses(make_matrix(pictures=1), CLASSES)]
    assert said == [
        ["VGG", "ant", "bee", "yes", pytest.approx(60)],
        ["SENet", "bee", "cow", "yes", pytest.approx(45)],
    ]
