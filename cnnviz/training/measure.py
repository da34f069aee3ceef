"""What a trained network is worth: right answers, parameters and multiply-adds."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

_BATCH = 500


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


def round_to_half(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Round a network's state to the half precision in which it ships."""
    return {name: value.detach().to(torch.float16).contiguous() for name, value in state.items()}


def count_parameters(module: nn.Module) -> int:
    """Count the trained numbers of a network."""
    return sum(parameter.numel() for parameter in module.parameters())


def count_multiply_adds(module: nn.Module, *, shape: tuple[int, int, int]) -> int:
    """Count the multiply-adds of one image (C, H, W) with torch's own counter."""
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        module(torch.zeros(1, *shape))
    # torch counts a multiply and an add as two.
    return int(counter.get_total_flops()) // 2
