"""What every training command does: settle the recipe, run the epochs, note how it went."""

import dataclasses
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from cnnviz.device import choose_device
from cnnviz.errors import DataError
from cnnviz.images.samples import load_sample
from cnnviz.networks.zoo.registry import NetworkSpec
from cnnviz.training.checkpoint import read_checkpoint
from cnnviz.training.labelled import LabelledImages
from cnnviz.training.loop import Task, Training, restore_training, run_epochs, start_training
from cnnviz.training.measure import count_multiply_adds, count_parameters
from cnnviz.training.precision import choose_precision
from cnnviz.training.recipes import Recipe

AnyRecipe = TypeVar("AnyRecipe", bound=Recipe)


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """What the command line chose.

    Attributes:
        data: Folder that holds MNIST/raw, or the photographs.
        download: Fetch MNIST into it first, if it is not there.
        out: Folder of the weight file and its card; None for the bundled ones, or for the folder
            of the checkpoint when digits are held out.
        runs: Folder of the checkpoints.
        epochs: Instead of the recipe's; None for the recipe's.
        seed: Instead of the recipe's; None for the recipe's.
        threads: Processor threads.
        device: "auto", "cpu", "cuda" and so on.
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
    device: str
    hold_out: int
    resume: bool
    command: str


def settle_recipe(recipe: AnyRecipe, settings: Settings) -> AnyRecipe:
    """Put the command line's numbers into a recipe.

    Raises:
        DataError: A number is out of range.
    """
    if settings.epochs is not None:
        recipe = dataclasses.replace(recipe, epochs=settings.epochs)
    if settings.seed is not None:
        recipe = dataclasses.replace(recipe, seed=settings.seed)
    for option, value in (("--epochs", recipe.epochs), ("--threads", settings.threads)):
        if value < 1:
            raise DataError(f"{option} is {value}; choose 1 or more.")
    return recipe


def describe_run(recipe: Recipe, train: LabelledImages) -> str:
    """Describe recipe and data as text that differs whenever either does."""
    return json.dumps({"recipe": dataclasses.asdict(recipe), "data": train.digest()})


def run_session(
    spec: NetworkSpec, recipe: Recipe, settings: Settings, *, task: Task, identity: str
) -> Training:
    """Train a network, from its checkpoint if so chosen; the result is on the CPU.

    Args:
        spec: The network.
        recipe: How.
        settings: What the command line chose.
        task: What to learn, its images still on the CPU.
        identity: What a checkpoint must agree with.

    Raises:
        DataError: The device is not there.
        WeightsError: The checkpoint cannot be resumed.
        TrainingStopped: Interrupted from the keyboard.
    """
    torch.set_num_threads(settings.threads)
    device = choose_device(settings.device, setting="--device")
    training = start_training(spec.build, recipe, device=device, precision=choose_precision(device))
    checkpoint_file = settings.runs / spec.name / "checkpoint.pt"
    if settings.resume:
        restore_training(training, read_checkpoint(checkpoint_file, identity=identity))
    there = dataclasses.replace(task, images=task.images.to(device), labels=task.labels.to(device))
    run_epochs(training, there, recipe, checkpoint_file=checkpoint_file, identity=identity)
    training.module.cpu()
    return training


def prepare_sample(spec: NetworkSpec, key: str) -> Tensor:
    """Bring a sample image to a network's input, (1, C, H, W).

    Done before a training, so that a missing image is not found out at its end.

    Raises:
        GalleryError: The image is not installed.
    """
    return spec.preprocessing.prepare(load_sample(key).pixels)


def record_answer(module: nn.Module, x: Tensor, *, key: str) -> dict[str, Any]:
    """Note what a network says of a sample image, with the weights that ship.

    Args:
        module: The network; left in evaluation mode.
        x: The image as its input, (1, C, H, W).
        key: The image's key in the gallery.
    """
    module.eval()
    with torch.no_grad():
        probabilities = module(x)[0].softmax(dim=0)  # (classes,)
    return {"sample": key, "probabilities": [round(float(value), 6) for value in probabilities]}


def _name_machine(device: torch.device) -> str:
    cores = f"{os.cpu_count()} processor cores"
    return f"{torch.cuda.get_device_name(device)}, {cores}" if device.type == "cuda" else cores


def describe_training(
    spec: NetworkSpec, recipe: Recipe, settings: Settings, *, training: Training
) -> dict[str, Any]:
    """Return what a model card says of any training."""
    return {
        "title": spec.title,
        "date": datetime.now(UTC).date().isoformat(),
        "licence": "MIT, like the rest of CNNViz",
        "recipe": dataclasses.asdict(recipe),
        "command": settings.command,
        "seed": recipe.seed,
        "epochs": recipe.epochs,
        "seconds": round(training.seconds, 1),
        "cpu_seconds": round(training.cpu_seconds, 1),
        "threads": settings.threads,
        "precision": str(training.precision).removeprefix("torch."),
        "machine": _name_machine(choose_device(settings.device, setting="--device")),
        "parameters": count_parameters(training.module),
        "multiply_adds": count_multiply_adds(training.module, shape=spec.preprocessing.shape),
        "curve": training.curve,
    }
