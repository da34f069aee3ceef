"""What LeNet-5 computes of several drawings, averaged over them."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz.activations.read import read_activations
from cnnviz.classroom.data_set import render_drawings, to_inputs
from cnnviz.classroom.store import Drawing
from cnnviz.networks.load import LoadedModel

LAYERS = ("c1", "c3")
_BATCH = 250


@dataclass(frozen=True, slots=True, eq=False)
class Averages:
    """Means over drawings.

    Attributes:
        count: How many drawings.
        ink: Their mean, 0 to 1, (28, 28).
        maps: Mean activation maps by layer, (C, H, W).
        kept: How much of each layer's maps averaging keeps, 0 to 1: the Euclidean norm of the mean
            over the mean of the norms. Maps count as their difference to those of blank paper.
        probabilities: Mean of the predicted probabilities, (10,).
    """

    count: int
    ink: Tensor
    maps: dict[str, Tensor]
    kept: dict[str, float]
    probabilities: Tensor


def average_maps(model: LoadedModel, drawings: Sequence[Drawing]) -> Averages:
    """Average what LeNet-5 computes of drawings.

    Args:
        model: LeNet-5.
        drawings: At least one.
    """
    images, output = render_drawings(drawings).images, model.graph.output.name
    blank = read_activations(model, to_inputs(torch.zeros(1, 28, 28)), layers=LAYERS)
    sums: dict[str, Tensor] = {}
    norms = dict.fromkeys(LAYERS, 0.0)
    for part in torch.split(images, _BATCH):
        found = read_activations(model, to_inputs(part), layers=(*LAYERS, output))
        found[output] = found[output].softmax(dim=1)
        for name, values in found.items():
            sums[name] = sums.get(name, torch.zeros(())) + values.double().sum(dim=0)
        for name in LAYERS:
            norms[name] += float((found[name] - blank[name]).flatten(1).norm(dim=1).sum())
    means = {name: (total / len(images)).float() for name, total in sums.items()}
    return Averages(
        count=len(images),
        ink=images.double().mean(dim=0).float() / 255,
        maps={name: means[name] for name in LAYERS},
        kept={
            name: float((means[name] - blank[name][0]).norm()) / (norms[name] / len(images))
            for name in LAYERS
        },
        probabilities=means[output],
    )
