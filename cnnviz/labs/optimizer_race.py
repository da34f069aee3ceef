"""Optimizers on a real network: a race, and how a minibatch's gradient differs from the whole one.

The network has one hidden layer of 32 units and reads scikit-learn's digits.

Sources: McCandlish, Kaplan, Amodei and OpenAI Dota team 2018, "An empirical model of large-batch
training", equations 2.5 and 2.8; Goyal et al. 2017, "Accurate, large minibatch SGD".
"""

import copy
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from cnnviz.adversarial.linear.data import load_written_digits
from cnnviz.labs.optimizers import Optimizer, Settings, build_optimizer, build_scheduler
from cnnviz.labs.training import Learner, draw_batches, judge, train_together

RACE_STEPS = 300
BATCHES = (1, 4, 16, 64, 256)
_LOOKS, _HIDDEN = 10, 32
_DRAWS = 200  # minibatches of each size


def build_network(seed: int = 0) -> nn.Sequential:
    """Build the network with fresh weights: 64 pixels, 32 hidden units, 10 classes."""
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(seed)
        return nn.Sequential(nn.Linear(64, _HIDDEN), nn.ReLU(), nn.Linear(_HIDDEN, 10))


@dataclass(frozen=True, slots=True, eq=False)
class Race:
    """The same network trained by several optimizers.

    Attributes:
        steps: After which was looked.
        losses: Cross-entropy on all training images, by optimizer; infinite where it is no number.
        accuracies: Share of the held-out images that is named rightly, by optimizer.
    """

    steps: list[int]
    losses: dict[Optimizer, list[float]]
    accuracies: dict[Optimizer, list[float]]


def race_optimizers(
    optimizers: Sequence[Optimizer], *, settings: Settings, batch: int, seed: int = 0
) -> Iterator[tuple[float, str, Race]]:
    """Train one network from the same weights on the same minibatches with each optimizer.

    Yields:
        The share done, what is done, and the curves so far.
    """
    data = load_written_digits()
    learners = {}
    for one in optimizers:
        network = build_network(seed)
        learners[one] = Learner(network, build_optimizer(one, network.parameters(), settings))
    schedules = [
        build_scheduler(settings.schedule, one.optimizer, RACE_STEPS) for one in learners.values()
    ]
    race = Race([], {one: [] for one in learners}, {one: [] for one in learners})
    batches = draw_batches(data.train, data.train_labels, batch=batch, steps=RACE_STEPS, seed=seed)
    for step in train_together(list(learners.values()), batches):
        if step % _LOOKS == 0:
            race.steps.append(step)
            for name, learner in learners.items():
                loss, _ = judge(learner.network, data.train, data.train_labels)
                race.losses[name].append(loss)
                accuracy = judge(learner.network, data.test, data.test_labels)[1]
                race.accuracies[name].append(accuracy)
            yield step / RACE_STEPS, f"step {step} of {RACE_STEPS}", copy.deepcopy(race)
        if step:
            for schedule in schedules:
                schedule.step()


@dataclass(frozen=True, slots=True, eq=False)
class GradientNoise:
    """How far gradients of minibatches lie from the gradient of all training images.

    Attributes:
        batches: Batch sizes.
        measured: Root mean square distance over the length of the whole gradient, by batch size.
        scale: The batch size at which distance and length are equal: trace of the covariance over
            squared length, the simple noise scale of McCandlish et al.
    """

    batches: tuple[int, ...]
    measured: list[float]
    scale: float

    def expect(self, batch: float) -> float:
        """Return the distance by the law: it falls with the square root of the batch size."""
        return math.sqrt(self.scale / batch)


def measure_noise(*, steps: int = 0, seed: int = 0) -> GradientNoise:
    """Measure the noise of minibatches drawn with replacement.

    Args:
        steps: Training steps of SGD before, at learning rate 0.1 and batch size 64.
        seed: Of weights and minibatches.
    """
    data = load_written_digits()
    network, dice = build_network(seed), torch.Generator().manual_seed(seed)
    learner = Learner(network, torch.optim.SGD(network.parameters(), lr=0.1))
    batches = draw_batches(data.train, data.train_labels, batch=64, steps=steps, seed=seed)
    for _ in train_together([learner], batches):
        pass
    each = _find_gradients(network, data.train, data.train_labels)
    whole = each.mean(dim=0)
    length = float(whole.norm())
    measured = []
    for batch in BATCHES:
        picks = torch.randint(len(each), (_DRAWS, batch), generator=dice)
        drawn = torch.stack([each[one].mean(dim=0) for one in picks])
        measured.append(math.sqrt(float((drawn - whole).square().sum(dim=1).mean())) / length)
    scale = float((each - whole).square().sum(dim=1).mean()) / length**2
    return GradientNoise(BATCHES, measured, scale)


def _find_gradients(network: nn.Sequential, images: Tensor, labels: Tensor) -> Tensor:
    """The gradient of each image's loss by all weights, (N, P)."""
    with torch.no_grad():
        hidden = network[:2](images)  # (N, 32)
        shares = functional.softmax(network[2](hidden), dim=1)
        by_logits = shares - functional.one_hot(labels, shares.shape[1])  # (N, 10)
        by_hidden = (by_logits @ network.get_parameter("2.weight")) * (hidden > 0)  # (N, 32)
    layers = ((by_hidden, images), (by_logits, hidden))
    parts = [
        part
        for back, ahead in layers
        for part in (torch.einsum("no,ni->noi", back, ahead).flatten(1), back)
    ]
    return torch.cat(parts, dim=1)
