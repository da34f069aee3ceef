"""What a trained network is worth: right answers, parameters and multiply-adds."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from cnnviz.training.labelled import LabelledImages

_BATCH = 500
_PHOTO_BATCH = 250
_GUESSES = 5


@dataclass(frozen=True, slots=True)
class Score:
    """Right answers out of all.

    Attributes:
        correct: How many were right.
        total: How many were asked.
    """

    correct: int
    total: int

    @property
    def percent(self) -> float:
        """Share of right answers, 0 to 100."""
        return 100 * self.correct / self.total

    def describe(self) -> dict[str, float]:
        """Return the score as a model card writes it."""
        return {
            "correct": self.correct,
            "total": self.total,
            "percent": round(self.percent, 2),
        }


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How often a network names photographs rightly, and how quickly.

    Attributes:
        top1: Top-1: the most probable class is the true one.
        top5: Top-5: the true class is among the five most probable.
        images_per_second: On this machine.
    """

    top1: Score
    top5: Score
    images_per_second: float

    def describe(self) -> dict[str, dict[str, float]]:
        """Return the scores as a model card writes them."""
        return {"top1": self.top1.describe(), "top5": self.top5.describe()}

    def write_summary(self) -> str:
        """Return the scores in words."""
        return (
            f"Top-1: {self.top1.correct:,} of {self.top1.total:,} "
            f"({self.top1.percent:.2f} %), top-5: {self.top5.correct:,} "
            f"({self.top5.percent:.2f} %)"
        )


def write_accuracy(top1: Score, top5: Score) -> str:
    """Write both accuracies, a line each."""
    return "\n".join(
        f"{name} accuracy: {score.percent:.1f} % ({score.correct:,} of {score.total:,})"
        for name, score in (("Top-1", top1), ("Top-5", top5))
    )


def count_correct(module: nn.Module, x: Tensor, labels: Tensor) -> Score:
    """Ask a network about every input and count its right answers.

    Args:
        module: The network; left in evaluation mode.
        x: Inputs, (N, C, H, W).
        labels: int64 (N,).
    """
    module.eval()
    correct = 0
    with torch.no_grad():
        for batch, answers in zip(torch.split(x, _BATCH), torch.split(labels, _BATCH), strict=True):
            correct += int((module(batch).argmax(dim=1) == answers).sum())
    return Score(correct=correct, total=len(labels))


def measure_accuracy(
    module: nn.Module, photos: LabelledImages, *, to_input: Callable[[Tensor], Tensor]
) -> Accuracy:
    """Ask a network about every image and count how often the answer is among its first guesses.

    Args:
        module: The network; left in evaluation mode.
        photos: What to ask.
        to_input: A batch of images to inputs of the network.
    """
    module.eval()
    device = next(module.parameters()).device
    first = fifth = 0
    started = time.perf_counter()
    with torch.no_grad():
        for images, answers in zip(
            torch.split(photos.images, _PHOTO_BATCH),
            torch.split(photos.labels, _PHOTO_BATCH),
            strict=True,
        ):
            x = to_input(images.to(device)).contiguous(memory_format=torch.channels_last)
            logits = module(x)
            guesses = logits.topk(min(_GUESSES, logits.shape[1]), dim=1).indices  # (N, 5)
            hits = guesses == answers.to(device)[:, None]
            first += int(hits[:, 0].sum())
            fifth += int(hits.sum())
    seconds = time.perf_counter() - started
    total = len(photos.labels)
    return Accuracy(
        top1=Score(correct=first, total=total),
        top5=Score(correct=fifth, total=total),
        images_per_second=total / seconds,
    )


def round_to_half(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Round a network's state to the half precision in which it ships; counters stay whole."""
    return {
        name: (value.detach().half() if value.is_floating_point() else value).contiguous()
        for name, value in state.items()
    }


def count_parameters(module: nn.Module) -> int:
    """Count the trained numbers of a network."""
    return sum(parameter.numel() for parameter in module.parameters())


def count_multiply_adds(module: nn.Module, *, shape: tuple[int, int, int]) -> int:
    """Count the multiply-adds of one image (C, H, W) with torch's own counter."""
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        module(torch.zeros(1, *shape))
    # torch counts a multiply and an add as two.
    return int(counter.get_total_flops()) // 2
