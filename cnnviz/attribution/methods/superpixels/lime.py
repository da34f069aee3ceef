"""LIME: a sparse linear model of the logit near the image."""

from torch import Tensor

from cnnviz.attribution.methods.captum_calls import explain_sets
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
    return explain_sets("Lime", ask, count, n_samples=draws, perturbations_per_eval=_AT_ONCE)
