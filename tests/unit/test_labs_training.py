"""The labs' training loop: a step worked out by hand, and the judge against numpy."""

import math

import pytest
import torch
from torch import nn

from cnnviz.labs.training import Learner, draw_batches, judge, train_together


def test_a_step_of_gradient_descent_by_hand() -> None:
    """One input 2, two classes, zero weights: softmax (½, ½), gradient (p − y)·x = (−1, 1)."""
    network = nn.Linear(1, 2)
    nn.init.zeros_(network.weight)
    nn.init.zeros_(network.bias)
    learner = Learner(network, torch.optim.SGD(network.parameters(), lr=0.1))
    batch = (torch.tensor([[2.0]]), torch.tensor([0]))
    assert list(train_together([learner], [batch])) == [0, 1]
    assert network.weight.flatten().tolist() == pytest.approx([0.1, -0.1])
    assert network.bias.tolist() == pytest.approx([0.05, -0.05])
    # The logits are 0.25 and −0.25 now: the loss is log(1 + e^−0.5).
    loss, accuracy = judge(network, *batch)
    assert loss == pytest.approx(math.log1p(math.exp(-0.5)))
    assert accuracy == 1


def test_equal_seeds_draw_equal_batches() -> None:
    images, labels = torch.arange(50.0)[:, None], torch.arange(50)
    draw = [list(draw_batches(images, labels, batch=4, steps=5, seed=seed)) for seed in (3, 3, 4)]
    assert all(torch.equal(one[1], other[1]) for one, other in zip(draw[0], draw[1], strict=True))
    assert not torch.equal(draw[0][0][1], draw[2][0][1])
    assert all(torch.equal(x[:, 0].long(), y) for x, y in draw[0])


def test_a_loss_that_is_no_number_is_infinite_and_the_mode_is_kept() -> None:
    network = nn.Sequential(nn.Dropout(0.5), nn.Linear(1, 2))
    loss, _ = judge(network, torch.full((3, 1), math.nan), torch.zeros(3, dtype=torch.long))
    assert math.isinf(loss)
    assert network.training
