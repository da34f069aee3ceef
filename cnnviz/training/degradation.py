"""Plain and residual networks of 20 and 56 layers, trained side by side: do more layers help?

`python -m cnnviz.training.degradation --data DIR --minutes N` trains all four on the same batches
of the hundred classes at 32×32 and writes the error of each into one card, which
`cnnviz.labs.degradation` reads. Run again, it goes on where it stopped.

Source: He, Zhang, Ren and Sun 2016, "Deep residual learning for image recognition", section 4.2.
The learning rate stays as it is after a warm-up, as theirs does for the first half of a training:
so a longer run continues the same curves.
"""

import argparse
import dataclasses
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import torch
from torch import Generator, Tensor
from torch.nn import functional

from cnnviz.device import choose_device
from cnnviz.labs.degradation import CARD, NETWORKS, SIDE, build_network
from cnnviz.networks.zoo.lineage.classes import WNIDS
from cnnviz.networks.zoo.lineage.photographs import normalize_photographs
from cnnviz.training.checkpoint import read_checkpoint, write_checkpoint
from cnnviz.training.command import make_parser, run_command
from cnnviz.training.cropping import crop_photos
from cnnviz.training.labelled import LabelledImages
from cnnviz.training.loop import (
    Training,
    compute_logits,
    restore_training,
    start_training,
    take_snapshot,
)
from cnnviz.training.measure import count_multiply_adds, count_parameters, measure_accuracy
from cnnviz.training.photos import load_photos
from cnnviz.training.precision import choose_precision
from cnnviz.training.recipes import Cropping, Optimizer, Recipe

RECIPE = Recipe(
    epochs=1,  # as long as the command is told to
    batch=64,
    optimizer=Optimizer.SGD,
    learning_rate=0.05,
    warm_up=0.0,  # of a training whose end is not known there is no share
    weight_decay=1e-4,
    label_smoothing=0.0,
    seed=2015,
)
WARM_UP = 100  # steps in which the rate rises
CROPPING = Cropping(area=0.6, stretch=0.0)
LEG = 50  # steps of one network before the next one's turn
MEASURED = 1000  # images of each kind, after each leg
_PART = 250
_IDENTITY = repr((RECIPE, WARM_UP, CROPPING, LEG, MEASURED))  # of what a checkpoint goes on with


def shrink(images: Tensor) -> Tensor:
    """Halve images to uint8 (N, 3, 32, 32): the mean of every 2×2 pixels."""
    parts = torch.split(images, _PART)
    halved = [functional.avg_pool2d(one.float(), 2).round().to(torch.uint8) for one in parts]
    return torch.cat(halved)


