"""Shapley value sampling: what a superpixel adds to those before it, over random orders."""

import torch
from torch import Tensor

from cnnviz.attribution.methods.captum_calls import import_captum
from cnnviz.attribution.methods.superpixels.coalitions import Ask


def sample_shapley_values(ask: Ask, count: int, draws: int) -> Tensor:
    """Average what each superpixel adds over random orders, (n,).

    Args:
        ask: The logit for sets of superpixels.
        count: How many superpixels.
        draws: How many orders.

    Source:
        Castro, Gómez, Tejada: Polynomial calculation of the Shapley value based on sampling,
        Computers & Operations Research 2009.
    """
    values: Tensor = (
        import_captum()
        .ShapleyValueSampling(ask)
        .attribute(
            torch.ones(1, count), baselines=0.0, n_samples=draws, perturbations_per_eval=count
        )
    )
    return values[0]
