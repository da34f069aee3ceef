"""A small network that trains while others look: it can be paused, and its rate be changed."""

import hashlib
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

import torch
from torch import Tensor
from torch.nn import functional

from cnnviz.errors import ArithmeticInputError
from cnnviz.jobs.heavy import report_progress
from cnnviz.jobs.observable import Observable
from cnnviz.labs.digit_sets import CLASSES, SHAPE, DigitSet, load_digit_set
from cnnviz.labs.network_builder import build_layers, lay_out, parse_layers
from cnnviz.labs.optimizers import build_optimizer, list_rates
from cnnviz.labs.training import Batch, Learner
from cnnviz.labs.training_plan import TrainingPlan, augment

_LOOK_STEPS = 100  # at most so many steps from one look at the held-out digits to the next
_NORM_STEPS = 5  # from one look at the gradients to the next
_HARDEST = 12
_READ, _BINS = 100, 31  # held-out digits whose activations are read, and bins of their histogram


@dataclass(frozen=True, slots=True)
class Look:
    """What the held-out digits say of the network.

    Attributes:
        step: Steps done.
        loss: Mean cross-entropy on the held-out digits; infinite where it is no number.
        accuracy: On the held-out digits, 0 to 1.
        train_loss: Mean of the steps since the look before.
        train_accuracy: Of the training batches since then, before each step.
    """

    step: int
    loss: float
    accuracy: float
    train_loss: float
    train_accuracy: float


