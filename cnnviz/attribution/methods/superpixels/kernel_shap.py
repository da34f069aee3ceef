"""KernelSHAP: Shapley values as the weights of a linear model of the logit."""

from torch import Tensor

from cnnviz.attribution.methods.captum_calls import explain_sets
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
    return explain_sets("KernelShap", ask, count, n_samples=draws, perturbations_per_eval=_AT_ONCE)
