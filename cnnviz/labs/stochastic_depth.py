"""Layers switched off while a network learns: stochastic depth and FractalNet's drop-path.

Both networks have 64 units a layer and read scikit-learn's digits. The residual one has twelve
blocks x + W₂ ReLU(W₁ x) with a ReLU behind; the fractal one four columns of 1, 2, 4 and 8 layers
that are averaged where they end together.

Sources: Huang et al. 2016, "Deep networks with stochastic depth"; Larsson, Maire and Shakhnarovich
2017, "FractalNet", section 3.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import torch
from torch import Tensor, nn

from cnnviz.adversarial.linear.data import load_written_digits
from cnnviz.labs.training import Learner, draw_batches, judge, train_together
from cnnviz.seeded import draw_seeded

BLOCKS, COLUMNS, STEPS = 12, 4, 200
_DEPTH = 2 ** (COLUMNS - 1)  # layers of the deepest column
_WIDTH, _CLASSES, _BATCH, _RATE, _MOMENTUM, _LOOKS = 64, 10, 64, 0.03, 0.9, 10
# Columns that end together, from the shallowest (0) to the deepest, join by join.
JOINS = tuple(
    ending
    for step in range(1, _DEPTH + 1)
    if len(ending := tuple(c for c in range(COLUMNS) if step % (_DEPTH // 2**c) == 0)) > 1
)


class Dropping(StrEnum):
    """What is switched off in a training step."""

    STOCHASTIC_DEPTH = "stochastic_depth"
    LOCAL = "local"
    GLOBAL = "global"


def list_survival(rate: float) -> list[float]:
    """Return how probably each block stays: 1 − l/L·rate, by the paper's linear rule."""
    return [1 - block / BLOCKS * rate for block in range(1, BLOCKS + 1)]


class StochasticDepth(nn.Module):
    """Residual blocks, each switched off for a whole batch with its own probability.

    A block that stays is divided by its probability to stay, so that the whole network needs no
    scaling at test time; the paper multiplies there instead.
    """

    def __init__(self, rate: float, dice: torch.Generator) -> None:
        super().__init__()
        self.stem, self.last = nn.Linear(_WIDTH, _WIDTH), nn.Linear(_WIDTH, _CLASSES)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Linear(_WIDTH, _WIDTH), nn.ReLU(), nn.Linear(_WIDTH, _WIDTH))
            for _ in range(BLOCKS)
        )
        self.survival, self.dice = torch.tensor(list_survival(rate)), dice
        self.kept = torch.ones(BLOCKS)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, (N, 10); in training some blocks are off."""
        if not self.training:
            return self.run(x, torch.ones(BLOCKS))
        draws = [
            torch.empty(1).bernoulli_(float(stays), generator=self.dice) for stays in self.survival
        ]
        self.kept = torch.cat(draws)
        return self.run(x, self.kept / self.survival)

    @property
    def switches(self) -> Tensor:
        """The blocks that are on."""
        return self.kept

    def run(self, x: Tensor, factors: Tensor) -> Tensor:
        """Return the logits with each block's branch times its factor, (BLOCKS,)."""
        x = torch.relu(self.stem(x))
        for block, factor in zip(self.blocks, factors, strict=True):
            x = torch.relu(x + factor * block(x)) if factor else x
        logits: Tensor = self.last(x)
        return logits

    def list_parts(self) -> dict[str, Tensor]:
        """Return the factors of the network cut off behind some of its blocks."""
        factors = torch.ones(BLOCKS, BLOCKS).tril()
        return {f"first {count}": factors[count - 1] for count in range(2, BLOCKS + 1, 2)}