def draw_batches(labels: Tensor, *, leg: int) -> Iterator[Tensor]:
    """Yield the places of each batch of a leg, the same for every network."""
    per_epoch = len(labels) // RECIPE.batch
    steps = range(leg * LEG, (leg + 1) * LEG)
    for epoch, those in groupby(steps, lambda step: step // per_epoch):
        order = torch.randperm(len(labels), generator=_seed(epoch))
        for step in those:
            begin = step % per_epoch * RECIPE.batch
            yield order[begin : begin + RECIPE.batch]


def _seed(number: int) -> Generator:
    return Generator().manual_seed(RECIPE.seed * 1000 + number)


def train_leg(training: Training, train: LabelledImages) -> tuple[float, float]:
    """Train one network for a leg; return the mean loss and the error of its batches in percent."""
    module, leg, loss_sum, wrong = training.module, training.epoch, 0.0, 0
    module.train()
    dice = _seed(1_000_000 + leg)
    for number, chosen in enumerate(draw_batches(train.labels, leg=leg)):
        factor = min(1.0, (leg * LEG + number + 1) / WARM_UP)
        for group in training.optimizer.param_groups:
            group["lr"] = RECIPE.learning_rate * factor
        images, labels = train.images[chosen], train.labels[chosen]
        x = normalize_photographs(crop_photos(images, CROPPING, side=SIDE, generator=dice))
        logits = compute_logits(training, x)
        loss = functional.cross_entropy(logits, labels)
        training.optimizer.zero_grad()
        torch.autograd.backward(loss)
        training.optimizer.step()
        loss_sum += float(loss.detach())
        wrong += int((logits.argmax(dim=1) != labels).sum())
    return loss_sum / LEG, 100 * wrong / (LEG * RECIPE.batch)


def measure_error(training: Training, images: LabelledImages) -> float:
    """Return how many percent of some images from all over a network names wrongly."""
    every = max(1, len(images.labels) // MEASURED)
    some = LabelledImages(images=images.images[::every], labels=images.labels[::every])
    found = measure_accuracy(training.module, some, to_input=normalize_photographs)
    return 100 - found.top1.percent


def advance(training: Training, train: LabelledImages, held_out: LabelledImages) -> None:
    """Train a leg and note it in the curve: errors in percent behind so many images."""
    started, cpu_started = time.perf_counter(), time.process_time()
    loss, running = train_leg(training, train)
    training.epoch += 1
    training.curve.append(
        {
            "images": training.epoch * LEG * RECIPE.batch,
            "loss": round(loss, 4),
            "running_error": round(running, 2),
            "train_error": round(measure_error(training, train), 2),
            "test_error": round(measure_error(training, held_out), 2),
        }
    )
    training.seconds += time.perf_counter() - started
    training.cpu_seconds += time.process_time() - cpu_started


def train_all(
    trainings: dict[str, Training],
    train: LabelledImages,
    held_out: LabelledImages,
    *,
    is_over: Callable[[], bool],
    note: Callable[[str], None],
) -> None:
    """Train all networks leg by leg until it is over; each has as many as the others."""
    while not is_over():
        behind = min(one.epoch for one in trainings.values())
        for name, training in trainings.items():
            if training.epoch == behind:
                advance(training, train, held_out)
                note(name)


def _describe(trainings: dict[str, Training], train: LabelledImages) -> dict[str, Any]:
    legs = min(one.epoch for one in trainings.values())
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "command": "python -m cnnviz.training.degradation --data DIR --minutes N",
        "machine": f"{train.images.device.type}, {os.cpu_count()} processor cores",
        "recipe": dataclasses.asdict(RECIPE)
        | {"warm_up_steps": WARM_UP, "cropping": dataclasses.asdict(CROPPING)},
        "data": {
            "name": "Tiny ImageNet, one hundred classes, at 32×32",
            "trained_on": len(train.labels),
            "measured_on": MEASURED,
        },
        "networks": {
            name: {
                "parameters": count_parameters(one.module),
                "multiply_adds": count_multiply_adds(one.module, shape=(3, SIDE, SIDE)),
                "cpu_seconds": round(one.cpu_seconds),
                "curve": one.curve[:legs],
            }
            for name, one in trainings.items()
        },
    }


def _open_all(runs: Path, device: torch.device) -> dict[str, Training]:
    """Begin the trainings, or go on with them."""
    precision, trainings = choose_precision(device), {}
    for name in NETWORKS:
        build = partial(build_network, name)
        training = start_training(build, RECIPE, device=device, precision=precision)
        path = _find_checkpoint(runs, name)
        if path.exists():
            restore_training(training, read_checkpoint(path, identity=_IDENTITY))
        trainings[name] = training
    return trainings


def _find_checkpoint(runs: Path, name: str) -> Path:
    return runs / name / "checkpoint.pt"


def _train(options: argparse.Namespace) -> None:
    end = time.monotonic() + 60 * options.minutes
    device = choose_device(options.device, setting="--device")
    trainings = _open_all(options.runs, device)
    photos = load_photos(options.data, wnids=WNIDS, cache=options.runs)
    train, held_out = (
        LabelledImages(shrink(one.images).to(device), one.labels.to(device))
        for one in (photos.train, photos.held_out)
    )

    def note(name: str) -> None:
        training = trainings[name]
        path = _find_checkpoint(options.runs, name)
        write_checkpoint(path, take_snapshot(training, identity=_IDENTITY))
        print(name, training.curve[-1], flush=True)
        if name == NETWORKS[-1]:
            text = json.dumps(_describe(trainings, train), indent=1, ensure_ascii=False)
            options.out.write_text(text + "\n", encoding="utf-8")

    train_all(trainings, train, held_out, is_over=lambda: time.monotonic() > end, note=note)


def main(arguments: list[str]) -> int:
    """Run the command and return its exit status: 0, or 2 for bad input."""
    parser = make_parser(
        "cnnviz.training.degradation",
        "Train plain and residual networks of 20 and 56 layers side by side.",
        threads=2,
    )
    add = parser.add_argument
    add("--minutes", type=float, required=True, metavar="N", help="when to stop, after a leg")
    add("--runs", type=Path, default=Path("runs"), metavar="DIR", help="where checkpoints go")
    add("--out", type=Path, default=CARD, metavar="FILE", help="where the card goes")
    add("--device", default="auto", help="auto (default), cpu, cuda, ...")
    return run_command(parser, arguments, _train)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
