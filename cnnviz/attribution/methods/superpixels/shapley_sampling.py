"""Shapley value sampling: what a superpixel adds to those before it, over random orders."""

from torch import Tensor

from cnnviz.attribution.methods.captum_calls import explain_sets
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
    return explain_sets(
        "ShapleyValueSampling", ask, count, n_samples=draws, perturbations_per_eval=count
    )
