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
        probabilities: Mean of the predicted probabilities, (10,).
    """

    count: int
    ink: Tensor
    maps: dict[str, Tensor]
    probabilities: Tensor


def average_maps(model: LoadedModel, drawings: Sequence[Drawing]) -> Averages:
    """Average what LeNet-5 computes of drawings.

    Args:
        model: LeNet-5.
        drawings: At least one.
    """
    images, output = render_drawings(drawings).images, model.graph.output.name
    sums: dict[str, Tensor] = {}
    for part in torch.split(images, _BATCH):
        found = read_activations(model, to_inputs(part), layers=(*LAYERS, output))
        found[output] = found[output].softmax(dim=1)
        for name, values in found.items():
            sums[name] = sums.get(name, torch.zeros(())) + values.double().sum(dim=0)
    means = {name: (total / len(images)).float() for name, total in sums.items()}
    return Averages(
        count=len(images),
        ink=images.double().mean(dim=0).float() / 255,
        maps={name: means[name] for name in LAYERS},
        probabilities=means[output],
    )