class DropPath(nn.Module):
    """A fractal of four columns whose joins average only the paths that are kept.

    Local: each path into a join is dropped with a probability, and one is kept at least. Global:
    one column is kept through the whole network.
    """

    def __init__(self, rate: float, dice: torch.Generator, *, is_global: bool) -> None:
        super().__init__()
        self.stem, self.last = nn.Linear(_WIDTH, _WIDTH), nn.Linear(_WIDTH, _CLASSES)
        self.columns = nn.ModuleList(
            nn.ModuleList(nn.Linear(_WIDTH, _WIDTH) for _ in range(2**column))
            for column in range(COLUMNS)
        )
        for layer in self.modules():
            if isinstance(layer, nn.Linear):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        self.rate, self.dice, self.is_global = rate, dice, is_global
        self.kept = torch.ones(sum(map(len, JOINS)))

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, (N, 10); in training some paths are dropped."""
        whole = torch.ones(sum(map(len, JOINS)))
        if not self.training or not self.rate:
            return self.run(x, whole)
        self.kept = self._draw_column() if self.is_global else self._draw_paths()
        return self.run(x, self.kept)

    @property
    def switches(self) -> Tensor:
        """The paths that are kept; of global drop-path the columns, which all end in the end."""
        return self.kept[-COLUMNS:] if self.is_global else self.kept

    def _draw_paths(self) -> Tensor:
        parts = []
        for join in JOINS:
            kept = torch.empty(len(join)).bernoulli_(1 - self.rate, generator=self.dice)
            if not kept.any():
                kept[torch.randint(len(join), (1,), generator=self.dice)] = 1
            parts.append(kept)
        return torch.cat(parts)

    def _draw_column(self) -> Tensor:
        return choose_column(int(torch.randint(COLUMNS, (1,), generator=self.dice)))

    def run(self, x: Tensor, kept: Tensor) -> Tensor:
        """Return the logits with the paths into the joins that are kept, (paths,)."""
        heads = [torch.relu(self.stem(x))] * COLUMNS
        switches = iter(torch.split(kept, [len(join) for join in JOINS]))
        for step in range(1, _DEPTH + 1):
            ending = [c for c in range(COLUMNS) if step % (_DEPTH // 2**c) == 0]
            for column in ending:
                layer = self.get_submodule(f"columns.{column}.{step * 2**column // _DEPTH - 1}")
                heads[column] = torch.relu(layer(heads[column]))
            if len(ending) > 1:
                joined = _join([heads[column] for column in ending], next(switches))
                for column in ending:
                    heads[column] = joined
        logits: Tensor = self.last(heads[-1])
        return logits

    def list_parts(self) -> dict[str, Tensor]:
        """Return the paths of each column alone."""
        return {f"column of {2**c}": choose_column(c) for c in range(COLUMNS)}


def choose_column(column: int) -> Tensor:
    """Return the paths into the joins of one column; where it does not end, all that end."""
    return torch.tensor(
        [float(one == column or column not in join) for join in JOINS for one in join]
    )


def _join(values: list[Tensor], kept: Tensor) -> Tensor:
    """The mean of the paths that are kept."""
    return torch.stack([one for one, stays in zip(values, kept, strict=True) if stays]).mean(dim=0)


def build_network(dropping: Dropping, rate: float, *, seed: int = 0) -> StochasticDepth | DropPath:
    """Build the network of this kind; equal seeds give equal first weights.

    Args:
        dropping: What is switched off.
        rate: Probability for the last block, or for each path; 0 for none. Global drop-path keeps
            one column at any other rate.
        seed: Of weights and switches.
    """
    dice = torch.Generator().manual_seed(seed)
    with draw_seeded(seed):
        if dropping is Dropping.STOCHASTIC_DEPTH:
            return StochasticDepth(rate, dice)
        return DropPath(rate, dice, is_global=dropping is Dropping.GLOBAL)


@dataclass(frozen=True, slots=True, eq=False)
class DepthRace:
    """Two networks that learn the same digits, a whole one and one with parts switched off.

    Attributes:
        steps: Training steps done at each look.
        accuracies: Held-out accuracy of both whole networks, 0 to 1.
        switches: What was on in each step so far, bool (steps, switches):
            blocks, paths into joins, or columns.
        parts: Held-out accuracy of both with the first blocks, or of each column alone, by name.
    """

    steps: list[int]
    accuracies: tuple[list[float], list[float]]
    switches: Tensor
    parts: dict[str, tuple[float, float]]


def race_depth(
    dropping: Dropping, *, rate: float, seed: int = 0
) -> Iterator[tuple[float, str, DepthRace]]:
    """Train both networks from the same weights on the same batches.

    Yields:
        The share done, what is done, and the race so far.
    """
    data = load_written_digits()
    networks = [build_network(dropping, one, seed=seed) for one in (0.0, rate)]
    learners = [
        Learner(one, torch.optim.SGD(one.parameters(), lr=_RATE, momentum=_MOMENTUM))
        for one in networks
    ]
    steps: list[int] = []
    curves: tuple[list[float], list[float]] = ([], [])
    switches: list[Tensor] = []
    batches = draw_batches(data.train, data.train_labels, batch=_BATCH, steps=STEPS, seed=seed)
    for step in train_together(learners, batches):
        if step:
            switches.append(networks[1].switches > 0)
        if step and step % _LOOKS == 0:
            steps.append(step)
            for curve, network in zip(curves, networks, strict=True):
                curve.append(judge(network, data.test, data.test_labels)[1])
            race = DepthRace(
                [*steps],
                ([*curves[0]], [*curves[1]]),
                torch.stack(switches),
                _judge_parts(networks, data.test, data.test_labels),
            )
            yield step / STEPS, f"step {step} of {STEPS}", race


def _judge_parts(
    networks: list[StochasticDepth | DropPath], images: Tensor, labels: Tensor
) -> dict[str, tuple[float, float]]:
    found = {}
    with torch.no_grad():
        for name, kept in networks[0].list_parts().items():
            both = [
                float((one.run(images, kept).argmax(dim=1) == labels).float().mean())
                for one in networks
            ]
            found[name] = (both[0], both[1])
    return found
