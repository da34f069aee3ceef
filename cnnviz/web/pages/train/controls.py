"""The network, the digits, and how it learns from them."""

from dataclasses import dataclass
from typing import Any

from cnnviz.figures.optimizers import OPTIMIZERS, SCHEDULES
from cnnviz.labs.digit_sets import DigitSource, list_sources
from cnnviz.labs.optimizers import Optimizer, Schedule
from cnnviz.labs.training_plan import MAX_EPOCHS, TrainingPlan
from cnnviz.web.controls.kinds import choice, flag, number, text
from cnnviz.web.state import PageState

MAX_NOTATION = 600
_RATES = ("0.0001", "0.0003", "0.001", "0.003", "0.006", "0.01", "0.03", "0.1", "0.3", "1", "3")
_DECAYS = ("0", "0.00001", "0.0001", "0.001", "0.01", "0.1")
_BATCHES = ("8", "16", "32", "64", "128", "256")
SOURCES = {DigitSource.WRITTEN: "1,797 digits", DigitSource.MNIST: "MNIST"}
_LENET = "conv6k5, relu, max2, conv16k5, relu, max2, conv120k5, relu, flatten, fc84, relu, fc10"
_ALL_CONVOLUTIONAL = (
    "conv8k3p1, bn, relu, conv8k3s2p1, bn, relu, conv16k3p1, bn, relu, conv16k3s2p1, bn, relu, "
    "conv32k3p1, bn, relu, conv10k1, gap, flatten"
)
_POOLED = (
    "conv8k3p1, bn, relu, max2, conv16k3p1, bn, relu, max2, conv32k3p1, bn, relu, conv10k1, gap, "
    "flatten"
)


@dataclass(frozen=True)
class TrainControls:
    """The fields of `TrainingPlan`."""

    layers: str = text("Layers", default=_LENET, longest=MAX_NOTATION)
    source: DigitSource = choice(lambda _: list_sources(), "Digits", titles=SOURCES, look="list")
    optimizer: Optimizer = choice(
        Optimizer, "Optimizer", titles=OPTIMIZERS, default=Optimizer.ADAM, look="list"
    )
    rate: str = choice(_RATES, "Learning rate", default="0.006", look="slider")
    schedule: Schedule = choice(
        Schedule, "Schedule", titles=SCHEDULES, default=Schedule.ONE_CYCLE, look="list"
    )
    batch: str = choice(_BATCHES, "Batch size", default="32", look="list")
    decay: str = choice(_DECAYS, "Weight decay", default="0", look="list")
    epochs: int = number("Epochs", 1, MAX_EPOCHS, default=25, look="box")
    seed: int = number("Seed", 0, 9999, default=0, look="box")
    augmented: bool = flag("Augmentation", default=True)


Page = PageState[TrainControls]


def read_plan(page: Page) -> TrainingPlan:
    """Return the run that is chosen."""
    values = page.values
    return TrainingPlan(
        layers=values.layers,
        source=values.source,
        optimizer=values.optimizer,
        rate=float(values.rate),
        schedule=values.schedule,
        batch=int(values.batch),
        decay=float(values.decay),
        epochs=values.epochs,
        is_augmented=values.augmented,
        seed=values.seed,
    )


def _preset(layers: str, **rest: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {"optimizer": Optimizer.ADAM, "rate": "0.006", "epochs": 25}
    usual |= {"schedule": Schedule.ONE_CYCLE, "batch": "32", "decay": "0", "augmented": True}
    return {"layers": layers} | usual | rest


_DEEP: dict[str, Any] = {"rate": "0.001", "epochs": 20, "augmented": False}
# By the title on the button, which is the run's name too.
PRESETS: dict[str, dict[str, Any]] = {
    "LeNet-5": _preset(_LENET),
    "All-CNN": _preset(_ALL_CONVOLUTIONAL, rate="0.03", epochs=15),
    "With pooling": _preset(_POOLED, rate="0.03", epochs=15),
    "Too high a rate": _preset(
        _LENET, optimizer=Optimizer.SGD, rate="3", schedule=Schedule.CONSTANT, epochs=10
    ),
    "No nonlinearity": _preset("flatten, fc64, fc64, fc10", **_DEEP),
    "Sigmoid, ten layers": _preset("flatten, " + "fc64, sigmoid, " * 10 + "fc10", **_DEEP),
    "Tanh, ten layers": _preset("flatten, " + "fc64, tanh, " * 10 + "fc10", **_DEEP),
}


def name_plan(page: Page) -> str:
    """Return a preset's title, where its values are chosen; else say that it is another."""
    layers = page.values.layers.replace(",", " ").split()
    for title, values in PRESETS.items():
        others = {name: value for name, value in values.items() if name != "layers"}
        if values["layers"].replace(",", " ").split() == layers and all(
            getattr(page.values, name) == value for name, value in others.items()
        ):
            return title
    return "Own network"
