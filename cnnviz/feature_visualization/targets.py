"""What a made image is to excite: a class, a channel, a neuron, or a direction in a layer.

Sources: Simonyan, Vedaldi and Zisserman 2013 (the class's logit, not its probability, which can
also rise by lowering the others); Olah, Mordvintsev and Schubert 2017, "Feature visualization",
Distill (channels, neurons, directions, diversity).
"""

from dataclasses import dataclass
from enum import StrEnum

import torch
from torch import Tensor
from torch.nn import functional

from cnnviz.errors import NetworkError
from cnnviz.networks.graph.layers import Graph, Layer


class TargetKind(StrEnum):
    """What is to be excited."""

    LOGIT = "class logit"
    PROBABILITY = "class probability"
    CHANNEL = "channel"
    NEURON = "neuron"
    DIRECTION = "direction"


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """What is to be excited, in which layer, and whether as much or as little as possible.

    Attributes:
        kind: What it is.
        layer: Name of the layer whose output is read.
        channel: The class, the channel, or the unit of a layer without maps.
        place: Row and column of a neuron; None for the middle.
        direction: Weight of each channel, (C,), of a direction.
        negative: Whether the score is to fall.
    """

    kind: TargetKind
    layer: str
    channel: int = 0
    place: tuple[int, int] | None = None
    direction: Tensor | None = None
    negative: bool = False


def target_class(
    graph: Graph, index: int, *, probability: bool = False, negative: bool = False
) -> Target:
    """Make a class the target.

    Raises:
        NetworkError: There is no such class.
    """
    kind = TargetKind.PROBABILITY if probability else TargetKind.LOGIT
    target = Target(kind=kind, layer=graph.output.name, channel=index, negative=negative)
    check_target(graph, target)
    return target


def check_target(graph: Graph, target: Target) -> None:
    """Refuse a target that the network has not.

    Raises:
        NetworkError: There is no such layer, channel or place, or the direction does not fit.
    """
    layer = graph.find(target.layer)
    count = layer.shape[0]
    if target.kind in (TargetKind.LOGIT, TargetKind.PROBABILITY):
        if layer is not graph.output:
            raise NetworkError(f"“{layer.title}” holds no classes; the last layer does.")
    elif layer.name == "input":
        raise NetworkError("The input computes nothing that could be excited; choose a layer.")
    elif len(layer.shape) not in (1, 3):
        raise NetworkError(f"“{layer.title}” has no channels to excite; choose a layer with maps.")
    if target.kind is TargetKind.DIRECTION:
        if target.direction is None or tuple(target.direction.shape) != (count,):
            raise NetworkError(f"A direction in “{layer.title}” has {count} numbers.")
    elif not 0 <= target.channel < count:
        raise NetworkError(
            f"“{layer.title}” has {count} channels, from 0 to {count - 1}; {target.channel} is "
            "none of them."
        )
    if target.kind is TargetKind.NEURON:
        find_place(layer, target)


def find_place(layer: Layer, target: Target) -> tuple[int, int]:
    """Return a neuron's row and column; (0, 0) in a layer without maps.

    Raises:
        NetworkError: The layer has no such cell.
    """
    if not layer.is_spatial:
        return 0, 0
    height, width = layer.shape[1:]
    row, column = target.place or (height // 2, width // 2)
    if not (0 <= row < height and 0 <= column < width):
        raise NetworkError(
            f"“{layer.title}” has {height}×{width} cells; row {row}, column {column} is none."
        )
    return row, column


def score_target(target: Target, activation: Tensor, *, layer: Layer) -> Tensor:
    """Score each image, (N,): the logit, log-odds, mean, value or projection.

    Args:
        target: What is to be excited.
        activation: The layer's output, (N, C, H, W) or (N, C).
        layer: The layer.
    """
    if target.kind is TargetKind.PROBABILITY:
        return _find_odds(activation, target.channel)
    if target.kind is TargetKind.DIRECTION and target.direction is not None:
        unit = functional.normalize(target.direction, dim=0)
        places = activation.reshape(*activation.shape[:2], -1)  # (N, C, H*W)
        return torch.einsum("c,nch->nh", unit, places).mean(dim=1)
    if target.kind is TargetKind.NEURON and activation.ndim == 4:
        row, column = find_place(layer, target)
        return activation[:, target.channel, row, column]
    return activation[:, target.channel].reshape(len(activation), -1).mean(dim=1)


def _find_odds(logits: Tensor, index: int) -> Tensor:
    """Log-odds ln p / (1 − p): the logit less the others' log-sum-exp, (N,).

    Unlike p or ln p, their gradient does not fade while p nears 1.
    """
    others = torch.cat([logits[:, :index], logits[:, index + 1 :]], dim=1)
    return logits[:, index] - others.logsumexp(dim=1)


def measure_likeness(activation: Tensor) -> Tensor:
    """Measure how alike images are: mean cosine of their Gram matrices over all pairs, 0 to 1.

    Args:
        activation: Of a layer, (N, C, H, W) or (N, C), N being 2 or more.

    Source: Olah, Mordvintsev and Schubert 2017, the diversity term, with the Gram matrices of
    Gatys, Ecker and Bethge 2015.
    """
    count = len(activation)
    places = activation.reshape(*activation.shape[:2], -1)  # (N, C, H*W)
    gram = (places @ places.transpose(1, 2)).flatten(1)  # (N, C*C)
    unit = functional.normalize(gram, dim=1)
    likeness = unit @ unit.T  # (N, N)
    return (likeness.sum() - likeness.diagonal().sum()) / (count * (count - 1))


def find_texture_layer(graph: Graph, layer: str) -> str:
    """Return the layer whose textures tell images apart: the target's, or the last maps below."""
    spatial = [
        entry.name
        for entry in graph.layers[: graph.layers.index(graph.find(layer)) + 1]
        if entry.is_spatial and entry.shape[1] * entry.shape[2] > 1
    ]
    return spatial[-1]
