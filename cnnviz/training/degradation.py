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
from pathlib import Path
from typing import Any

import torch
from torch import Generator, Tensor
from torch.nn import functional

from cnnviz.errors import CNNVizError
from cnnviz.labs.degradation import CARD, NETWORKS, SIDE, build_network
from cnnviz.networks.zoo.lineage.classes import WNIDS
from cnnviz.networks.zoo.lineage.photographs import normalize_photographs
from cnnviz.training.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from cnnviz.training.cropping import crop_photos
from cnnviz.training.device import choose_device, choose_precision
from cnnviz.training.labelled import LabelledImages
from cnnviz.training.loop import Training, restore_training, start_training
from cnnviz.training.measure import count_multiply_adds, count_parameters, measure_accuracy
from cnnviz.training.photos import load_photos
from cnnviz.training.recipes import Cropping, Optimizer, Recipe

RECIPE = Recipe(
    epochs=1,  # as long as the command is told to
    batch=64,
    optimizer=Optimizer.SGD,
    learning_rate=0.05,
    warm_up=100,  # steps
    weight_decay=1e-4,
    label_smoothing=0.0,
    seed=2015,
)
CROPPING = Cropping(area=0.6, stretch=0.0)
LEG = 50  # steps of one network before the next one's turn
MEASURED = 1000  # images of each kind, after each leg
_PART = 250


def shrink(images: Tensor) -> Tensor:
    """Halve images to uint8 (N, 3, 32, 32): the mean of every 2×2 pixels."""
    parts = torch.split(images, _PART)
    halved = [functional.avg_pool2d(one.float(), 2).round().to(torch.uint8) for one in parts]
    return torch.cat(halved)


def draw_batches(labels: Tensor, *, leg: int) -> Iterator[Tensor]:
    """Yield the places of each batch of a leg, the same for every network."""
    per_epoch = len(labels) // RECIPE.batch
    for step in range(leg * LEG, (leg + 1) * LEG):
        epoch, place = divmod(step, per_epoch)
        order = torch.randperm(len(labels), generator=_seed(epoch))
        yield order[place * RECIPE.batch : (place + 1) * RECIPE.batch]


def _seed(number: int) -> Generator:
    return Generator().manual_seed(RECIPE.seed * 1000 + number)


def train_leg(training: Training, train: LabelledImages) -> tuple[float, float]:
    """Train one network for a leg; return the mean loss and the error of its batches in percent."""
    module, leg, loss_sum, wrong = training.module, training.epoch, 0.0, 0
    module.train()
    dice = _seed(1_000_000 + leg)
    for number, chosen in enumerate(draw_batches(train.labels, leg=leg)):
        factor = min(1.0, (leg * LEG + number + 1) / RECIPE.warm_up)
        for group in training.optimizer.param_groups:
            group["lr"] = RECIPE.learning_rate * factor
            images, labels = train.images[chosen], train.labels[chosen]
        x = normalize_photographs(crop_photos(images, CROPPING, side=SIDE, generator=dice))
        logits = _compute_logits(training, x)
        loss = functional.cross_entropy(logits, labels)
        training.optimizer.zero_grad()
        torch.autograd.backward(loss)
        training.optimizer.step()
        loss_sum += float(loss.detach())
        wrong += int((logits.argmax(dim=1) != labels).sum())
    return loss_sum / LEG, 100 * wrong / (LEG * RECIPE.batch)


def _compute_logits(training: Training, x: Tensor) -> Tensor:
    reduced = training.precision != torch.float32
    with torch.autocast(x.device.type, dtype=training.precision, enabled=reduced):
        logits: Tensor = training.module(x.contiguous(memory_format=torch.channels_last))
    return logits.float()


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
        "recipe": dataclasses.asdict(RECIPE) | {"cropping": dataclasses.asdict(CROPPING)},
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


def _open(name: str, *, runs: Path, device: torch.device) -> Training:
    """Begin a network's training, or go on with it."""
    precision = choose_precision(device)
    training = start_training(
        partial(build_network, name), RECIPE, device=device, precision=precision
    )
    path = runs / name / "checkpoint.pt"
    if path.exists():
        restore_training(training, read_checkpoint(path, identity=_identify()))
    return training


def _save(training: Training, path: Path) -> None:
    write_checkpoint(
        path,
        Checkpoint(
            identity=_identify(),
            epoch=training.epoch,
            module=training.module.state_dict(),
            optimizer=training.optimizer.state_dict(),
            curve=training.curve,
            seconds=training.seconds,
            cpu_seconds=training.cpu_seconds,
        ),
    )


def _identify() -> str:
    return repr((RECIPE, CROPPING, LEG, MEASURED))


def main(arguments: list[str]) -> int:
    """Run the command and return its exit status: 0, or 2 for bad input."""
    parser = argparse.ArgumentParser(
        prog="python -m cnnviz.training.degradation",
        description="Train plain and residual networks of 20 and 56 layers side by side.",
    )
    add = parser.add_argument
    add("--data", type=Path, required=True, metavar="DIR", help="the photographs of the training")
    add("--minutes", type=float, required=True, metavar="N", help="when to stop, after a leg")
    add("--runs", type=Path, default=Path("runs"), metavar="DIR", help="where checkpoints go")
    add("--out", type=Path, default=CARD, metavar="FILE", help="where the card goes")
    add("--threads", type=int, default=2, metavar="N", help="processor threads (default: 2)")
    add("--device", default="auto", help="auto (default), cpu, cuda, ...")
    options = parser.parse_args(arguments)
    if options.threads < 1:
        parser.error("--threads is 1 or more")
    torch.set_num_threads(options.threads)
    end = time.monotonic() + 60 * options.minutes
    try:
        device = choose_device(options.device)
        trainings = {name: _open(name, runs=options.runs, device=device) for name in NETWORKS}
        photos = load_photos(options.data, wnids=WNIDS, cache=options.runs)
        train, held_out = (
            LabelledImages(shrink(one.images).to(device), one.labels.to(device))
            for one in (photos.train, photos.held_out)
        )

        def note(name: str) -> None:
            training = trainings[name]
            _save(training, options.runs / name / "checkpoint.pt")
            print(name, training.curve[-1], flush=True)
            if name == NETWORKS[-1]:
                text = json.dumps(_describe(trainings, train), indent=1, ensure_ascii=False)
                options.out.write_text(text + "\n", encoding="utf-8")

        train_all(trainings, train, held_out, is_over=lambda: time.monotonic() > end, note=note)
    except CNNVizError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
