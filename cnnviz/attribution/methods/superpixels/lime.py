"""LIME: a sparse linear model of the logit near the image."""

import torch
from torch import Tensor

from cnnviz.attribution.methods.captum_calls import import_captum
from cnnviz.attribution.methods.superpixels.coalitions import Ask

_AT_ONCE = 64


def fit_lime(ask: Ask, count: int, draws: int) -> Tensor:
    """Fit a linear model with a lasso to covered images, the like of the image weighing more, (n,).

    Args:
        ask: The logit for sets of superpixels.
        count: How many superpixels.
        draws: How many covered images; each shows half of the superpixels.

    Source:
        Ribeiro, Singh, Guestrin: “Why Should I Trust You?”, KDD 2016, equations 1 and 2.
    """
    weights: Tensor = (
        import_captum()
        .Lime(ask)
        .attribute(
            torch.ones(1, count), baselines=0.0, n_samples=draws, perturbations_per_eval=_AT_ONCE
        )
    )
    return weights[0]
