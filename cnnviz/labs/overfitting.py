"""Overfitting and what holds it back: L2, early stopping, more training images.

The network has one hidden layer of 64 units and reads scikit-learn's digits. Half of the held-out
digits decide when to stop, the other half test.

Sources: Krogh and Hertz 1991, "A simple weight decay can improve generalization"; Prechelt 1998,
"Early stopping - but when?"; Goodfellow, Bengio and Courville 2016, "Deep learning", chapter 7.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import torch
from torch import Tensor, nn

from cnnviz.adversarial.linear.data import PixelRows, load_written_digits
from cnnviz.jobs.heavy import Pieces, compute_each
from cnnviz.labs.dropout import build_network
from cnnviz.labs.training import Learner, draw_batches, judge, train_together

HIDDEN = 64
STEPS = 600
LOOKS = 40
EVERY = STEPS // LOOKS  # steps between two looks
SIZES = (50, 100, 200, 400, 800, 1437)
SIZE_STEPS, _SIZE_EVERY = 400, 20
DROP, DECAY = 0.5, 0.01  # of the methods that are chosen by name
RATE, MOMENTUM = 0.05, 0.9
_BATCH, _CLASSES = 32, 10


class Method(StrEnum):
    """What holds overfitting back."""

    NONE = "none"
    L2 = "l2"
    DROPOUT = "dropout"


@dataclass(frozen=True, slots=True, eq=False)
class Digits:
    """Training digits, of which some may have a wrong label, and two held-out halves.

    Attributes:
        train: (N, 64).
        train_labels: (N,).
        validation: Decides when to stop, (M, 64).
        validation_labels: (M,).
        test: Only measured on, (M, 64).
        test_labels: (M,).
    """

    train: Tensor
    train_labels: Tensor
    validation: Tensor
    validation_labels: Tensor
    test: Tensor
    test_labels: Tensor


def choose_digits(count: int, *, wrong: float = 0.0, seed: int = 0) -> Digits:
    """Take the first digits to train on, and give a share of them another label.

    Args:
        count: Training digits; at most all 1,437.
        wrong: Share that gets a wrong label, 0 to 1.
        seed: Of which digits and which labels.
    """
    data: PixelRows = load_written_digits()
    labels = data.train_labels[:count].clone()
    dice = torch.Generator().manual_seed(seed)
    chosen = torch.randperm(count, generator=dice)[: round(wrong * count)]
    away = torch.randint(1, _CLASSES, (len(chosen),), generator=dice)  # never 0: always wrong
    labels[chosen] = (labels[chosen] + away) % _CLASSES
    return Digits(
        data.train[:count],
        labels,
        data.test[::2],
        data.test_labels[::2],
        data.test[1::2],
        data.test_labels[1::2],
    )


def build_learner(*, decay: float = 0.0, drop: float = 0.0, seed: int = 0) -> Learner:
    """Give a fresh network SGD with momentum; its weight decay adds λ·w to each gradient."""
    network = build_network(drop, hidden=HIDDEN, seed=seed)
    optimizer = torch.optim.SGD(
        network.parameters(), lr=RATE, momentum=MOMENTUM, weight_decay=decay
    )
    return Learner(network, optimizer)


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """How a network learned, look by look.

    Attributes:
        steps: Training steps done.
        train: Loss on the training digits.
        validation: Loss on the half that decides.
        accuracies: Accuracy on the other half, 0 to 1.
        norms: Euclidean norm of all weights.
        weights: All weights of the newest look, (P,).
    """

    steps: list[int]
    train: list[float]
    validation: list[float]
    accuracies: list[float]
    norms: list[float]
    weights: Tensor


def follow_decay(
    decays: Sequence[float], *, count: int, wrong: float, seed: int = 0
) -> Iterator[tuple[float, str, tuple[Course, ...]]]:
    """Train a network with each weight decay, from the same weights on the same batches.

    Args:
        decays: λ of each network.
        count: Training digits.
        wrong: Share of them with a wrong label.
        seed: Of weights, batches and wrong labels.

    Yields:
        The share done, what is done, and the courses so far.
    """
    data = choose_digits(count, wrong=wrong, seed=seed)
    learners = [build_learner(decay=decay, seed=seed) for decay in decays]
    courses = tuple(Course([], [], [], [], [], torch.zeros(0)) for _ in decays)
    batches = draw_batches(data.train, data.train_labels, batch=_BATCH, steps=STEPS, seed=seed)
    for step in train_together(learners, batches):
        if step % EVERY:
            continue
        courses = tuple(
            _look(course, learner.network, data, step)
            for course, learner in zip(courses, learners, strict=True)
        )
        yield step / STEPS, f"step {step} of {STEPS}", courses


def _look(course: Course, network: nn.Module, data: Digits, step: int) -> Course:
    weights = torch.cat(
        [one.detach().flatten() for name, one in network.named_parameters() if "weight" in name]
    )
    return Course(
        [*course.steps, step],
        [*course.train, judge(network, data.train, data.train_labels)[0]],
        [*course.validation, judge(network, data.validation, data.validation_labels)[0]],
        [*course.accuracies, judge(network, data.test, data.test_labels)[1]],
        [*course.norms, float(weights.norm())],
        weights,
    )


@dataclass(frozen=True, slots=True)
class Stop:
    """Where early stopping ends a training.

    Attributes:
        best: Place of the look whose weights are kept.
        end: Place of the look at which training stops.
        is_early: Whether patience ended it, and not the number of steps.
    """

    best: int
    end: int
    is_early: bool


def stop_early(losses: Sequence[float], *, patience: int) -> Stop:
    """Find where training stops: after so many looks in a row without a new smallest loss.

    Args:
        losses: Validation loss at each look; at least one.
        patience: Looks to wait, from 1.
    """
    best = 0
    for place, loss in enumerate(losses):
        if loss < losses[best]:
            best = place
        if place - best >= patience:
            return Stop(best, place, is_early=True)
    return Stop(best, len(losses) - 1, is_early=False)


@dataclass(frozen=True, slots=True, eq=False)
class SizeCourse:
    """How a network learned a number of digits.

    Attributes:
        size: Training digits.
        steps: Training steps done at each look.
        train: Loss on the training digits.
        test: Loss on all held-out digits.
        train_accuracy: In the end, 0 to 1.
        test_accuracy: In the end, 0 to 1.
    """

    size: int
    steps: list[int]
    train: list[float]
    test: list[float]
    train_accuracy: float
    test_accuracy: float

    def find_gaps(self) -> list[float]:
        """Return held-out minus training loss at each look."""
        return [test - train for train, test in zip(self.train, self.test, strict=True)]


def measure_sizes(method: Method, *, seed: int = 0) -> Pieces[tuple[SizeCourse, ...]]:
    """Train one network on each number of digits for the same number of steps.

    Args:
        method: What holds overfitting back.
        seed: Of weights, batches and masks.

    Returns:
        A run of one training a piece; its results are the courses.
    """
    return compute_each(SIZES, partial(_learn_size, method, seed), name="{} digits".format)


def _learn_size(method: Method, seed: int, size: int) -> SizeCourse:
    data = load_written_digits()
    images, labels = data.train[:size], data.train_labels[:size]
    learner = build_learner(
        decay=DECAY if method is Method.L2 else 0.0,
        drop=DROP if method is Method.DROPOUT else 0.0,
        seed=seed,
    )
    steps, train, test = [], [], []
    batches = draw_batches(images, labels, batch=_BATCH, steps=SIZE_STEPS, seed=seed)
    accuracies = (0.0, 0.0)
    for step in train_together([learner], batches):
        if step % _SIZE_EVERY == 0:
            ours = judge(learner.network, images, labels)
            theirs = judge(learner.network, data.test, data.test_labels)
            steps.append(step)
            train.append(ours[0])
            test.append(theirs[0])
            accuracies = (ours[1], theirs[1])
    return SizeCourse(size, steps, train, test, *accuracies)
