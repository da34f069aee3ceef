"""Conductance: how much of a class's logit flows through the units of a layer."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from cnnviz.attribution.baselines import make_baseline
from cnnviz.attribution.methods.captum_calls import import_captum
from cnnviz.attribution.methods.gradients import Report, choose_batch, ignore_progress
from cnnviz.attribution.methods.private_copy import copy_network, find_layer
from cnnviz.attribution.options import Options
from cnnviz.networks.load import LoadedModel

Unit = tuple[int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class LayerPath:
    """The path from a baseline to an image, watched in a layer.

    Attributes:
        model: The network.
        x: Input, (1, C, H, W).
        layer: Name of a layer with maps.
        target: Index of the class.
        options: Steps and baseline.
        report: Called with the share done.
    """

    model: LoadedModel
    x: Tensor
    layer: str
    target: int
    options: Options
    report: Report = ignore_progress

    def ask(self, kind: str, *, start: float = 0.0, share: float = 1.0, **rest: Any) -> Tensor:
        """Ask one of captum's methods that take a layer, on a copy of the network."""
        copy = copy_network(self.model.graph.traced, layer=self.layer)
        layer, passes = find_layer(copy), 0

        def note(*_: Any) -> None:
            nonlocal passes
            passes += 1
            batches = -(-self.options.steps // choose_batch(self.x))
            self.report(min(1.0, start + share * passes / (2 * batches)))

        layer.register_forward_hook(note)
        answer: Tensor = getattr(import_captum(), kind)(copy, layer).attribute(
            self.x.detach().clone(),
            baselines=make_baseline(self.model, self.x, baseline=self.options.baseline),
            target=self.target,
            n_steps=self.options.steps,
            # captum's conductance adds up the ways between the points: both ends must be of them.
            method="riemann_trapezoid" if kind == "LayerConductance" else "gausslegendre",
            internal_batch_size=choose_batch(self.x),
            **rest,
        )
        return answer.detach()[0]


def compute_layer_conductance(path: LayerPath) -> Tensor:
    """Share out the difference of two logits over the units of a layer.

    Returns:
        (C, h, w) of the layer, signed; the sum is the difference of the logits.

    Source:
        Dhamdhere, Sundararajan, Yan: How Important Is a Neuron?, ICLR 2019, equation 3.
    """
    return path.ask("LayerConductance")


def compute_internal_influence(path: LayerPath) -> Tensor:
    """Average the gradient towards the units of a layer along the path.

    Returns:
        (C, h, w) of the layer, signed.

    Source:
        Leino and others: Influence-Directed Explanations for Deep Convolutional Networks, ITC
        2018, section 3.
    """
    return path.ask("InternalInfluence")


def compute_neuron_conductance(path: LayerPath) -> tuple[Tensor, Unit]:
    """Share out what flows through one unit over the pixels: the unit with most conductance.

    Returns:
        (C, H, W), signed, and the unit: its channel, row and column. The sum is the unit's
        conductance.

    Source:
        Dhamdhere, Sundararajan, Yan 2019, equation 2.
    """
    through = path.ask("LayerConductance", share=0.5)
    unit = find_strongest(through)
    pixels = path.ask("NeuronConductance", start=0.5, share=0.5, neuron_selector=unit)
    return pixels, unit


def find_strongest(values: Tensor) -> Unit:
    """Return channel, row and column of the largest of the values, (C, h, w)."""
    channel, row, column = torch.unravel_index(values.argmax(), values.shape)
    return int(channel), int(row), int(column)
