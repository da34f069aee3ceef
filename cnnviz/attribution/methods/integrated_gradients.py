"""Integrated gradients: each pixel's share of what an image adds to one that says nothing."""

import numpy as np
import torch
from torch import Tensor

from cnnviz.attribution.baselines import make_baseline
from cnnviz.attribution.methods.gradients import (
    Report,
    choose_batch,
    differentiate_class,
    ignore_progress,
)
from cnnviz.attribution.options import Options
from cnnviz.networks.load import LoadedModel


def compute_integrated_gradients(
    model: LoadedModel,
    x: Tensor,
    *,
    target: int,
    options: Options,
    report: Report = ignore_progress,
) -> Tensor:
    """Average the gradient along the straight path from a baseline, times the way gone.

    The points on the path and their weights are those of Gauss and Legendre.

    Args:
        model: The network.
        x: Input, (1, C, H, W).
        target: Index of the class.
        options: Number of steps, baseline.
        report: Called with the share done.

    Returns:
        (C, H, W), signed; its sum is nearly the logit less the baseline's.

    Source:
        Sundararajan, Taly, Yan: Axiomatic Attribution for Deep Networks, 2017, equations 1 and 3.
    """
    baseline = make_baseline(model, x, baseline=options.baseline)
    way = x - baseline
    nodes, weights = np.polynomial.legendre.leggauss(options.steps)
    places = torch.from_numpy((nodes + 1) / 2).to(x.dtype).reshape(-1, 1, 1, 1)
    shares = torch.from_numpy(weights / 2).to(x.dtype).reshape(-1, 1, 1, 1)
    total = torch.zeros_like(x[0])
    batch = choose_batch(x)
    for first in range(0, options.steps, batch):
        chosen = slice(first, first + batch)
        points = baseline + places[chosen] * way
        gradients = differentiate_class(model.graph.traced, points, target=target)
        total += (shares[chosen] * gradients).sum(dim=0)
        report(min(1.0, (first + batch) / options.steps))
    return total * way[0]