@dataclass(frozen=True, slots=True, eq=False)
class Mistakes:
    """What the network says of the held-out digits.

    Attributes:
        confusion: Counts, true class by predicted class, (classes, classes).
        hardest: Held-out digits of the largest loss, by their index.
        said: What the network says of each of them.
        shares: The probability it gives to the true class of each.
    """

    confusion: Tensor
    hardest: tuple[int, ...]
    said: tuple[int, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class LayerPulse:
    """How a layer with weights learns.

    Attributes:
        name: Of the layer.
        gradient: Euclidean norm of the gradient of its weights.
        ratio: Norm of the last update over the norm of the weights.
    """

    name: str
    gradient: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a layer with weights gives on held-out digits, before any activation function.

    Attributes:
        limit: The largest magnitude.
        counts: Of values from −limit to limit, in bins of equal width.
    """

    limit: float
    counts: tuple[int, ...]


@dataclass(slots=True)
class Curves:
    """What is drawn of a run.

    Attributes:
        losses: Of each step's batch, before the step.
        accuracies: Of each step's batch, before the step.
        looks: At the held-out digits, after each epoch and in long ones in between.
        pulse: The layers with weights at the newest look at the gradients.
        rates: Steps done and the learning rate from there on, where a visitor changed it.
    """

    losses: list[float] = field(default_factory=list)
    accuracies: list[float] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    pulse: tuple[LayerPulse, ...] = ()
    rates: list[tuple[int, float]] = field(default_factory=list)


class TrainingRun(Observable):
    """A run of training, under way, paused or over.

    Attributes:
        id: Names it in addresses.
        plan: What it depends on.
        title: What it is called on the chart.
        is_own: Whether it is one visitor's, who may change its rate.
        rows: The network's layers.
        network: The network.
        step: Steps done.
        steps: In all, as planned; 0 before the digits are loaded.
        curves: What is drawn.
        mistakes: On the held-out digits at the newest look; None before the first.
        outputs: Of the layers with weights at the newest look, by name.
        is_over: Whether it is trained to the end.
        note: Why it ended before, in a sentence; empty otherwise.
        rate: Learning rate now, before the schedule.
        seconds: Spent on the steps, without pauses.

    Raises:
        ArithmeticInputError: The network cannot work.
    """

    def __init__(self, plan: TrainingPlan, *, title: str = "", owner: str = "") -> None:
        super().__init__()
        key = repr((plan, title, owner))
        self.id = hashlib.sha256(key.encode()).hexdigest()[:24]
        self.plan, self.title, self.is_own = plan, title, bool(owner)
        rows, problem = lay_out(parse_layers(plan.layers), shape=SHAPE, classes=len(CLASSES))
        if problem is not None:
            raise problem
        self.rows = rows
        self.network = build_layers(rows, seed=plan.seed)
        optimizer = build_optimizer(plan.optimizer, self.network.parameters(), plan.set_optimizer())
        self._learner = Learner(self.network, optimizer)
        self._factors: list[float] = []
        self._dice = torch.Generator().manual_seed(plan.seed)
        self._weights = {
            row.name: self.network.get_submodule(row.name).get_parameter("weight")
            for row in rows
            if row.parameters and row.multiply_adds
        }
        self._batches: Iterator[Batch] | None = None
        self._looked = 0
        self.step = self.steps = 0
        self.curves = Curves()
        self.mistakes: Mistakes | None = None
        self.outputs: dict[str, Outputs] = {}
        self.is_over, self.note, self.rate = False, "", plan.rate
        self.seconds = 0.0

    @property
    def is_active(self) -> bool:
        """Whether it can go on."""
        return not self.is_over

    @property
    def epoch(self) -> int:
        """Which pass over the training digits this is, from 1."""
        return min(self.plan.epochs, 1 + self.step * self.plan.epochs // max(self.steps, 1))

    @property
    def accuracy(self) -> float | None:
        """On the held-out digits at the newest look; None before the first."""
        return self.curves.looks[-1].accuracy if self.curves.looks else None

    def change_rate(self, rate: float) -> None:
        """Go on with another learning rate, before the schedule.

        Raises:
            ArithmeticInputError: It is not above 0 and at most 100.
        """
        if not 0 < rate <= 100:
            raise ArithmeticInputError(f"The learning rate is {rate}; give a number up to 100.")
        self.rate = rate
        self.curves.rates.append((self.step, rate))
        self.announce()

    def advance(self) -> Iterator[tuple[float, str, "TrainingRun"]]:
        """Train from where it is to the end, as a heavy result's run; it may stop at any step."""
        report_progress(0.0, "loading the digits")
        data = load_digit_set(self.plan.source)
        per_epoch = len(data.train) // self.plan.batch
        self.steps = per_epoch * self.plan.epochs
        if self._batches is None:
            self._batches = self._draw(data, per_epoch)
            self._factors = list_rates(self.plan.schedule, rate=1.0, steps=self.steps)
        while not self.is_over:
            began = time.perf_counter()
            images, labels = next(self._batches)
            self._take_step(images, labels)
            if self.step % min(per_epoch, _LOOK_STEPS) == 0 or self.step == self.steps:
                self._look(data)
            self.seconds += time.perf_counter() - began
            self.is_over = bool(self.note) or self.step >= self.steps
            self.announce()
            report_progress(self.step / self.steps, f"epoch {self.epoch} of {self.plan.epochs}")
        yield 1.0, "done", self

    def _draw(self, data: DigitSet, per_epoch: int) -> Iterator[Batch]:
        """The batches of each epoch, in an order of its own; what fills no batch is left out."""
        size = self.plan.batch
        while True:
            order = torch.randperm(len(data.train), generator=self._dice)
            for first in range(0, per_epoch * size, size):
                pick = order[first : first + size]
                images = data.train[pick]
                if self.plan.is_augmented:
                    images = augment(images, self._dice)
                yield images, data.train_labels[pick]

    def _take_step(self, images: Tensor, labels: Tensor) -> None:
        for group in self._learner.optimizer.param_groups:
            group["lr"] = self.rate * self._factors[self.step]
        logits, loss = self._learner.backpropagate(images, labels)
        is_noted = self.step % _NORM_STEPS == 0
        before = {name: one.detach().clone() for name, one in self._weights.items() if is_noted}
        self._learner.optimizer.step()
        if is_noted:
            self.curves.pulse = tuple(self._feel(name, old) for name, old in before.items())
        self.curves.losses.append(float(loss))
        right = logits.argmax(dim=1) == labels
        self.curves.accuracies.append(float(right.float().mean()))
        self.step += 1
        if not math.isfinite(float(loss)):
            self.note = (
                f"The loss is no number any more after {self.step} steps: the learning rate "
                f"{self.rate:g} is too high. Take a tenth of it."
            )

    def _feel(self, name: str, before: Tensor) -> LayerPulse:
        weight = self._weights[name]
        gradient = weight.grad if weight.grad is not None else torch.zeros(())
        change, size = (weight.detach() - before).norm(), before.norm()
        return LayerPulse(name, float(gradient.norm()), float(change / size.clamp(min=1e-12)))

    def _look(self, data: DigitSet) -> None:
        """Ask the network about the held-out digits."""
        self.network.eval()
        with torch.no_grad():
            logits = self.network(data.test)
            self.outputs = self._read_outputs(data.test[:_READ])
        self.network.train()
        losses = functional.cross_entropy(logits, data.test_labels, reduction="none")
        said = logits.argmax(dim=1)
        since = slice(self._looked, self.step)
        self._looked = self.step
        loss = float(losses.mean())
        self.curves.looks.append(
            Look(
                step=self.step,
                loss=loss if math.isfinite(loss) else math.inf,
                accuracy=float((said == data.test_labels).float().mean()),
                train_loss=_average(self.curves.losses[since]),
                train_accuracy=_average(self.curves.accuracies[since]),
            )
        )
        self.mistakes = _list_mistakes(losses, said, data.test_labels)

    def _read_outputs(self, x: Tensor) -> dict[str, Outputs]:
        found = {}
        for name, layer in self.network.named_children():
            x = layer(x)
            if name in self._weights:
                limit = max(float(x.abs().nan_to_num(0.0).max()), 1e-12)
                counts = x.nan_to_num(0.0).histc(bins=_BINS, min=-limit, max=limit)
                found[name] = Outputs(limit, tuple(int(count) for count in counts))
        return found

    def read_filters(self) -> Tensor:
        """Return the first layer's weights as maps, (filters, H, W), of the first channel."""
        weight = next(iter(self._weights.values())).detach()
        if weight.ndim == 2:
            side = math.isqrt(weight.shape[1])
            return weight[:, : side * side].reshape(-1, side, side)
        return weight[:, 0]


def _average(values: list[float]) -> float:
    return sum(values) / max(len(values), 1)


def _list_mistakes(losses: Tensor, said: Tensor, labels: Tensor) -> Mistakes:
    count = len(CLASSES)
    confusion = torch.bincount(labels * count + said, minlength=count * count)
    hardest = losses.nan_to_num(nan=math.inf).argsort(descending=True)[:_HARDEST]
    return Mistakes(
        confusion=confusion.reshape(count, count),
        hardest=tuple(hardest.tolist()),
        said=tuple(said[hardest].tolist()),
        shares=tuple((-losses[hardest]).exp().nan_to_num(0.0).tolist()),
    )


_RUNS: WeakValueDictionary[str, TrainingRun] = WeakValueDictionary()


def open_run(plan: TrainingPlan, *, title: str, owner: str = "") -> TrainingRun:
    """Return a run that is not started; the same one for the same plan, title and owner.

    Args:
        plan: What it depends on.
        title: What it is called on the chart.
        owner: The visitor whose own it is; empty for one that all visitors share.

    Raises:
        ArithmeticInputError: The network cannot work.
    """
    run = TrainingRun(plan, title=title, owner=owner)
    return _RUNS.setdefault(run.id, run)


def find_run(run_id: str) -> TrainingRun | None:
    """Return the run of this id, as long as somebody holds it."""
    return _RUNS.get(run_id)
