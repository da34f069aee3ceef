"""Dropout on a small real network: its masks, the scaling at test time, and co-adaptation.

The network has one hidden layer of 25 units and reads scikit-learn's
digits.

Sources: Hinton et al. 2012, "Improving neural networks by preventing co-adaptation of feature
detectors"; Srivastava et al. 2014, "Dropout", sections 4, 7.2 and 10.
"""

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import torch
from torch import Tensor, nn

from cnnviz.adversarial.linear.data import load_written_digits
from cnnviz.labs.network_builder import SeededDropout
from cnnviz.labs.training import Learner, draw_batches, judge, train_together
from cnnviz.seeded import draw_seeded

SIDE = 5  # of the hidden layer, as it is shown
HIDDEN = SIDE**2
STEPS = 100
DRAWS = 300  # masks over which the mean is taken
REMOVED = tuple(range(0, HIDDEN, 3))
LESION_STEPS = 400
_REMOVALS = 20  # random sets of units of each size
_BATCH, _RATE, _MOMENTUM, _LOOKS = 64, 0.1, 0.9, 8


class Scaling(StrEnum):
    """When the activations are scaled, so that their expectation is the same."""

    INVERTED = "inverted"
    ORIGINAL = "original"


def build_network(drop: float = 0.0, *, hidden: int = HIDDEN, seed: int = 0) -> nn.Sequential:
    """Build 64 pixels, hidden units with ReLU and dropout, 10 classes; torch's first weights."""
    with draw_seeded(seed):
        first, last = nn.Linear(64, hidden), nn.Linear(hidden, 10)
    dropout = SeededDropout(drop, torch.Generator().manual_seed(seed))
    return nn.Sequential(first, nn.ReLU(), dropout, last)


def _learn(network: nn.Module) -> Learner:
    optimizer = torch.optim.SGD(network.parameters(), lr=_RATE, momentum=_MOMENTUM)
    return Learner(network, optimizer)


@dataclass(frozen=True, slots=True, eq=False)
class DropoutTraining:
    """A training with dropout, and what the layer did to ten held-out digits, 0 to 9.

    Attributes:
        drop: Probability p that a unit is dropped.
        images: The digits, (10, 64), values 0 to 1.
        hidden: Hidden activations before dropout, after 0 to STEPS steps, (STEPS + 1, 10, HIDDEN).
        masks: What the layer kept of them then, of the same shape, bool.
        weights: Of the last layer, (STEPS + 1, 10, HIDDEN).
        biases: Of the last layer, (STEPS + 1, 10).
        seed: Of weights, batches and masks.
    """

    drop: float
    images: Tensor
    hidden: Tensor
    masks: Tensor
    weights: Tensor
    biases: Tensor
    seed: int

    def draw_masks(self) -> Tensor:
        """Draw further masks of the layer, bool (DRAWS, HIDDEN)."""
        dice = torch.Generator().manual_seed(self.seed + 1)
        return torch.empty(DRAWS, HIDDEN).bernoulli_(1 - self.drop, generator=dice).bool()

    def predict(self, step: int, activations: Tensor) -> Tensor:
        """Return the probabilities of scaled hidden activations, (..., HIDDEN) to (..., 10)."""
        logits = activations @ self.weights[step].T + self.biases[step]
        return logits.softmax(dim=-1)


def train_with_dropout(drop: float, *, seed: int = 0) -> DropoutTraining:
    """Train the network, and look at ten held-out digits after each step.

    Args:
        drop: Probability that a unit is dropped.
        seed: Of weights, batches and masks.
    """
    data = load_written_digits()
    firsts = [int((data.test_labels == digit).nonzero()[0]) for digit in range(10)]
    images, network = data.test[firsts], build_network(drop, seed=seed)
    last = network.get_parameter("3.weight"), network.get_parameter("3.bias")
    shown = SeededDropout(drop, torch.Generator().manual_seed(seed + 2))  # training keeps its own
    batches = draw_batches(data.train, data.train_labels, batch=_BATCH, steps=STEPS, seed=seed)
    hidden, masks, weights, biases = [], [], [], []
    for _ in train_together([_learn(network)], batches):
        with torch.no_grad():
            hidden.append(network[:2](images))
            masks.append(shown(torch.ones_like(hidden[-1])) > 0)
        weights.append(last[0].detach().clone())
        biases.append(last[1].detach().clone())
    return DropoutTraining(
        drop=drop,
        images=images,
        hidden=torch.stack(hidden),
        masks=torch.stack(masks),
        weights=torch.stack(weights),
        biases=torch.stack(biases),
        seed=seed,
    )


