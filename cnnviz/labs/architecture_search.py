"""Neural architecture search: a controller that learns which networks to try, and random search.

A network is a row of choices, each made by a softmax over its options. A sampled network is trained
a little on digits; its validation accuracy is the reward. REINFORCE makes choices of networks that
are better than the moving average more probable. Random search tries as many networks and learns
nothing from them.

Sources: Zoph and Le 2017, "Neural architecture search with reinforcement learning", section 3.2;
Williams 1992, "Simple statistical gradient-following algorithms", equation 11; Li and Talwalkar
2019, "Random search and reproducibility for neural architecture search".
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import torch
from torch import Tensor

from cnnviz.labs.digit_sets import CLASSES, SHAPE, DigitSource, load_digit_set
from cnnviz.labs.network_builder import BuilderRow, build_layers, lay_out, parse_layers
from cnnviz.labs.optimizers import Optimizer, Settings, build_optimizer
from cnnviz.labs.training import Learner, draw_batches, judge, train_together

MAX_TRIALS, MAX_UPDATES = 60, 200
_BLOCKS = 3
_SMOOTHING = 0.8  # of the old baseline in the new one
_TRAINED = 674  # three quarters of the training digits; rewards come from the others
_BATCH, _RATE = 32, 0.003


@dataclass(frozen=True, slots=True)
class Decision:
    """One choice that the controller makes.

    Attributes:
        name: What is chosen.
        options: What there is to choose from.
    """

    name: str
    options: tuple[str, ...]


_BLOCK = (
    ("filters", ("none", "4", "8", "16")),
    ("kernel", ("3", "5")),
    ("normalization", ("none", "bn")),
    ("activation", ("relu", "tanh", "sigmoid")),
    ("pooling", ("max2", "avg2", "stride 2")),
)
DECISIONS = (
    *(
        Decision(f"{name} {block}", options)
        for block in range(1, _BLOCKS + 1)
        for name, options in _BLOCK
    ),
    Decision("head", ("gap", "flatten", "fc32")),
)
_HEADS = {"gap": ("gap", "flatten"), "flatten": ("flatten",), "fc32": ("flatten", "fc32", "relu")}
Choices = tuple[int, ...]


def write_network(choices: Sequence[int]) -> str:
    """Write the network of these choices, one option of each decision, as `parse_layers` reads it.

    A block is a convolution, its normalization and activation, and a pooling, unless the
    convolution has a stride of 2; a block without filters is left out.
    """
    words = [one.options[at] for one, at in zip(DECISIONS, choices, strict=True)]
    layers: list[str] = []
    for start in range(0, len(words) - 1, len(_BLOCK)):
        filters, kernel, normalization, activation, pooling = words[start : start + len(_BLOCK)]
        if filters == "none":
            continue
        has_stride = pooling == "stride 2"
        layers.append(f"conv{filters}k{kernel}{'s2' if has_stride else ''}p{int(kernel) // 2}")
        layers += [normalization] if normalization != "none" else []
        layers += [activation] if has_stride else [activation, pooling]
    return ", ".join((*layers, *_HEADS[words[-1]], f"fc{len(CLASSES)}"))


def count_choices() -> int:
    """Return how many rows of choices there are; some of them mean the same network."""
    return math.prod(len(one.options) for one in DECISIONS)


class Controller:
    """A softmax policy over the options of each decision.

    Attributes:
        logits: Of the options, by decision; 0 at first, so that all are equally probable.
        baseline: Moving average of the rewards; None before the first.
    """

    def __init__(self) -> None:
        self.logits = [torch.zeros(len(one.options), dtype=torch.float64) for one in DECISIONS]
        self.baseline: float | None = None

    def find_probabilities(self) -> tuple[Tensor, ...]:
        """Return the probability of each option, by decision."""
        return tuple(one.softmax(dim=0) for one in self.logits)

    def sample(self, dice: torch.Generator) -> Choices:
        """Draw an option of each decision."""
        shares = self.find_probabilities()
        return tuple(int(torch.multinomial(one, 1, generator=dice)) for one in shares)

    def learn(self, choices: Choices, reward: float, *, rate: float) -> None:
        """Take one step along (R − b) ∇ log π, then move the baseline b.

        The gradient of log π by a decision's logits is 1 at the choice minus the probabilities.
        """
        baseline = reward if self.baseline is None else self.baseline
        for logits, shares, at in zip(self.logits, self.find_probabilities(), choices, strict=True):
            gradient = -shares
            gradient[at] += 1
            logits += rate * (reward - baseline) * gradient
        self.baseline = _SMOOTHING * baseline + (1 - _SMOOTHING) * reward


class Strategy(StrEnum):
    """Who chooses the networks."""

    CONTROLLER = "controller"
    RANDOM = "random"


@dataclass(frozen=True, slots=True)
class Trial:
    """One network that was tried.

    Attributes:
        number: Over both strategies, from 1.
        strategy: Who chose it.
        layers: In the builder's notation.
        parameters: That it has.
        accuracy: On the validation digits, 0 to 1: the reward.
        test: On digits that no search has seen, 0 to 1.
    """

    number: int
    strategy: Strategy
    layers: str
    parameters: int
    accuracy: float
    test: float


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """What both searches have found so far.

    Attributes:
        trials: In turn of the controller and of random search.
        probabilities: The controller's, of the options of each decision.
        baseline: Its moving average of the rewards.
    """

    trials: tuple[Trial, ...]
    probabilities: tuple[Tensor, ...]
    baseline: float

    def list_of(self, strategy: Strategy) -> list[Trial]:
        """Return the trials of one strategy, in their order."""
        return [one for one in self.trials if one.strategy is strategy]

    def list_best(self, strategy: Strategy) -> list[float]:
        """Return the best validation accuracy after each trial of one strategy."""
        best: list[float] = []
        for one in self.list_of(strategy):
            best.append(max(one.accuracy, *best[-1:]) if best else one.accuracy)
        return best


def lay_out_network(layers: str) -> tuple[BuilderRow, ...]:
    """Return the layers of a network of the search in their places.

    Raises:
        ArithmeticInputError: It cannot work.
    """
    rows, problem = lay_out(parse_layers(layers), shape=SHAPE, classes=len(CLASSES))
    if problem is not None:
        raise problem
    return rows


def try_network(layers: str, *, updates: int, seed: int) -> tuple[int, float, float]:
    """Train a network for some updates of Adam, and measure it.

    Args:
        layers: In the builder's notation.
        updates: On batches of 32 of the 1,797 digits.
        seed: Of its weights and batches.

    Returns:
        Its parameters, and its accuracy on the validation and on the held-out digits, 0 to 1.
    """
    data = load_digit_set(DigitSource.WRITTEN)
    rows = lay_out_network(layers)
    network = build_layers(rows, seed=seed)
    settings = Settings(rate=_RATE, adaptive_rate=_RATE)
    learner = Learner(network, build_optimizer(Optimizer.ADAM, network.parameters(), settings))
    train, labels = data.train[:_TRAINED], data.train_labels[:_TRAINED]
    for _ in train_together(
        [learner], draw_batches(train, labels, batch=_BATCH, steps=updates, seed=seed)
    ):
        pass
    _, accuracy = judge(network, data.train[_TRAINED:], data.train_labels[_TRAINED:])
    _, test = judge(network, data.test, data.test_labels)
    return sum(row.parameters for row in rows), accuracy, test


def search_architectures(
    *, trials: int, updates: int, rate: float, seed: int
) -> Iterator[tuple[float, str, Search]]:
    """Search by the controller and at random in turn, as a heavy result's run.

    Args:
        trials: Networks that each of both tries.
        updates: With which each network is trained.
        rate: The controller's learning rate.
        seed: Of all samples, weights and batches.
    """
    controller, untaught = Controller(), Controller()
    dice = {one: torch.Generator().manual_seed(2 * seed + at) for at, one in enumerate(Strategy)}
    found: tuple[Trial, ...] = ()
    for place in range(2 * trials):
        strategy = tuple(Strategy)[place % 2]
        chooser = controller if strategy is Strategy.CONTROLLER else untaught
        choices = chooser.sample(dice[strategy])
        layers = write_network(choices)
        measured = try_network(layers, updates=updates, seed=seed * MAX_TRIALS + place // 2)
        found = (*found, Trial(place + 1, strategy, layers, *measured))
        if strategy is Strategy.CONTROLLER:
            controller.learn(choices, found[-1].accuracy, rate=rate)
        search = Search(found, controller.find_probabilities(), controller.baseline or 0.0)
        yield len(found) / (2 * trials), f"network {len(found)} of {2 * trials}", search
