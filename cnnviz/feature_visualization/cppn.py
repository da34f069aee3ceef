"""Images written by a compositional pattern-producing network (CPPN).

A small network of few functions tells each pixel's colour from where the pixel lies. What it draws
is regular: symmetric, repeated, smooth, and of any size. It grows by mutation, a connection and a
node at a time.

Sources: Stanley 2007, "Compositional pattern producing networks: a novel abstraction of
development"; the mutations are those of Stanley and Miikkulainen 2002, "Evolving neural networks
through augmenting topologies", the functions those of Nguyen, Yosinski and Clune 2015.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from cnnviz.images.image import Pixels

Values = npt.NDArray[np.float32]

INPUTS = ("x", "y", "d", "1")
_MAX_NODES = 64
_START_WEIGHT = 1.0
_SOURCES = 3  # that a new node reads
# Powers of ten between which a child's own share of moved weights and size of the moves are drawn:
# large ones find new images, small ones fit what is there.
_SHARES = (-1.5, 0.0)
_STEPS = (-1.5, 0.3)
# By trial: with the chances of NEAT (0.03 to 0.05) a network stays too small to be taken for much.
_CHANCE_CONNECT = 0.5
_CHANCE_NODE = 0.5
_CHANCE_FUNCTION = 0.15


class Function(StrEnum):
    """What a node makes of its weighted sum."""

    SINE = "sin"
    GAUSSIAN = "gauss"
    SIGMOID = "sigmoid"
    LINEAR = "linear"


_COMPUTE: dict[Function, Callable[[Values], Values]] = {
    Function.SINE: lambda total: np.sin(np.pi * total),
    Function.GAUSSIAN: lambda total: np.exp(-(total**2)),
    Function.SIGMOID: lambda total: np.tanh(2 * total),  # 2/(1 + e^(−4·total)) − 1
    Function.LINEAR: lambda total: total,
}


@dataclass(frozen=True, slots=True, eq=False)
class Cppn:
    """A network from a pixel's place to its colour.

    Attributes:
        functions: Of each node, in the order in which they are computed; the last nodes are the
            image's channels.
        weights: Of node i for input or node j, (N, 4 + N): first of x, y (−1 to 1 from left to
            right and from top to bottom), d (distance from the middle) and 1, then of the nodes,
            of which only earlier ones have any. 0 is no connection.
        channels: Of the image, 1 or 3.
    """

    functions: tuple[Function, ...]
    weights: Values
    channels: int

    @property
    def connections(self) -> int:
        """How many weights it has."""
        return int(np.count_nonzero(self.weights))


def draw_cppn(cppn: Cppn, *, height: int, width: int) -> Pixels:
    """Draw a CPPN's image, uint8 (H, W, C): the magnitude of each channel's node, at most 1."""
    rows, columns = np.meshgrid(
        np.linspace(-1, 1, height, dtype=np.float32),
        np.linspace(-1, 1, width, dtype=np.float32),
        indexing="ij",
    )
    count = len(cppn.functions)
    values = np.empty((len(INPUTS) + count, height * width), dtype=np.float32)
    values[0], values[1] = columns.ravel(), rows.ravel()
    values[2] = np.hypot(values[0], values[1])
    values[3] = 1
    for node, function in enumerate(cppn.functions):
        place = len(INPUTS) + node
        (linked,) = np.nonzero(cppn.weights[node, :place])
        total = cppn.weights[node, linked] @ values[linked]  # (H*W,)
        values[place] = _COMPUTE[function](total)
    shade = np.minimum(np.abs(values[-cppn.channels :]), 1)  # (C, H*W)
    levels = np.rint(255 * shade).astype(np.uint8)
    return np.ascontiguousarray(levels.T.reshape(height, width, cppn.channels))


@dataclass(frozen=True, slots=True)
class PatternGenomes:
    """CPPNs as what evolves.

    Attributes:
        shape: Of the images, (C, H, W).
    """

    shape: tuple[int, int, int]

    def draw(self, random: np.random.Generator) -> Cppn:
        """Draw a first network: every channel's node reads every input, without hidden nodes."""
        channels = self.shape[0]
        weights = np.zeros((channels, len(INPUTS) + channels), dtype=np.float32)
        weights[:, : len(INPUTS)] = random.normal(0, _START_WEIGHT, (channels, len(INPUTS)))
        functions = tuple(_draw_function(random) for _ in range(channels))
        return Cppn(functions=functions, weights=weights, channels=channels)

    def mutate(self, genome: Cppn, random: np.random.Generator, *, generation: int) -> Cppn:  # noqa: ARG002  (the chances stay as they are)
        """Move some weights; now and then connect two nodes, insert one, or change a function."""
        child = _move_weights(genome, random)
        if random.random() < _CHANCE_CONNECT:
            child = _connect(child, random)
        if random.random() < _CHANCE_NODE and len(child.functions) < _MAX_NODES:
            child = insert_node(child, random)
        if random.random() < _CHANCE_FUNCTION:
            functions = list(child.functions)
            functions[random.integers(len(functions))] = _draw_function(random)
            child = replace(child, functions=tuple(functions))
        return child

    def render(self, genome: Cppn) -> Pixels:
        """Draw the image, uint8 (H, W, C)."""
        return draw_cppn(genome, height=self.shape[1], width=self.shape[2])


def _draw_function(random: np.random.Generator) -> Function:
    return list(Function)[random.integers(len(Function))]


def _move_weights(cppn: Cppn, random: np.random.Generator) -> Cppn:
    """Add Gaussian noise to some of the weights, at least to one."""
    present = np.argwhere(cppn.weights)
    chosen = present[random.random(len(present)) < 10 ** random.uniform(*_SHARES)]
    if len(chosen) == 0:
        chosen = present[random.integers(len(present), size=1)]
    weights = cppn.weights.copy()
    size = _draw_size(random)
    weights[tuple(chosen.T)] += random.normal(0, size, len(chosen)).astype(np.float32)
    return replace(cppn, weights=weights)


def _draw_size(random: np.random.Generator) -> float:
    return float(10 ** random.uniform(*_STEPS))


def _connect(cppn: Cppn, random: np.random.Generator) -> Cppn:
    """Give a node a new connection from an input or an earlier node that is no channel's."""
    count = len(cppn.functions)
    node = int(random.integers(count))
    sources = len(INPUTS) + min(node, count - cppn.channels)
    weights = cppn.weights.copy()
    weights[node, random.integers(sources)] += random.normal(0, _draw_size(random))
    return replace(cppn, weights=weights)


def insert_node(cppn: Cppn, random: np.random.Generator) -> Cppn:
    """Add a node that reads some inputs or earlier nodes and is added to a later one.

    NEAT splits a connection instead. Added with a small weight, the node changes the image a
    little, not from the ground up.
    """
    count = len(cppn.functions)
    target = int(random.integers(count))
    new = min(target, count - cppn.channels)  # before all channels' nodes
    weights = np.insert(cppn.weights, len(INPUTS) + new, 0, axis=1)
    weights = np.insert(weights, new, 0, axis=0)
    sources = random.integers(len(INPUTS) + new, size=_SOURCES)
    weights[new, sources] = random.normal(0, _START_WEIGHT, _SOURCES)
    # Of what came after the new node all places have moved by one.
    weights[target + 1, len(INPUTS) + new] = random.normal(0, _draw_size(random))
    functions = (*cppn.functions[:new], _draw_function(random), *cppn.functions[new:])
    return replace(cppn, functions=functions, weights=weights.astype(np.float32))
