"""Feature ablation: switch off one superpixel at a time."""

import torch
from torch import Tensor

from cnnviz.attribution.methods.captum_calls import import_captum
from cnnviz.attribution.methods.superpixels.coalitions import Ask


def ablate_features(ask: Ask, count: int, _draws: int) -> Tensor:
    """Return how much the logit loses with each superpixel, (n,).

    Source:
        Zeiler, Fergus: Visualizing and Understanding Convolutional Networks, ECCV 2014, section
        4.2, with superpixels in place of squares.
    """
    effects: Tensor = (
        import_captum()
        .FeatureAblation(ask)
        .attribute(torch.ones(1, count), baselines=0.0, perturbations_per_eval=count)
    )
    return effects[0]
