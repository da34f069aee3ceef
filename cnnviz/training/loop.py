"""The training loop: seeded, the same on every run, and resumable after any epoch."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Generator, Tensor, nn
from tqdm import tqdm

from cnnviz.training.checkpoint import Checkpoint, write_checkpoint
from cnnviz.training.recipes import MOMENTUM, Optimizer, Recipe


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """What there is to learn.

    Attributes:
        images: All training images, (N, ...), on the device of the training.
        labels: int64 (N,), there too.
        prepare: A batch of images and labels to inputs of the network, varied at random, and what
            they show: labels, or the probability of each class, (N, classes). It is told how many
            epochs are done.
        judge: The network to the percentage that stands in the training curve.
    """

    images: Tensor
    labels: Tensor
    prepare: Callable[[Tensor, Tensor, Generator, int], tuple[Tensor, Tensor]]
    judge: Callable[[nn.Module], float]


@dataclass(slots=True, eq=False)
class Training:
    """A training under way; after the last epoch its module is the result.

    Attributes:
        module: The network.
        optimizer: Steps its parameters.
        precision: In which the network computes; its parameters stay in float32.
        epoch: Epochs done.
        curve: For each epoch done: mean loss of its steps, percentage of the varied training
            images that were named rightly on the way (by what most of it shows, where an image
            shows two things), and the judge's percentage.
        seconds: Time spent in all epochs done.
        cpu_seconds: Processor time spent in them, over all threads: what tells how long they take
            on a machine that does nothing else.
    """

    module: nn.Module
    optimizer: torch.optim.Optimizer
    precision: torch.dtype = torch.float32
    epoch: int = 0
    curve: list[dict[str, float]] = field(default_factory=list)
    seconds: float = 0.0
    cpu_seconds: float = 0.0


class TrainingStopped(KeyboardInterrupt):
    """Interrupted from the keyboard; carries one sentence on what was kept."""


def start_training(
    build: Callable[[], nn.Module],
    recipe: Recipe,
    *,
    device: torch.device,
    precision: torch.dtype,
) -> Training:
    """Build a network with the recipe's seed, without touching torch's own random state.

    Args:
        build: Makes the network with random weights, on the CPU.
        recipe: Seed and optimizer.
        device: Where to train.
        precision: In which to compute, float32 or bfloat16.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        module = build()
    # Channels-last halves the time that small convolutions take on a CPU.
    module.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return Training(module=module, optimizer=_make_optimizer(module, recipe), precision=precision)


