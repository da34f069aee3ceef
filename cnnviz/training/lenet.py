"""LeNet-5's training: MNIST varied as pens vary it, measured on two sets of digits."""

import dataclasses
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from torch import Generator, Tensor, nn

from cnnviz.digits import scale_ink
from cnnviz.errors import DataError
from cnnviz.training.card import write_network
from cnnviz.training.checkpoint import read_checkpoint
from cnnviz.training.distortion import distort_digits
from cnnviz.training.drawn import draw_flagged_ones
from cnnviz.training.loop import Task, Training, restore_training, run_epochs, start_training
from cnnviz.training.measure import (
    Score,
    count_correct,
    count_multiply_adds,
    count_parameters,
    round_to_half,
)
from cnnviz.training.mnist import DigitSet, download_mnist, load_mnist, load_other_writers
from cnnviz.training.recipes import Recipe, get_recipe
from cnnviz.weights import BUNDLED
from cnnviz.zoo import get_network

_CHOICES = (
    "The numbers of the recipe were chosen by training on the first 55,000 training digits and "
    "measuring on the last 5,000; the epoch is always the last. load_digits was watched in those "
    "trials, never trained on; the flagged ones that were misread there led to the drawn ones. "
    "The test set was measured on one earlier recipe and on this one, and chose nothing."
)


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """What the command line chose.

    Attributes:
        data: Folder that holds MNIST/raw.
        download: Fetch MNIST into it first, if it is not there.
        out: Folder of the weight file and its card; None for the bundled ones, or for the folder
            of the checkpoint when digits are held out.
        runs: Folder of the checkpoints.
        epochs: Instead of the recipe's; None for the recipe's.
        seed: Instead of the recipe's; None for the recipe's.
        threads: Processor threads.
        hold_out: How many of the last training digits to leave out and measure on instead of the
            test set; 0 for the network that ships.
        resume: Go on from the checkpoint.
        command: The command as typed, for the card.
    """

    data: Path
    download: bool
    out: Path | None
    runs: Path
    epochs: int | None
    seed: int | None
    threads: int
    hold_out: int
    resume: bool
    command: str


def train_lenet(name: str, settings: Settings) -> str:
    """Train LeNet-5, write its weights and card, and tell in a sentence how good it is.

    Raises:
        NetworkError: The network has no recipe.
        DataError: Data or scikit-learn is not there, or a setting is out of range.
        WeightsError: The checkpoint cannot be resumed.
        TrainingStopped: Interrupted from the keyboard.
    """
    recipe = _choose_recipe(name, settings)
    others = load_other_writers()
    if settings.download:
        download_mnist(settings.data)
    digits = load_mnist(settings.data)
    kept, judged = split_digits(digits.train, digits.test, hold_out=settings.hold_out)
    train = kept.join(draw_flagged_ones(recipe.flagged_ones, seed=recipe.seed))
    judged_inputs = scale_ink(judged.images / 255)
    torch.set_num_threads(settings.threads)

    def prepare(images: Tensor, generator: Generator) -> Tensor:
        return scale_ink(distort_digits(images / 255, recipe.distortion, generator=generator))

    def judge(module: nn.Module) -> float:
        return count_correct(module, judged_inputs, judged.labels).percent

    task = Task(images=train.images, labels=train.labels, prepare=prepare, judge=judge)
    training = _run(name, recipe, settings, task=task, identity=describe_run(recipe, train))
    shipped = round_to_half(training.module.state_dict())
    training.module.load_state_dict(shipped)
    scores = {
        "held_out" if settings.hold_out else "mnist_test": count_correct(
            training.module, judged_inputs, judged.labels
        ),
        "load_digits": count_correct(training.module, *others),
    }
    facts = _write_facts(name, recipe, settings, training=training, scores=scores, kept=kept)
    folder = settings.out or (settings.runs / name if settings.hold_out else BUNDLED)
    weights = write_network(name, shipped, facts, folder=folder)
    shown = ", ".join(
        f"{score.correct} of {score.total} of {key} ({score.percent:.2f} %)"
        for key, score in scores.items()
    )
    return f"Right: {shown}, after {training.seconds:.0f} s. Wrote {weights} and its model card."


def _choose_recipe(name: str, settings: Settings) -> Recipe:
    recipe = get_recipe(name)
    if settings.epochs is not None:
        recipe = dataclasses.replace(recipe, epochs=settings.epochs)
    if settings.seed is not None:
        recipe = dataclasses.replace(recipe, seed=settings.seed)
    for option, value in (("--epochs", recipe.epochs), ("--threads", settings.threads)):
        if value < 1:
            raise DataError(f"{option} is {value}; choose 1 or more.")
    return recipe


def split_digits(train: DigitSet, test: DigitSet, *, hold_out: int) -> tuple[DigitSet, DigitSet]:
    """Choose what is trained on and what is measured.

    Args:
        train: MNIST's training digits.
        test: MNIST's test digits.
        hold_out: How many of the last training digits to measure on instead of the test set.

    Raises:
        DataError: No digit would be left to train on.
    """
    count = len(train.labels)
    if hold_out >= count:
        raise DataError(f"--hold-out is {hold_out}; choose less than the {count} training digits.")
    if hold_out == 0:
        return train, test
    first = count - hold_out
    kept = DigitSet(images=train.images[:first], labels=train.labels[:first])
    return kept, DigitSet(images=train.images[first:], labels=train.labels[first:])


def describe_run(recipe: Recipe, train: DigitSet) -> str:
    """Describe recipe and data as text that differs whenever either does."""
    return json.dumps({"recipe": dataclasses.asdict(recipe), "data": train.digest()})


def _run(name: str, recipe: Recipe, settings: Settings, *, task: Task, identity: str) -> Training:
    training = start_training(get_network(name).build, recipe)
    checkpoint_file = settings.runs / name / "checkpoint.pt"
    if settings.resume:
        restore_training(training, read_checkpoint(checkpoint_file, identity=identity))
    run_epochs(training, task, recipe, checkpoint_file=checkpoint_file, identity=identity)
    return training


def _write_facts(
    name: str,
    recipe: Recipe,
    settings: Settings,
    *,
    training: Training,
    scores: dict[str, Score],
    kept: DigitSet,
) -> dict[str, Any]:
    spec = get_network(name)
    return {
        "title": spec.title,
        "date": datetime.now(UTC).date().isoformat(),
        "licence": "MIT, like the rest of CNNViz",
        "data": {
            "name": "MNIST",
            "trained_on": (
                f"{len(kept.labels):,} training digits of MNIST and {recipe.flagged_ones:,} ones "
                "with a flag, drawn by program"
            ),
            "sha256": kept.digest(),
            "measured_on": "the last training digits" if settings.hold_out else "the test set",
            "choices": _CHOICES,
        },
        "recipe": {"optimizer": "AdamW", **dataclasses.asdict(recipe)},
        "command": settings.command,
        "seed": recipe.seed,
        "epochs": recipe.epochs,
        "seconds": round(training.seconds, 1),
        "cpu_seconds": round(training.cpu_seconds, 1),
        "threads": settings.threads,
        "machine": f"{os.cpu_count()} processor cores",
        "accuracy": {key: score.describe() for key, score in scores.items()},
        "parameters": count_parameters(training.module),
        "multiply_adds": count_multiply_adds(training.module, shape=spec.preprocessing.shape),
        "curve": training.curve,
    }
