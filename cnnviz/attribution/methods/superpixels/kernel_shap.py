"""KernelSHAP: Shapley values as the weights of a linear model of the logit."""

import torch
from torch import Tensor

from cnnviz.attribution.methods.captum_calls import import_captum
from cnnviz.attribution.methods.superpixels.coalitions import Ask

_AT_ONCE = 64


def fit_kernel_shap(ask: Ask, count: int, draws: int) -> Tensor:
    """Fit a linear model to covered images, drawn as often as Shapley's kernel weighs them, (n,).

    Args:
        ask: The logit for sets of superpixels.
        count: How many superpixels.
        draws: How many covered images.

    Source:
        Lundberg, Lee: A Unified Approach to Interpreting Model Predictions, NeurIPS 2017,
        theorem 2.
    """
    weights: Tensor = (
        import_captum()
        .KernelShap(ask)
        .attribute(
            torch.ones(1, count), baselines=0.0, n_samples=draws, perturbations_per_eval=_AT_ONCE
        )
    )
    return weights[0]