def _make_optimizer(module: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    if recipe.optimizer is Optimizer.ADAMW:
        return torch.optim.AdamW(
            module.parameters(),
            lr=recipe.learning_rate,
            weight_decay=recipe.weight_decay,
            fused=True,
        )
    return torch.optim.SGD(
        module.parameters(),
        lr=recipe.learning_rate,
        weight_decay=recipe.weight_decay,
        momentum=MOMENTUM,
        nesterov=True,
        fused=True,
    )


def restore_training(training: Training, checkpoint: Checkpoint) -> None:
    """Bring a fresh training to where a checkpoint was written."""
    training.module.load_state_dict(checkpoint.module)
    training.optimizer.load_state_dict(checkpoint.optimizer)
    training.epoch = checkpoint.epoch
    training.curve = list(checkpoint.curve)
    training.seconds = checkpoint.seconds
    training.cpu_seconds = checkpoint.cpu_seconds


def run_epochs(
    training: Training, task: Task, recipe: Recipe, *, checkpoint_file: Path, identity: str
) -> None:
    """Train from the epochs done to the recipe's last, with a checkpoint after each.

    Args:
        training: Where to start; changed in place.
        task: What to learn.
        recipe: How.
        checkpoint_file: Where the checkpoint of the last finished epoch lies.
        identity: What the checkpoint must agree with when it is resumed.

    Raises:
        TrainingStopped: Interrupted from the keyboard.
    """
    steps = _count_steps(task, recipe)
    saved = training.epoch
    try:
        with tqdm(total=steps * recipe.epochs, initial=saved * steps, unit="step") as bar:
            while training.epoch < recipe.epochs:
                line = _run_timed_epoch(training, task, recipe, advance=bar.update)
                write_checkpoint(checkpoint_file, take_snapshot(training, identity=identity))
                saved = training.epoch
                bar.set_postfix_str(line)
    except KeyboardInterrupt as stop:
        kept = "go on with --resume" if saved else "there is nothing to resume"
        raise TrainingStopped(f"Stopped after {saved} of {recipe.epochs} epochs; {kept}.") from stop


def _count_steps(task: Task, recipe: Recipe) -> int:
    """Count the full batches of an epoch; what does not fill one waits, and others in its turn."""
    return max(1, len(task.labels) // recipe.batch)


def take_snapshot(training: Training, *, identity: str) -> Checkpoint:
    """Return what a training needs to go on from here."""
    return Checkpoint(
        identity=identity,
        epoch=training.epoch,
        module=training.module.state_dict(),
        optimizer=training.optimizer.state_dict(),
        curve=training.curve,
        seconds=training.seconds,
        cpu_seconds=training.cpu_seconds,
    )


def _run_timed_epoch(
    training: Training, task: Task, recipe: Recipe, *, advance: Callable[[], object]
) -> str:
    """Train and judge one epoch, note it in the training, and tell it in a line."""
    started, cpu_started = time.perf_counter(), time.process_time()
    with torch.random.fork_rng(devices=_list_graphics_cards(task.images.device)):
        # Seed and number of the epoch alone decide what is random in it, dropout too: a resumed
        # training needs no random state to go on as if it had never stopped.
        seed = recipe.seed * 1000 + training.epoch
        torch.manual_seed(seed)
        # On a graphics card all steps of an epoch have the same shapes: looking for the quickest
        # way to compute each convolution pays.
        with torch.backends.cudnn.flags(enabled=True, benchmark=True):
            loss, train_accuracy = _run_epoch(
                training, task, recipe, advance=advance, generator=Generator().manual_seed(seed)
            )
    accuracy = task.judge(training.module)
    training.seconds += time.perf_counter() - started
    training.cpu_seconds += time.process_time() - cpu_started
    training.epoch += 1
    training.curve.append(
        {
            "epoch": training.epoch,
            "loss": round(loss, 5),
            "train_accuracy": round(train_accuracy, 3),
            "accuracy": round(accuracy, 3),
        }
    )
    return f"epoch {training.epoch}, loss {loss:.4f}, {accuracy:.2f} %"


def _list_graphics_cards(device: torch.device) -> list[torch.device]:
    return [device] if device.type == "cuda" else []


def _run_epoch(
    training: Training,
    task: Task,
    recipe: Recipe,
    *,
    advance: Callable[[], object],
    generator: Generator,
) -> tuple[float, float]:
    """Train one epoch; return the mean loss of its steps and the percentage named rightly."""
    device = task.images.device
    order = torch.randperm(len(task.labels), generator=generator).to(device)
    batches = torch.split(order, recipe.batch)[: _count_steps(task, recipe)]
    training.module.train()
    losses = torch.zeros(len(batches), device=device)
    correct = torch.zeros((), dtype=torch.int64, device=device)
    for number, chosen in enumerate(batches):
        progress = (training.epoch + number / len(batches)) / recipe.epochs
        for group in training.optimizer.param_groups:
            group["lr"] = recipe.learning_rate * rate_factor(progress, warm_up=recipe.warm_up)
        x, targets = task.prepare(
            task.images[chosen], task.labels[chosen], generator, training.epoch
        )
        logits = compute_logits(training, x)
        loss = nn.functional.cross_entropy(logits, targets, label_smoothing=recipe.label_smoothing)
        training.optimizer.zero_grad()
        torch.autograd.backward(loss)
        training.optimizer.step()
        losses[number] = loss.detach()
        shown = targets if targets.dim() == 1 else targets.argmax(dim=1)
        correct += (logits.detach().argmax(dim=1) == shown).sum()
        advance()
    return float(losses.mean()), 100 * int(correct) / sum(map(len, batches))


def compute_logits(training: Training, x: Tensor) -> Tensor:
    """Run the network in the training's precision; the logits are float32."""
    x = x.contiguous(memory_format=torch.channels_last)
    reduced = training.precision != torch.float32
    with torch.autocast(x.device.type, dtype=training.precision, enabled=reduced):
        logits: Tensor = training.module(x)
    return logits.float()


def rate_factor(progress: float, *, warm_up: float) -> float:
    """Return the learning rate as a fraction of its highest.

    Args:
        progress: Fraction of the training done, 0 to 1.
        warm_up: Fraction in which the rate rises.
    """
    if progress < warm_up:
        return progress / warm_up
    return 0.5 * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up)))
