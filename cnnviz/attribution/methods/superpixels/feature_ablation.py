"""Feature ablation: switch off one superpixel at a time."""

from torch import Tensor

from cnnviz.attribution.methods.captum_calls import explain_sets
from cnnviz.attribution.methods.superpixels.coalitions import Ask


def ablate_features(ask: Ask, count: int, _draws: int) -> Tensor:
    """Return how much the logit loses with each superpixel, (n,).

    Source:
        Zeiler, Fergus: Visualizing and Understanding Convolutional Networks, ECCV 2014, section
        4.2, with superpixels in place of squares.
    """
    return explain_sets("FeatureAblation", ask, count, perturbations_per_eval=count)
