"""What a network says when only some superpixels of an image are shown."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor

from cnnviz.attribution.methods.gradients import choose_batch
from cnnviz.networks.graph.layers import Graph

Ask = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True, eq=False)
class Coalitions:
    """The logits of one class for sets of superpixels.

    Attributes:
        graph: The network.
        x: Input, (1, C, H, W).
        baseline: What stands where a superpixel is switched off, (1, C, H, W).
        segments: Number of each pixel's superpixel, (H, W).
        target: Index of the class.
        known: Logit by set, a byte for each superpixel: 1 where it is shown.
    """

    graph: Graph
    x: Tensor
    baseline: Tensor
    segments: Tensor
    target: int
    known: dict[bytes, float] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many superpixels there are."""
        return int(self.segments.max()) + 1

    def cover(self, shown: Tensor) -> Tensor:
        """Return images, (N, C, H, W), of which only these superpixels are shown, bool (N, n)."""
        return torch.where(shown[:, self.segments][:, None], self.x, self.baseline)

    def ask(self, shown: Tensor) -> Tensor:
        """Return the class's logit for sets of superpixels, 0 or 1, (N, n) to (N,)."""
        keys = name_sets(shown)
        fresh = [key for key in dict.fromkeys(keys) if key not in self.known]
        for _ in self.evaluate(fresh):
            pass
        return torch.tensor([self.known[key] for key in keys])

    def evaluate(self, keys: list[bytes]) -> Iterator[int]:
        """Compute logits of sets, a few at a time; yields how many are done."""
        batch = choose_batch(self.x)
        for first in range(0, len(keys), batch):
            chosen = keys[first : first + batch]
            with torch.no_grad():
                logits = self.graph.traced(self.cover(read_sets(chosen)))[:, self.target]
            self.known.update(zip(chosen, logits.tolist(), strict=True))
            yield first + len(chosen)


def name_sets(shown: Tensor) -> list[bytes]:
    """Return the sets, 0 or 1 (N, n), each as a byte for each superpixel."""
    return [bytes(row) for row in (shown > 0.5).to(torch.uint8).tolist()]


def read_sets(keys: list[bytes]) -> Tensor:
    """Return sets as bool (N, n)."""
    return torch.tensor([list(key) for key in keys], dtype=torch.bool)