def scale_in_training(
    activations: Tensor, mask: Tensor, *, drop: float, scaling: Scaling
) -> Tensor:
    """Return what the next layer gets in training: a·m, by the inverted rule over 1 − p."""
    kept = activations * mask
    return kept / (1 - drop) if scaling is Scaling.INVERTED else kept


def scale_in_test(activations: Tensor, *, drop: float, scaling: Scaling) -> Tensor:
    """Return what the next layer gets at test time: a, by the original rule times 1 − p."""
    return activations if scaling is Scaling.INVERTED else (1 - drop) * activations


def find_deviation(activation: float, *, drop: float, scaling: Scaling) -> float:
    """Return the standard deviation that masks give one activation: a·√(p(1 − p)), scaled."""
    spread = abs(activation) * math.sqrt(drop * (1 - drop))
    return spread / (1 - drop) if scaling is Scaling.INVERTED else spread


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """The probabilities that a digit gets, each (10,).

    Attributes:
        thinned: From the units that one mask keeps.
        mean: Mean over DRAWS masks.
        scaled: From all units, scaled as at test time.
        unscaled: From all units without the scaling: what the original rule's weights give where
            the scaling at test time was forgotten.
    """

    thinned: Tensor
    mean: Tensor
    scaled: Tensor
    unscaled: Tensor


def compare_answers(training: DropoutTraining, *, step: int, digit: int) -> Answers:
    """Compare one thinned network, many of them, and the whole one, after some steps."""
    hidden, keep = training.hidden[step, digit], 1 - training.drop
    draws = hidden * training.draw_masks() / keep  # (DRAWS, HIDDEN)
    return Answers(
        thinned=training.predict(step, hidden * training.masks[step, digit] / keep),
        mean=training.predict(step, draws).mean(dim=0),
        scaled=training.predict(step, hidden),
        unscaled=training.predict(step, hidden / keep),
    )


@dataclass(frozen=True, slots=True, eq=False)
class CoAdaptation:
    """Two networks, trained without and with dropout, and what is left without some units.

    Attributes:
        steps: Training steps done.
        accuracies: Held-out accuracy with REMOVED units less, 0 to 1, mean over random sets.
        correlations: Mean absolute correlation of two hidden units over the held-out digits.
        active: Share of hidden activations above 0.
    """

    steps: int
    accuracies: tuple[list[float], list[float]]
    correlations: tuple[float, float]
    active: tuple[float, float]


def measure_co_adaptation(
    *, drop: float, seed: int = 0
) -> Iterator[tuple[float, str, CoAdaptation]]:
    """Train both networks from the same weights on the same batches, and remove units.

    Args:
        drop: Probability of the second network.
        seed: Of weights, batches, masks and of the sets that are removed.

    Yields:
        The share done, what is done, and the result so far.
    """
    data = load_written_digits()
    networks = [build_network(one, seed=seed) for one in (0.0, drop)]
    batches = draw_batches(
        data.train, data.train_labels, batch=_BATCH, steps=LESION_STEPS, seed=seed
    )
    for step in train_together([_learn(one) for one in networks], batches):
        if step and step % (LESION_STEPS // _LOOKS) == 0:
            found = [_remove_units(one, data.test, data.test_labels, seed) for one in networks]
            (left, right), (tied, loose), (many, few) = zip(*found, strict=True)
            result = CoAdaptation(step, (left, right), (tied, loose), (many, few))
            yield step / LESION_STEPS, f"step {step} of {LESION_STEPS}", result


def _remove_units(
    network: nn.Sequential, images: Tensor, labels: Tensor, seed: int
) -> tuple[list[float], float, float]:
    """Accuracy with units removed, mean correlation, and the share of active units."""
    cut, dice = copy.deepcopy(network), torch.Generator().manual_seed(seed)
    with torch.no_grad():
        hidden = network[:2](images)
        whole, accuracies = network.get_parameter("3.weight"), []
        for count in REMOVED:
            found = []
            for _ in range(_REMOVALS if count else 1):
                kept = torch.ones(HIDDEN)
                kept[torch.randperm(HIDDEN, generator=dice)[:count]] = 0
                cut.get_parameter("3.weight").copy_(whole * kept * HIDDEN / (HIDDEN - count))
                found.append(judge(cut[3], hidden, labels)[1])
            accuracies.append(sum(found) / len(found))
    return accuracies, correlate_units(hidden), float((hidden > 0).float().mean())


def correlate_units(hidden: Tensor) -> float:
    """Return the mean absolute correlation of two units that vary, (N, units)."""
    varying = hidden[:, hidden.std(dim=0) > 1e-6]
    found = torch.corrcoef(varying.T).abs()
    pairs = found[torch.triu(torch.ones_like(found), diagonal=1) > 0]
    return float(pairs.mean())
