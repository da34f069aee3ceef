"""The labs' training loop: networks that learn side by side from the same batches."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

Batch = tuple[Tensor, Tensor]


@dataclass(slots=True, eq=False)
class Learner:
    """A network and what steps its parameters.

    Attributes:
        network: In training mode.
        optimizer: Over its parameters.
    """

    network: nn.Module
    optimizer: torch.optim.Optimizer

    def backpropagate(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Leave the gradients of the mean cross-entropy in the parameters.

        Returns:
            The logits, (N, classes), and the loss, without gradients.
        """
        self.optimizer.zero_grad()
        with torch.enable_grad():
            logits = self.network(images)
            loss = functional.cross_entropy(logits, labels)
            loss.backward()  # type: ignore[no-untyped-call]
        return logits.detach(), loss.detach()


def train_together(learners: Sequence[Learner], batches: Iterable[Batch]) -> Iterator[int]:
    """Train networks on the same batches, a step each in turn.

    Yields:
        How many steps are done: 0 before the first.
    """
    yield 0
    for step, (images, labels) in enumerate(batches, start=1):
        for learner in learners:
            learner.backpropagate(images, labels)
            learner.optimizer.step()
        yield step


def draw_batches(
    images: Tensor, labels: Tensor, *, batch: int, steps: int, seed: int
) -> Iterator[Batch]:
    """Draw batches at random, with putting back.

    Args:
        images: (N, ...).
        labels: (N,).
        batch: Images in each.
        steps: How many.
        seed: Of the draw.
    """
    dice = torch.Generator().manual_seed(seed)
    for _ in range(steps):
        pick = torch.randint(len(images), (batch,), generator=dice)
        yield images[pick], labels[pick]


def judge(network: nn.Module, images: Tensor, labels: Tensor) -> tuple[float, float]:
    """Return a network's mean cross-entropy and accuracy, 0 to 1, in evaluation mode.

    The loss is infinite where it is no number any more.
    """
    was_training = network.training
    network.eval()
    with torch.no_grad():
        logits = network(images)
    network.train(was_training)
    loss = float(functional.cross_entropy(logits, labels))
    accuracy = float((logits.argmax(dim=1) == labels).float().mean())
    return math.inf if math.isnan(loss) else loss, accuracy
